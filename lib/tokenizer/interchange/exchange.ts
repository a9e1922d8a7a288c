/**
 * What the formats of other programs have in common: tokens named by strings,
 * merges of such names, and the checks before a vocabulary leaves or enters.
 *
 * Nothing that changes an id passes silently: what a format cannot say is an
 * error where ids would differ for normalised text, a note otherwise.
 *
 * @module
 */

import { BPEVocab, type BPEVocabFields } from "../bpe/bpe_vocab.ts";
import { NORMALIZER_RULES, type NormalizerSettings } from "../normalizer.ts";
import { malformed } from "../parsing.ts";
import type { PreTokenizer } from "../pre_tokenizer.ts";
import { MAX_VOCAB_SIZE } from "../tokenizer.ts";
import { fromCharacters, toCharacters } from "./byte_characters.ts";

/** A vocabulary in another program's form. */
export interface Exported {
  /** The files, by the names they go by. */
  readonly files: readonly {
    readonly name: string;
    readonly content: string;
  }[];
  /** What the form leaves out, a sentence each. */
  readonly notes: readonly string[];
}

/** A vocabulary from another program's form. */
export interface Imported<V = BPEVocab> {
  /** The vocabulary, ids as they were. */
  readonly vocab: V;
  /** What of the form was left out or assumed, a sentence each. */
  readonly notes: readonly string[];
  /** The special tokens that the form frames texts with, where it says so. */
  readonly frame?: { readonly bos?: string; readonly eos?: string };
}

/** A list of names is cut in notes after so many. */
const NAMED = 8;

/**
 * Checks that a form has no more to say than GPT-2's.
 *
 * @throws {RangeError} When ids would differ: another splitting, tokens that
 * text is cut at, words that are tokens whatever merges make, and as
 * {@linkcode checkExportable}.
 */
export function checkPlain(vocab: BPEVocab, format: string): void {
  checkExportable(vocab, format);
  const { preTokenizer, addedTokens, wholeWords } = vocab;
  if (preTokenizer !== "gpt2" || addedTokens.length > 0 || wholeWords) {
    throw unexportable(
      format,
      "the format cannot say how the tokenizer splits text, which " +
        "Hugging Face's can",
    );
  }
}

/**
 * Checks what no other form can express.
 *
 * @param vocab What shall be exported.
 * @param format The form's name, for messages.
 * @throws {RangeError} When ids would differ: the original program's
 * splitting, two ids of the same bytes, a pair that merges twice.
 */
export function checkExportable(vocab: BPEVocab, format: string): void {
  if (vocab.preTokenizer === "original") {
    throw unexportable(
      format,
      "the tokenizer splits text as the original program did, which only " +
        "its own file can say",
    );
  }
  const special = new Set(vocab.specialTokens.values());
  // Found in the text before any merge; another token may have their bytes.
  const added = new Set(vocab.addedTokens.map(({ id }) => id));
  const ids = new Map<string, number>();
  vocab.tokens.forEach((bytes, id) => {
    if (special.has(id) || added.has(id)) return;
    const text = toCharacters(bytes);
    const other = ids.get(text);
    if (other !== undefined) {
      throw unexportable(
        format,
        `tokens ${other} and ${id} are the same bytes`,
      );
    }
    ids.set(text, id);
  });
  const repeated = repeatedPair(vocab.merges);
  if (repeated !== undefined) {
    throw unexportable(format, `merge ${repeated} is there twice`);
  }
}

/**
 * Every id's name: its bytes as characters, a special token's own name.
 *
 * @param vocab A vocabulary that passed {@linkcode checkExportable}.
 * @param format The form's name, for messages.
 * @throws {RangeError} When a special token's name is another token's.
 */
export function namesOf(vocab: BPEVocab, format: string): string[] {
  const names = vocab.tokens.map(toCharacters);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for (const { id } of vocab.addedTokens) {
    names[id] = decoder.decode(vocab.tokens[id]);
  }
  // Of two names of a token the first is its own.
  for (const [name, id] of [...vocab.specialTokens].reverse()) names[id] = name;
  const ids = new Map<string, number>();
  names.forEach((name, id) => {
    const other = ids.get(name);
    if (other !== undefined) {
      throw unexportable(
        format,
        `tokens ${other} and ${id} would both be named ${shown(name)}`,
      );
    }
    ids.set(name, id);
  });
  return names;
}

/**
 * Says which of a vocabulary's rules a form cannot carry.
 *
 * @param settings The vocabulary's rules.
 * @param carried The rules that the form has.
 * @returns A note; none when nothing is lost.
 */
export function normalizerNotes(
  settings: NormalizerSettings,
  carried: readonly (keyof NormalizerSettings)[] = [],
): string[] {
  const lost = NORMALIZER_RULES.filter((rule) =>
    settings[rule] && !carried.includes(rule)
  );
  return lost.length === 0 ? [] : [
    `The format has no normaliser rule for ${
      lost.join(", ")
    }: ids are the same for text that is normalised before`,
  ];
}

