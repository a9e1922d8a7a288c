/**
 * Trains for some minutes and prints each minute's tokens per second and the
 * process's memory: what it holds in all, of that the engine's, and the heap of
 * JavaScript. At the end it compares the first third of the minutes (but for
 * the very first) with the last, by medians, and says whether anything drifted;
 * then the exit code is 1. Other work on the machine looks like a drift of speed.
 *
 *     deno run --allow-read --allow-ffi bench/cpu/soak.ts --minutes 60
 *       [--size micro] [--arch rwkv4] [--threads 2] [--time 256]
 *       [--accumulation 1] [--blas auto]
 *
 * @module
 */

import { CpuBackend } from "../../lib/backend/cpu/cpu_backend.ts";
import { DENO_HOST } from "../../lib/backend/cpu/deno_host.ts";
import type { ArchitectureName } from "../../lib/model/architecture.ts";
import { type ModelSize, RWKVConfig } from "../../lib/model/config.ts";
import { TrainingConfig } from "../../lib/training_config.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import { Random } from "../../lib/random.ts";
import { Trainer } from "../../lib/train/trainer.ts";
import { median, randomBatch, readOptions, rowOf } from "../shared.ts";

/** What may change without being called a drift, as shares. */
const MORE_MEMORY = 0.02, LESS_SPEED = 0.1;

const MIB = 2 ** 20;

/** What a minute was like. */
interface Minute {
  readonly rate: number;
  readonly resident: number;
  readonly engine: number;
  readonly heap: number;
}

const options = readOptions({
  minutes: "60",
  size: "micro",
  arch: "rwkv4",
  threads: "",
  time: "",
  accumulation: "1",
  blas: "auto",
});
const config = RWKVConfig.ofSize(options.size as ModelSize, {
  architecture: options.arch as ArchitectureName,
});
using backend = await CpuBackend.create({
  blas: options.blas,
  threads: Number(options.threads) || undefined,
  host: DENO_HOST,
});
const model = new RWKV(config, backend, { training: true });
model.initialize(1);
const trainer = new Trainer(
  model,
  new TrainingConfig({ gradientAccumulation: Number(options.accumulation) }),
);
const random = new Random(1);
const time = Number(options.time || config.maxSeqLen);
const nextBatch = () => randomBatch(2, time, config.vocabSize, random);

async function oneMinute(): Promise<Minute> {
  const start = performance.now();
  let tokens = 0, seconds = 0;
  do {
    tokens += (await trainer.trainStep(nextBatch))!.tokens;
    seconds = (performance.now() - start) / 1000;
  } while (seconds < 60);
  const { rss, heapUsed } = Deno.memoryUsage();
  return {
    rate: tokens / seconds,
    resident: rss,
    engine: backend.bytesUsed,
    heap: heapUsed,
  };
}

console.log(`${backend.description}; ${options.size} ${options.arch}`);
console.log("minute  tokens/s  resident MiB  engine MiB  heap MiB");
const minutes: Minute[] = [];
while (minutes.length < Number(options.minutes)) {
  const minute = await oneMinute();
  minutes.push(minute);
  console.log(rowOf([6, 9, 13, 11, 9], [
    String(minutes.length),
    minute.rate.toFixed(0),
    (minute.resident / MIB).toFixed(0),
    (minute.engine / MIB).toFixed(0),
    (minute.heap / MIB).toFixed(1),
  ]));
}

if (minutes.length < 4) {
  console.log("too few minutes to say whether anything drifts");
} else {
  const third = Math.max(1, Math.floor((minutes.length - 1) / 3));
  const early = minutes.slice(1, 1 + third), late = minutes.slice(-third);
  const medianOf = (some: readonly Minute[], of: keyof Minute) =>
    median(some.map((minute) => minute[of]));
  const change = (of: keyof Minute) =>
    medianOf(late, of) / medianOf(early, of) - 1;
  const memory = change("resident"), engine = change("engine");
  const speed = change("rate");
  const drifts = memory > MORE_MEMORY || engine > 0 || speed < -LESS_SPEED;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  console.log(
    `${drifts ? "DRIFTS" : "flat"}: resident memory ${percent(memory)}, ` +
      `the engine's ${percent(engine)}, speed ${percent(speed)}, last third ` +
      `against first`,
  );
  if (drifts) Deno.exitCode = 1;
}
