/**
 * From a model to text: whole texts, or token by token.
 *
 * ```ts
 * import { ReferenceBackend } from "@ptbr-slm/ptbr-slm/backend";
 * import { greedy, Session } from "@ptbr-slm/ptbr-slm/generate";
 * import { RWKV, RWKVConfig } from "@ptbr-slm/ptbr-slm/model";
 * import { assert } from "@std/assert";
 *
 * const config = new RWKVConfig({ vocabSize: 10, dModel: 8, dFfn: 16 });
 * const model = new RWKV(config, new ReferenceBackend());
 * model.initialize(42);
 * using session = new Session(model);
 * await session.feed([3, 1, 4]);
 * assert(await session.next(greedy()) < 10);
 * ```
 *
 * @module
 */

export {
  type Choice,
  type ChoosingSettings,
  type DrySettings,
  type LikelyToken,
} from "./choosing.ts";
export {
  type GenerateOptions,
  type GenerateTextsOptions,
  Generator,
  type SamplerOptions,
  type TextOptions,
} from "./generator.ts";
export type {
  TextToWrite,
  TextWritten,
  WriteAllOptions,
} from "./text_group.ts";
export { NO_TOKEN } from "../backend/sampling.ts";
export { logitsAfter } from "./logits.ts";
export {
  type Candidate,
  greedy,
  sample,
  type Sampler,
  sampling,
  type SamplingOptions,
  type SeededSampling,
  topTokens,
} from "./sampler.ts";
export {
  type FeedOptions,
  type SavedSession,
  Session,
  type SessionWriteOptions,
} from "./session.ts";
export { type ShownText, StopTexts } from "./stop_texts.ts";
export {
  checkChoosing,
  isForDevice,
  PENALTY_WINDOW,
  TokenChooser,
  type TokenChooserOptions,
} from "./token_chooser.ts";
export {
  decodeSession,
  encodeSession,
  type SessionFileOptions,
} from "./session_file.ts";
