/**
 * tiktoken's ranks: a token's bytes in base64 and its id, a line each.
 *
 * The order of ids is the order of merges, and which two tokens make a third
 * is worked out, not stored. Splitting, normaliser and special tokens are left
 * to the program: GPT-2's pattern here, and special tokens by name and id.
 *
 * @module
 */

import { fromBase64, toBase64 } from "../../base64.ts";
import type { BPEVocab } from "../bpe/bpe_vocab.ts";
import { PTBRNormalizer } from "../normalizer.ts";
import { latin1, malformed } from "../parsing.ts";
import {
  checkDense,
  checkedVocab,
  checkId,
  checkPlain,
  type Exported,
  type Imported,
  normalizerNotes,
  shown,
  unexportable,
} from "./exchange.ts";

const FORMAT = "tiktoken";

/**
 * The longest token, in bytes, and the sum of all tokens' squared lengths, that
 * are worked on: together a few seconds at the worst. cl100k_base needs 128
 * and 7 million.
 */
const LONGEST_TOKEN = 4096;
const MOST_WORK = 2 ** 27;

/**
 * Writes a vocabulary as tiktoken's ranks.
 *
 * @returns The file, and what it cannot say.
 * @throws {RangeError} When ids would not be the same: the merges must be those
 * that follow from the order of ids.
 *
 * @example
 * ```ts
 * import { fromTiktoken, toTiktoken } from "./tiktoken.ts";
 * import { BPETrainer } from "../bpe/bpe_trainer.ts";
 * import { PTBRNormalizer } from "../normalizer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("o dia, o dia\n");
 * const normalizer = PTBRNormalizer.off();
 * const { vocab } = await new BPETrainer({ normalizer })
 *   .train([{ name: "a", bytes }]);
 * const { files: [{ content }] } = toTiktoken(vocab);
 * const { vocab: again } = fromTiktoken(content, vocab.specialTokens);
 * assertEquals(again.toString(), vocab.toString());
 * ```
 */
export function toTiktoken(vocab: BPEVocab): Exported {
  checkPlain(vocab, FORMAT);
  const special = new Set(vocab.specialTokens.values());
  const ranks: Rank[] = vocab.tokens
    .map((bytes, id) => ({ bytes, id }))
    .filter(({ id }) => !special.has(id));
  checkMerges(vocab, ranks);
  const notes = normalizerNotes(vocab.normalizer);
  if (special.size > 0) {
    notes.push(
      `Special tokens are no part of the format; give the program that reads it ${
        [...vocab.specialTokens].map(([name, id]) => `${name}=${id}`).join(",")
      }`,
    );
  }
  notes.push("The splitting is no part of the format: it is GPT-2's pattern");
  const lines = ranks.map(({ bytes, id }) => `${toBase64(bytes)} ${id}\n`);
  return {
    files: [{ name: "tokenizer.tiktoken", content: lines.join("") }],
    notes,
  };
}

/** Checks that who reads the ranks merges as the vocabulary does. */
function checkMerges(vocab: BPEVocab, ranks: readonly Rank[]): void {
  let merges: [number, number][];
  try {
    merges = mergesOf(ranks);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw unexportable(FORMAT, error.message.replace(/^.*?: /, ""));
  }
  const differs = vocab.merges.findIndex(([left, right], i) =>
    merges[i]?.[0] !== left || merges[i]?.[1] !== right
  );
  if (differs >= 0 || merges.length > vocab.merges.length) {
    throw unexportable(
      FORMAT,
      `merge ${
        differs < 0 ? vocab.merges.length : differs
      } does not follow from the order of ids, which is all that the format has`,
    );
  }
}

/**
 * Reads tiktoken's ranks.
 *
 * @param text The file's text, from anywhere.
 * @param specialTokens The special tokens' ids by name, which the file does
 * not have. Every id up to the highest needs a token.
 * @returns The vocabulary, ids as they were, without a normaliser.
 * @throws {SyntaxError} When it is not such a file, or an id has no token.
 */
