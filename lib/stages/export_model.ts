/**
 * A model to other programs' formats, with its tokenizer and a card.
 *
 * @module
 */

import {
  ADAPTER_LAYOUTS,
  type AdapterLayout,
  writeAdapter,
} from "../checkpoint/formats/adapter_file.ts";
import { countOf } from "../checkpoint/encoding/tensor_encoding.ts";
import { filesOfCard, modelCard } from "../checkpoint/export/model_card.ts";
import { Checkpoint } from "../checkpoint/native/mpk_reader.ts";
import { cannotRead, folderOf, readTextOf } from "../files.ts";
import { lockFolder } from "../folder_lock.ts";
import { openAdapter } from "../load_adapter.ts";
import { vocabOf } from "../load_checkpoint.ts";
import type { WeightSource } from "../model/foreign.ts";
import { OutputSet } from "../output_set.ts";
import { BPEVocab } from "../tokenizer/bpe/bpe_vocab.ts";
import { SentencePieceVocab } from "../tokenizer/sentencepiece/sentencepiece_vocab.ts";
import { identityOf } from "../tokenizer/tokenizer.ts";
import type { AnyVocab } from "../tokenizer/vocab/any_tokenizer.ts";
import { assertOptions, oneOf, type OptionKinds } from "../option_kinds.ts";
import {
  EXPORT_NUMBERS,
  type ExportNumbers,
  MODEL_FORMATS,
  type ModelFormat,
  planExport,
} from "./export_plans.ts";
import { runFacts } from "./model_facts.ts";
import {
  assertModel,
  MODEL_KINDS,
  type ModelFiles,
  withAdapter,
} from "./model_files.ts";
import { STAGE_KINDS, type StageOptions } from "./stage.ts";
import { placeIn } from "./tokenizer_files.ts";

const CARD = "README.md";

/** What `exportModel()` is to do. Its progress is in parameters. */
export interface ExportModelOptions extends ModelFiles, StageOptions {
  /** The folder for it, or the file's name in it. */
  readonly output: string;
  /**
   * `safetensors`, `gguf` for llama.cpp, or `burn` for the Rust program; or
   * `rwkv-peft` or `web-rwkv`, for the adapter alone.
   */
  readonly format: ModelFormat | AdapterLayout;
  /** What a number becomes; `bf16` and the `q` in `gguf` only. `f32` unless
   * given. `gguf` keeps weights that are quantised where it is one of the `q`. */
  readonly dtype?: ExportNumbers;
  /** What the model is called; as its folder unless given. */
  readonly name?: string;
  /** The weights' licence, for the card: an SPDX identifier. */
  readonly license?: string;
  /** The folder of the dataset it was trained on, for the card. */
  readonly data?: string;
}

/** What its options are. */
const OPTIONS: OptionKinds<ExportModelOptions> = {
  ...MODEL_KINDS,
  ...STAGE_KINDS,
  output: "text",
  format: {
    ...oneOf([...MODEL_FORMATS, ...ADAPTER_LAYOUTS]),
    isRequired: true,
  },
  dtype: oneOf(EXPORT_NUMBERS),
  name: "text?",
  license: "text?",
  data: "text?",
};

