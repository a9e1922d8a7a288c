/**
 * What a model expects to come next.
 *
 * @module
 */

import { Generator } from "../generate/generator.ts";
import type { Candidate } from "../generate/sampler.ts";
import { assertOptions, type OptionKinds, wholeFrom } from "../option_kinds.ts";
import { type ComputingOptions, useBackend } from "./computing.ts";
import {
  assertModel,
  MODEL_KINDS,
  type ModelFiles,
  openModel,
} from "./model_files.ts";

/** Used when no prompt is given. */
const PROMPTS = [
  "O Brasil é",
  "A capital do",
  "Em 1888, a",
  "A língua portuguesa",
  "O presidente da",
];

/** What `testModel()` is to do. */
export interface TestModelOptions extends ComputingOptions, ModelFiles {
  /** The starts of texts; five are built in. An empty one is a text's start. */
  readonly prompts?: readonly string[];
  /** How many tokens to tell; 5 unless given. */
  readonly top?: number;
  /** Told of each prompt when it is done. */
  readonly onPrompt?: (prompt: PromptResult) => void;
}

/** What its options are. */
const OPTIONS: OptionKinds<TestModelOptions> = {
  ...MODEL_KINDS,
  backend: "backend?",
  prompts: "texts?",
  top: wholeFrom(1),
  onPrompt: "function?",
  signal: "signal?",
  onProgress: "function?",
};

/** What may follow a prompt. */
export interface PromptResult {
  /** The start of a text. */
  readonly prompt: string;
  /** The likeliest tokens, likeliest first. */
  readonly next: readonly (Candidate & { readonly token: string })[];
}

/** What `testModel()` found. */
export interface TestModelResult {
  /** In the order of the prompts. */
  readonly results: readonly PromptResult[];
  /** What has computed, in words. */
  readonly backend: string;
}

/**
 * Finds the likeliest next tokens of prompts.
 *
 * @param options The model and the prompts.
 * @throws {Error} When a file cannot be read; the reason of the signal when it
 * is aborted.
 *
 * @example
 * ```ts
 * import { testModel } from "./test_model.ts";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(
 *   () => testModel({ model: "nowhere", prompts: ["O rio"] }),
 *   Error,
 *   'Cannot read checkpoint "nowhere": no such file or folder',
 * );
 * ```
 */
export async function testModel(
  options: TestModelOptions,
): Promise<TestModelResult> {
  assertOptions("test a model", options, OPTIONS);
  const { prompts = PROMPTS, top = 5, signal } = options;
  await assertModel(options.model);
  using used = await useBackend(options.backend);
  const { backend } = used;
  const { model, tokenizer } = await openModel(options, backend);
  const generator = new Generator(model, tokenizer);
  const results: PromptResult[] = [];
  for (const prompt of prompts) {
    signal?.throwIfAborted();
    const found = await generator.nextTokens(prompt, top, { signal });
    const next = found.map(({ id, probability }) => ({
      id,
      token: tokenizer.decode([id], { keepSpecial: true, isPart: true }),
      probability,
    }));
    results.push({ prompt, next });
    options.onPrompt?.({ prompt, next });
    options.onProgress?.({ done: results.length, total: prompts.length });
  }
  return { results, backend: backend.description };
}
