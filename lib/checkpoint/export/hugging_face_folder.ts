/**
 * A model as a folder in the style of Hugging Face: `model.safetensors` with
 * the architecture's official names and shapes, and `config.json`.
 *
 * `config.json` has the usual fields, so that people and programs find them,
 * and all of ours under `ptbr_slm`. Its `model_type` is ours: `transformers`
 * names the same weights otherwise, and would not find them under these names.
 *
 * @module
 */

import { architectureOf } from "../../model/architecture.ts";
import type { WeightSource } from "../../model/foreign.ts";
import type { Vocab } from "../../tokenizer/tokenizer.ts";
import { escapedBytes } from "../../tokenizer/world/python_literal.ts";
import type { OutgoingTensor } from "../encoding/tensor_encoding.ts";

/** The special tokens by the roles they have there. */
const ROLES = [
  ["bos", "[BOS]"],
  ["eos", "[EOS]"],
  ["unk", "[UNK]"],
  ["sep", "[SEP]"],
  ["pad", "[PAD]"],
] as const;

/**
 * A model's tensors by their official names.
 *
 * @param model A model of an official architecture.
 * @param type How matrices and vectors are stored.
 */
export function officialTensors(
  model: WeightSource,
  type: "F32" | "F16",
): OutgoingTensor[] {
  const { broadcast } = architectureOf(model.config).official!;
  return [...model.shapes].map(([name, shape]) => ({
    name,
    shape: broadcast.test(name) ? [1, 1, ...shape] : shape,
    type,
    values: () => model.readWeight(name),
  }));
}

/**
 * The content of `config.json`.
 *
 * @param model The model.
 * @param vocab Its tokenizer.
 * @param type How the weights are stored.
 *
 * @example
 * ```ts
 * import { RWKVConfig } from "../../model/config.ts";
 * import { declaredShapes } from "../../model/rwkv.ts";
 * import { huggingFaceConfig } from "./hugging_face_folder.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const config = new RWKVConfig({ architecture: "rwkv4" });
 * const model = { config, shapes: declaredShapes(config) };
 * const file = huggingFaceConfig(model, undefined, "F16");
 * assertEquals(file.hidden_size, 256);
 * assertEquals(file.ptbr_slm, config.toJSON());
 * ```
 */
export function huggingFaceConfig(
  { config, shapes }: Pick<WeightSource, "config" | "shapes">,
  vocab: Vocab | undefined,
  type: "F32" | "F16",
): Record<string, unknown> {
  const { architecture, dModel, nLayers, dFfn, vocabSize, maxSeqLen } = config;
  const ids = ROLES.map(([role, name]) => [
    `${role}_token_id`,
    vocab?.specialTokens.get(name),
  ]).filter(([, id]) => id !== undefined);
  return {
    model_type: architecture,
    vocab_size: vocabSize,
    hidden_size: dModel,
    num_hidden_layers: nLayers,
    intermediate_size: dFfn,
    ...architectureOf(config).official?.configJson?.(shapes),
    norm_eps: config.layerNormEps,
    max_position_embeddings: maxSeqLen,
    tie_word_embeddings: false,
    torch_dtype: type === "F32" ? "float32" : "float16",
    ...Object.fromEntries(ids),
    ptbr_slm: config.toJSON(),
  };
}

/**
 * The content of `tokenizer_config.json`, by which `transformers` knows what
 * the `tokenizer.json` beside it is.
 *
 * @param vocab The tokenizer.
 */
export function tokenizerConfig(vocab: Vocab): Record<string, unknown> {
  const roles = ROLES.filter(([, name]) => vocab.specialTokens.has(name));
  // Of two names of a token the first is its own.
  const ownName = (name: string) =>
    [...vocab.specialTokens].find(([, id]) =>
      id === vocab.specialTokens.get(name)
    )![0];
  return {
    tokenizer_class: "PreTrainedTokenizerFast",
    clean_up_tokenization_spaces: false,
    ...Object.fromEntries(
      roles.map(([role, name]) => [`${role}_token`, ownName(name)]),
    ),
  };
}

/**
 * A World vocabulary as it is published: a line a token, its id, the token as
 * Python writes it, and its length.
 *
 * @param vocab The vocabulary.
 */
export function worldText(vocab: Vocab): string {
  return vocab.tokens.map((bytes, id) =>
    bytes.length === 0
      ? ""
      : `${id} b'${escapedBytes(bytes)}' ${bytes.length}\n`
  ).join("");
}