/** What `exportModel()` made. */
export interface ExportModelResult {
  /** The file that was read. */
  readonly model: string;
  /** As asked for. */
  readonly format: ExportModelOptions["format"];
  /** What a number became. */
  readonly dtype: ExportNumbers;
  /** How many numbers it has. */
  readonly parameters: number;
  /** Of the file of weights. */
  readonly bytes: number;
  /** The files that were written, that of the weights first. */
  readonly files: readonly string[];
  /** What the format cannot say, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Writes a model for other programs, with its tokenizer and a model card. Files
 * that an earlier export wrote are replaced, others never; aborted, it leaves
 * nothing new.
 *
 * @param options The model, the format, and where it goes.
 * @throws {Error} When something cannot be read or written, is no model, or a
 * file is in the way.
 * @throws {RangeError} When the format cannot hold the model.
 *
 * @example
 * ```ts
 * import { exportModel } from "./export_model.ts";
 * import { ReferenceBackend } from "../backend/reference/reference_backend.ts";
 * import { saveModel } from "../checkpoint/native/mpk_writer.ts";
 * import { RWKVConfig } from "../model/config.ts";
 * import { RWKV } from "../model/rwkv.ts";
 * import { BPETrainer } from "../tokenizer/bpe/bpe_trainer.ts";
 * import { writeVocab } from "../tokenizer/vocab/vocab_file.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const model = await Deno.makeTempDir(), output = `${model}/exported`;
 * const bytes = new TextEncoder().encode("o rio corre\n");
 * const { vocab } = await new BPETrainer().train([{ name: "rio", bytes }]);
 * await writeVocab(`${model}/tokenizer.json`, vocab);
 * const shape = { vocabSize: vocab.size, dModel: 8, dFfn: 16 };
 * const config = new RWKVConfig(shape);
 * await saveModel(`${model}/model_final.mpk`, new RWKV(config, new ReferenceBackend()));
 * const { files } = await exportModel({ model, output, format: "safetensors" });
 * assertEquals(files[0], `${output}/model.safetensors`);
 * ```
 */
export async function exportModel(
  options: ExportModelOptions,
): Promise<ExportModelResult> {
  assertOptions("export a model", options, OPTIONS);
  const { format, dtype = "f32", signal } = options;
  const { timeMixing, weights, onDamaged } = options;
  await assertModel(options.model);
  const opening = { timeMixing, weights, onDamaged };
  using checkpoint = await Checkpoint.open(options.model, opening);
  checkpoint.assertModel();
  if (isLayout(format)) return await exportAdapter(checkpoint, options);
  const vocab = await vocabOf(checkpoint, options.tokenizer);
  const facts = await runFacts(checkpoint, options.data);
  const parameters = [...checkpoint.shapes.values()]
    .reduce((sum, shape) => sum + countOf(shape), 0);
  const name = options.name ?? nameOf(checkpoint.path);
  const adapted = await withAdapter(checkpoint, options);
  const model = told(adapted, parameters, options);
  const plan = planExport(format as ModelFormat, { model, vocab, dtype, name });
  const path = await placeIn(options.output, plan.file);
  const folder = folderOf(path), [file] = /[^/\\]*$/.exec(path)!;
  await using _lock = await lockFolder(folder);
  const names = [file, ...Object.keys(plan.beside), CARD];
  const files = await checkFree(folder, names);

  await using staging = new OutputSet(folder);
  const written = await plan.write(path, { signal, staging });
  const notes = [...plan.notes, ...written ?? []];
  for (const [other, content] of Object.entries(plan.beside)) {
    await staging.write(other, content);
  }
  const size = await staging.sizeOf(file);
  const card = modelCard({
    ...facts,
    name,
    config: checkpoint.config,
    parameters,
    tokenizer: kindOfVocab(vocab),
    tokenizerSha256: await identityOf(vocab),
    license: options.license,
    weights: { name: file, type: dtype.toUpperCase(), bytes: size },
    files,
    run: plan.run(file),
    notes,
  });
  await staging.write(CARD, card);
  await staging.commit();
  return {
    model: checkpoint.path,
    format,
    dtype,
    parameters,
    bytes: size,
    files: names.map((name) => path.slice(0, -file.length) + name),
    notes,
  };
}

function isLayout(format: ExportModelOptions["format"]) {
  return ADAPTER_LAYOUTS.some((layout) => layout === format);
}

/** Writes the adapter alone, with another program's names. */
async function exportAdapter(
  checkpoint: Checkpoint,
  { adapter: given, format, dtype = "f32", signal, ...options }:
    ExportModelOptions,
): Promise<ExportModelResult> {
  if (given === undefined) {
    throw new TypeError(`Cannot export for ${format}: give an adapter`);
  }
  const layout = format as AdapterLayout;
  const own = layout === "web-rwkv" ? "f16" : "f32";
  if (dtype !== "f32" && dtype !== own) {
    throw new RangeError(`Cannot export ${dtype} for ${format}: it has ${own}`);
  }
  const { adapterAlpha: alpha, adapterLayout } = options;
  const reading = { alpha, layout: adapterLayout };
  const adapter = await openAdapter(given, checkpoint, reading);
  const path = await placeIn(options.output, "adapter.safetensors");
  await using _lock = await lockFolder(folderOf(path));
  await checkFree(folderOf(path), [path.slice(folderOf(path).length + 1)]);
  const bytes = await writeAdapter(path, adapter, checkpoint, {
    layout,
    signal,
  });
  return {
    model: checkpoint.path,
    format,
    dtype: own,
    parameters: [...adapter.values.values()]
      .reduce((sum, { length }) => sum + length, 0),
    bytes,
    files: [path],
    notes: [],
  };
}

/** What a tokenizer is, for the card. */
function kindOfVocab(vocab: AnyVocab): string {
  if (vocab instanceof BPEVocab) return "byte-level BPE";
  return vocab instanceof SentencePieceVocab
    ? "SentencePiece's BPE with byte fallback"
    : "longest matches";
}

/** A model that tells how much of it has been read. */
function told(
  checkpoint: WeightSource,
  total: number,
  { onProgress }: StageOptions,
): WeightSource {
  const { config, shapes } = checkpoint;
  let done = 0;
  const tell = (weight: string) => {
    onProgress?.({ done, total });
    done += countOf(shapes.get(weight)!);
  };
  return {
    config,
    shapes,
    readWeight(weight) {
      tell(weight);
      return checkpoint.readWeight(weight);
    },
    typeOf: checkpoint.typeOf && ((weight) => checkpoint.typeOf!(weight)),
    readBlocks: checkpoint.readBlocks && ((weight) => {
      tell(weight);
      return checkpoint.readBlocks!(weight);
    }),
  };
}

/**
 * Checks that no file would be written over but those of an earlier export.
 *
 * @param folder Where that is.
 * @param names What shall be written there.
 * @returns The files of this export and those before it.
 * @throws {Error} When one is there that no export wrote.
 */
async function checkFree(
  folder: string,
  names: readonly string[],
): Promise<string[]> {
  let earlier: readonly string[] = [];
  try {
    earlier = filesOfCard(await readTextOf(`${folder}/${CARD}`)) ?? [];
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      throw cannotRead(`${folder}/${CARD}`, error);
    }
  }
  for (const name of names) {
    if (earlier.includes(name)) continue;
    const path = `${folder}/${name}`;
    if (await Deno.lstat(path).then(() => true, () => false)) {
      throw new Error(
        `Cannot write "${path}": it is there already, and not from ` +
          "an earlier export; choose another folder",
      );
    }
  }
  return [...new Set([...earlier, ...names])];
}

/** The folder that a model stands in, as a name for it. */
function nameOf(path: string): string {
  const parts = path.split(/[/\\]/);
  const file = parts.pop()!.replace(/\.mpk$/i, "");
  return parts.findLast((part) => part !== "" && part !== ".") ?? file;
}
