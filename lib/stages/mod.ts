/**
 * The pipeline's stages, in the order data flows: each command as a function.
 *
 * @module
 */

export * from "./download.ts";
export * from "./process_wiki.ts";
export * from "./process_laws.ts";
export * from "./clean_corpus.ts";
export * from "./audit_corpus.ts";
export * from "./build_corpus.ts";
export * from "./stage.ts";
export * from "./tokenize.ts";
export * from "./train_tokenizer.ts";
