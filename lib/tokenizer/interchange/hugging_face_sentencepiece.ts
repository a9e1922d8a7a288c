/**
 * Hugging Face's `tokenizer.json` of a SentencePiece model with byte fallback,
 * as its converter writes it: Llama 2's, Mistral's and their like.
 *
 * A blank becomes `▁` and one is put before a text, by a normaliser of two steps
 * or by `Metaspace`; a file that does anything else to a text is refused.
 *
 * @module
 */

import { isRecord, malformed, parseJson, record } from "../parsing.ts";
import {
  type Prefix,
  SentencePieceVocab,
} from "../sentencepiece/sentencepiece_vocab.ts";
import {
  checkDense,
  checkId,
  type Exported,
  type Imported,
  shown,
  unexportable,
} from "./exchange.ts";
import {
  checkModel,
  framingOf,
  readAddedTokens,
  readMerges,
  sayAdded,
  specialNotes,
  template,
} from "./hugging_face.ts";

/** What stands for a blank. */
const BLANK = "▁";

/** Whether a Hugging Face file is of a model with byte fallback. */
export function hasByteFallback(file: Record<string, unknown>): boolean {
  return isRecord(file.model) && file.model.byte_fallback === true;
}

/**
 * Reads the file.
 *
 * @param json The file's text, from anywhere.
 * @returns The vocabulary, ids as they were, and what was left out.
 * @throws {SyntaxError} When it is not such a file, or has a part that would
 * make other ids.
 *
 * @example
 * ```ts
 * import { fromSentencePiece } from "./hugging_face_sentencepiece.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const model = { type: "BPE", byte_fallback: true, vocab: {}, merges: [] };
 * assertThrows(
 *   () => fromSentencePiece(JSON.stringify({ model })),
 *   SyntaxError,
 *   "it puts no blank before a text",
 * );
 * ```
 */
export function fromSentencePiece(json: string): Imported<SentencePieceVocab> {
  const { model, added_tokens, ...parts } = record(parseJson(json), "the file");
  const { vocab: entries, merges, byte_fallback: _, ...settings } = record(
    model,
    '"model"',
  );
  checkModel(settings);
  if (settings.ignore_merges) throw malformed('its model uses "ignore_merges"');
  const prefix = prefixOf(parts.normalizer, parts.pre_tokenizer);
  checkDecoder(parts.decoder);
  const notes: string[] = [];
  const { special, added, given } = readAddedTokens(added_tokens, notes);
  const [other] = added.keys();
  if (other !== undefined) {
    throw malformed(
      `added token ${shown(other)} is no special token, which is not ` +
        "understood beside byte fallback",
    );
  }
  const ids = new Map([
    ...Object.entries(record(entries, '"model.vocab"')),
    ...given,
  ]);
  const { tokens, byteTokens } = readTokens(ids, special);
  const { frame, notes: more } = framingOf(parts);
  return {
    vocab: new SentencePieceVocab({
      tokens,
      merges: mergedIds(merges, ids),
      specialTokens: new Map(
        [...special].map((name) => [name, ids.get(name) as number]),
      ),
      byteTokens,
      prefix,
    }),
    notes: [...notes, ...more],
    frame,
  };
}

/**
 * Writes a vocabulary as such a file.
 *
 * @param vocab The vocabulary.
 * @returns The file, and what it cannot say.
 * @throws {RangeError} When two tokens would have one name.
 */
export function toSentencePiece(vocab: SentencePieceVocab): Exported {
  const names = namesOf(vocab);
  const special = [...new Set(vocab.specialTokens.values())]
    .sort((a, b) => a - b);
  const isAlways = vocab.prefix === "always";
  const file = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: special.map((id) =>
      sayAdded({ id, normalized: false, special: true }, names)
    ),
    normalizer: isAlways ? NORMALIZER : null,
    pre_tokenizer: isAlways ? null : METASPACE,
    post_processor: template(vocab, names) ?? null,
    decoder: DECODER,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries(
        names.map((name, id) => [name, id] as const)
          .filter(([, id]) => vocab.tokens[id].length > 0),
      ),
      merges: vocab.merges.map(([left, right]) => [names[left], names[right]]),
    },
  };
  return {
    files: [{ name: "tokenizer.json", content: JSON.stringify(file) + "\n" }],
    notes: specialNotes(special.map((id) => names[id])),
  };
}

