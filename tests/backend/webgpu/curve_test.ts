/**
 * A run of 200 steps follows the CPU's loss curve.
 *
 * The two differ in the order of their sums and in their exponentials, so in the
 * last bits of every gradient; AdamW, which divides by the gradient's own size,
 * turns a difference of rounding in a small gradient into one of up to the
 * learning rate, and the runs drift apart. How far is no fault of either: it is
 * measured here on the CPU itself, between the products of a BLAS and our own,
 * and WebGPU may be some times as far from it, but no further than `MOST`.
 */

import { assert } from "@std/assert";
import type { Backend } from "../../../lib/backend/backend.ts";
import { findBlas } from "../../../lib/backend/cpu/blas.ts";
import { CpuBackend } from "../../../lib/backend/cpu/cpu_backend.ts";
import { DENO_HOST } from "../../../lib/backend/cpu/deno_host.ts";
import { mapsEnded } from "../../../lib/backend/webgpu/sync.ts";
import { WebGpuBackend } from "../../../lib/backend/webgpu/webgpu_backend.ts";
import { RWKVConfig } from "../../../lib/model/config.ts";
import { TrainingConfig } from "../../../lib/training_config.ts";
import { RWKV } from "../../../lib/model/rwkv.ts";
import { Random } from "../../../lib/random.ts";
import { Trainer } from "../../../lib/train/trainer.ts";
import { noAdapter } from "./adapter.ts";

/** Steps of a run. */
const STEPS = 200;

/** How far a loss may be from the CPU's, in nats. */
const MOST = 1e-3;

/**
 * How many times as far as two ways of multiplying on the CPU, and a floor. Seen
 * were up to 1.5 times (4e-7) for the small model, 1.2 times (5e-5) for micro, on
 * lavapipe beside OpenBLAS.
 */
const TIMES = 10, FLOOR = 5e-6;

const SMALL = { dModel: 32, nLayers: 1, dFfn: 64 };
const MICRO = { dModel: 256, nLayers: 4, dFfn: 1024 };

/** Losses of a run on a text in which each token follows from the one before. */
async function curve(
  backend: Backend,
  { time, ...fields }: typeof SMALL & { vocabSize: number; time: number },
): Promise<number[]> {
  const config = new RWKVConfig({
    ...fields,
    architecture: "rwkv4",
    dropout: 0.1,
  });
  const model = new RWKV(config, backend, { training: true });
  model.initialize(1);
  const recipe = {
    gradientAccumulation: 1,
    warmupSteps: 20,
    learningRate: 1e-3,
    maxSteps: STEPS,
  };
  const trainer = new Trainer(model, new TrainingConfig(recipe));
  const random = new Random(5);
  const { vocabSize } = fields;
  const next = () => {
    const ids = new Uint16Array(time + 1);
    for (let i = 0; i < ids.length; i++) {
      ids[i] = i === 0 || random.uniform() < 0.1
        ? random.next() % vocabSize
        : (7 * ids[i - 1] + 3) % vocabSize;
    }
    return { rows: 1, inputs: ids.slice(0, -1), targets: ids.slice(1) };
  };
  const losses: number[] = [];
  while (losses.length < STEPS) {
    losses.push((await trainer.trainStep(next))!.loss);
  }
  return losses;
}

/** The largest difference of two curves. */
function distance(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((loss, step) => Math.abs(loss - b[step])));
}

async function compare(
  shape: typeof SMALL & { vocabSize: number; time: number },
): Promise<void> {
  const onCpu = async (blas: string) => {
    using backend = await CpuBackend.create({
      threads: 1,
      blas,
      host: DENO_HOST,
    });
    return await curve(backend, shape);
  };
  const own = await onCpu("none");
  const mean = (losses: readonly number[]) =>
    losses.reduce((sum, loss) => sum + loss) / losses.length;
  assert(mean(own.slice(-20)) < mean(own.slice(0, 20)) - 0.2, "it learns");
  const spread = findBlas("auto").blas === undefined
    ? undefined
    : distance(own, await onCpu("auto"));
  using backend = await WebGpuBackend.create({ software: true });
  const found = distance(own, await curve(backend, shape));
  const allowed = spread === undefined
    ? MOST
    : Math.min(MOST, Math.max(FLOOR, TIMES * spread));
  const message = `WebGPU is ${found} from the CPU, a BLAS ${spread}`;
  assert(found <= allowed, message);
  if (Deno.env.has("PTBR_SLM_TEST_LONG")) console.log(message);
}

/** Registers a comparison; a BLAS, once loaded, is never closed. */
function test(name: string, shape: Parameters<typeof compare>[0]): void {
  Deno.test({
    name: noAdapter === undefined ? name : `${name} (${noAdapter})`,
    ignore: noAdapter !== undefined,
    sanitizeResources: false,
    fn: async () => {
      await compare(shape);
      await mapsEnded(); // else the sanitizers find them
    },
  });
}

test("200 steps on WebGPU follow the CPU's losses", {
  ...SMALL,
  vocabSize: 50,
  time: 16,
});

if (Deno.env.has("PTBR_SLM_TEST_LONG")) {
  test("200 steps of micro on WebGPU follow the CPU's losses", {
    ...MICRO,
    vocabSize: 512,
    time: 16,
  });
}
