/**
 * What files of weights begin with, as little-endian numbers.
 *
 * @module
 */

/** "GGUF". */
export const GGUF_MAGIC = 0x46554747;
/** "ggmf", as rwkv.cpp writes it. */
export const RWKV_CPP_MAGIC = 0x67676d66;
