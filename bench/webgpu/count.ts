/**
 * What WebGPU is asked to do for a training step and for a decoded token, kernel
 * by kernel: calls, bytes, arithmetic, and the least time that three cards could
 * take for it. Counted, not measured: no GPU is needed.
 *
 *     deno task count-webgpu [--size 85m] [--arch classic,rwkv4,rwkv6,rwkv7]
 *       [--batch 16] [--time 512] [--vocabulary 32000] [--kernels] [--json]
 *
 * @module
 */

import { WebGpuBackend } from "../../lib/backend/webgpu/webgpu_backend.ts";
import type { RecordedCall } from "../../lib/backend/webgpu/recording.ts";
import { ARCHITECTURES } from "../../lib/model/architecture.ts";
import { type ModelSize, RWKVConfig } from "../../lib/model/config.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import { Tape } from "../../lib/tensor/tape.ts";
import { Trainer } from "../../lib/train/trainer.ts";
import { TrainingConfig } from "../../lib/training_config.ts";
import { randomBatch, readOptions, rowOf } from "../shared.ts";

/** Peaks as their makers state them: bytes and f32 operations a second. */
const CARDS = {
  "RTX 3060": { bandwidth: 360e9, arithmetic: 12.7e12 },
  "RTX 4090": { bandwidth: 1008e9, arithmetic: 82.6e12 },
  "H100 SXM": { bandwidth: 3350e9, arithmetic: 66.9e12 },
} as const;

/** What is asked for of a model. */
interface Shape {
  readonly batch: number;
  readonly time: number;
}

/** The calls of one optimizer step of one micro-batch, after a first one. */
export async function callsOfStep(
  config: RWKVConfig,
  { batch, time }: Shape,
): Promise<RecordedCall[]> {
  const calls: RecordedCall[] = [];
  using backend = WebGpuBackend.onPaper({
    recorder: (call) => void calls.push(call),
  });
  const model = new RWKV(config, backend, { training: true });
  const recipe = new TrainingConfig({ gradientAccumulation: 1 });
  const trainer = new Trainer(model, recipe);
  const micro = randomBatch(batch, time, config.vocabSize);
  await trainer.trainStep(() => micro);
  calls.length = 0;
  await trainer.trainStep(() => micro);
  return calls;
}

/** The calls of one decoded token, after some. */
export function callsOfToken(config: RWKVConfig): RecordedCall[] {
  const calls: RecordedCall[] = [];
  using backend = WebGpuBackend.onPaper({
    recorder: (call) => void calls.push(call),
  });
  const model = new RWKV(config, backend);
  const tape = new Tape(backend, { recording: false });
  const state = model.newState(1);
  const ids = backend.allocIndices(1), keys = backend.allocIndices(1);
  backend.writeIndices(ids, [1]);
  for (let position = 0; position < 3; position++) {
    calls.length = 0;
    tape.reset();
    const hidden = model.forward(tape, ids, { batch: 1, time: 1, state });
    const { data } = model.logits(tape, hidden);
    const shape = { rows: 1, width: config.vocabSize, temperature: 0 };
    backend.sample(ids, data, keys, { ...shape, position });
  }
  return calls;
}

/** Calls a layer: what one layer more adds. */
export async function callsPerLayer(
  config: RWKVConfig,
  of: (config: RWKVConfig) => RecordedCall[] | Promise<RecordedCall[]>,
): Promise<number> {
  const counts: number[] = [];
  for (const nLayers of [3, 4]) {
    const { architecture, vocabSize, dModel, dFfn } = config;
    const shape = { architecture, vocabSize, dModel, dFfn, nLayers };
    counts.push((await of(new RWKVConfig(shape))).length);
  }
  return counts[1] - counts[0];
}

/** Milliseconds that a card takes at least: for each call its bytes or its sums. */
export function leastTime(
  calls: readonly RecordedCall[],
  { bandwidth, arithmetic }: typeof CARDS[keyof typeof CARDS],
): number {
  const seconds = calls.map(({ read, written, operations }) =>
    Math.max((read + written) / bandwidth, operations / arithmetic)
  );
  return 1000 * seconds.reduce((sum, each) => sum + each, 0);
}

const WIDTHS = [-34, 7, 11, 11, 10, ...Object.keys(CARDS).map(() => 10)];

function line(name: string, calls: readonly RecordedCall[]): string {
  const sum = (of: (call: RecordedCall) => number) =>
    calls.reduce((total, call) => total + of(call), 0);
  return rowOf(WIDTHS, [
    name,
    `${calls.length}`,
    (sum(({ read }) => read) / 1e6).toFixed(1),
    (sum(({ written }) => written) / 1e6).toFixed(1),
    (sum(({ operations }) => operations) / 1e9).toFixed(2),
    ...Object.values(CARDS).map((card) => leastTime(calls, card).toFixed(3)),
  ]).trimEnd();
}

function byKernel(calls: readonly RecordedCall[]): string[] {
  const groups = Map.groupBy(calls, ({ kernel }) => kernel);
  const bytes = (own: readonly RecordedCall[]) =>
    own.reduce((sum, { read, written }) => sum + read + written, 0);
  return [...groups]
    .sort(([, a], [, b]) => bytes(b) - bytes(a))
    .map(([kernel, own]) => line(`  ${kernel}`, own));
}

async function main(): Promise<void> {
  const args = readOptions({
    size: "85m",
    arch: ARCHITECTURES.join(","),
    batch: "16",
    time: "512",
    vocabulary: "32000",
    kernels: false,
    json: false,
  });
  const shape = { batch: Number(args.batch), time: Number(args.time) };
  const cards = Object.keys(CARDS).map((card) => card.replace("SXM", ""));
  const rows: unknown[] = [];
  console.log(
    rowOf(WIDTHS, ["", "calls", "MB read", "MB written", "GFLOP", ...cards]),
  );
  console.log(rowOf(WIDTHS, ["", "", "", "", "", "ms", "ms", "ms"]));
  for (const name of args.arch.split(",")) {
    const architecture = name as RWKVConfig["architecture"];
    const vocabSize = Number(args.vocabulary);
    const fields = { architecture, vocabSize };
    const config = RWKVConfig.ofSize(args.size as ModelSize, fields);
    for (
      const [what, of] of [
        [
          `step ${shape.batch}x${shape.time}`,
          (config: RWKVConfig) => callsOfStep(config, shape),
        ],
        ["token", callsOfToken],
      ] as const
    ) {
      const calls = await of(config), layer = await callsPerLayer(config, of);
      const label = `${name} ${args.size} ${what}`;
      console.log(`${line(label, calls)}  ${layer} calls a layer`);
      if (args.kernels) { for (const row of byKernel(calls)) console.log(row); }
      rows.push({ label, layer, calls: calls.length });
    }
  }
  if (args.json) console.log(JSON.stringify(rows));
}

if (import.meta.main) await main();
