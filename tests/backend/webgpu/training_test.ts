/** Whole training steps and generation on WebGPU beside the reference. */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { Backend } from "../../../lib/backend/backend.ts";
import { ReferenceBackend } from "../../../lib/backend/reference/reference_backend.ts";
import { WebGpuBackend } from "../../../lib/backend/webgpu/webgpu_backend.ts";
import { RWKVConfig, type RWKVFields } from "../../../lib/model/config.ts";
import {
  TrainingConfig,
  type TrainingFields,
} from "../../../lib/training_config.ts";
import { RWKV } from "../../../lib/model/rwkv.ts";
import { Random } from "../../../lib/random.ts";
import { Tape } from "../../../lib/tensor/tape.ts";
import { Trainer } from "../../../lib/train/trainer.ts";
import { sameBits } from "../../contract/case.ts";
import { gpuTest } from "./adapter.ts";

const SHAPE = { vocabSize: 50, dModel: 32, nLayers: 2, dFfn: 48 };

const MODELS: readonly Partial<RWKVFields>[] = [
  { architecture: "rwkv4" },
  { architecture: "classic" },
  { architecture: "classic", timeMixing: "channels" },
  { architecture: "rwkv7", headSize: 16 },
];

/** A text with something to learn: each token follows from the one before. */
function batches(): () => {
  rows: number;
  inputs: Uint16Array;
  targets: Uint16Array;
} {
  const random = new Random(5);
  return () => {
    const ids = new Uint16Array(2 * 25);
    for (let i = 0; i < ids.length; i++) {
      ids[i] = i % 25 === 0 || random.uniform() < 0.1
        ? random.next() % 50
        : (7 * ids[i - 1] + 3) % 50;
    }
    const part = (start: number) =>
      Uint16Array.of(
        ...ids.subarray(start, start + 24),
        ...ids.subarray(25 + start, 25 + start + 24),
      );
    return { rows: 2, inputs: part(0), targets: part(1) };
  };
}

function newTrainer(
  backend: Backend,
  fields: Partial<RWKVFields>,
  training: Partial<TrainingFields> = {},
): Trainer {
  const model = new RWKV(new RWKVConfig({ ...SHAPE, ...fields }), backend, {
    training: true,
  });
  model.initialize(1);
  const recipe = {
    gradientAccumulation: 2,
    warmupSteps: 4,
    learningRate: 5e-3,
    ...training,
  };
  return new Trainer(model, new TrainingConfig(recipe));
}

async function losses(trainer: Trainer, steps: number): Promise<number[]> {
  const next = batches();
  const made: number[] = [];
  for (let i = 0; i < steps; i++) {
    made.push((await trainer.trainStep(next))!.loss);
  }
  return made;
}

for (const fields of MODELS) {
  const name = Object.values(fields).join(" ");
  gpuTest(`WebGpuBackend trains ${name} as the reference does`, async () => {
    using backend = await WebGpuBackend.create({ software: true });
    const want = await losses(newTrainer(new ReferenceBackend(), fields), 20);
    const got = await losses(newTrainer(backend, fields), 20);
    assert(want[19] < want[0] - 0.1, "the model learns");
    // Only rounding differs: by less than 1e-6 on the drivers tried.
    for (let i = 0; i < 20; i++) assertAlmostEquals(got[i], want[i], 1e-5);
  });
}

gpuTest(
  "WebGpuBackend trains by Muon as the reference does, and averages",
  async () => {
    using backend = await WebGpuBackend.create({ software: true });
    const training = {
      optimizer: "muon",
      weightDecay: 0.5,
      cautiousWeightDecay: true,
      emaDecay: 0.8,
    } as const;
    const trainers = [new ReferenceBackend(), backend]
      .map((on) => newTrainer(on, MODELS[0], training));
    const [want, got] = [
      await losses(trainers[0], 10),
      await losses(trainers[1], 10),
    ];
    assert(want[9] < want[0] - 0.1, "the model learns");
    for (let i = 0; i < 10; i++) assertAlmostEquals(got[i], want[i], 1e-4);
    const averages = await Promise.all(
      trainers.map((trainer) =>
        trainer.withAverages(() => {
          const { backend, parameters } = trainer.model;
          return backend.read(parameters.groups[0].data);
        })
      ),
    );
    for (const [i, value] of averages[0].entries()) {
      assertAlmostEquals(averages[1][i], value, 1e-3);
    }
  },
);

