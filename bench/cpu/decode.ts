/**
 * Tokens per second of a single sequence, one token after the other, beside
 * what the machine's memory allows: each token reads every weight but the
 * embedding's once, so the ceiling is the speed of plain reading over their
 * bytes. Reading is measured between the rounds, as often as a round has tokens
 * (a shorter time would be disturbed less), over as many bytes of memory that
 * was written before (pages never touched all are one page of zeros, which stays
 * in cache). Prints the best of all rounds of either, and the share. With
 * `--count`, that many sequences at once, whose weights are read once for all.
 *
 *     deno run --allow-read --allow-ffi bench/cpu/decode.ts
 *       [--sizes micro,mini,85m] [--archs classic,rwkv4,rwkv7] [--rounds 10]
 *       [--threads 2] [--count 1] [--blas auto] [--figures FILE]
 *
 * @module
 */

import { CpuBackend } from "../../lib/backend/cpu/cpu_backend.ts";
import { DENO_HOST } from "../../lib/backend/cpu/deno_host.ts";
import type { ArchitectureName } from "../../lib/model/architecture.ts";
import { type ModelSize, RWKVConfig } from "../../lib/model/config.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import { Tape } from "../../lib/tensor/tape.ts";
import { keepFigures } from "../report/figures.ts";
import { readOptions, rowOf } from "../shared.ts";
import { MemoryReader } from "./memory_reader.ts";

/** Tokens of a round. */
const TOKENS = 16;

const options = readOptions({
  sizes: "micro,mini,85m",
  archs: "classic,rwkv4,rwkv7",
  rounds: "10",
  threads: String(navigator.hardwareConcurrency),
  count: "1",
  blas: "auto",
  figures: "",
});
const threads = Number(options.threads), count = Number(options.count);

/** Feeds tokens one by one; each call returns the tokens a second of a round. */
function decoder(config: RWKVConfig, backend: CpuBackend) {
  const model = new RWKV(config, backend);
  model.initialize(1);
  const state = model.newState(count);
  const tape = new Tape(backend, { recording: false });
  const ids = backend.allocIndices(count);
  const keys = backend.allocIndices(count);
  const shape = { rows: count, width: config.vocabSize };
  const shapeOfStep = { batch: count, time: 1, state };
  let position = 0;
  return {
    bytes: 4 * (model.numParameters() - config.vocabSize * config.dModel),
    run: (): number => {
      const start = performance.now();
      for (let token = 0; token < TOKENS; token++) {
        tape.reset();
        const hidden = model.forward(tape, ids, shapeOfStep);
        const { data } = model.logits(tape, hidden);
        const at = { ...shape, position: position++ };
        backend.sample(ids, data, keys, { ...at, temperature: 0 });
      }
      return count * TOKENS / (performance.now() - start) * 1000;
    },
  };
}

async function measure(size: ModelSize, architecture: ArchitectureName) {
  const config = RWKVConfig.ofSize(size, { architecture });
  using backend = await CpuBackend.create({
    threads,
    blas: options.blas,
    host: DENO_HOST,
  });
  const { bytes, run } = decoder(config, backend);
  const reader = new MemoryReader(bytes, { threads, passes: TOKENS });
  const rates: number[] = [];
  let bandwidth = 0;
  run();
  for (let round = 0; round < Number(options.rounds); round++) {
    rates.push(run());
    bandwidth = Math.max(bandwidth, await reader.read());
  }
  reader.end();
  await keepFigures(options.figures, [{
    what: `writing, ${size} ${architecture}, f32, ${threads} threads`,
    side: "ours",
    isOurs: true,
    unit: "tokens/s",
    better: "more",
    values: rates,
  }]);
  const rate = Math.max(...rates);
  const ceiling = count * bandwidth / bytes;
  console.log(rowOf([-6, -8, 7, 10, 9, 9, 6], [
    size,
    architecture,
    `${(bytes / 1e6).toFixed(0)} MB`,
    `${(bandwidth / 1e9).toFixed(1)} GB/s`,
    ceiling.toFixed(0),
    rate.toFixed(0),
    `${(100 * rate / ceiling).toFixed(0)} %`,
  ]));
}

console.log(`${threads} threads, ${count} at once; tokens/s: ceiling, ours`);
for (const architecture of options.archs.split(",")) {
  for (const size of options.sizes.split(",")) {
    await measure(size as ModelSize, architecture as ArchitectureName);
  }
}