export function fromTiktoken(
  text: string,
  specialTokens: ReadonlyMap<string, number> = new Map(),
): Imported {
  const ranks = readRanks(text);
  const tokens: Uint8Array[] = [];
  for (const { bytes, id } of ranks) {
    if (tokens[id] !== undefined) throw malformed(`two tokens have id ${id}`);
    tokens[id] = bytes;
  }
  for (const [name, id] of specialTokens) {
    checkId(id, shown(name));
    if (tokens[id] !== undefined) {
      throw malformed(`special token ${shown(name)} has a token's id, ${id}`);
    }
    tokens[id] = new TextEncoder().encode(name);
  }
  try {
    checkDense(tokens);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SyntaxError(`${error.message}; name its special token`);
  }
  const vocab = checkedVocab({
    tokens,
    merges: mergesOf(ranks.toSorted((a, b) => a.id - b.id)),
    specialTokens,
    normalizer: PTBRNormalizer.off().settings,
  });
  return {
    vocab,
    notes: [
      "The file names no splitting and no normaliser: GPT-2's pattern and " +
      "none are used",
    ],
  };
}

/** One line of ranks: a token in base64 and its id. */
interface Rank {
  readonly bytes: Uint8Array;
  readonly id: number;
}

function readRanks(text: string): Rank[] {
  const ranks: Rank[] = [];
  let number = 0;
  for (const line of text.split(/\r?\n/)) {
    number++;
    if (line === "") continue;
    const [, base64, digits] = line.match(/^(\S+) (\d{1,15})$/) ?? [];
    const bytes = base64 === undefined ? undefined : decode(base64);
    if (bytes === undefined || bytes.length === 0) {
      throw malformed(`line ${number} is not base64 and a number`);
    }
    const id = Number(digits);
    checkId(id, `on line ${number}`);
    ranks.push({ bytes, id });
  }
  return ranks;
}

function decode(base64: string): Uint8Array | undefined {
  try {
    return fromBase64(base64);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * The merges behind ranks: a token's bytes, merged by the tokens before it,
 * must come to two.
 *
 * @param ranks By ascending id.
 * @returns Pairs of ids, of each token longer than a byte.
 */
function mergesOf(ranks: readonly Rank[]): [number, number][] {
  checkWork(ranks);
  const ids = new Map<string, number>();
  for (const { bytes, id } of ranks) {
    const key = latin1(bytes);
    const other = ids.get(key);
    if (other !== undefined) {
      throw malformed(`tokens ${other} and ${id} are the same bytes`);
    }
    ids.set(key, id);
  }
  const merges: [number, number][] = [];
  for (const { bytes, id } of ranks) {
    if (bytes.length === 1) continue;
    const [left, right, ...more] = partsOf(latin1(bytes), id, ids);
    if (more.length > 0) {
      throw malformed(`token ${id} is not made of two tokens before it`);
    }
    merges.push([left, right]);
  }
  return merges;
}

function checkWork(ranks: readonly Rank[]): void {
  let work = 0;
  for (const { bytes: { length }, id } of ranks) {
    if (length > LONGEST_TOKEN) {
      throw malformed(
        `token ${id} has ${length} bytes, the most is ${LONGEST_TOKEN}`,
      );
    }
    work += length ** 2;
  }
  if (work > MOST_WORK) throw malformed("its tokens are too long");
}

/** The ids that a token's bytes merge to, by tokens of lower ids alone. */
function partsOf(
  text: string,
  below: number,
  ids: ReadonlyMap<string, number>,
): number[] {
  const parts = [...text];
  const rank = (i: number) => {
    const id = ids.get(parts[i] + parts[i + 1]);
    return id === undefined || id >= below ? Infinity : id;
  };
  const ranks = parts.map((_, i) => i + 1 < parts.length ? rank(i) : Infinity);
  for (;;) {
    let at = 0;
    for (let i = 1; i < ranks.length; i++) if (ranks[i] < ranks[at]) at = i;
    if (ranks[at] === Infinity) break;
    parts.splice(at, 2, parts[at] + parts[at + 1]);
    ranks.splice(at, 1);
    if (at > 0) ranks[at - 1] = rank(at - 1);
    ranks[at] = at + 1 < parts.length ? rank(at) : Infinity;
  }
  return parts.map((part) => {
    const id = ids.get(part);
    if (id === undefined) {
      throw malformed(`byte ${part.charCodeAt(0)} has no token`);
    }
    return id;
  });
}
