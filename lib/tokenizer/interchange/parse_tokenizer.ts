/**
 * Reads a tokenizer of any known format that is one file, by what it holds.
 *
 * @module
 */

import { toBase64 } from "../../base64.ts";
import {
  type AnyVocab,
  isWorldText,
  parseVocab,
} from "../vocab/any_tokenizer.ts";
import { BPEVocab } from "../bpe/bpe_vocab.ts";
import { malformed, parseJson, record } from "../parsing.ts";
import { type Frame, framed } from "./framing.ts";
import { fromHuggingFace } from "./hugging_face.ts";
import {
  fromSentencePiece,
  hasByteFallback,
} from "./hugging_face_sentencepiece.ts";
import { fromTiktoken } from "./tiktoken.ts";

/**
 * Formats that are one file; `ptbr` is ours and the original program's, `world`
 * the text of the RWKV World models.
 */
export type FileFormat = "ptbr" | "hf" | "tiktoken" | "world";

/** A vocabulary of any kind, and where it came from. */
export interface ParsedTokenizer {
  /** The vocabulary, ids as they were. */
  readonly vocab: AnyVocab;
  /** What of the form was left out or assumed, a sentence each. */
  readonly notes: readonly string[];
  /** The format that was recognised. */
  readonly format: FileFormat;
}

/** What a file may not say. */
export interface TokenizerOptions extends Frame {
  /** Ids of special tokens by name. */
  readonly specialTokens?: ReadonlyMap<string, number>;
}

/**
 * Reads a tokenizer.
 *
 * @param text The file's text, from anywhere.
 * @param options `specialTokens`: ids by name, which only tiktoken's format
 * lacks; `bos` and `eos`: what begins and ends a document, where the file does
 * not say it.
 * @returns The vocabulary, its format, and what was left out or assumed.
 * @throws {SyntaxError} When it is no tokenizer that can be used.
 *
 * @example
 * ```ts
 * import { parseTokenizer } from "./parse_tokenizer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
 * const ranks = bytes.map((byte, id) => `${byte.toBase64()} ${id}\n`).join("");
 * const specialTokens = new Map([["[EOS]", 256]]);
 * const { format, vocab } = parseTokenizer(ranks, { specialTokens });
 * assertEquals([format, vocab.size], ["tiktoken", 257]);
 * ```
 */
export function parseTokenizer(
  text: string,
  { specialTokens, ...frame }: TokenizerOptions = {},
): ParsedTokenizer {
  if (/^\S+ \d+\r?(?:\n|$)/.test(text)) {
    const imported = fromTiktoken(text, specialTokens);
    return { ...framed(imported, frame), format: "tiktoken" };
  }
  if (specialTokens !== undefined) {
    throw malformed("it names its special tokens itself; give none");
  }
  if (isWorldText(text)) {
    checkUnasked(frame);
    return { vocab: parseVocab(text), notes: [], format: "world" };
  }
  const file = record(
    parseJson(text, "it is neither JSON nor tiktoken's ranks"),
    "it",
  );
  if (!("id_to_token" in file) && "model" in file) {
    const imported = hasByteFallback(file)
      ? framed(fromSentencePiece(text), frame)
      : framed(fromHuggingFace(text), frame);
    return { ...imported, format: "hf" };
  }
  const vocab = parseVocab(text);
  checkUnasked(frame);
  const notes = vocab instanceof BPEVocab ? duplicateNotes(vocab) : [];
  return { vocab, notes, format: "ptbr" };
}

/** Checks that no ends of documents are asked for where they are known. */
function checkUnasked({ bos, eos }: Frame): void {
  if (bos !== undefined || eos !== undefined) {
    throw malformed("it says itself what begins and ends a document");
  }
}

/** Several ids of the same bytes are as the original program left them. */
function duplicateNotes(vocab: BPEVocab): string[] {
  const special = new Set(vocab.specialTokens.values());
  const seen = new Set<string>();
  let repeated = 0;
  vocab.tokens.forEach((bytes, id) => {
    if (special.has(id)) return;
    const key = toBase64(bytes);
    if (seen.has(key)) repeated++;
    seen.add(key);
  });
  return repeated === 0 ? [] : [
    `Tokens with the bytes of another: ${repeated}; of those the highest id ` +
    "is used",
  ];
}
