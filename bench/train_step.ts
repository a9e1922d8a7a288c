/**
 * Tokens per second of whole optimizer steps, for every model size and each way
 * of multiplying matrices, alternating so that a busy machine hurts all alike.
 *
 *     deno task bench-train [--size micro] [--arch rwkv4] [--threads 2] [--steps 5]
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { CpuBackend } from "../lib/backend/cpu/cpu_backend.ts";
import {
  type Architecture,
  type ModelSize,
  RWKVConfig,
  TrainingConfig,
} from "../lib/config.ts";
import { RWKV } from "../lib/model/rwkv.ts";
import { Random } from "../lib/random.ts";
import { Trainer } from "../lib/train/trainer.ts";

const flags: Record<string, unknown> = parseArgs(Deno.args, {
  string: ["size", "arch", "threads", "steps", "time", "accumulation"],
});
const size = (flags.size ?? "micro") as ModelSize;
const architecture = (flags.arch ?? "rwkv4") as Architecture;
const time = Number(flags.time ?? 256), batch = 2;
const steps = Number(flags.steps ?? 5);
const gradientAccumulation = Number(flags.accumulation ?? 16);
const threads = flags.threads === undefined ? undefined : Number(flags.threads);
const config = RWKVConfig.ofSize(size, { architecture });
const random = new Random(1);
const ids = Uint16Array.from(
  { length: batch * time + 1 },
  () => random.next() % config.vocabSize,
);
const micro = { rows: batch, inputs: ids.slice(0, -1), targets: ids.slice(1) };

/** One side of the comparison. */
async function side(blas: string): Promise<{ name: string; trainer: Trainer }> {
  const backend = await CpuBackend.create({ blas, threads });
  const model = new RWKV(config, backend, { training: true });
  model.initialize(1);
  const trainer = new Trainer(
    model,
    new TrainingConfig({ gradientAccumulation }),
  );
  return { name: backend.description, trainer };
}

const sides = [await side("auto"), await side("none")];
const rates: number[][] = sides.map(() => []);
for (let step = 0; step <= steps; step++) {
  for (const [i, { trainer }] of sides.entries()) {
    const start = performance.now();
    const { tokens } = (await trainer.trainStep(() => micro))!;
    // The first step reserves the memory.
    if (step > 0) rates[i].push(1000 * tokens / (performance.now() - start));
  }
}
console.log(
  `${architecture} ${size}, batch ${batch} x ${time}, tokens/s (median of ${steps})`,
);
for (const [i, { name }] of sides.entries()) {
  const sorted = rates[i].toSorted((a, b) => a - b);
  console.log(`  ${name}: ${sorted[sorted.length >> 1].toFixed(0)}`);
}
Deno.exit(0);
