/**
 * Vocabularies and tokenizers of any kind, by what a file says it is.
 *
 * @module
 */

import { BPETokenizer } from "../bpe/bpe_tokenizer.ts";
import { BPEVocab } from "../bpe/bpe_vocab.ts";
import { parseJson, record } from "../parsing.ts";
import { SentencePieceTokenizer } from "../sentencepiece/sentencepiece_tokenizer.ts";
import {
  SENTENCEPIECE,
  SentencePieceVocab,
} from "../sentencepiece/sentencepiece_vocab.ts";
import type { Tokenizer, Vocab } from "../tokenizer.ts";
import { WorldTokenizer } from "../world/world_tokenizer.ts";
import { LONGEST_MATCH, WorldVocab } from "../world/world_vocab.ts";

/** A vocabulary of any kind. */
export type AnyVocab = BPEVocab | WorldVocab | SentencePieceVocab;

/**
 * Reads a vocabulary: a `tokenizer.json`, or the text that World vocabularies
 * are published as.
 *
 * @param text The file's text, from anywhere.
 * @throws {SyntaxError} When it is not a vocabulary.
 *
 * @example
 * ```ts
 * import { parseVocab } from "./any_tokenizer.ts";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => parseVocab("1 'a' 1\n"), SyntaxError, "has no token");
 * ```
 */
export function parseVocab(text: string): AnyVocab {
  if (isWorldText(text)) return WorldVocab.parseText(text);
  const file = record(parseJson(text), "it");
  if (file.type === LONGEST_MATCH && "id_to_token" in file) {
    return WorldVocab.fromLists(file.id_to_token);
  }
  if (file.type === SENTENCEPIECE) return SentencePieceVocab.fromJson(file);
  return BPEVocab.parse(text);
}

/** Whether a text begins as published World vocabularies do. */
export function isWorldText(text: string): boolean {
  return /^\d{1,5} b?['"]/.test(text);
}

/**
 * The tokenizer of a vocabulary.
 *
 * @param vocab Any kind.
 * @throws {TypeError} For a vocabulary of another make.
 */
export function tokenizerOf(vocab: Vocab): Tokenizer {
  if (vocab instanceof BPEVocab) return new BPETokenizer(vocab);
  if (vocab instanceof WorldVocab) return new WorldTokenizer(vocab);
  if (vocab instanceof SentencePieceVocab) {
    return new SentencePieceTokenizer(vocab);
  }
  throw new TypeError("Cannot make a tokenizer: the vocabulary is unknown");
}
