/**
 * Text that a model writes.
 *
 * @module
 */

import { checkSampling } from "../backend/sampling.ts";
import { Generator } from "../generate/generator.ts";
import { assertOptions, type OptionKinds } from "../option_kinds.ts";
import { type ComputingOptions, useBackend } from "./computing.ts";
import { assertModel, type ModelFiles, openModel } from "./model_files.ts";

/** How texts are written unless it is said otherwise. */
export const WRITING = {
  maxTokens: 100,
  temperature: 0.7,
  topP: 0.9,
  seed: 42,
} as const;

/** What `generate()` is to do. */
export interface GenerateTextOptions extends ComputingOptions, ModelFiles {
  /** How the text begins; at the start of a text unless given. */
  readonly prompt?: string;
  /** Tokens to write at most; 100 unless given. */
  readonly maxTokens?: number;
  /** Texts to write, with the seeds from `seed` on; 1 unless given. */
  readonly count?: number;
  /** 0 for the likeliest token, higher for variety; 0.7 unless given. */
  readonly temperature?: number;
  /** Choose among so many of the likeliest tokens only. */
  readonly topK?: number;
  /** Choose among the likeliest that reach this probability; 0.9 unless given. */
  readonly topP?: number;
  /** Equal seeds give equal texts; 42 unless given. */
  readonly seed?: number;
  /**
   * Told of every piece of text, the prompt first; several texts are told when
   * all are made, one after another.
   */
  readonly onText?: (piece: string) => void;
}

/** What its options are. */
const OPTIONS: OptionKinds<GenerateTextOptions> = {
  model: "text",
  tokenizer: "text?",
  prompt: "text?",
  maxTokens: "number?",
  count: "number?",
  temperature: "number?",
  topK: "number?",
  topP: "number?",
  seed: "number?",
  onText: "function?",
  signal: "signal?",
  onProgress: "function?",
};

/** What `generate()` wrote; `complete` is false when it was aborted. */
export interface GenerateTextResult {
  /** How the texts begin. */
  readonly prompt: string;
  /** What follows it, a text for each seed. */
  readonly texts: readonly string[];
  /** Tokens chosen. */
  readonly tokens: number;
  /** How long that took. */
  readonly seconds: number;
  /** What has computed, in words. */
  readonly backend: string;
  /** Whether the texts are as long as they were to be. */
  readonly complete: boolean;
}

/**
 * Continues a prompt. When it is aborted, what there is of a single text is the
 * result.
 *
 * @param options The model, the prompt, and how to choose.
 * @throws {RangeError} When tokens cannot be chosen as it is asked for.
 * @throws {Error} When a file cannot be read.
 *
 * @example
 * ```ts
 * import { generate } from "./generate.ts";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(
 *   () => generate({ model: "nowhere", topP: 2 }),
 *   RangeError,
 *   "reach a probability of 2",
 * );
 * ```
 */
export async function generate(
  options: GenerateTextOptions,
): Promise<GenerateTextResult> {
  assertOptions("generate", options, OPTIONS);
  const { prompt = "", count = 1, topK, signal, onText, onProgress } = options;
  const { maxTokens = WRITING.maxTokens, seed = WRITING.seed } = options;
  const { temperature = WRITING.temperature, topP = WRITING.topP } = options;
  const choosing = { temperature, topK, topP };
  checkSampling(choosing, 1);
  await assertModel(options.model);
  using used = await useBackend(options.backend);
  const { backend } = used;
  const { model, tokenizer } = await openModel(options, backend);
  const generator = new Generator(model, tokenizer);
  const settings = { maxTokens, ...choosing, signal };
  const start = performance.now();
  const texts: string[] = [];
  try {
    if (count === 1) {
      onText?.(prompt);
      texts.push("");
      const pieces = generator.generate(prompt, { ...settings, seed });
      for await (const piece of pieces) {
        texts[0] += piece;
        onText?.(piece);
      }
    } else {
      const seeds = Array.from({ length: count }, (_, i) => seed + i);
      const total = count * maxTokens;
      const onTokens = (done: number) => onProgress?.({ done, total });
      const several = { ...settings, seeds, onTokens };
      texts.push(...await generator.generateTexts(prompt, several));
      onText?.(texts.map((text) => `${prompt}${text}`).join("\n\n"));
    }
  } catch (error) {
    if (!signal?.aborted || error !== signal.reason) throw error;
  }
  return {
    prompt,
    texts,
    tokens: generator.tokensMade,
    seconds: (performance.now() - start) / 1000,
    backend: backend.description,
    complete: !signal?.aborted,
  };
}
