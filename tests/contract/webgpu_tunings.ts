/**
 * Tunings that tests of the WebGPU backend use.
 *
 * @module
 */

/** As the real ones, but small: drivers that are CPUs compile those slowly. */
export const SMALL = { tile: 32, depth: 4, side: 4, ahead: true };
