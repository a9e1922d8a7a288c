/**
 * What the files of a run say of its model, for the model card.
 *
 * @module
 */

import type { Checkpoint } from "../checkpoint/native/mpk_reader.ts";
import type { ModelFacts } from "../checkpoint/export/model_card.ts";
import { readDatasetInfo } from "../dataset/dataset_info.ts";
import { cannotRead, linesOf, openPlain } from "../files.ts";

/**
 * Gathers what a checkpoint, the `metrics.jsonl` beside it and its dataset say.
 *
 * @param checkpoint The model.
 * @param data Its dataset's folder, where the user named it.
 * @throws {Error} When a file that is there cannot be read, or the dataset was
 * made with another tokenizer.
 */
export async function runFacts(
  checkpoint: Checkpoint,
  data: string | undefined,
): Promise<Pick<ModelFacts, "steps" | "tokens" | "validation" | "data">> {
  const { train } = checkpoint;
  const log = await readLog(checkpoint);
  return {
    steps: train?.step ?? log?.steps,
    tokens: train?.tokens ?? log?.tokens,
    validation: log?.validation,
    data: data === undefined ? undefined : await dataFacts(checkpoint, data),
  };
}

async function dataFacts(
  { tokenizerSha256 }: Checkpoint,
  folder: string,
): Promise<ModelFacts["data"]> {
  const info = await readDatasetInfo(folder);
  if (info === undefined) {
    throw new Error(
      `Cannot describe the data in "${folder}": there is no dataset.json`,
    );
  }
  if (tokenizerSha256 !== undefined && tokenizerSha256 !== info.tokenizer) {
    throw new RangeError(
      `Cannot describe the data in "${folder}": the model's tokenizer is ` +
        "another than the dataset's",
    );
  }
  return { train: info.train, val: info.val };
}

/** A run's log as far as this model goes; undefined where there is none. */
async function readLog(
  { path, train, weights }: Checkpoint,
): Promise<Pick<ModelFacts, "steps" | "tokens" | "validation"> | undefined> {
  const log = path.replace(/[^/\\]*$/, "metrics.jsonl");
  try {
    const [ofLog, ofModel] = await Promise.all([
      Deno.stat(log),
      Deno.stat(path),
    ]);
    // A finished model does not say its step; a log that has gone on since
    // would say too much.
    const isOlder = ofLog.mtime !== null && ofModel.mtime !== null &&
      ofLog.mtime <= ofModel.mtime;
    if (train === undefined && !isOlder) return undefined;
    const lines = linesOf((await openPlain(log)).readable);
    let steps = 0, tokens = 0;
    let validation: ModelFacts["validation"];
    for await (const line of lines) {
      const entry = entryOf(line);
      if (entry === undefined || entry.step > (train?.step ?? Infinity)) {
        continue;
      }
      ({ step: steps, tokens } = entry);
      const { valBitsPerByte, lastValBitsPerByte = valBitsPerByte } = entry;
      const isOwn = train !== undefined && weights === "last";
      const bitsPerByte = isOwn ? lastValBitsPerByte : valBitsPerByte;
      if (typeof bitsPerByte === "number") {
        validation = { bitsPerByte, step: steps };
      }
    }
    return steps === 0 ? undefined : { steps, tokens, validation };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw cannotRead(log, error);
  }
}

/** What is read of a line. */
interface LogLine {
  readonly step: number;
  readonly tokens: number;
  readonly valBitsPerByte?: unknown;
  readonly lastValBitsPerByte?: unknown;
}

/** A line's fields; none where it is not one, as after a crash. */
function entryOf(
  line: string,
): LogLine | undefined {
  try {
    const entry = JSON.parse(line);
    const isEntry = Number.isSafeInteger(entry?.step) &&
      Number.isSafeInteger(entry?.tokens);
    return isEntry ? entry : undefined;
  } catch {
    return undefined;
  }
}