/** Every id's name; an unused one's is empty. */
function namesOf(vocab: SentencePieceVocab): string[] {
  const names: string[] = vocab.tokens.map(() => "");
  for (const [id, text] of vocab.texts) names[id] = text.replaceAll(" ", BLANK);
  vocab.byteTokens.forEach((id, byte) => {
    const digits = byte.toString(16).toUpperCase().padStart(2, "0");
    names[id] = `<0x${digits}>`;
  });
  // Of two names of a token the first is its own.
  for (const [name, id] of [...vocab.specialTokens].reverse()) names[id] = name;
  const ids = new Map<string, number>();
  names.forEach((name, id) => {
    const other = ids.get(name);
    if (name !== "" && other !== undefined) {
      throw unexportable(
        "hf",
        `tokens ${other} and ${id} would both be named ${shown(name)}`,
      );
    }
    ids.set(name, id);
  });
  return names;
}

/** How a blank comes before a text. */
function prefixOf(normalizer: unknown, preTokenizer: unknown): Prefix {
  const isSplit = preTokenizer !== undefined && preTokenizer !== null;
  if (!isSplit && isSame(normalizer, NORMALIZER)) return "always";
  if (normalizer == null && isRecord(preTokenizer)) {
    const { type, replacement, prepend_scheme, split } = preTokenizer;
    if (
      type === "Metaspace" && replacement === BLANK && split === false &&
      (prepend_scheme === "first" || prepend_scheme === "always")
    ) return "unless-blank";
  }
  throw malformed(
    "it puts no blank before a text as Llama 2 or Mistral do, or does more to " +
      "it: its normalizer or pre_tokenizer is not understood",
  );
}

const METASPACE = {
  type: "Metaspace",
  replacement: BLANK,
  prepend_scheme: "first",
  split: false,
};

const NORMALIZER = {
  type: "Sequence",
  normalizers: [
    { type: "Prepend", prepend: BLANK },
    { type: "Replace", pattern: { String: " " }, content: BLANK },
  ],
};

const DECODER = {
  type: "Sequence",
  decoders: [
    { type: "Replace", pattern: { String: BLANK }, content: " " },
    { type: "ByteFallback" },
    { type: "Fuse" },
    { type: "Strip", content: " ", start: 1, stop: 0 },
  ],
};

function checkDecoder(decoder: unknown): void {
  if (!isSame(decoder, DECODER)) {
    throw malformed("its decoder is not that of Llama 2 or Mistral");
  }
}

/** Whether two values of JSON are the same, whatever the order of fields. */
function isSame(value: unknown, expected: unknown): boolean {
  if (Array.isArray(expected)) {
    return Array.isArray(value) && value.length === expected.length &&
      expected.every((item, i) => isSame(value[i], item));
  }
  if (!isRecord(expected)) return value === expected;
  const names = Object.keys(expected);
  return isRecord(value) && Object.keys(value).length === names.length &&
    names.every((name) => isSame(value[name], expected[name]));
}

/** The bytes of all tokens, and which of them stand for bytes. */
function readTokens(
  ids: ReadonlyMap<string, unknown>,
  special: ReadonlySet<string>,
): { tokens: Uint8Array[]; byteTokens: number[] } {
  const tokens: Uint8Array[] = [], byteTokens: number[] = [];
  const encoder = new TextEncoder();
  for (const [name, id] of ids) {
    checkId(id, shown(name));
    if (tokens[id] !== undefined) throw malformed(`two tokens have id ${id}`);
    const [, digits] = /^<0x([\dA-F]{2})>$/.exec(name) ?? [];
    if (digits !== undefined && !special.has(name)) {
      const byte = parseInt(digits, 16);
      byteTokens[byte] = id;
      tokens[id] = Uint8Array.of(byte);
      continue;
    }
    if (name === "") throw malformed("a token has no name");
    if (!name.isWellFormed()) throw malformed(`token ${id} is not UTF-8`);
    const text = special.has(name) ? name : name.replaceAll(BLANK, " ");
    tokens[id] = encoder.encode(text);
  }
  checkDense(tokens);
  for (let byte = 0; byte < 256; byte++) {
    if (byteTokens[byte] === undefined) {
      throw malformed(`byte ${byte} has no token`);
    }
  }
  return { tokens, byteTokens };
}

function mergedIds(
  merges: unknown,
  ids: ReadonlyMap<string, unknown>,
): [number, number][] {
  const pairs: [number, number][] = [], seen = new Set<string>();
  const idOf = (name: string) => {
    const id = ids.get(name);
    if (id !== undefined) return id as number;
    throw malformed(
      `merge ${pairs.length} names ${shown(name)}, which is no token`,
    );
  };
  for (const [left, right] of readMerges(merges)) {
    const pair: [number, number] = [idOf(left), idOf(right)];
    if (seen.has(pair.join())) {
      throw malformed(`merge ${pairs.length} is there twice`);
    }
    seen.add(pair.join());
    pairs.push(pair);
  }
  return pairs;
}
