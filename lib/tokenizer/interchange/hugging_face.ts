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
import { isRecord, malformed, parseJson, record } from "../parsing.ts";
import type { Vocab } from "../tokenizer.ts";
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
import { saySplitting, understandSplitting } from "./splittings.ts";

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
  const special = [...new Set(vocab.specialTokens.values())]
    .sort((a, b) => a - b);
  const added = [
    ...special.map((id) => ({ id, normalized: false, special: true })),
    ...vocab.addedTokens.map((token) => ({ ...token, special: false })),
  ];
  const file = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: added.map((token) => sayAdded(token, names)),
    normalizer: sayRules(vocab.normalizer),
    pre_tokenizer: saySplitting(vocab.preTokenizer),
    post_processor: template(vocab, names) ?? BYTE_LEVEL,
    decoder: BYTE_LEVEL,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: vocab.wholeWords,
      vocab: Object.fromEntries(names.map((name, id) => [name, id])),
      merges: vocab.merges.map(([left, right]) => [names[left], names[right]]),
    },
  };
  const notes = normalizerNotes(vocab.normalizer, SAYABLE_RULES);
  notes.push(...specialNotes(special.map((id) => names[id])));
  return {
    files: [{ name: "tokenizer.json", content: JSON.stringify(file) + "\n" }],
    notes,
  };
}

/** An entry of the file's `added_tokens`. */
export function sayAdded(
  { id, normalized, special }: {
    readonly id: number;
    readonly normalized: boolean;
    readonly special: boolean;
  },
  names: readonly string[],
): object {
  return {
    id,
    content: names[id],
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized,
    special,
  };
}

/** What is to be said of special tokens by their names. */
export function specialNotes(names: readonly string[]): string[] {
  return names.length === 0 ? [] : [
    `Where a text has ${
      listed(names)
    } written in it, programs that use this file read the special token`,
  ];
}

/**
 * How a text, or two, is framed.
 *
 * @param vocab The vocabulary.
 * @param names The names of its tokens, by id.
 * @returns The post-processor; undefined without [BOS] and [EOS].
 */
export function template(
  vocab: Vocab,
  names: readonly string[],
): object | undefined {
  const id = (name: string) => vocab.specialTokens.get(name);
  if (id("[BOS]") === undefined || id("[EOS]") === undefined) return undefined;
  const token = (name: string, type: number) =>
    id(name) === undefined
      ? []
      : [{ SpecialToken: { id: names[id(name)!], type_id: type } }];
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
      used.map((role) => {
        const name = names[id(role)!];
        return [name, { id: name, ids: [id(role)], tokens: [name] }];
      }),
    ),
  };
}

/**
 * Reads a Hugging Face `tokenizer.json` of a byte-level BPE model, split as
 * GPT-2, Llama 3, Qwen 2 or, between single digits, SmolLM.
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
  const preTokenizer = understandSplitting(parts.pre_tokenizer);
  if (preTokenizer === undefined) throw unknownSplitting(parts.pre_tokenizer);
  const decoder = typeOf(parts.decoder, "decoder");
  if (decoder !== undefined && decoder !== "ByteLevel") {
    throw malformed(`its decoder is ${shown(decoder)}, not "ByteLevel"`);
  }
  const notes: string[] = [];
  const { special, added, given } = readAddedTokens(added_tokens, notes);
  const vocab = vocabOf({
    ids: new Map([
      ...Object.entries(record(ids, '"model.vocab"')),
      ...given,
    ]),
    merges: readMerges(merges),
    special: (name) => special.has(name),
    added,
    normalizer: readNormalizer(parts.normalizer),
    preTokenizer,
    wholeWords: settings.ignore_merges === true,
  });
  const { frame, notes: more } = framingOf(parts);
  return { vocab, notes: [...notes, ...more], frame };
}

/** How a file frames texts, and what of it and of its lengths is left out. */
export function framingOf(
  parts: Record<string, unknown>,
): Pick<Imported, "frame" | "notes"> {
  const notes: string[] = [];
  const framing = typeOf(parts.post_processor, "post_processor");
  if (framing !== undefined && framing !== "ByteLevel") {
    notes.push(
      "What it puts before and after a text is not taken over: tokenize puts [BOS] and [EOS] there",
    );
  }
  for (const part of ["truncation", "padding"]) {
    if (parts[part] != null) notes.push(`Its ${part} is left out`);
  }
  return { notes, frame: frameOf(parts.post_processor) };
}

