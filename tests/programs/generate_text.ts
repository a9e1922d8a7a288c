/** A model writes, several texts at once where they are asked for. */

import {
  CpuBackend,
  Generator,
  RWKV,
  RWKVConfig,
} from "@ptbr-slm/ptbr-slm/model";
import { BPETokenizer, BPETrainer } from "@ptbr-slm/ptbr-slm/tokenizer";
import { assertEquals } from "@std/assert";

const bytes = new TextEncoder().encode("o rio corre para o mar\n");
const { vocab } = await new BPETrainer().train([{ name: "rio", bytes }]);
const shape = { vocabSize: vocab.size, dModel: 16, dFfn: 32 };
using backend = await CpuBackend.create();
const model = new RWKV(new RWKVConfig(shape), backend);
model.initialize(7); // or readModelFolder()

const generator = new Generator(model, new BPETokenizer(vocab));
const write = async (seed: number) => {
  let text = "";
  const options = { maxTokens: 12, temperature: 0.8, topP: 0.9, seed };
  for await (const piece of generator.generate("o rio", options)) text += piece;
  return text;
};
const [first, second] = await Promise.all([write(1), write(2)]);
assertEquals([await write(1), await write(2)], [first, second]);
