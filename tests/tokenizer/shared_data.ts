/**
 * What the tokenizer's tests read from `../shared/data`, where it is there.
 *
 * @module
 */

import { BPEVocab } from "../../lib/tokenizer/bpe/bpe_vocab.ts";
import { BYTE_ORDER } from "../../lib/tokenizer/bpe/merge_learner.ts";
import { PTBRNormalizer } from "../../lib/tokenizer/normalizer.ts";

/** The folder of all data. */
export const DATA = new URL("../../../shared/data/", import.meta.url).pathname;

/** Whether a file or folder of {@linkcode DATA} exists. */
export function has(path: string): boolean {
  try {
    Deno.statSync(DATA + path);
    return true;
  } catch {
    return false;
  }
}

/** The content of a file of {@linkcode DATA}. */
export function read(path: string): string {
  return Deno.readTextFileSync(DATA + path);
}

/** The bytes behind the characters that GPT-2's files write for them. */
const BYTE_OF_CHARACTER = new Map<string, number>();
BYTE_ORDER.forEach((byte, place) => {
  // 188 printable bytes stand for themselves, 68 for U+0100 and on.
  const code = place < 188 ? byte : 0x100 + place - 188;
  BYTE_OF_CHARACTER.set(String.fromCharCode(code), byte);
});

/** The bytes of a token as GPT-2's files write it. */
export function bytesOf(token: string): Uint8Array {
  return Uint8Array.from(token, (char) => BYTE_OF_CHARACTER.get(char)!);
}

/** GPT-2's vocabulary. */
export function gpt2(): BPEVocab {
  const ids: Record<string, number> = JSON.parse(
    read("tokenizer/gpt2/encoder.json"),
  );
  const tokens: Uint8Array[] = [];
  for (const [token, id] of Object.entries(ids)) {
    tokens[id] = token === "<|endoftext|>"
      ? new TextEncoder().encode(token)
      : bytesOf(token);
  }
  const merges = read("tokenizer/gpt2/vocab.bpe").trimEnd().split("\n").slice(1)
    .map((line) => {
      const [left, right] = line.split(" ");
      return [ids[left], ids[right]] as const;
    });
  return new BPEVocab({
    tokens,
    merges,
    specialTokens: new Map([["<|endoftext|>", ids["<|endoftext|>"]]]),
    preTokenizer: "gpt2",
    normalizer: PTBRNormalizer.off().settings,
  });
}
