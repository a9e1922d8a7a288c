/**
 * Text to ids and back. Byte-level: any text has ids, and the ids' bytes are
 * the normalised text exactly.
 *
 * @module
 */

import { BPEVocab } from "./bpe_vocab.ts";
import { LONGEST_KEY, LruCache } from "./lru_cache.ts";
import { MergeTable } from "./merge_table.ts";
import { PTBRNormalizer } from "../normalizer.ts";
import { forEachWord, type WordVisitor } from "../pre_tokenizer.ts";
import { isInUtf8, latin1 } from "../parsing.ts";
import { Tokenizer, vocabFiles } from "../tokenizer.ts";
import { assertKind } from "../../option_kinds.ts";

/** How many words' ids are remembered. */
const CACHE_SIZE = 10_000;
/** Words of more ids are not remembered, so that the cache has a fixed size. */
const CACHED_IDS = 16;

/** How a text is encoded. */
export interface EncodeOptions {
  /**
   * Special tokens to be recognised in the text by name; all of them with
   * `"all"`. By itself none is: text that says `[EOS]` is just those letters.
   */
  readonly allowedSpecial?: "all" | readonly string[];
  /** How many ids are wanted at most; the rest of the text is left out. */
  readonly maxLength?: number;
  /** How many ids are wanted at least; `[PAD]` fills them up at the end. */
  readonly padTo?: number;
}

/**
 * An encoder and decoder over one vocabulary.
 *
 * @example
 * ```ts
 * import { BPETokenizer } from "./bpe_tokenizer.ts";
 * import { BPETrainer } from "./bpe_trainer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("o dia, o dia\n");
 * const { vocab } = await new BPETrainer().train([{ name: "a", bytes }]);
 * const tokenizer = new BPETokenizer(vocab);
 * const ids = tokenizer.encode("o dia é 🇧🇷 [EOS]");
 * assertEquals(tokenizer.decode(ids), "o dia é 🇧🇷 [EOS]");
 * assertEquals(ids.includes(vocab.specialId("[EOS]")), false);
 * ```
 */
export class BPETokenizer extends Tokenizer<BPEVocab> {
  readonly #normalizer: PTBRNormalizer;
  readonly #merges: MergeTable;
  readonly #byteIds: Int32Array;
  readonly #wordIds: ReadonlyMap<string, number>;
  readonly #added: { readonly raw: Added; readonly normalized: Added };
  readonly #encoder = new TextEncoder();
  readonly #cache = new LruCache(CACHE_SIZE);
  readonly #cachedIds = new Uint16Array(CACHE_SIZE * CACHED_IDS);
  readonly #cachedLengths = new Uint8Array(CACHE_SIZE);
  #bytes = new Uint8Array(3 * LONGEST_KEY);
  // The word merged last, and how many ids it has.
  #word = new Int32Array(3 * LONGEST_KEY);
  #wordLength = 0;
  #output = new Uint16Array(1024);
  #length = 0;