/** What takes memory or time to make, and is therefore made once. */
function madeBy({ counts }: WebGpuBackend): Record<string, number> {
  const { pipelines, bindGroups, buffers } = counts;
  return { pipelines, bindGroups, buffers };
}

/** The likeliest token, and the likeliest after that, and so on. */
async function greedy(backend: Backend, model: RWKV): Promise<number[]> {
  const tape = new Tape(backend, { recording: false });
  const state = model.newState(1);
  const ids = backend.allocIndices(1);
  const tokens = [3];
  while (tokens.length < 30) {
    backend.writeIndices(ids, tokens.slice(-1));
    const hidden = model.forward(tape, ids, { batch: 1, time: 1, state });
    const logits = await backend.read(model.logits(tape, hidden).data);
    tape.reset();
    tokens.push(logits.indexOf(Math.max(...logits)));
  }
  return tokens;
}

gpuTest("WebGpuBackend goes on with a text as the reference does", async () => {
  using backend = await WebGpuBackend.create({ software: true });
  const texts: number[][] = [];
  for (const on of [new ReferenceBackend(), backend]) {
    const trainer = newTrainer(on, MODELS[0]);
    await losses(trainer, 10);
    texts.push(await greedy(on, trainer.model));
  }
  assertEquals(texts[1], texts[0]);
});

gpuTest("WebGpuBackend trains to the same bits twice", async () => {
  const weights: Float32Array[] = [];
  for (let turn = 0; turn < 2; turn++) {
    using backend = await WebGpuBackend.create({ software: true });
    const trainer = newTrainer(backend, MODELS[0]);
    await losses(trainer, 5);
    const groups = trainer.model.parameters.groups;
    weights.push(
      ...await Promise.all(
        groups.map(({ data }) => backend.read(data)),
      ),
    );
  }
  const half = weights.length / 2;
  for (let i = 0; i < half; i++) {
    assert(sameBits(weights[i], weights[half + i]));
  }
});

gpuTest("WebGpuBackend reserves nothing after the first step", async () => {
  using backend = await WebGpuBackend.create({ software: true });
  const trainer = newTrainer(backend, MODELS[0]);
  const next = batches();
  await trainer.trainStep(next);
  const before = madeBy(backend);
  const { allocations } = trainer.tape;
  for (let step = 0; step < 4; step++) await trainer.trainStep(next);
  assertEquals(madeBy(backend), before);
  assertEquals(trainer.tape.allocations, allocations);
});

gpuTest("WebGpuBackend reads the loss back once a step, no more", async () => {
  using backend = await WebGpuBackend.create({ software: true });
  const trainer = newTrainer(backend, MODELS[0]);
  const next = batches();
  for (let step = 0; step < 4; step++) {
    const { reads, bytesRead } = backend.counts;
    await trainer.trainStep(next);
    assertEquals(backend.counts.reads, reads + 1);
    assert(backend.counts.bytesRead - bytesRead <= 512, "loss and norm only");
  }
});

gpuTest("WebGpuBackend keeps what it prepared for a call", async () => {
  using backend = await WebGpuBackend.create({ software: true });
  const [x, y] = [1000, 900].map((length) => backend.alloc(length));
  const weight = backend.alloc(64 * 64);
  const calls = () => {
    backend.run("fill", { out: x }, { value: 1 });
    backend.run("squaredReluForward", { y, x: backend.slice(x, 64, 900) });
    const shape = { m: 10, k: 64, n: 64 };
    backend.matmul(y, x, weight, shape, { transposeB: true });
  };
  calls();
  const before = madeBy(backend);
  const { submits: submitted } = backend.counts;
  for (let i = 0; i < 10; i++) calls();
  assertEquals(madeBy(backend), before);
  const { dispatches } = backend.counts;
  const submits = backend.counts.submits - submitted;
  assertEquals({ dispatches, submits }, { dispatches: 33, submits: 0 });
  await backend.read(y);
  assertEquals(backend.counts.submits, submitted + 1);
});
