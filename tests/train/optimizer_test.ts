import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import type { Backend } from "../../lib/backend/backend.ts";
import { CpuBackend } from "../../lib/backend/cpu/cpu_backend.ts";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import {
  Checkpoint,
  loadModel,
} from "../../lib/checkpoint/native/mpk_reader.ts";
import type { Batch } from "../../lib/dataset/data_loader.ts";
import { ARCHITECTURES } from "../../lib/model/architecture.ts";
import { RWKVConfig, type RWKVFields } from "../../lib/model/config.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import { Random } from "../../lib/random.ts";
import { Trainer } from "../../lib/train/trainer.ts";
import {
  TrainingConfig,
  type TrainingFields,
} from "../../lib/training_config.ts";

const TIME = 8;

/** All that is not AdamW's usual way. */
const ALL: Partial<TrainingFields> = {
  optimizer: "muon",
  muonRate: 1.5,
  embeddingRate: 3,
  headRate: 0.5,
  vectorRate: 2,
  schedule: "wsd",
  decayShare: 0.5,
  finalRate: 0,
  weightDecay: 0.5,
  weightDecaySchedule: "rate",
  cautiousWeightDecay: true,
  emaDecay: 0.6,
};

function trainerOf(
  backend: Backend,
  training: Partial<TrainingFields> = {},
  fields: Partial<RWKVFields> = {},
): Trainer {
  const config = new RWKVConfig({
    vocabSize: 16,
    dModel: 12,
    nLayers: 2,
    dFfn: 24,
    headSize: 4,
    dropout: 0.1,
    ...fields,
  });
  const model = new RWKV(config, backend, { training: true });
  model.initialize(5);
  const recipe = new TrainingConfig({
    gradientAccumulation: 2,
    warmupSteps: 2,
    maxSteps: 12,
    learningRate: 1e-2,
    ...training,
  });
  return new Trainer(model, recipe);
}

/** The batch of a place, a sequence with some noise. */
function batchAt(position: number): Batch {
  const random = new Random(position);
  const ids = [random.next() % 16];
  while (ids.length < 2 * TIME + 1) {
    const noise = random.uniform() < 0.1;
    ids.push(noise ? random.next() % 16 : (5 * ids.at(-1)! + 3) % 16);
  }
  return {
    rows: 2,
    inputs: Uint16Array.from(ids.slice(0, -1)),
    targets: Uint16Array.from(ids.slice(1)),
  };
}

async function stepTo(trainer: Trainer, step: number): Promise<void> {
  while (trainer.step < step) {
    let micro = 0;
    await trainer.trainStep(() => batchAt(2 * trainer.step + micro++));
  }
}

/** Weights, and all that the optimizer keeps. */
async function allOf({ model, optimizer }: Trainer) {
  const all: Record<string, Float32Array> = {};
  for (const parameter of model.parameters) {
    const kept = { data: parameter.data, ...optimizer.keptOf(parameter) };
    for (const [name, memory] of Object.entries(kept)) {
      all[`${parameter.name} ${name}`] = await model.backend.read(memory);
    }
  }
  return all;
}

const PROGRESS = { dataPosition: 0, tokenizerSha256: "0".repeat(64) };

async function saved(trainer: Trainer): Promise<string> {
  const path = `${await Deno.makeTempDir()}/checkpoint_${trainer.step}.mpk`;
  await trainer.saveCheckpoint(path, PROGRESS);
  return path;
}

for (const architecture of ARCHITECTURES) {
  Deno.test(`Trainer with all options goes on from a checkpoint to the last bit: ${architecture}`, async () => {
    using backend = await CpuBackend.create({ threads: 2, blas: "none" });
    const whole = trainerOf(backend, ALL, { architecture });
    const cut = trainerOf(backend, ALL, { architecture });
    await stepTo(whole, 12);
    await stepTo(cut, 7);
    using checkpoint = await Checkpoint.open(await saved(cut));
    const { training } = checkpoint.train!;
    assertEquals(training, cut.config);
    const on = trainerOf(backend, training, { architecture });
    on.loadCheckpoint(checkpoint);
    await stepTo(on, 12);
    assertEquals(await allOf(on), await allOf(whole));
  });
}

