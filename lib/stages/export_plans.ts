/**
 * What a model becomes in each format: the file of weights, the files beside
 * it, and how it is run there.
 *
 * @module
 */

import { writeBurn } from "../checkpoint/export/burn_writer.ts";
import { classicAsRwkv4 } from "../checkpoint/export/classic_as_rwkv4.ts";
import {
  huggingFaceConfig,
  officialTensors,
  tokenizerConfig,
  worldText,
} from "../checkpoint/export/hugging_face_folder.ts";
import type { ModelFacts } from "../checkpoint/export/model_card.ts";
import {
  ggufModel,
  ggufTensors,
} from "../checkpoint/formats/gguf/gguf_model.ts";
import { ggufTokenizer } from "../checkpoint/formats/gguf/gguf_tokenizer.ts";
import { writeGguf } from "../checkpoint/formats/gguf/gguf_writer.ts";
import { writeSafetensors } from "../checkpoint/formats/safetensors_writer.ts";
import { FINAL_MODEL } from "../checkpoint/native/paths.ts";
import type { WriteOptions } from "../files.ts";
import { architectureOf } from "../model/architecture.ts";
import type { WeightSource } from "../model/foreign.ts";
import { BPEVocab } from "../tokenizer/bpe/bpe_vocab.ts";
import { toHuggingFace } from "../tokenizer/interchange/hugging_face.ts";
import { toSentencePiece } from "../tokenizer/interchange/hugging_face_sentencepiece.ts";
import { SentencePieceVocab } from "../tokenizer/sentencepiece/sentencepiece_vocab.ts";
import type { AnyVocab } from "../tokenizer/vocab/any_tokenizer.ts";
import { WorldVocab } from "../tokenizer/world/world_vocab.ts";

/** The formats that `exportModel()` writes. */
export const MODEL_FORMATS = ["safetensors", "gguf", "burn"] as const;

/** One of {@linkcode MODEL_FORMATS}. */
export type ModelFormat = typeof MODEL_FORMATS[number];

/** What a number may become. */
export const EXPORT_NUMBERS = [
  ...(["f32", "f16", "bf16"] as const),
  ...(["q8_0", "q5_1", "q4_0"] as const),
] as const;

/** One of {@linkcode EXPORT_NUMBERS}. */
export type ExportNumbers = typeof EXPORT_NUMBERS[number];

const TYPES = {
  ...{ f32: "F32", f16: "F16", bf16: "BF16" } as const,
  ...{ q8_0: "Q8_0", q5_1: "Q5_1", q4_0: "Q4_0" } as const,
};

/** What a format makes of a model. */
export interface ExportPlan {
  /** What the file of weights is called in a folder. */
  readonly file: string;
  /** The files beside it and their content. */
  readonly beside: Readonly<Record<string, string>>;
  /** What the format cannot say. */
  readonly notes: readonly string[];
  /** Writes the weights; may find more to note. */
  readonly write: (
    path: string,
    options: WriteOptions,
  ) => Promise<readonly string[] | void>;
  /** How to run the file of the given name. */
  readonly run: (file: string) => ModelFacts["run"];
}

/** What is exported. */
export interface Subject {
  readonly model: WeightSource;
  readonly vocab: AnyVocab;
  readonly dtype: ExportNumbers;
  readonly name: string;
}

const PLANS: Record<ModelFormat, (subject: Subject) => ExportPlan> = {
  safetensors: planSafetensors,
  gguf: planGguf,
  burn: planBurn,
};

/**
 * Plans an export; nothing is written yet.
 *
 * @param format The format.
 * @param subject The model, its tokenizer, and what is said of them.
 * @throws {RangeError} When the format cannot hold the model.
 */
export function planExport(format: ModelFormat, subject: Subject): ExportPlan {
  const { logitSoftCap, valueEmbeddings } = subject.model.config;
  if (logitSoftCap !== undefined) {
    throw new RangeError(
      `Cannot export to ${format}: the model's logits have a soft cap of ${logitSoftCap}, which other programs do not compute`,
    );
  }
  if (valueEmbeddings !== undefined) {
    throw new RangeError(
      `Cannot export to ${format}: the model has value embeddings, which other programs do not know of`,
    );
  }
  return PLANS[format](subject);
}

