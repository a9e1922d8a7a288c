/**
 * A small tokenizer and models with preferences, for tests of writing.
 *
 * @module
 */

import type { Backend } from "../../lib/backend/backend.ts";
import { RWKVConfig } from "../../lib/model/config.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import { BPETokenizer } from "../../lib/tokenizer/bpe/bpe_tokenizer.ts";
import { BPETrainer } from "../../lib/tokenizer/bpe/bpe_trainer.ts";

const TEXT = "o rio corre para o mar e a chuva corre para o rio\n";
const bytes = new TextEncoder().encode(TEXT.repeat(3));
const { vocab } = await new BPETrainer().train([{ name: "a", bytes }]);
/** Knows the words of a sentence. */
export const tokenizer: BPETokenizer = new BPETokenizer(vocab);
/** A model's shape. */
export const config: RWKVConfig = new RWKVConfig({
  architecture: "rwkv4",
  vocabSize: vocab.size,
  dModel: 16,
  dFfn: 32,
  nLayers: 2,
});

/** Weights large enough for the model to have preferences. */
export async function newModel(
  backend: Backend,
  shape = config,
): Promise<RWKV> {
  const model = new RWKV(shape, backend);
  model.initialize(3);
  for (const { data } of model.parameters) {
    const values = await backend.read(data);
    backend.write(data, values.map((value) => 1.5 * value));
  }
  return model;
}
