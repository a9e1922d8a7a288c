/**
 * A vocabulary: every id's bytes, the merges, the special tokens, and how text
 * is prepared. Reads and writes the JSON of `tokenizer.json`:
 *
 * ```json
 * {
 *   "id_to_token": [[91, 80, 65, 68, 93], "…one array of bytes an id"],
 *   "merges": [[102, 103], "…pairs of ids, the first the most urgent"],
 *   "special_tokens": { "[PAD]": 0, "[UNK]": 1, "[BOS]": 2, "[EOS]": 3, "[SEP]": 4 },
 *   "pre_tokenizer": { "type": "gpt2" },
 *   "normalizer": { "mojibake": true, "…": true }
 * }
 * ```
 *
 * The original Rust program's files have the first three fields only, and ids
 * in another order (bytes 0-255, special tokens 256-260). Such a file is read
 * as what that program did with it: its own splitting and no normaliser.
 *
 * @module
 */

import {
  NORMALIZER_RULES,
  type NormalizerSettings,
  OPT_IN_RULES,
  PTBRNormalizer,
} from "../normalizer.ts";
import { PRE_TOKENIZERS, type PreTokenizer } from "../pre_tokenizer.ts";
import {
  arrayOf,
  byteIdsOf,
  isRecord,
  isWhole,
  latin1,
  malformed,
  parseJson,
  record,
  tokenOf,
  unknownByte,
} from "../parsing.ts";
import { MAX_VOCAB_SIZE, Vocab } from "../tokenizer.ts";

/** The special tokens of the vocabularies written here, in the order of ids. */
export const SPECIAL_TOKENS = [
  "[PAD]",
  "[UNK]",
  "[BOS]",
  "[EOS]",
  "[SEP]",
] as const;

/**
 * Models round their number of ids up, to a multiple of 512 at the most: a
 * vocabulary that leaves more than this share without a token is another's.
 */
const MOST_UNUSED = 1 / 64;

/** Bytes of all added tokens; GPT-NeoX's have 299. */
const MOST_ADDED = 2 ** 16;

/** A token that no merge makes: text is cut wherever it stands. */
export interface AddedToken {
  /** Its id. */
  readonly id: number;
  /** Whether it is looked for after the text was normalised, not before. */
  readonly normalized: boolean;
}

/** A vocabulary's content. */
export type BPEVocabFields =
  & Pick<
    BPEVocab,
    "tokens" | "merges" | "specialTokens" | "preTokenizer" | "normalizer"
  >
  & Partial<Pick<BPEVocab, "addedTokens" | "wholeWords">>;

/** Other vocabularies, by what their files say they are. */
const OTHER_KINDS: ReadonlyMap<unknown, string> = new Map([
  ["sentencepiece", "SentencePiece"],
  ["longest_match", "RWKV's World"],
]);

/**
 * A checked vocabulary.
 *
 * @example
 * ```ts
 * import { BPEVocab } from "./bpe_vocab.ts";
 * import { assertEquals } from "@std/assert";
 *
 * // As the original program wrote it: bytes first.
 * const bytes = Array.from({ length: 256 }, (_, byte) => [byte]);
 * const vocab = BPEVocab.parse(JSON.stringify({
 *   id_to_token: [...bytes, [91, 69, 79, 83, 93], [100, 101]],
 *   merges: [[100, 101]],
 *   special_tokens: { "[EOS]": 256 },
 * }));
 * assertEquals(vocab.size, 258);
 * assertEquals(vocab.specialId("[EOS]"), 256);
 * assertEquals(vocab.madeBy(0), 257);
 * ```
 */
export class BPEVocab extends Vocab {
  /** Each id's bytes; a special token's are not used. */
  override readonly tokens: readonly Uint8Array[];
  /** Pairs of ids, the first the most urgent. */
  readonly merges: readonly (readonly [left: number, right: number])[];
  /** The ids that no text becomes, by name. */
  override readonly specialTokens: ReadonlyMap<string, number>;
  /** How text is split. */
  override readonly preTokenizer: PreTokenizer;
  /** How text is normalised before it is split. */
  readonly normalizer: NormalizerSettings;
  /** The tokens that text is cut at. */
  readonly addedTokens: readonly AddedToken[];
  /** Whether a word that is a token is that token, whatever merges make. */
  readonly wholeWords: boolean;
  readonly #idOfBytes: readonly (number | undefined)[];
  readonly #made: Uint16Array;

