/**
 * A vocabulary as llama.cpp's GGUF files say it: byte-level BPE, split by
 * GPT-2's pattern, which llama.cpp has built in under that name, or a World
 * vocabulary.
 *
 * Ids are the same for normalised text; llama.cpp does not normalise. A text
 * is framed as in training: [BOS] goes before it, [EOS] ends what is written.
 *
 * @module
 */

import { BPEVocab } from "../../../tokenizer/bpe/bpe_vocab.ts";
import {
  checkExportable,
  listed,
  namesOf,
  normalizerNotes,
} from "../../../tokenizer/interchange/exchange.ts";
import { escapedBytes } from "../../../tokenizer/world/python_literal.ts";
import type { WorldVocab } from "../../../tokenizer/world/world_vocab.ts";
import type { GgufFields, GgufValue } from "./gguf_writer.ts";

const FORMAT = "gguf";
/** What llama.cpp calls GPT-2's splitting. */
const SPLITTING = "gpt-2";
// Token types of llama.cpp: text, what no text becomes, what nothing becomes.
const NORMAL = 1, CONTROL = 3, UNUSED = 5;

/** The keys for special tokens; the spelling of the fourth is the format's. */
const SPECIAL_KEYS: readonly (readonly [name: string, key: string])[] = [
  ["[BOS]", "bos_token_id"],
  ["[EOS]", "eos_token_id"],
  ["[UNK]", "unknown_token_id"],
  ["[SEP]", "seperator_token_id"],
  ["[PAD]", "padding_token_id"],
];

/** A vocabulary in llama.cpp's keys. */
export interface GgufTokenizer {
  /** The keys, in their order. */
  readonly fields: GgufFields;
  /** What they cannot say, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Says a vocabulary in keys.
 *
 * @param vocab The vocabulary.
 * @throws {RangeError} When ids would not be the same, or the vocabulary has no
 * [BOS] and [EOS].
 *
 * @example
 * ```ts
 * import { ggufTokenizer } from "./gguf_tokenizer.ts";
 * import { BPETrainer } from "../../../tokenizer/bpe/bpe_trainer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("o dia, o dia\n");
 * const { vocab } = await new BPETrainer().train([{ name: "a", bytes }]);
 * const { fields } = ggufTokenizer(vocab);
 * assertEquals(fields.get("tokenizer.ggml.pre")?.value, "gpt-2");
 * assertEquals(fields.get("tokenizer.ggml.bos_token_id")?.value, 2);
 * ```
 */
export function ggufTokenizer(vocab: BPEVocab | WorldVocab): GgufTokenizer {
  return vocab instanceof BPEVocab ? mergesInKeys(vocab) : worldInKeys(vocab);
}

function mergesInKeys(vocab: BPEVocab): GgufTokenizer {
  checkExportable(vocab, FORMAT);
  const names = namesOf(vocab, FORMAT);
  const special = new Set(vocab.specialTokens.values());
  const fields = new Map<string, GgufValue>();
  const add = (key: string, value: GgufValue) =>
    fields.set(`tokenizer.ggml.${key}`, value);
  add("model", { type: "string", value: "gpt2" });
  add("pre", { type: "string", value: SPLITTING });
  add("tokens", { type: "string[]", value: names });
  add("token_type", {
    type: "int32[]",
    value: names.map((_, id) => special.has(id) ? CONTROL : NORMAL),
  });
  add("merges", {
    type: "string[]",
    value: vocab.merges.map(([left, right]) =>
      `${names[left]} ${names[right]}`
    ),
  });
  addFrame(add, vocab);
  const notes = normalizerNotes(vocab.normalizer);
  notes.push(
    `llama.cpp's own programs take ${
      listed([...vocab.specialTokens.keys()])
    } in a prompt for the special tokens`,
  );
  return { fields, notes };
}

/**
 * llama.cpp finds every name in a text, also those of ids that no text becomes;
 * so these begin with a byte that UTF-8 never has.
 */
const NOT_TEXT = "\\xfe";

function worldInKeys(vocab: WorldVocab): GgufTokenizer {
  const end = vocab.specialId("[EOS]");
  const fields = new Map<string, GgufValue>();
  const add = (key: string, value: GgufValue) =>
    fields.set(`tokenizer.ggml.${key}`, value);
  add("model", { type: "string", value: "rwkv" });
  add("tokens", {
    type: "string[]",
    value: vocab.tokens.map((bytes, id) => {
      if (bytes.length > 0) return escapedBytes(bytes);
      return `${NOT_TEXT}${id === end ? "<s>" : `[PAD${id}]`}`;
    }),
  });
  add("token_type", {
    type: "int32[]",
    value: vocab.tokens.map((bytes, id) =>
      bytes.length > 0 ? NORMAL : id === end ? CONTROL : UNUSED
    ),
  });
  addFrame(add, vocab);
  return { fields, notes: [] };
}

function addFrame(
  add: (key: string, value: GgufValue) => void,
  vocab: BPEVocab | WorldVocab,
): void {
  // Without ids for these two, llama.cpp would take GPT-2's own.
  vocab.specialId("[BOS]");
  vocab.specialId("[EOS]");
  for (const [name, key] of SPECIAL_KEYS) {
    const value = vocab.specialTokens.get(name);
    if (value !== undefined) add(key, { type: "uint32", value });
  }
  add("add_bos_token", { type: "bool", value: true });
  add("add_eos_token", { type: "bool", value: false });
}
