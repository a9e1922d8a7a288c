/**
 * The tiny model that comes with the page: the stages from the sample dump on,
 * with a model that some minutes of learning in the page can change.
 *
 * @module
 */

import { processWiki } from "../../lib/stages/process_wiki.ts";
import { tokenize } from "../../lib/stages/tokenize.ts";
import { train } from "../../lib/stages/train.ts";
import { trainTokenizer } from "../../lib/stages/train_tokenizer.ts";

const SAMPLE = "data/sample/amostra-pages-articles-multistream.xml.bz2";
const CONFIG = "configs/model_page.toml";
const VOCAB_SIZE = 2000;

/** What a page asks for of a model. */
export const MODEL_FILES = ["model_final.mpk", "tokenizer.json"] as const;

/**
 * Trains it.
 *
 * @param folder Where all that is made goes.
 * @param steps How long.
 * @returns The folder of the model.
 */
export async function trainDemoModel(
  folder: string,
  steps = 200,
): Promise<string> {
  const text = `${folder}/text`, tokens = `${folder}/tokens`;
  const tokenizer = `${folder}/tokenizer.json`, output = `${folder}/model`;
  await processWiki({ input: SAMPLE, output: text });
  await trainTokenizer({
    corpus: text,
    output: tokenizer,
    vocabSize: VOCAB_SIZE,
  });
  await tokenize({ input: text, output: tokens, tokenizer, valFraction: 0.05 });
  await train({
    data: tokens,
    output,
    modelConfig: CONFIG,
    batchSize: 8,
    gradAccum: 1,
    maxSteps: steps,
    learningRate: 3e-3,
    warmupSteps: Math.min(20, steps),
  });
  return output;
}