function planSafetensors({ model: own, vocab, dtype }: Subject): ExportPlan {
  const type = plainType(dtype, "safetensors");
  const isOfficial = architectureOf(own.config).official !== undefined;
  const model = isOfficial ? own : classicAsRwkv4(own);
  const { files, notes } = tokenizerFiles(vocab);
  const [tokenizer] = Object.keys(files);
  return {
    file: "model.safetensors",
    beside: {
      "config.json": json(huggingFaceConfig(model, vocab, type)),
      ...files,
    },
    notes: [
      ...notes,
      ...isOfficial
        ? []
        : ["The model is classic; this is the RWKV-4 that computes the same"],
      "The tensors have the names of the architecture's official code; " +
      "programs that name them otherwise need their own converters",
    ],
    write: async (path, options) => {
      const tensors = officialTensors(model, type);
      await writeSafetensors(path, tensors, { format: "pt" }, options);
    },
    run: (file) => [{
      title: "With PTBR-SLM",
      command: `deno task import-model --input ${quoted(file)} --tokenizer ` +
        `${tokenizer} --seq-len ${model.config.maxSeqLen} --output ` +
        "checkpoints/imported\n" +
        "deno task generate --model checkpoints/imported --prompt " +
        '"O Brasil é"',
    }],
  };
}

/** The tokenizer as the programs that read safetensors have it. */
function tokenizerFiles(
  vocab: AnyVocab,
): { files: Record<string, string>; notes: readonly string[] } {
  if (vocab instanceof WorldVocab) {
    return { files: { "rwkv_vocab.txt": worldText(vocab) }, notes: [] };
  }
  const { files: [{ content }], notes } = vocab instanceof BPEVocab
    ? toHuggingFace(vocab)
    : toSentencePiece(vocab);
  const config = json(tokenizerConfig(vocab));
  return {
    files: { "tokenizer.json": content, "tokenizer_config.json": config },
    notes,
  };
}

function planGguf({ model, vocab, dtype, name }: Subject): ExportPlan {
  const type = TYPES[dtype];
  const shape = ggufModel(model, { name, type });
  if (vocab instanceof SentencePieceVocab) {
    throw new RangeError(
      "Cannot export to gguf: its tokenizer is SentencePiece's, whose scores " +
        "are not known; --format safetensors takes it",
    );
  }
  const { fields, notes } = ggufTokenizer(vocab);
  return {
    file: `model-${dtype}.gguf`,
    beside: {},
    notes,
    write: async (path, options) => {
      const all = new Map([...shape, ...fields]);
      await writeGguf(path, all, ggufTensors(model, type), options);
    },
    run: (file) => [{
      title: "With llama.cpp",
      command: `llama-completion -m ${quoted(file)} -p "O Brasil é" -n 100 ` +
        "--temp 0.8",
    }],
  };
}

function planBurn({ model, vocab, dtype }: Subject): ExportPlan {
  const type = plainType(dtype, "burn");
  const { timeMixing } = model.config;
  return {
    file: FINAL_MODEL,
    beside: { "tokenizer.json": vocab.toString() },
    notes: [],
    write: (path, options) => writeBurn(path, model, type, options),
    run: (file) => [{
      title: "With PTBR-SLM",
      command: `deno task generate --model ${quoted(file)} ` +
        `--time-mixing ${timeMixing} --prompt "O Brasil é"`,
    }],
  };
}

/** The type of a number in a format without bf16 and q8_0. */
function plainType(dtype: ExportNumbers, format: ModelFormat): "F32" | "F16" {
  if (dtype === "f32" || dtype === "f16") return TYPES[dtype];
  throw new RangeError(`Cannot export to ${format}: it has no ${dtype}`);
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2) + "\n";
}

/** A file's name for a shell. */
function quoted(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`;
}