Deno.test("Trainer with Muon gives the same bits with any number of threads", async () => {
  const results: unknown[] = [];
  for (const threads of [1, 3]) {
    using backend = await CpuBackend.create({ threads, blas: "none" });
    const trainer = trainerOf(backend, ALL, { dModel: 72, dFfn: 160 });
    await stepTo(trainer, 2);
    results.push(await allOf(trainer));
  }
  assertEquals(results[0], results[1]);
});

Deno.test("Trainer with Muon learns, and the backends agree", async () => {
  using cpu = await CpuBackend.create({ threads: 2, blas: "none" });
  const losses: number[][] = [];
  for (const backend of [new ReferenceBackend(), cpu]) {
    const trainer = trainerOf(backend, { ...ALL, maxSteps: 30 });
    const found: number[] = [];
    while (trainer.step < 30) {
      const result = await trainer.trainStep(() => batchAt(trainer.step % 3));
      found.push(result!.loss);
    }
    assert(found.at(-1)! < 0.6 * found[0], `${found}`);
    losses.push(found);
  }
  for (const [i, loss] of losses[0].slice(0, 10).entries()) {
    assertAlmostEquals(losses[1][i], loss, 1e-3, `step ${i + 1}`);
  }
});

/** One update by gradients of all sizes, the same ones each time. */
async function moved(training: Partial<TrainingFields>) {
  const backend = new ReferenceBackend();
  const trainer = trainerOf(backend, training, { architecture: "rwkv7" });
  const { model, optimizer } = trainer;
  const before = await allOf(trainer), random = new Random(1);
  for (const { grad, length } of model.parameters) {
    const values = Float32Array.from({ length }, () => random.normal());
    backend.write(grad, values);
  }
  const squaredNorm = backend.alloc(1);
  backend.write(squaredNorm, Float32Array.of(1));
  optimizer.update({ learningRate: 0.01, step: 1, squaredNorm });
  return { before, after: await allOf(trainer), parameters: model.parameters };
}

Deno.test("Optimizer moves each kind of parameter by its own rate", async () => {
  const usual = await moved({ weightDecay: 0 });
  const scaled = await moved({
    weightDecay: 0,
    embeddingRate: 3,
    headRate: 0.5,
    vectorRate: 2,
  });
  const factors = { embedding: 3, head: 0.5, vector: 2, matrix: 1, lowRank: 1 };
  const kinds = new Set<string>();
  for (const { name, kind } of usual.parameters) {
    const key = `${name} data`, factor = factors[kind];
    kinds.add(kind);
    for (const [i, was] of usual.before[key].entries()) {
      const change = usual.after[key][i] - was;
      assertAlmostEquals(
        scaled.after[key][i] - was,
        factor * change,
        1e-5,
        key,
      );
    }
  }
  assertEquals(kinds.size, 5);
});

Deno.test("Optimizer keeps one momentum for Muon's matrices, two moments for all else", () => {
  for (const architecture of ARCHITECTURES) {
    const { model, optimizer } = trainerOf(
      new ReferenceBackend(),
      { optimizer: "muon" },
      { architecture },
    );
    const momenta = [...model.parameters]
      .filter((one) => optimizer.keptOf(one).second === undefined);
    // All that is a projection, and neither embedding, head nor of low rank.
    assertEquals(
      momenta.map(({ name }) => name),
      [...model.parameters].filter(({ name, shape }) =>
        shape.length === 2 && /^(?:rwkv\.)?blocks\..*\.weight$/.test(name)
      ).map(({ name }) => name),
    );
    assert(momenta.length >= 2 * 6);
    const { count } = model.parameters;
    const without = momenta.reduce((sum, { length }) => sum + length, 0);
    assertEquals(optimizer.keptValues, 2 * count - without);
  }
});

