/**
 * Texts of many prompts, which a model writes some at once.
 *
 * @module
 */

import { Generator } from "../generate/generator.ts";
import type { TextToWrite } from "../generate/text_group.ts";
import { assertOptions, wholeFrom } from "../option_kinds.ts";
import { useBackend } from "./computing.ts";
import { assertModel, openModel } from "./model_files.ts";
import {
  choosingOf,
  readState,
  type ToldToken,
  toldTokens,
  withBreakers,
  WRITING,
  WRITING_KINDS,
  type WritingOptions,
} from "./writing.ts";

/** A text that was written. */
export interface ManyText {
  /** Which prompt it is of, from 0 on. */
  readonly index: number;
  /** How it begins. */
  readonly prompt: string;
  /** Its seed. */
  readonly seed: number;
  /** What follows the prompt. */
  readonly text: string;
  /** Tokens chosen. */
  readonly tokens: number;
  /** Whether it ended by itself, and not by `maxTokens`. */
  readonly ended: boolean;
  /** All its tokens, where it was asked for. */
  readonly told?: readonly ToldToken[];
}

/** What `generateMany()` is to do. */
export interface GenerateManyOptions extends WritingOptions {
  /** How the texts begin. */
  readonly prompts: readonly string[];
  /** Texts of each prompt, with the seeds from `seed` on; 1 unless given. */
  readonly count?: number;
  /** Told of every text as soon as it is there, in order. */
  readonly onWritten?: (text: ManyText) => void;
}

/** What `generateMany()` did; `complete` is false when it was aborted. */
export interface GenerateManyResult {
  /** Texts that were written. */
  readonly texts: number;
  /** Tokens chosen. */
  readonly tokens: number;
  /** How long that took. */
  readonly seconds: number;
  /** What has computed, in words. */
  readonly backend: string;
  /** Whether all are written. */
  readonly complete: boolean;
}

/**
 * Continues many prompts, each as `generate()` does alone.
 *
 * @param options The model, the prompts, how to choose, and who is told.
 * @throws {RangeError} When tokens cannot be chosen as it is asked for.
 * @throws {Error} When a file cannot be read.
 *
 * @example
 * ```ts
 * import { generateMany } from "./generate_many.ts";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(
 *   () => generateMany({ model: "nowhere", prompts: ["O rio"], minP: 2 }),
 *   RangeError,
 *   "2 times as likely",
 * );
 * ```
 */
export async function generateMany(
  options: GenerateManyOptions,
): Promise<GenerateManyResult> {
  assertOptions<GenerateManyOptions>("generate", options, {
    ...WRITING_KINDS,
    prompts: "texts",
    count: wholeFrom(1),
    onWritten: "function?",
  });
  const { prompts, count = 1, signal, likeliest, onWritten } = options;
  const { maxTokens = WRITING.maxTokens, stop, loadState } = options;
  const choosing = choosingOf(options);
  await assertModel(options.model);
  using used = await useBackend(options.backend);
  const loaded = await openModel(options, used.backend);
  const { model, tokenizer } = loaded;
  const from = loadState === undefined
    ? undefined
    : await readState(loadState, loaded);
  const generator = new Generator(model, tokenizer);
  const total = prompts.length * count * maxTokens;
  const start = performance.now();
  let texts = 0;
  const written = generator.writeAll(wanted(prompts, count, choosing.seed), {
    ...withBreakers(choosing, tokenizer),
    ...{ maxTokens, stop, signal, from, likeliest },
    // What ends early leaves less to do; the bar shows what is done at least.
    onTokens: (done) => options.onProgress?.({ done, total }),
  });
  try {
    for await (const { choices, ...text } of written) {
      const told = choices && { told: toldTokens(choices, tokenizer) };
      onWritten?.({ index: Math.floor(texts / count), ...text, ...told });
      texts++;
    }
  } catch (error) {
    if (!signal?.aborted || error !== signal.reason) throw error;
  }
  return {
    texts,
    tokens: generator.tokensMade,
    seconds: (performance.now() - start) / 1000,
    backend: used.backend.description,
    complete: texts === prompts.length * count,
  };
}

function* wanted(
  prompts: readonly string[],
  count: number,
  seed: number,
): Iterable<TextToWrite> {
  for (const prompt of prompts) {
    for (let i = 0; i < count; i++) yield { prompt, seed: seed + i };
  }
}
