/** A model as bytes: written, and read wherever they come from. */

import {
  CpuBackend,
  Generator,
  readModelFolder,
  RWKV,
  RWKVConfig,
  saveModel,
} from "@ptbr-slm/ptbr-slm/model";
import { BPETrainer, identityOf } from "@ptbr-slm/ptbr-slm/tokenizer";
import { assertEquals } from "@std/assert";

const bytes = new TextEncoder().encode("o rio corre para o mar\n");
const { vocab } = await new BPETrainer().train([{ name: "rio", bytes }]);
using backend = await CpuBackend.create();
const shape = { vocabSize: vocab.size, dModel: 64, nLayers: 1, dFfn: 64 };
const made = new RWKV(new RWKVConfig(shape), backend);
made.initialize(7); // or what a page has trained

const pieces: Uint8Array<ArrayBuffer>[] = [];
const write = (piece: Uint8Array) => {
  pieces.push(piece.slice());
  return Promise.resolve();
};
const tokenizerSha256 = await identityOf(vocab);
await saveModel({ write }, made, { tokenizerSha256 });

// A folder's files: Blobs, bytes, addresses, or the Files that a person chose.
const files = new Map([
  ["model_final.mpk", new Blob(pieces)],
  ["tokenizer.json", new Blob([vocab.toString()])],
]);
const { model, tokenizer } = await readModelFolder(files, backend);
const write8 = (model: RWKV) =>
  Array.fromAsync(
    new Generator(model, tokenizer)
      .generate("o rio", { maxTokens: 8, temperature: 0, seed: 1 }),
  );
assertEquals(await write8(model), await write8(made));
