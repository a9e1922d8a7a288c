/** A vocabulary is learned from text; the same text gives the same one. */

import { BPETokenizer, BPETrainer } from "@ptbr-slm/ptbr-slm/tokenizer";
import { assert, assertEquals } from "@std/assert";

const text = "o rio corre para o mar e a chuva corre para o rio\n".repeat(20);
const learn = async (threads: number) => {
  const trainer = new BPETrainer({ vocabSize: 300, minFrequency: 2 });
  const bytes = new TextEncoder().encode(text);
  return await trainer.train([{ name: "rio.txt", bytes }], { threads });
};
const { vocab, tokens } = await learn(1);
assertEquals((await learn(2)).vocab.toString(), vocab.toString());

const ids = new BPETokenizer(vocab).encode(text);
assertEquals(ids.length, tokens);
assert(ids.length < text.length / 3);
