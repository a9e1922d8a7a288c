/**
 * A model's files to one that is ready, wherever they come from: what
 * `load_checkpoint.ts` is for paths, for bytes, files that a person has chosen,
 * and addresses. Nothing here touches a disk.
 *
 * @module
 */

import type { Backend } from "./backend/backend.ts";
import type { ByteSource } from "./checkpoint/encoding/byte_source.ts";
import {
  formatOf,
  type ImportFormat,
} from "./checkpoint/import/file_format.ts";
import type {
  ForeignOptions,
  ForeignReader,
} from "./checkpoint/import/foreign_reader.ts";
import { weightsAmong } from "./checkpoint/import/weights_among.ts";
import {
  CheckpointReader,
  WEIGHTS,
  type WhichWeights,
} from "./checkpoint/native/checkpoint_reader.ts";
import {
  type ModelInput,
  nameOf,
  openInput,
  type ReadInputOptions,
} from "./model_input.ts";
import { RWKV } from "./model/rwkv.ts";
import {
  assertKind,
  assertOptions,
  oneOf,
  OPEN_BACKEND,
  type OptionKinds,
} from "./option_kinds.ts";
import { parseTokenizer } from "./tokenizer/interchange/parse_tokenizer.ts";
import { identityOf, type Tokenizer } from "./tokenizer/tokenizer.ts";
import { type AnyVocab, tokenizerOf } from "./tokenizer/vocab/any_tokenizer.ts";

/** How a model is read. */
export interface ReadModelOptions
  extends ReadInputOptions, Pick<ForeignOptions, "maxSeqLen" | "timeMixing"> {
  /**
   * Its tokenizer: of any format that is one file. By itself the
   * `tokenizer.json` beside the address of the model.
   */
  readonly tokenizer?: ModelInput;
  /** Which weights of a run's checkpoint; its averages, where it has any. */
  readonly weights?: WhichWeights;
  /** Whether it shall be trained: reserves gradients. */
  readonly training?: boolean;
}

/** What its options are. */
const OPTIONS: OptionKinds<ReadModelOptions> = {
  tokenizer: "object?",
  weights: oneOf(WEIGHTS),
  training: "flag?",
  maxSeqLen: "number?",
  timeMixing: "text?",
  signal: "signal?",
  onProgress: "function?",
};

/** A model that is ready for use. */
export interface ReadModel {
  /** The model with its weights. */
  readonly model: RWKV;
  /** What its ids stand for. */
  readonly tokenizer: Tokenizer;
  /** What its file is: ours, or another program's. */
  readonly format: "ptbr" | ImportFormat;
  /** What of its files was left out or assumed, a sentence each. */
  readonly notes: readonly string[];
}

/** A vocabulary in text has no more bytes than this. */
const MOST_TOKENIZER = 2 ** 26;

/** What tokenizers are called in folders, the likeliest first. */
const TOKENIZER_NAMES = [
  /^tokenizer\.json$/i,
  /^rwkv_vocab\w*\.txt$/i,
  /\.tiktoken$/i,
];

/**
 * Reads a model and makes it ready.
 *
 * @param input The file of its weights: ours (`.mpk`), safetensors, PyTorch's,
 * rwkv.cpp's or GGUF.
 * @param backend Where it shall live.
 * @param options Its tokenizer, where that is not beside it.
 * @throws {TypeError} When its tokenizer is missing.
 * @throws {SyntaxError} When a file is malformed.
 * @throws {RangeError} When model and tokenizer do not belong together.
 * @throws {Error} When a file cannot be read.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "./backend/reference/reference_backend.ts";
 * import { readModel } from "./read_model.ts";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(
 *   () => readModel(new Blob(["text"]), new ReferenceBackend(), {
 *     tokenizer: new Blob(["{}"]),
 *   }),
 *   SyntaxError,
 *   "Cannot read tokenizer",
 * );
 * ```
 */
export async function readModel(
  input: ModelInput,
  backend: Backend,
  options: ReadModelOptions = {},
): Promise<ReadModel> {
  assertKind("read a model", "input", input, "object");
  assertKind("read a model", "backend", backend, OPEN_BACKEND);
  assertOptions("read a model", options, OPTIONS);
  const { signal } = options;
  const beside = input instanceof URL
    ? new URL("tokenizer.json", input)
    : undefined;
  const { tokenizer: given = beside } = options;
  if (given === undefined) {
    throw new TypeError("Cannot read a model: its tokenizer is missing");
  }
  const parsed = await readVocabulary(given, { signal });
  using source = await openInput(input, "model", options);
  const { reader, format, notes } = await openWeights(source, options);
  const vocab = await matching({
    config: reader.config,
    path: nameOf(input) ?? "the model",
    ...reader instanceof CheckpointReader &&
      { tokenizerSha256: reader.tokenizerSha256 },
  }, parsed.vocab);
  return {
    model: modelOf(reader, backend, options.training),
    tokenizer: tokenizerOf(vocab),
    format,
    notes: [...notes, ...parsed.notes],
  };
}