  /**
   * Checks a vocabulary.
   *
   * @param fields The content.
   * @throws {SyntaxError} When it is not a vocabulary: a byte without a token
   * or with two, a merge of unknown ids or to bytes that no token has.
   */
  constructor(fields: BPEVocabFields) {
    super();
    this.tokens = fields.tokens;
    this.merges = fields.merges;
    this.specialTokens = fields.specialTokens;
    this.preTokenizer = fields.preTokenizer;
    this.normalizer = fields.normalizer;
    this.addedTokens = fields.addedTokens ?? [];
    const length = this.addedTokens.reduce(
      (sum, { id }) => sum + this.tokens[id].length,
      0,
    );
    // All are looked for at once, by one expression.
    if (length > MOST_ADDED) {
      throw malformed(
        `its added tokens have ${length} bytes, more than ${MOST_ADDED}`,
      );
    }
    this.wholeWords = fields.wholeWords ?? false;
    const ids = this.#idsByBytes();
    this.#idOfBytes = byteIdsOf(ids);
    this.#made = Uint16Array.from(this.merges, ([left, right], i) => {
      const id = ids.get(this.#text(left, i) + this.#text(right, i));
      if (id === undefined) throw malformed(`merge ${i} makes no token`);
      return id;
    });
  }

  /**
   * Reads the content of a `tokenizer.json`.
   *
   * @param json The file's text, from anywhere.
   * @throws {SyntaxError} When the text is not JSON or not a vocabulary.
   */
  static parse(json: string): BPEVocab {
    const file = record(parseJson(json), "it");
    const other = OTHER_KINDS.get(file.type);
    if (other !== undefined) {
      throw malformed(
        `it is one of ${other}, which openTokenizer() reads, without merges of bytes`,
      );
    }
    const tokens = readTokens(file.id_to_token);
    const specialTokens = readSpecialTokens(
      file.special_tokens,
      tokens.length,
    );
    return new BPEVocab({
      tokens,
      merges: readMerges(file.merges, tokens.length),
      specialTokens,
      preTokenizer: readPreTokenizer(file.pre_tokenizer),
      normalizer: readNormalizer(file.normalizer),
      addedTokens: readAddedTokens(file.added_tokens, tokens, specialTokens),
      wholeWords: readWholeWords(file.whole_words),
    });
  }

  /** The id of a single byte. */
  override byteId(byte: number): number {
    const id = this.#idOfBytes[byte];
    if (id === undefined) throw unknownByte(byte);
    return id;
  }

  /**
   * The id that a merge makes: that of its bytes, and of the highest id where
   * several have them.
   */
  madeBy(merge: number): number {
    return this.#made[merge];
  }

  /** The same with other names of special tokens. */
  withSpecialTokens(specialTokens: ReadonlyMap<string, number>): BPEVocab {
    return new BPEVocab({ ...this, specialTokens });
  }

  /** The same with ids behind its own, which stand for nothing. */
  override padded(size: number): BPEVocab {
    const missing = size - this.size;
    if (missing <= 0 || missing > size * MOST_UNUSED) return this;
    return new BPEVocab({ ...this, tokens: this.paddedTokens(size) });
  }

  /**
   * The content in one canonical form, as it is written to `tokenizer.json`.
   * Unused ids at the end are no part of it.
   */
  override toString(): string {
    const special = [...this.specialTokens].sort(([, a], [, b]) => a - b);
    return JSON.stringify({
      id_to_token: this.usedTokens(),
      merges: this.merges,
      special_tokens: Object.fromEntries(special),
      pre_tokenizer: { type: this.preTokenizer },
      normalizer: Object.fromEntries(
        NORMALIZER_RULES
          .filter((rule) => this.normalizer[rule] || !OPT_IN_RULES.has(rule))
          .map((rule) => [rule, this.normalizer[rule]]),
      ),
      // Named only where there is something to say, as in files before.
      added_tokens: this.addedTokens.length > 0 ? this.addedTokens : undefined,
      whole_words: this.wholeWords || undefined,
    }) + "\n";
  }

  #idsByBytes(): Map<string, number> {
    const special = new Set(this.specialTokens.values());
    const added = new Set(this.addedTokens.map(({ id }) => id));
    const ids = new Map<string, number>();
    this.tokens.forEach((bytes, id) => {
      if (special.has(id) || added.has(id) || bytes.length === 0) return;
      const text = latin1(bytes);
      // Of longer tokens the original program may have two; the later counts.
      if (bytes.length === 1 && ids.has(text)) {
        throw malformed(`byte ${bytes[0]} has two tokens`);
      }
      ids.set(text, id);
    });
    // What merges make as well is one token; else merges make another.
    for (const id of added) {
      const text = latin1(this.tokens[id]);
      if (!ids.has(text)) ids.set(text, id);
    }
    return ids;
  }

  /** The ids that words of those bytes, by `latin1`, have at once. */
  wordIds(): Map<string, number> {
    return this.wholeWords ? this.#idsByBytes() : new Map();
  }

  #text(id: number, merge: number): string {
    for (const [name, special] of this.specialTokens) {
      if (id === special) throw malformed(`merge ${merge} uses ${name}`);
    }
    return latin1(this.tokens[id]);
  }
}

