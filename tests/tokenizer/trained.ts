/**
 * Small tokenizers and random text for tests.
 *
 * @module
 */

import { BPETokenizer } from "../../lib/tokenizer/bpe/bpe_tokenizer.ts";
import {
  BPETrainer,
  type BPETrainerOptions,
} from "../../lib/tokenizer/bpe/bpe_trainer.ts";
import type { Random } from "../../lib/random.ts";

/** A tokenizer trained on `text`. */
export async function tokenizerOf(
  text: string,
  options: BPETrainerOptions = { vocabSize: 300 },
): Promise<BPETokenizer> {
  const bytes = new TextEncoder().encode(text);
  const { vocab } = await new BPETrainer(options)
    .train([{ name: "text", bytes }]);
  return new BPETokenizer(vocab);
}

/** So many pieces, chosen by chance, one after another. */
export function randomPieces(
  random: Random,
  count: number,
  pieces: ArrayLike<string>,
): string {
  return Array.from(
    { length: count },
    () => pieces[random.next() % pieces.length],
  )
    .join("");
}
