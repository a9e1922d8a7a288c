/**
 * What the host needs for a decoded token, with its calls joined and single, on a
 * device that is only paper: finding calls and groups, without encoding them.
 *
 *     deno run --allow-all bench/webgpu/host.ts [--size 85m] [--arch rwkv7]
 *
 * @module
 */

import { WebGpuBackend } from "../../lib/backend/webgpu/webgpu_backend.ts";
import { type ModelSize, RWKVConfig } from "../../lib/model/config.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import { Tape } from "../../lib/tensor/tape.ts";
import { readOptions } from "../shared.ts";

/** Turns, joined and single one after the other, and tokens in each. */
const TURNS = 9, TOKENS = 40;

/** Writes tokens; gives the milliseconds of one. */
function writer(
  config: RWKVConfig,
  joining: boolean,
): (tokens: number) => number {
  const backend = WebGpuBackend.onPaper({ joining });
  const model = new RWKV(config, backend);
  const tape = new Tape(backend, { recording: false });
  const state = model.newState(1);
  const ids = backend.allocIndices(1), keys = backend.allocIndices(1);
  backend.writeIndices(ids, [1]);
  const shape = { rows: 1, width: config.vocabSize, temperature: 0 };
  return (tokens) => {
    const start = performance.now();
    for (let position = 0; position < tokens; position++) {
      tape.reset();
      const hidden = model.forward(tape, ids, { batch: 1, time: 1, state });
      const { data } = model.logits(tape, hidden);
      backend.sample(ids, data, keys, { ...shape, position });
    }
    return (performance.now() - start) / tokens;
  };
}

if (import.meta.main) {
  const { size, arch } = readOptions({ size: "85m", arch: "rwkv7" });
  const architecture = arch as RWKVConfig["architecture"];
  const fields = { architecture, vocabSize: 1000 };
  const config = RWKVConfig.ofSize(size as ModelSize, fields);
  const ways = { joined: writer(config, true), single: writer(config, false) };
  const times: Record<string, number[]> = { joined: [], single: [] };
  for (let turn = -1; turn < TURNS; turn++) {
    for (const [name, write] of Object.entries(ways)) {
      const time = write(TOKENS);
      if (turn >= 0) times[name].push(time);
    }
  }
  for (const [name, own] of Object.entries(times)) {
    const median = own.sort((a, b) => a - b)[TURNS >> 1];
    console.log(`${name}: ${median.toFixed(3)} ms a token`);
  }
}
