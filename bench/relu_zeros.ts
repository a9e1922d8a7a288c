/**
 * How many inputs of channel mixing's value matrix are zero, squared ReLU having
 * made them so, in each layer of a trained model that reads a text: what a
 * decode step could skip of that matrix.
 *
 *     deno run --allow-read --allow-ffi bench/relu_zeros.ts
 *       --model data/demo/model --text FILE [--tokens 512]
 *
 * @module
 */

import { CpuBackend } from "../lib/backend/cpu/cpu_backend.ts";
import { DENO_HOST } from "../lib/backend/cpu/deno_host.ts";
import type { Memory } from "../lib/backend/backend.ts";
import { loadCheckpoint } from "../lib/load_checkpoint.ts";
import { Tape } from "../lib/tensor/tape.ts";
import { readOptions } from "./shared.ts";

const options = readOptions({
  model: "data/demo/model",
  text: "",
  tokens: "512",
});
using backend = await CpuBackend.create({ host: DENO_HOST });
const { model, tokenizer } = await loadCheckpoint(options.model, backend);
const { dFfn, dModel, vocabSize } = model.config;
const text = await Deno.readTextFile(options.text);
const ids = tokenizer.encode(text.slice(0, 16 * Number(options.tokens)))
  .slice(0, Number(options.tokens));

/** Shares of zeros, a call of the op after the other. */
const shares: number[] = [];
const { run } = backend;
const memories: Memory[] = [];
backend.run = (op, given, settings) => {
  run.call(backend, op, given, settings);
  if (op === "squaredReluForward") memories.push(given.y as Memory);
};
const tape = new Tape(backend, { recording: true });
const inputs = backend.allocIndices(ids.length);
backend.writeIndices(inputs, ids);
model.forward(tape, inputs, { batch: 1, time: ids.length });
for (const memory of memories) {
  const values = await backend.read(memory);
  shares.push(values.filter((value) => value === 0).length / values.length);
}
const ofValue = model.config.nLayers * dFfn * dModel;
const share = shares.reduce((sum, each) => sum + each) / shares.length;
const streamed = model.numParameters() - vocabSize * dModel;
console.log(shares.map((each) => `${(100 * each).toFixed(1)} %`).join(", "));
console.log(
  `${(100 * share * ofValue / streamed).toFixed(1)} % of what a token reads`,
);
