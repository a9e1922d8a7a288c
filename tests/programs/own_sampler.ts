/** A sampler is a function of the logits; here one that never repeats. */

import {
  Generator,
  greedy,
  ReferenceBackend,
  RWKV,
  RWKVConfig,
  type Sampler,
} from "@ptbr-slm/ptbr-slm/model";
import { BPETokenizer, BPETrainer } from "@ptbr-slm/ptbr-slm/tokenizer";
import { assert, assertEquals } from "@std/assert";

const bytes = new TextEncoder().encode("o rio corre para o mar\n");
const { vocab } = await new BPETrainer().train([{ name: "rio", bytes }]);
const shape = { vocabSize: vocab.size, dModel: 16, dFfn: 32 };
const model = new RWKV(new RWKVConfig(shape), new ReferenceBackend());
model.initialize(7);

const seen = new Set<number>(), likeliest = greedy();
const fresh: Sampler = (logits) => {
  for (const id of vocab.specialTokens.values()) logits[id] = -Infinity;
  for (const id of seen) logits[id] = -Infinity;
  const id = likeliest(logits);
  assert(!seen.has(id));
  seen.add(id);
  return id;
};
const generator = new Generator(model, new BPETokenizer(vocab));
const options = { maxTokens: 20, sampler: fresh };
await Array.fromAsync(generator.generate("o rio", options));
assertEquals(seen.size, 20);