/** A vocabulary by names, as foreign files have it. */
export interface NamedVocab {
  /** Names and ids, in any order. */
  readonly ids: Iterable<readonly [name: string, id: unknown]>;
  /** Pairs of names, the first the most urgent. */
  readonly merges: Iterable<readonly [left: string, right: string]>;
  /** Names of special tokens, which stand for no bytes. */
  readonly special: (name: string) => boolean;
  /** The tokens that text is cut at: whether after normalising, by name. */
  readonly added?: ReadonlyMap<string, boolean>;
  /** How text is normalised before it is split. */
  readonly normalizer: NormalizerSettings;
  /** How text is split; GPT-2's way by itself. */
  readonly preTokenizer?: PreTokenizer;
  /** As `BPEVocab` has it. */
  readonly wholeWords?: boolean;
}

/**
 * Makes a vocabulary of names.
 *
 * @param named What a file says.
 * @returns The vocabulary, ids as given.
 * @throws {SyntaxError} When it is none that can be used: ids with gaps,
 * repeated or beyond 65,535, a name that is not of byte characters, a byte
 * without a token, a merge of unknown names.
 */
export function vocabOf(named: NamedVocab): BPEVocab {
  const ids = new Map<string, number>();
  const tokens: Uint8Array[] = [];
  const specialTokens = new Map<string, number>();
  for (const [name, id] of named.ids) {
    if (name === "") throw malformed("a token has no name");
    checkId(id, shown(name));
    if (tokens[id] !== undefined) throw malformed(`two tokens have id ${id}`);
    const special = named.special(name);
    if (special) specialTokens.set(name, id);
    const bytes = special || named.added?.has(name)
      ? new TextEncoder().encode(name)
      : fromCharacters(name);
    if (bytes === undefined) {
      throw malformed(
        `token ${shown(name)} is not of byte characters; only byte-level ` +
          "vocabularies can be used",
      );
    }
    tokens[id] = bytes;
    ids.set(name, id);
  }
  checkDense(tokens);
  const merges: [number, number][] = [];
  for (const [left, right] of named.merges) {
    merges.push([
      mergedId(left, merges.length, ids, specialTokens),
      mergedId(right, merges.length, ids, specialTokens),
    ]);
  }
  return checkedVocab({
    tokens,
    merges,
    specialTokens,
    normalizer: named.normalizer,
    preTokenizer: named.preTokenizer,
    wholeWords: named.wholeWords,
    addedTokens: [...named.added ?? []].map(([name, normalized]) => ({
      id: ids.get(name)!,
      normalized,
    })),
  });
}

/** Builds a vocabulary, by GPT-2's splitting unless told otherwise. */
export function checkedVocab(
  { preTokenizer = "gpt2", ...fields }:
    & Omit<BPEVocabFields, "preTokenizer">
    & Partial<Pick<BPEVocabFields, "preTokenizer">>,
): BPEVocab {
  const repeated = repeatedPair(fields.merges);
  if (repeated !== undefined) {
    throw malformed(`merge ${repeated} is there twice`);
  }
  return new BPEVocab({ ...fields, preTokenizer });
}

/** Checks that every id up to the last has a token. */
export function checkDense(tokens: readonly (Uint8Array | undefined)[]): void {
  for (let id = 0; id < tokens.length; id++) {
    if (tokens[id] === undefined) throw malformed(`id ${id} has no token`);
  }
}

/** Checks that an id fits into a dataset. */
export function checkId(id: unknown, name: string): asserts id is number {
  if (!Number.isSafeInteger(id) || (id as number) < 0) {
    throw malformed(`token ${name} has no whole number as its id`);
  }
  if ((id as number) >= MAX_VOCAB_SIZE) {
    throw malformed(
      `token ${name} has id ${id}; the highest that 16 bits hold is ${
        MAX_VOCAB_SIZE - 1
      }`,
    );
  }
}

/** A name for messages, of bounded length. */
export function shown(name: string): string {
  return JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);
}

/** Names for notes, of bounded number. */
export function listed(names: readonly string[]): string {
  const more = names.length - NAMED;
  return names.slice(0, NAMED).map(shown).join(", ") +
    (more > 0 ? ` and ${more} more` : "");
}

/** Why a form cannot hold a vocabulary. */
export function unexportable(format: string, reason: string): RangeError {
  return new RangeError(`Cannot export to ${format}: ${reason}`);
}

function mergedId(
  name: string,
  merge: number,
  ids: ReadonlyMap<string, number>,
  special: ReadonlyMap<string, number>,
): number {
  const id = ids.get(name);
  if (id === undefined) {
    throw malformed(`merge ${merge} names ${shown(name)}, which is no token`);
  }
  if (special.has(name)) {
    throw malformed(`merge ${merge} names the special token ${shown(name)}`);
  }
  return id;
}

/** The number of the first merge whose pair an earlier one has. */
function repeatedPair(merges: BPEVocab["merges"]): number | undefined {
  const pairs = new Set<number>();
  for (const [i, [left, right]] of merges.entries()) {
    const pair = left * MAX_VOCAB_SIZE + right;
    if (pairs.has(pair)) return i;
    pairs.add(pair);
  }
  return undefined;
}
