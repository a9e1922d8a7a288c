/**
 * The programs of `tests/programs` that need neither Deno nor a disk: what they
 * import is `./model`, `./tokenizer` and `./cleaning`.
 *
 * @module
 */

/** What runs each, by its name. */
export const PROGRAMS_ANYWHERE: Readonly<
  Record<string, () => Promise<unknown>>
> = {
  audit_a_text: () => import("../programs/audit_a_text.ts"),
  clean_a_law: () => import("../programs/clean_a_law.ts"),
  clean_a_text: () => import("../programs/clean_a_text.ts"),
  clean_wikitext: () => import("../programs/clean_wikitext.ts"),
  exchange_a_tokenizer: () => import("../programs/exchange_a_tokenizer.ts"),
  generate_text: () => import("../programs/generate_text.ts"),
  keep_a_state: () => import("../programs/keep_a_state.ts"),
  normalise_a_text: () => import("../programs/normalise_a_text.ts"),
  own_sampler: () => import("../programs/own_sampler.ts"),
  read_a_model: () => import("../programs/read_a_model.ts"),
  stop_with_a_signal: () => import("../programs/stop_with_a_signal.ts"),
  train_a_tokenizer: () => import("../programs/train_a_tokenizer.ts"),
};
