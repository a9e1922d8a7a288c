/**
 * The WebGPU backend: matrix products at the models' shapes in GF/s, then whole
 * optimizer steps in tokens/s.
 *
 *     deno run bench/webgpu.ts [--software] [--size micro] [--arch rwkv4]
 *       [--batch 16] [--time 256] [--accumulation 1] [--steps 5]
 *       [--only products|training]
 *
 * A software adapter, only taken with `--software`, says nothing about a GPU.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { WebGpuBackend } from "../lib/backend/webgpu/webgpu_backend.ts";
import { type ModelSize, RWKVConfig, TrainingConfig } from "../lib/config.ts";
import { RWKV } from "../lib/model/rwkv.ts";
import { Random } from "../lib/random.ts";
import { Trainer } from "../lib/train/trainer.ts";

const args = parseArgs(Deno.args, {
  boolean: ["software"],
  string: ["only", "size", "arch", "batch", "time", "accumulation", "steps"],
  default: {
    size: "micro",
    arch: "rwkv4",
    batch: "16",
    time: "256",
    accumulation: "1",
    steps: "5",
  },
});
const batch = Number(args.batch), time = Number(args.time);
const tokens = batch * time;

/** Outputs and inputs of the models' matrices: micro, mini, 85m, heads. */
const LAYERS = [
  [256, 256],
  [1024, 256],
  [256, 1024],
  [384, 384],
  [1344, 384],
  [768, 768],
  [2688, 768],
  [768, 2688],
] as const;

/** The products of a layer y = x·wᵀ: y, dx = dy·w, dw += dyᵀ·x. */
const PRODUCTS = {
  forward: { transposeA: false, transposeB: true, accumulate: false },
  toInput: { transposeA: false, transposeB: false, accumulate: true },
  toWeight: { transposeA: true, transposeB: false, accumulate: true },
} as const;

/** How long a product is repeated at least, in ms. */
const MILLISECONDS = 500;

/** Runs some calls `count` times; milliseconds until they are done. */
async function timeOf(
  backend: WebGpuBackend,
  count: number,
  call: () => void,
): Promise<number> {
  const flag = backend.alloc(1);
  const start = performance.now();
  for (let i = 0; i < count; i++) call();
  await backend.read(flag);
  return performance.now() - start;
}

/** GF/s of a product; the wait for the device is measured and taken off. */
async function speedOf(
  backend: WebGpuBackend,
  shape: { m: number; k: number; n: number },
  options: typeof PRODUCTS[keyof typeof PRODUCTS],
): Promise<number> {
  const { m, k, n } = shape;
  const [out, a, b] = [m * n, m * k, k * n].map((size) => backend.alloc(size));
  backend.fill(a, 1e-3);
  backend.fill(b, 1e-3);
  const multiply = () => backend.matmul(out, a, b, shape, options);
  await timeOf(backend, 1, multiply); // compiles
  const wait = await timeOf(backend, 0, multiply);
  let count = 1;
  let taken = 0;
  while (taken < MILLISECONDS) {
    count *= 2;
    taken = await timeOf(backend, count, multiply) - wait;
  }
  return 2 * m * k * n * count / taken / 1e6;
}

async function benchProducts(backend: WebGpuBackend): Promise<void> {
  console.log(`\nGF/s, ${tokens} tokens`);
  const report = async (
    name: string,
    shape: { m: number; k: number; n: number },
    options: typeof PRODUCTS[keyof typeof PRODUCTS],
  ) => {
    const speed = await speedOf(backend, shape, options);
    console.log(name.padEnd(22) + speed.toFixed(1).padStart(10));
  };
  for (const [outputs, inputs] of LAYERS) {
    for (const [name, options] of Object.entries(PRODUCTS)) {
      const shape = {
        forward: { m: tokens, k: inputs, n: outputs },
        toInput: { m: tokens, k: outputs, n: inputs },
        toWeight: { m: outputs, k: tokens, n: inputs },
      }[name as keyof typeof PRODUCTS];
      await report(`${outputs}x${inputs} ${name}`, shape, options);
    }
  }
  // The head works on 256 tokens at a time; one token is what decoding does.
  const head = { m: 256, k: 256, n: 32000 };
  await report("head 32000x256", head, PRODUCTS.forward);
  await report("head, one token", { ...head, m: 1 }, PRODUCTS.forward);
  if (args.software) return;
  const square = { m: 4096, k: 4096, n: 4096 };
  await report("4096³", square, PRODUCTS.forward);
}

async function benchTraining(backend: WebGpuBackend): Promise<void> {
  const config = RWKVConfig.ofSize(args.size as ModelSize, {
    architecture: args.arch as RWKVConfig["architecture"],
  });
  const random = new Random(1);
  const ids = Uint16Array.from(
    { length: tokens + 1 },
    () => random.next() % config.vocabSize,
  );
  const micro = {
    rows: batch,
    inputs: ids.slice(0, -1),
    targets: ids.slice(1),
  };
  const model = new RWKV(config, backend, { training: true });
  model.initialize(1);
  const gradientAccumulation = Number(args.accumulation);
  const recipe = new TrainingConfig({ gradientAccumulation });
  const trainer = new Trainer(model, recipe);
  const rates: number[] = [];
  for (let step = 0; step <= Number(args.steps); step++) {
    const { dispatches } = backend.counts;
    const start = performance.now();
    const { tokens } = (await trainer.trainStep(() => micro))!;
    const taken = performance.now() - start;
    const calls = backend.counts.dispatches - dispatches;
    // The first step reserves the memory and compiles.
    if (step > 0) rates.push(1000 * tokens / taken);
    else console.log(`\n${calls} calls a step`);
  }
  rates.sort((a, b) => a - b);
  console.log(
    `${args.arch} ${args.size}, batch ${batch} x ${time} x ` +
      `${gradientAccumulation}: ${rates[rates.length >> 1].toFixed(0)} ` +
      `tokens/s (median of ${rates.length})`,
  );
}

using backend = await WebGpuBackend.create({
  software: Boolean(args.software),
});
console.log(backend.description);
if (args.only !== "training") await benchProducts(backend);
if (args.only !== "products") await benchTraining(backend);
