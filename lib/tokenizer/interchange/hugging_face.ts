/**
 * Hugging Face's `tokenizer.json`, as the `tokenizers` and `transformers`
 * libraries read it in every language.
 *
 * Splitting, merges, the framing by [BOS] and [EOS] and the normaliser but for
 * the repair of mojibake and lower-casing are carried. Those libraries take the
 * name of a special token in any text for the token, where ours does so only
 * when asked.
 *
 * @module
 */

import type { BPEVocab } from "../bpe/bpe_vocab.ts";
import type { NormalizerSettings } from "../normalizer.ts";
import { malformed, parseJson, record } from "../parsing.ts";
import {
  checkExportable,
  type Exported,
  type Imported,
  listed,
  namesOf,
  normalizerNotes,
  shown,
  vocabOf,
} from "./exchange.ts";
import {
  SAYABLE_RULES,
  sayRules,
  understandRules,
} from "./normalizer_rules.ts";

const FORMAT = "hf";

/** The splitting, and its undoing, that GPT-2's words and bytes are. */
const BYTE_LEVEL = {
  type: "ByteLevel",
  add_prefix_space: false,
  trim_offsets: false,
  use_regex: true,
};

/**
 * Writes a vocabulary as Hugging Face's `tokenizer.json`.
 *
 * @returns The file, and what it cannot say.
 * @throws {RangeError} When ids would not be the same.
 *
 * @example
 * ```ts
 * import { fromHuggingFace, toHuggingFace } from "./hugging_face.ts";
 * import { BPETrainer } from "../bpe/bpe_trainer.ts";
 * import { PTBRNormalizer } from "../normalizer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("o dia, o dia\n");
 * const normalizer = PTBRNormalizer.only("nfc");
 * const { vocab } = await new BPETrainer({ normalizer })
 *   .train([{ name: "a", bytes }]);
 * const { files: [{ content }] } = toHuggingFace(vocab);
 * assertEquals(fromHuggingFace(content).vocab.toString(), vocab.toString());
 * ```
 */
export function toHuggingFace(vocab: BPEVocab): Exported {
  checkExportable(vocab, FORMAT);
  const names = namesOf(vocab, FORMAT);
  const special = [...vocab.specialTokens].sort(([, a], [, b]) => a - b);
  const file = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: special.map(([content, id]) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: sayRules(vocab.normalizer),
    pre_tokenizer: BYTE_LEVEL,
    post_processor: template(vocab) ?? BYTE_LEVEL,
    decoder: BYTE_LEVEL,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(names.map((name, id) => [name, id])),
      merges: vocab.merges.map(([left, right]) => [names[left], names[right]]),
    },
  };
  const notes = normalizerNotes(vocab.normalizer, SAYABLE_RULES);
  if (special.length > 0) {
    notes.push(
      `Programs that read this file take ${
        listed(special.map(([name]) => name))
      } in any text for the special tokens`,
    );
  }
  return {
    files: [{ name: "tokenizer.json", content: JSON.stringify(file) + "\n" }],
    notes,
  };
}

/** How a text, or two, is framed; undefined without [BOS] and [EOS]. */
function template(vocab: BPEVocab): object | undefined {
  const id = (name: string) => vocab.specialTokens.get(name);
  if (id("[BOS]") === undefined || id("[EOS]") === undefined) return undefined;
  const token = (name: string, type: number) =>
    id(name) === undefined
      ? []
      : [{ SpecialToken: { id: name, type_id: type } }];
  const text = (name: string, type: number) => ({
    Sequence: { id: name, type_id: type },
  });
  const used = ["[BOS]", "[EOS]", "[SEP]"].filter((name) =>
    id(name) !== undefined
  );
  return {
    type: "TemplateProcessing",
    single: [...token("[BOS]", 0), text("A", 0), ...token("[EOS]", 0)],
    pair: [
      ...token("[BOS]", 0),
      text("A", 0),
      ...token("[SEP]", 0),
      text("B", 1),
      ...token("[EOS]", 1),
    ],
    special_tokens: Object.fromEntries(
      used.map((name) => [name, { id: name, ids: [id(name)], tokens: [name] }]),
    ),
  };
}

/**
 * Reads a Hugging Face `tokenizer.json` of a byte-level BPE model with GPT-2's
 * splitting.
 *
 * @param json The file's text, from anywhere.
 * @returns The vocabulary, ids as they were, and what was left out.
 * @throws {SyntaxError} When it is not such a file, or has a part that would
 * make other ids: an unknown normaliser, another splitting, dropout.
 */
