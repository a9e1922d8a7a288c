/** What reads dumps: built by `deno task build-simd` into `module.ts`. */

export * from "./bzip2";
export * from "./xml";
