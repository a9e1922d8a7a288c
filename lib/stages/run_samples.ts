/**
 * The folder of a run that is trained here, with texts that the model writes on
 * the way.
 *
 * @module
 */

import { Generator } from "../generate/generator.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import {
  RunFolder,
  type RunFolderOptions,
  type TextSample,
} from "../train/run_folder/run_folder.ts";
import type { RunSettings } from "../train/run_folder/run_config.ts";
import type { LoggedStep, TrainingProgress } from "../train/run.ts";
import type { Trainer } from "../train/trainer.ts";

/** How samples begin, the same ones in every run, so that they compare. */
const PROMPTS = ["O Brasil é", "A cidade de", "Era uma vez"];
/** How they are written: short, and the same choices at every step. */
const WRITING = { maxTokens: 32, temperature: 0.7, topP: 0.9, seed: 42 };

/** What the folder is opened for. */
interface Opening extends
  RunSettings,
  Pick<
    RunFolderOptions,
    "run" | "lastStep" | "tokensPerStep" | "parameters" | "backend"
  > {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
}

/**
 * Opens the folder of a run.
 *
 * @param trainer Where the run stands.
 * @param tokenizer The model's.
 * @param opening What the run is started with, and who is told of samples.
 */
export async function openRunFolder(
  trainer: Trainer,
  tokenizer: Tokenizer,
  opening: Opening,
): Promise<RunFolder> {
  const { sampleEvery = opening.training.evalEvery } = opening;
  const generator = new Generator(trainer.model, tokenizer);
  return await RunFolder.open({
    ...opening,
    settings: opening,
    step: trainer.step,
    tokens: trainer.tokens,
    sampleEvery: sampleEvery === "never" ? undefined : sampleEvery,
    sample: (status) => writeSamples(generator, status, opening),
  });
}

/** What the model writes now; less of it when the run is ended meanwhile. */
async function writeSamples(
  generator: Generator,
  status: LoggedStep["status"],
  { signal, onProgress }: Opening,
): Promise<TextSample[]> {
  const samples: TextSample[] = [];
  for (const [i, prompt] of PROMPTS.entries()) {
    if (signal?.aborted) break;
    const tell = () =>
      onProgress?.({
        ...status,
        phase: "sampling",
        done: i * WRITING.maxTokens + generator.tokensMade,
        total: PROMPTS.length * WRITING.maxTokens,
      });
    let text = "";
    for await (const piece of generator.generate(prompt, WRITING)) {
      text += piece;
      tell();
    }
    samples.push({ prompt, text });
  }
  return samples;
}