/** The special tokens before and after a text, by the post-processor. */
function frameOf(value: unknown): Imported["frame"] {
  if (!isRecord(value)) return undefined;
  const { type, processors, single, cls, sep } = value;
  if (type === "Sequence" && Array.isArray(processors)) {
    return processors.map(frameOf).find((frame) => frame !== undefined);
  }
  if (type === "RobertaProcessing" || type === "BertProcessing") {
    const nameOf = (pair: unknown) =>
      Array.isArray(pair) && typeof pair[0] === "string" ? pair[0] : undefined;
    return { bos: nameOf(cls), eos: nameOf(sep) };
  }
  if (type !== "TemplateProcessing" || !Array.isArray(single)) return undefined;
  const names = single.map((step) => {
    const { SpecialToken: token } = isRecord(step) ? step : {};
    return isRecord(token) && typeof token.id === "string"
      ? token.id
      : undefined;
  });
  const text = names.indexOf(undefined);
  if (text < 0) return undefined;
  return { bos: names[0], eos: names.slice(text + 1).at(-1) };
}

/** Settings of a model that, when set, make other ids. */
const MUST_BE_OFF = [
  "dropout",
  "continuing_subword_prefix",
  "end_of_word_suffix",
  "byte_fallback",
];

/**
 * Checks that a model is of byte pairs and does nothing that is unknown here.
 *
 * @throws {SyntaxError} When it is another.
 */
export function checkModel(settings: Record<string, unknown>): void {
  const { type = "BPE" } = settings;
  if (type !== "BPE") {
    throw malformed(`its model is ${shown(String(type))}, not "BPE"`);
  }
  for (const name of MUST_BE_OFF) {
    if (settings[name]) throw malformed(`its model uses "${name}"`);
  }
}

function unknownSplitting(value: unknown): SyntaxError {
  typeOf(value, "pre_tokenizer");
  return malformed(
    'its "pre_tokenizer" is not GPT-2\'s (ByteLevel with its pattern and ' +
      "without a prefix space), nor Llama 3's, Qwen 2's or SmolLM's",
  );
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

/** The tokens that a file has besides those of its model. */
export interface AddedTokens {
  /** The names of tokens that stand for no text. */
  readonly special: ReadonlySet<string>;
  /** The tokens that text is cut at, as `vocabOf` takes them. */
  readonly added: ReadonlyMap<string, boolean>;
  /** All of them with their ids. */
  readonly given: ReadonlyMap<string, unknown>;
}

/**
 * Reads the tokens that a file has besides those of its model.
 *
 * @param value What stands there.
 * @param notes Gets what is left out.
 * @throws {SyntaxError} When it is no list of them, or one is not understood.
 */
export function readAddedTokens(value: unknown, notes: string[]): AddedTokens {
  const given = new Map<string, unknown>();
  const special = new Set<string>();
  const added = new Map<string, boolean>();
  const all = { special, added, given };
  if (value == null) return all;
  if (!Array.isArray(value)) throw malformed('"added_tokens" is not a list');
  const trimming: string[] = [];
  for (const entry of value) {
    const { id, content, ...how } = record(
      entry,
      'an entry of "added_tokens"',
    );
    if (typeof content !== "string") {
      throw malformed('an entry of "added_tokens" has no content');
    }
    if (given.has(content)) {
      throw malformed(`added token ${shown(content)} is there twice`);
    }
    given.set(content, id);
    const trims = how.lstrip || how.rstrip || how.single_word;
    if (how.special === true) {
      special.add(content);
      if (trims) trimming.push(content);
      continue;
    }
    if (trims) {
      throw malformed(
        `added token ${shown(content)} takes blanks with it or is a whole ` +
          "word only, and is no special token",
      );
    }
    added.set(content, how.normalized !== false);
  }
  if (trimming.length > 0) {
    notes.push(`How ${listed(trimming)} take blanks with them is left out`);
  }
  return all;
}

/** Reads the pairs of names, as either version of the format has them. */
export function* readMerges(value: unknown): Generator<[string, string]> {
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