  /** Makes the tokenizer of a vocabulary. */
  constructor(vocab: BPEVocab) {
    super(vocab);
    this.#normalizer = new PTBRNormalizer(vocab.normalizer);
    this.#merges = new MergeTable(vocab);
    this.#byteIds = Int32Array.from(
      { length: 256 },
      // No text is encoded to the other bytes.
      (_, byte) => isInUtf8(byte) ? vocab.byteId(byte) : 0,
    );
    this.#wordIds = vocab.wordIds();
    this.#added = {
      raw: addedOf(vocab, false, (text) => text),
      normalized: addedOf(
        vocab,
        true,
        (text) => this.#normalizer.normalize(text),
      ),
    };
  }

  /**
   * Reads the tokenizer of a `tokenizer.json`; of a vocabulary that may be of
   * another kind see `openTokenizer`.
   *
   * @param path The file, ours or the original program's, or its folder.
   * @throws {Error} When the file cannot be read.
   * @throws {SyntaxError} When it is not a vocabulary of merges.
   */
  static async fromFile(path: string): Promise<BPETokenizer> {
    const vocab = await vocabFiles("read", path)
      .read(path, (text) => BPEVocab.parse(text));
    return new BPETokenizer(vocab);
  }

  /**
   * Encodes a text, without any framing.
   *
   * @param text Any text; a lone surrogate counts as U+FFFD.
   * @param options Which special tokens to recognise, how many ids to give.
   * @returns The ids, an array of the caller's own.
   * @throws {RangeError} When an allowed special token is unknown, or the
   * lengths wanted cannot be.
   */
  override encode(text: string, options: EncodeOptions = {}): Uint16Array {
    assertKind("encode", "the text", text, "text");
    this.#length = 0;
    this.#visit(text, options, (id) => {
      this.#reserve(1);
      this.#output[this.#length++] = id;
    }, (source, start, end) => this.#encodeWord(source, start, end));
    return this.#fit(this.#output.slice(0, this.#length), options);
  }

  /**
   * How many ids {@linkcode BPETokenizer.encode} gives, without making them.
   *
   * @param options Which special tokens to recognise.
   * @throws {RangeError} When an allowed special token is unknown.
   */
  count(
    text: string,
    options: Pick<EncodeOptions, "allowedSpecial"> = {},
  ): number {
    let count = 0;
    this.#visit(text, options, () => count++, (source, start, end) => {
      const slot = this.#slotOf(source, start, end);
      count += slot === undefined
        ? this.#wordLength
        : this.#cachedLengths[slot];
    });
    return count;
  }

  /** Visits a text's special tokens and the words of what lies between them. */
  #visit(
    text: string,
    { allowedSpecial = [] }: EncodeOptions,
    visitSpecial: (id: number) => void,
    visitWord: WordVisitor,
  ): void {
    const { raw, normalized } = this.#added;
    const visitText = (part: string) =>
      forEachPart(part, raw, visitSpecial, (part) =>
        forEachPart(
          this.#normalizer.normalize(part),
          normalized,
          visitSpecial,
          (part) => forEachWord(part, this.vocab.preTokenizer, visitWord),
        ));
    const ids = allowedSpecial === "all" ? this.vocab.specialTokens : new Map(
      allowedSpecial.map((name) => [name, this.vocab.specialId(name)]),
    );
    forEachPart(text, tokensIn(ids), visitSpecial, visitText);
  }

  /** Cuts or pads ids to the lengths wanted. */
  #fit(
    ids: Uint16Array,
    { maxLength = Infinity, padTo = 0 }: EncodeOptions,
  ): Uint16Array {
    if (!(maxLength >= 0) || !(padTo >= 0) || padTo > maxLength) {
      throw new RangeError(
        `Cannot encode: ${padTo} to ${maxLength} ids are wanted`,
      );
    }
    if (ids.length > maxLength) return ids.slice(0, maxLength);
    if (ids.length >= padTo) return ids;
    const padded = new Uint16Array(padTo).fill(this.vocab.specialId("[PAD]"));
    padded.set(ids);
    return padded;
  }

  #encodeWord(source: string, start: number, end: number): void {
    const slot = this.#slotOf(source, start, end);
    if (slot === undefined) {
      this.#reserve(this.#wordLength);
      for (let i = 0; i < this.#wordLength; i++) {
        this.#output[this.#length++] = this.#word[i];
      }
      return;
    }
    this.#reserve(CACHED_IDS);
    const first = slot * CACHED_IDS;
    const last = first + this.#cachedLengths[slot];
    for (let i = first; i < last; i++) {
      this.#output[this.#length++] = this.#cachedIds[i];
    }
  }

  /** The word's place in the cache; without one it is the word merged last. */
  #slotOf(source: string, start: number, end: number): number | undefined {
    const known = this.#cache.find(source, start, end);
    if (known !== undefined) return known;
    this.#mergeWord(source.slice(start, end));
    const length = this.#wordLength;
    if (length > CACHED_IDS || end - start > LONGEST_KEY) return undefined;
    const slot = this.#cache.claim(source, start, end);
    this.#cachedLengths[slot] = length;
    this.#cachedIds.set(this.#word.subarray(0, length), slot * CACHED_IDS);
    return slot;
  }

  #mergeWord(word: string): void {
    if (word.length * 3 > this.#bytes.length) {
      this.#bytes = new Uint8Array(word.length * 3);
      this.#word = new Int32Array(word.length * 3);
    }
    const { written } = this.#encoder.encodeInto(word, this.#bytes);
    if (this.#wordIds.size > 0) {
      const id = this.#wordIds.get(latin1(this.#bytes.subarray(0, written)));
      if (id !== undefined) {
        this.#word[0] = id;
        this.#wordLength = 1;
        return;
      }
    }
    for (let i = 0; i < written; i++) {
      this.#word[i] = this.#byteIds[this.#bytes[i]];
    }
    this.#wordLength = this.#merges.merge(this.#word, written);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#output.length) return;
    const bigger = new Uint16Array((this.#length + more) * 2);
    bigger.set(this.#output);
    this.#output = bigger;
  }
}

/** Tokens to be found in a text: their ids by what they are there. */
interface Added {
  readonly ids: ReadonlyMap<string, number>;
  /** Finds them; absent where there are none. */
  readonly pattern?: RegExp;
}

/** The added tokens that are looked for before or after normalising. */
function addedOf(
  vocab: BPEVocab,
  normalized: boolean,
  normalize: (text: string) => string,
): Added {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return tokensIn(
    new Map(
      vocab.addedTokens.filter((token) => token.normalized === normalized)
        .map(({ id }) => [normalize(decoder.decode(vocab.tokens[id])), id]),
    ),
  );
}

function tokensIn(ids: ReadonlyMap<string, number>): Added {
  if (ids.size === 0) return { ids };
  // Where one begins another, the longer is meant.
  const names = [...ids.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(`(${names.map(RegExp.escape).join("|")})`, "u");
  return { ids, pattern };
}

/** Visits the tokens found in a text and the parts between them. */
function forEachPart(
  text: string,
  { ids, pattern }: Added,
  visitToken: (id: number) => void,
  visitText: (text: string) => void,
): void {
  if (pattern === undefined) return visitText(text);
  // What the pattern found stands between what it did not.
  text.split(pattern).forEach((part, i) => {
    if (i % 2 === 1) visitToken(ids.get(part)!);
    else visitText(part);
  });
}
