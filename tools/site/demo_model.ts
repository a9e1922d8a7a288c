/**
 * The tiny model that comes with the page: the stages from the sample dump on,
 * with a model that some minutes of learning in the page can change.
 *
 * @module
 */

import { processWiki } from "../../lib/stages/process_wiki.ts";
import type { Progress } from "../../lib/stages/stage.ts";
import { tokenize } from "../../lib/stages/tokenize.ts";
import { train } from "../../lib/stages/train.ts";
import { trainTokenizer } from "../../lib/stages/train_tokenizer.ts";

const SAMPLE = "data/sample/amostra-pages-articles-multistream.xml.bz2";
const CONFIG = "configs/model_page.toml";
const VOCAB_SIZE = 2000;

/** What a page asks for of a model. */
export const MODEL_FILES = ["model_final.mpk", "tokenizer.json"] as const;

/** What the making of a model takes. */
export interface DemoOptions {
  /** How long it learns. */
  readonly steps?: number;
  /** Ends it. */
  readonly signal?: AbortSignal;
  /** Told how far each part is, by what is done. */
  readonly onProgress?: (stage: string, progress: Progress) => void;
}

/**
 * Trains it.
 *
 * @param folder Where all that is made goes.
 * @param options How.
 * @returns The folder of the model.
 * @throws The signal's reason, when it is aborted.
 */
export async function trainDemoModel(
  folder: string,
  { steps = 200, signal, onProgress }: DemoOptions = {},
): Promise<string> {
  const text = `${folder}/text`, tokens = `${folder}/tokens`;
  const tokenizer = `${folder}/tokenizer.json`, output = `${folder}/model`;
  const watched = (stage: string) => ({
    signal,
    onProgress: (progress: Progress & { readonly phase?: string }) =>
      onProgress?.(
        progress.phase === undefined ? stage : `${stage}: ${progress.phase}`,
        progress,
      ),
  });
  await processWiki({ input: SAMPLE, output: text, ...watched("clean text") });
  signal?.throwIfAborted();
  await trainTokenizer({
    corpus: text,
    output: tokenizer,
    vocabSize: VOCAB_SIZE,
    ...watched("tokenizer"),
  });
  await tokenize({
    input: text,
    output: tokens,
    tokenizer,
    valFraction: 0.05,
    ...watched("dataset"),
  });
  await train({
    data: tokens,
    output,
    modelConfig: CONFIG,
    batchSize: 8,
    gradAccum: 1,
    maxSteps: steps,
    learningRate: 3e-3,
    warmupSteps: Math.min(20, steps),
    ...watched("training"),
  });
  signal?.throwIfAborted();
  return output;
}
