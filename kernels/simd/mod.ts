/** The CPU kernels: built by `deno task build-simd` into `module.ts`. */

export * from "./activations";
export * from "./adamw";
export * from "./cross_entropy";
export * from "./embedding";
export * from "./gemm";
export * from "./gemv";
export * from "./layer_norm";
export { dataEnd } from "./math";
export * from "./residual";
export * from "./sample";
export * from "./token_lerp";
export * from "./token_shift";
export * from "./value_residual";
export * from "./vector";
export * from "./wkv";
export { wkv7Forward } from "./wkv7";
export * from "./wkv7_backward";
export * from "./wkv7_input";
export * from "./wkv7_output";
