/**
 * What a model computes for given ids, to be compared with another program.
 *
 * @module
 */

import { Checkpoint } from "../checkpoint/native/mpk_reader.ts";
import { folderOf, writeFileAtomic } from "../files.ts";
import { lockFolder } from "../folder_lock.ts";
import { logitsAfter } from "../generate/logits.ts";
import { RWKV } from "../model/rwkv.ts";
import { assertOptions, oneOf, type OptionKinds } from "../option_kinds.ts";
import { TIME_MIXINGS } from "../model/classic.ts";
import { type ComputingOptions, useBackend } from "./computing.ts";
import { assertModel, type ModelFiles } from "./model_files.ts";
import { assertLogitsReplaceable } from "./written_files.ts";

/** What `logits()` is to do. */
export interface LogitsOptions
  extends
    Pick<ComputingOptions, "backend" | "signal">,
    Pick<ModelFiles, "model" | "timeMixing"> {
  /** The ids to feed, in their order. */
  readonly tokens: readonly number[];
  /** The file to write: f32, little-endian, no header; none unless given. */
  readonly output?: string;
}

/** What its options are. */
const OPTIONS: OptionKinds<LogitsOptions> = {
  model: "text",
  timeMixing: oneOf(TIME_MIXINGS),
  tokens: "numbers",
  output: "text?",
  backend: "backend?",
  signal: "signal?",
};

/** What `logits()` found. */
export interface LogitsResult {
  /** The model's file. */
  readonly model: string;
  /** A number for each id, unnormalised. */
  readonly logits: Float32Array;
  /** The file that was written, if one was. */
  readonly output?: string;
  /** What has computed, in words. */
  readonly backend: string;
}

/**
 * Feeds ids, just as they are, to a fresh state. No tokenizer is needed.
 *
 * @param options The model and the ids.
 * @returns The logits of the id after the last.
 * @throws {RangeError} When there is no id, or one is not of the model.
 * @throws {Error} When a file cannot be read or written, or `output` is there and
 * holds something else; the reason of the signal when it is aborted.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../backend/reference/reference_backend.ts";
 * import { saveModel } from "../checkpoint/native/mpk_writer.ts";
 * import { RWKVConfig } from "../model/config.ts";
 * import { RWKV } from "../model/rwkv.ts";
 * import { logits } from "./logits.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = `${await Deno.makeTempDir()}/model_final.mpk`;
 * const config = new RWKVConfig({ vocabSize: 10, dModel: 8, dFfn: 16 });
 * const backend = new ReferenceBackend();
 * await saveModel(path, new RWKV(config, backend));
 * const result = await logits({ model: path, tokens: [3, 1, 4], backend });
 * assertEquals(result.logits.length, 10);
 * ```
 */
export async function logits(options: LogitsOptions): Promise<LogitsResult> {
  assertOptions("compute", options, OPTIONS);
  const { timeMixing, tokens, output, signal } = options;
  await using held = new AsyncDisposableStack();
  if (output !== undefined) {
    held.use(await lockFolder(folderOf(output)));
    await assertLogitsReplaceable(output);
  }
  await assertModel(options.model);
  using checkpoint = await Checkpoint.open(options.model, { timeMixing });
  using used = await useBackend(options.backend);
  const { backend } = used;
  const { config, formats } = checkpoint;
  const model = new RWKV(config, backend, { formats });
  checkpoint.loadInto(model);
  const found = await logitsAfter(model, tokens, { signal });
  if (output !== undefined) await writeFileAtomic(output, bytesOf(found));
  return {
    model: checkpoint.path,
    logits: found,
    output,
    backend: backend.description,
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