function readTokens(value: unknown): Uint8Array[] {
  const all = arrayOf(value, "id_to_token");
  // Unused ids at the end.
  const last = all.findLastIndex((list) =>
    !Array.isArray(list) || list.length > 0
  );
  const lists = all.slice(0, last + 1);
  if (lists.length === 0 || lists.length > MAX_VOCAB_SIZE) {
    throw malformed(`id_to_token has ${lists.length} entries, not 1 to 65536`);
  }
  return lists.map((list, id) => {
    const bytes = tokenOf(list, id);
    if (bytes.length > 0) return bytes;
    throw malformed(`id_to_token[${id}] is not a list of bytes`);
  });
}

/**
 * Reads pairs of ids.
 *
 * @param value What stands in a file.
 * @param size How many ids there are.
 * @throws {SyntaxError} When it is no list of pairs.
 */
export function readMerges(value: unknown, size: number): [number, number][] {
  return arrayOf(value, "merges").map((pair, i) => {
    const [left, right, ...more] = arrayOf(pair, `merges[${i}]`);
    if (!isWhole(left, size) || !isWhole(right, size) || more.length > 0) {
      throw malformed(`merges[${i}] is not a pair of ids below ${size}`);
    }
    return [left, right];
  });
}

/**
 * Reads ids by name.
 *
 * @param value What stands in a file.
 * @param size How many ids there are.
 * @throws {SyntaxError} When it is no object of ids, or two names share one.
 */
export function readSpecialTokens(
  value: unknown,
  size: number,
): Map<string, number> {
  if (!isRecord(value)) throw malformed('"special_tokens" is missing');
  const tokens = new Map<string, number>();
  for (const [name, id] of Object.entries(value)) {
    if (name === "" || !isWhole(id, size)) {
      throw malformed(`special token "${name}" has no id below ${size}`);
    }
    tokens.set(name, id);
  }
  // Ours may be second names of a model's own, and of one for both ends.
  const own: readonly string[] = SPECIAL_TOKENS;
  const ids = [...tokens].filter(([name]) => !own.includes(name));
  if (new Set(ids.map(([, id]) => id)).size < ids.length) {
    throw malformed("two special tokens share an id");
  }
  return tokens;
}

function readAddedTokens(
  value: unknown,
  tokens: readonly Uint8Array[],
  special: ReadonlyMap<string, number>,
): AddedToken[] {
  if (value === undefined) return [];
  const seen = new Set(special.values());
  return arrayOf(value, "added_tokens").map((entry, i) => {
    const { id, normalized } = record(entry, `added_tokens[${i}]`);
    if (
      !isWhole(id, tokens.length) || seen.has(id) ||
      typeof normalized !== "boolean"
    ) {
      throw malformed(
        `added_tokens[${i}] is not an id of its own and a choice`,
      );
    }
    seen.add(id);
    return { id, normalized };
  });
}

function readWholeWords(value: unknown): boolean {
  if (value !== undefined && typeof value !== "boolean") {
    throw malformed('"whole_words" is neither true nor false');
  }
  return value ?? false;
}

function readPreTokenizer(value: unknown): PreTokenizer {
  if (value === undefined) return "original";
  const type = isRecord(value) ? value.type : undefined;
  const known = PRE_TOKENIZERS.find((name) => name === type);
  if (known === undefined) {
    throw malformed('"pre_tokenizer" is of an unknown type');
  }
  return known;
}

function readNormalizer(value: unknown): NormalizerSettings {
  if (value === undefined) return PTBRNormalizer.off().settings;
  const rules = NORMALIZER_RULES.filter((rule) => !OPT_IN_RULES.has(rule));
  const known: readonly string[] = NORMALIZER_RULES;
  if (
    !isRecord(value) || !rules.every((rule) => rule in value) ||
    !Object.entries(value).every(([rule, on]) =>
      known.includes(rule) && typeof on === "boolean"
    )
  ) {
    throw malformed(
      `"normalizer" must say true or false for ${rules.join(", ")}`,
    );
  }
  return new PTBRNormalizer(value as Partial<NormalizerSettings>).settings;
}