/**
 * Reads a folder that holds a model and its tokenizer.
 *
 * @param files Its files by name, or as a page has them.
 * @param backend Where the model shall live.
 * @param options As of {@linkcode readModel}.
 * @throws {Error} When there is no model or no tokenizer among them, or several
 * that could be meant; else as {@linkcode readModel}.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "./backend/reference/reference_backend.ts";
 * import { readModelFolder } from "./read_model.ts";
 * import { assertRejects } from "@std/assert";
 *
 * const files = [new File(["{}"], "tokenizer.json")];
 * await assertRejects(
 *   () => readModelFolder(files, new ReferenceBackend()),
 *   Error,
 *   "the folder holds no weights",
 * );
 * ```
 */
export async function readModelFolder(
  files: ReadonlyMap<string, ModelInput> | Iterable<File>,
  backend: Backend,
  options: ReadModelOptions = {},
): Promise<ReadModel> {
  const named = files instanceof Map
    ? files as ReadonlyMap<string, ModelInput>
    : new Map<string, ModelInput>(
      Array.from(files as Iterable<File>, (file) => [file.name, file]),
    );
  const names = [...named.keys()];
  const cannot = (reason: string) =>
    new Error(`Cannot read the model: ${reason}`);
  let weights: string;
  try {
    weights = weightsAmong(names);
  } catch (error) {
    throw cannot((error as Error).message);
  }
  const tokenizer = options.tokenizer ?? TOKENIZER_NAMES
    .flatMap((pattern) => names.find((name) => pattern.test(name)) ?? [])
    .map((name) => named.get(name))[0];
  if (tokenizer === undefined) throw cannot("the folder holds no tokenizer");
  return await readModel(named.get(weights)!, backend, {
    ...options,
    tokenizer,
  });
}

/**
 * Reads a tokenizer of any format that is one file.
 *
 * @param input The file.
 * @param options What may end it.
 * @throws {SyntaxError} When it is no tokenizer that can be used.
 * @throws {Error} When it cannot be read.
 *
 * @example
 * ```ts
 * import { readTokenizer } from "./read_model.ts";
 * import { BPETrainer } from "./tokenizer/bpe/bpe_trainer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("sim\n");
 * const { vocab } = await new BPETrainer().train([{ name: "a", bytes }]);
 * const tokenizer = await readTokenizer(new Blob([vocab.toString()]));
 * assertEquals(tokenizer.vocabSize, vocab.size);
 * ```
 */
export async function readTokenizer(
  input: ModelInput,
  options: ReadInputOptions = {},
): Promise<Tokenizer> {
  return tokenizerOf((await readVocabulary(input, options)).vocab);
}

async function readVocabulary(
  input: ModelInput,
  options: ReadInputOptions,
): Promise<{ vocab: AnyVocab; notes: readonly string[] }> {
  const maxBytes = MOST_TOKENIZER;
  using source = await openInput(input, "tokenizer", { ...options, maxBytes });
  const bytes = new Uint8Array(source.length);
  source.read(bytes, 0);
  try {
    return parseTokenizer(new TextDecoder().decode(bytes));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SyntaxError(error.message.replace("a tokenizer", source.name));
  }
}

/** What has weights. */
type Weights = CheckpointReader | ForeignReader;

async function openWeights(
  source: ByteSource & Disposable,
  { weights, timeMixing, maxSeqLen }: ReadModelOptions,
): Promise<{ reader: Weights } & Pick<ReadModel, "format" | "notes">> {
  const { name } = source;
  const format = formatOf(source);
  if (format !== "burn") {
    // Here and not above: a page that has none of others' need not load it.
    const { ForeignReader } = await import(
      "./checkpoint/import/foreign_reader.ts"
    );
    const reader = new ForeignReader(name, source, { timeMixing, maxSeqLen });
    return { reader, format: reader.format, notes: reader.notes };
  }
  const opening = { weights, timeMixing, maxSeqLen };
  const reader = new CheckpointReader(name, source, opening);
  reader.assertModel();
  return { reader, format: "ptbr", notes: [] };
}

function modelOf(reader: Weights, backend: Backend, training = false): RWKV {
  if (!(reader instanceof CheckpointReader)) {
    return reader.load(backend, training);
  }
  const { config, formats } = reader;
  const model = new RWKV(config, backend, { training, formats });
  reader.loadInto(model);
  return model;
}

/** What is known of a model beside its weights. */
export type ModelIdentity = Pick<
  CheckpointReader,
  "config" | "path" | "tokenizerSha256"
>;

/**
 * A tokenizer as a model needs it.
 *
 * @param model The model's file.
 * @param given The tokenizer, which may lack ids that it does not use.
 * @throws {RangeError} When the two do not match.
 */
export async function matching(
  { config, path, tokenizerSha256 }: ModelIdentity,
  given: AnyVocab,
): Promise<AnyVocab> {
  // A model may have ids beyond its vocabulary's, which none uses.
  const vocab = given.padded(config.vocabSize);
  if (vocab.size !== config.vocabSize) {
    throw new RangeError(
      `Cannot use "${path}" with this tokenizer: it has ${vocab.size} tokens, the model ${config.vocabSize}`,
    );
  }
  // Files of the Rust program do not say which tokenizer they go with.
  if (
    tokenizerSha256 !== undefined &&
    tokenizerSha256 !== await identityOf(vocab)
  ) {
    throw new RangeError(
      `Cannot use "${path}" with this tokenizer: it was trained with another`,
    );
  }
  return vocab;
}
