/**
 * The pipeline's stages, in the order data flows: each command as a function.
 *
 * @module
 */

export * from "./process_wiki.ts";
export * from "./stage.ts";