Deno.test("Optimizer averages the weights, which can take their place", async () => {
  const emaDecay = 0.6,
    trainer = trainerOf(new ReferenceBackend(), { emaDecay });
  const name = "blocks.0.att.value.weight";
  const read = async (what: string) =>
    (await allOf(trainer))[`${name} ${what}`];
  let expected: number[] = [];
  for (let step = 1; step <= 6; step++) {
    await stepTo(trainer, step);
    // The first average is the weights; then few steps are averaged at first.
    const decay = Math.min(emaDecay, (step - 1) / (step + 9));
    expected = [...await read("data")].map((value, i) =>
      step === 1 ? value : decay * expected[i] + (1 - decay) * value
    );
  }
  const average = await read("average"), own = await read("data");
  for (const [i, value] of average.entries()) {
    assertAlmostEquals(value, expected[i], 1e-6);
  }
  const before = await allOf(trainer);
  await trainer.withAverages(async () => {
    assertEquals(await read("data"), average);
  });
  await assertRejects(() =>
    trainer.withAverages(() => Promise.reject(new Error("no")))
  );
  assertEquals(await allOf(trainer), before);

  const path = await saved(trainer), backend = new ReferenceBackend();
  using averaged = await Checkpoint.open(path, { weights: "average" });
  assertEquals(averaged.readWeight(name), average);
  using last = await Checkpoint.open(path, { weights: "last" });
  assertEquals(last.readWeight(name), own);
  const model = new RWKV(averaged.config, backend);
  averaged.loadInto(model);
  const loaded = await loadModel(path, backend); // whose model is its averages
  const [{ data }] = [...loaded.parameters].filter((one) => one.name === name);
  assertEquals(await backend.read(data), average);
});

Deno.test("Checkpoint.open() refuses averages that are not there", async () => {
  const plain = trainerOf(new ReferenceBackend());
  await stepTo(plain, 1);
  const unmoved = trainerOf(new ReferenceBackend(), { emaDecay: 0.9 });
  for (const trainer of [plain, unmoved]) {
    assertEquals(trainer.hasAverages, false);
    const path = await saved(trainer);
    await assertRejects(
      () => Checkpoint.open(path, { weights: "average" }),
      RangeError,
      "it has no averaged weights beside its own",
    );
  }
  assertThrows(() => plain.optimizer.swapAverages(), TypeError, "none");
});

Deno.test("Trainer changes no averages where gradients are not finite", async () => {
  const backend = new ReferenceBackend();
  const trainer = trainerOf(backend, ALL);
  await stepTo(trainer, 2);
  const before = await allOf(trainer);
  backend.values(trainer.model.parameters.groups[0].grad)[0] = NaN;
  const result = await trainer.trainStep(() => batchAt(9));
  assertEquals(result!.skipped, true);
  assertEquals(await allOf(trainer), before);
});

Deno.test("Optimizer with a cautious decay shrinks only what a step moves towards 0", async () => {
  const key = "blocks.0.att.value.weight data";
  for (const optimizer of ["adamw", "muon"] as const) {
    const { before, after } = await moved({ optimizer, weightDecay: 0 });
    const decayed = async (cautiousWeightDecay: boolean) =>
      (await moved({ optimizer, weightDecay: 5, cautiousWeightDecay })).after;
    const always = await decayed(false), cautious = await decayed(true);
    let left = 0;
    for (const [i, was] of before[key].entries()) {
      const isTowards0 = (after[key][i] - was) * was < 0;
      const expected = isTowards0 ? always : after;
      assertEquals(cautious[key][i], expected[key][i]);
      if (!isTowards0) left++;
    }
    const share = left / before[key].length;
    assert(share > 0.3 && share < 0.7, `${share}`);
    assert(before[key].some((_, i) => always[key][i] !== after[key][i]));
  }
});
