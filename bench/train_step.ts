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
import { RWKVConfig, TrainingConfig } from "../lib/config.ts";
import { RWKV } from "../lib/model/rwkv.ts";
import { Random } from "../lib/random.ts";
import { Trainer } from "../lib/train/trainer.ts";

const args = parseArgs(Deno.args, {
  string: ["size", "arch", "threads", "steps", "time", "accumulation"],
  default: { size: "micro", arch: "rwkv4", time: "256", steps: "5" },
});
const time = Number(args.time), batch = 2;
const config = RWKVConfig.ofSize(args.size, { architecture: args.arch });
const random = new Random(1);
const ids = Uint16Array.from(
  { length: batch * time + 1 },
  () => random.next() % config.vocabSize,
);
const micro = { rows: batch, inputs: ids.slice(0, -1), targets: ids.slice(1) };

/** One side of the comparison. */
async function side(blas: string): Promise<{ name: string; trainer: Trainer }> {
  const threads = args.threads === undefined ? undefined : Number(args.threads);
  const backend = await CpuBackend.create({ blas, threads });
  const model = new RWKV(config, backend, { training: true });
  model.initialize(1);
  const gradientAccumulation = Number(args.accumulation ?? 16);
  const trainer = new Trainer(
    model,
    new TrainingConfig({ gradientAccumulation }),
  );
  return { name: backend.description, trainer };
}

const sides = [await side("auto"), await side("none")];
const rates: number[][] = sides.map(() => []);
for (let step = 0; step <= Number(args.steps); step++) {
  for (const [i, { trainer }] of sides.entries()) {
    const start = performance.now();
    const { tokens } = (await trainer.trainStep(() => micro))!;
    // The first step reserves the memory.
    if (step > 0) rates[i].push(1000 * tokens / (performance.now() - start));
  }
}
console.log(
  `${args.arch} ${args.size}, batch ${batch} x ${time}, tokens/s (median of ${args.steps})`,
);
for (const [i, { name }] of sides.entries()) {
  const sorted = rates[i].toSorted((a, b) => a - b);
  console.log(`  ${name}: ${sorted[sorted.length >> 1].toFixed(0)}`);
}
Deno.exit(0);
