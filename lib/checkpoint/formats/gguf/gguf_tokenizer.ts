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
  checkPlain,
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
  const { own, notes } = vocab instanceof BPEVocab
    ? mergesInKeys(vocab)
    : worldInKeys(vocab);
  // Without ids for these two, llama.cpp would take GPT-2's own.
  vocab.specialId("[BOS]");
  vocab.specialId("[EOS]");
  const special = SPECIAL_KEYS.flatMap(([name, key]): Entry[] => {
    const value = vocab.specialTokens.get(name);
    return value === undefined ? [] : [[key, { type: "uint32", value }]];
  });
  const entries: Entry[] = [
    ...own,
    ...special,
    ["add_bos_token", { type: "bool", value: true }],
    ["add_eos_token", { type: "bool", value: false }],
  ];
  const fields = entries.map(([key, value]) =>
    [`tokenizer.ggml.${key}`, value] as const
  );
  return { fields: new Map(fields), notes };
}

type Entry = readonly [key: string, value: GgufValue];

function mergesInKeys(vocab: BPEVocab): { own: Entry[]; notes: string[] } {
  checkPlain(vocab, FORMAT);
  const names = namesOf(vocab, FORMAT);
  const special = new Set(vocab.specialTokens.values());
  const types = names.map((_, id) => special.has(id) ? CONTROL : NORMAL);
  const merges = vocab.merges.map(([left, right]) =>
    `${names[left]} ${names[right]}`
  );
  const prompts = listed([...vocab.specialTokens.keys()]);
  return {
    own: [
      ["model", { type: "string", value: "gpt2" }],
      ["pre", { type: "string", value: SPLITTING }],
      ["tokens", { type: "string[]", value: names }],
      ["token_type", { type: "int32[]", value: types }],
      ["merges", { type: "string[]", value: merges }],
    ],
    notes: [
      ...normalizerNotes(vocab.normalizer),
      `llama.cpp's own programs take ${prompts} in a prompt for the special tokens`,
    ],
  };
}

/**
 * llama.cpp finds every name in a text, also those of ids that no text becomes;
 * so these begin with a byte that UTF-8 never has.
 */
const NOT_TEXT = "\\xfe";

function worldInKeys(vocab: WorldVocab): { own: Entry[]; notes: string[] } {
  const end = vocab.specialId("[EOS]");
  const names = vocab.tokens.map((bytes, id) => {
    if (bytes.length > 0) return escapedBytes(bytes);
    return `${NOT_TEXT}${id === end ? "<s>" : `[PAD${id}]`}`;
  });
  const types = vocab.tokens.map((bytes, id) =>
    bytes.length > 0 ? NORMAL : id === end ? CONTROL : UNUSED
  );
  return {
    own: [
      ["model", { type: "string", value: "rwkv" }],
      ["tokens", { type: "string[]", value: names }],
      ["token_type", { type: "int32[]", value: types }],
    ],
    notes: [],
  };
}