export function fromHuggingFace(json: string): Imported {
  const file = parseJson(json);
  const { model, added_tokens, ...parts } = record(file, "the file");
  const { vocab: ids, merges, ...settings } = record(model, '"model"');
  checkModel(settings);
  checkSplitting(parts.pre_tokenizer);
  const decoder = typeOf(parts.decoder, "decoder");
  if (decoder !== undefined && decoder !== "ByteLevel") {
    throw malformed(`its decoder is ${shown(decoder)}, not "ByteLevel"`);
  }
  const notes: string[] = [];
  const special = readAddedTokens(added_tokens, notes);
  const vocab = vocabOf({
    ids: new Map([
      ...Object.entries(record(ids, '"model.vocab"')),
      ...special,
    ]),
    merges: readMerges(merges),
    special: (name) => special.has(name),
    normalizer: readNormalizer(parts.normalizer),
  });
  const framing = typeOf(parts.post_processor, "post_processor");
  if (framing !== undefined && framing !== "ByteLevel") {
    notes.push(
      "Its framing of texts is left out: datasets are framed by [BOS] and [EOS]",
    );
  }
  for (const part of ["truncation", "padding"]) {
    if (parts[part] != null) notes.push(`Its ${part} is left out`);
  }
  return { vocab, notes };
}

/** Settings of a model that, when set, make other ids. */
const MUST_BE_OFF = [
  "dropout",
  "continuing_subword_prefix",
  "end_of_word_suffix",
  "byte_fallback",
  "ignore_merges",
];

function checkModel(settings: Record<string, unknown>): void {
  const { type = "BPE" } = settings;
  if (type !== "BPE") {
    throw malformed(`its model is ${shown(String(type))}, not "BPE"`);
  }
  for (const name of MUST_BE_OFF) {
    if (settings[name]) throw malformed(`its model uses "${name}"`);
  }
}

function checkSplitting(value: unknown): void {
  const type = typeOf(value, "pre_tokenizer");
  const { add_prefix_space, use_regex = true } = (value ?? {}) as Record<
    string,
    unknown
  >;
  if (
    type !== "ByteLevel" || add_prefix_space !== false || use_regex !== true
  ) {
    throw malformed(
      'its "pre_tokenizer" is not GPT-2\'s: ByteLevel with its pattern and ' +
        "without a prefix space",
    );
  }
}

function readNormalizer(value: unknown): NormalizerSettings {
  const type = typeOf(value, "normalizer");
  const settings = understandRules(value);
  if (settings === undefined) {
    throw malformed(
      `its normalizer, ${shown(String(type))}, is neither NFC nor rules ` +
        "exported from here",
    );
  }
  return settings;
}

function readAddedTokens(
  value: unknown,
  notes: string[],
): Map<string, unknown> {
  const tokens = new Map<string, unknown>();
  if (value == null) return tokens;
  if (!Array.isArray(value)) throw malformed('"added_tokens" is not a list');
  const trimming: string[] = [];
  for (const entry of value) {
    const { id, content, special, lstrip, rstrip, single_word } = record(
      entry,
      'an entry of "added_tokens"',
    );
    if (typeof content !== "string") {
      throw malformed('an entry of "added_tokens" has no content');
    }
    if (special !== true) {
      throw malformed(`added token ${shown(content)} is not a special token`);
    }
    if (tokens.has(content)) {
      throw malformed(`added token ${shown(content)} is there twice`);
    }
    if (lstrip || rstrip || single_word) trimming.push(content);
    tokens.set(content, id);
  }
  if (trimming.length > 0) {
    notes.push(`How ${listed(trimming)} take blanks with them is left out`);
  }
  return tokens;
}

function* readMerges(value: unknown): Generator<[string, string]> {
  if (!Array.isArray(value)) throw malformed('"model.merges" is not a list');
  for (const [i, entry] of value.entries()) {
    // Older files join the two by a blank, which no token holds.
    const pair: unknown = typeof entry === "string" ? entry.split(" ") : entry;
    if (
      !Array.isArray(pair) || pair.length !== 2 ||
      !pair.every((name) => typeof name === "string")
    ) {
      throw malformed(`merge ${i} is not a pair of tokens`);
    }
    yield pair as [string, string];
  }
}

/** What a part of the file says it is; undefined when there is none. */
function typeOf(value: unknown, name: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  const { type } = record(value, `"${name}"`);
  if (typeof type !== "string") throw malformed(`"${name}" is of no type`);
  return type;
}
