/**
 * A small tokenizer for the dataset's tests.
 *
 * @module
 */

import { BPETokenizer } from "../../lib/tokenizer/bpe/bpe_tokenizer.ts";
import { BPETrainer } from "../../lib/tokenizer/bpe/bpe_trainer.ts";

/** A tokenizer trained on `text`. */
export async function tokenizerOf(text: string): Promise<BPETokenizer> {
  const bytes = new TextEncoder().encode(text);
  const { vocab } = await new BPETrainer({ vocabSize: 300 })
    .train([{ name: "text", bytes }]);
  return new BPETokenizer(vocab);
}

/** Writes ids as a token file. */
export async function writeTokens(
  path: string,
  tokens: readonly number[],
): Promise<void> {
  await Deno.writeFile(path, bytesOf(tokens));
}

/** Ids as 16-bit little-endian bytes. */
export function bytesOf(tokens: readonly number[]): Uint8Array {
  return Uint8Array.from(tokens.flatMap((id) => [id & 255, id >> 8]));
}
