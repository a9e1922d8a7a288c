import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import type { Backend } from "../../lib/backend/backend.ts";
import { CpuBackend } from "../../lib/backend/cpu/cpu_backend.ts";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import type { AdapterShape } from "../../lib/model/adapter.ts";
import { RWKVConfig, type RWKVFields } from "../../lib/model/config.ts";
import { RWKV, type TrainedParts } from "../../lib/model/rwkv.ts";
import { Tape } from "../../lib/tensor/tape.ts";
import { Evaluator } from "../../lib/train/evaluate.ts";
import { Trainer } from "../../lib/train/trainer.ts";
import { startFromTuned } from "../../lib/train/tuned_state.ts";
import { TrainingConfig } from "../../lib/training_config.ts";
import { randomValues } from "../checkpoint/models.ts";

const LORA: AdapterShape = {
  kind: "lora",
  rank: 2,
  alpha: 3,
  targets: ["att", "ffn.key"],
};
const FAMILIES: readonly Partial<RWKVFields>[] = [
  { architecture: "rwkv4" },
  { architecture: "rwkv6", headSize: 4, mixRank: 8 },
  { architecture: "rwkv7", headSize: 4 },
];
const BATCH = {
  rows: 2,
  inputs: Uint16Array.of(1, 2, 3, 4, 5, 6),
  targets: Uint16Array.of(2, 3, 4, 5, 6, 7),
};

/** A model in training, every weight a small random number. */
function made(
  fields: Partial<RWKVFields>,
  parts: TrainedParts,
  backend: Backend = new ReferenceBackend("f64"),
): RWKV {
  const config = new RWKVConfig({
    vocabSize: 9,
    dModel: 8,
    nLayers: 2,
    dFfn: 12,
    maxSeqLen: 8,
    dropout: 0,
    ...fields,
  });
  const model = new RWKV(config, backend, { training: true, ...parts });
  for (const parameter of model.parameters) {
    const values = randomValues(parameter, 3).map((x) => x / 4);
    backend.write(parameter.data, values);
  }
  return model;
}

/** The loss of the batch; the gradients are left in the model. */
async function lossOf(model: RWKV): Promise<number> {
  const { backend } = model, tape = new Tape(backend);
  const ids = backend.allocIndices(6), targets = backend.allocIndices(6);
  backend.writeIndices(ids, BATCH.inputs);
  backend.writeIndices(targets, BATCH.targets);
  const loss = backend.alloc(1);
  backend.run("fill", { out: loss }, { value: 0 });
  const hidden = model.forward(tape, ids, { batch: 2, time: 3 });
  model.loss(tape, hidden, targets, { scale: 1 / 6, loss });
  tape.backward();
  return (await backend.read(loss))[0];
}

/** A model of the same weights with the LoRA in them. */
async function merged(model: RWKV): Promise<RWKV> {
  const { backend, config } = model;
  const whole = new RWKV(config, backend, { training: true });
  const own = model.ownParameters;
  for (const [i, { name, data, shape }] of whole.ownParameters.entries()) {
    assertEquals(own[i].name, name);
    const values = await backend.read(own[i].data);
    backend.write(data, values);
    const { lora } = own[i];
    if (lora === undefined) continue;
    const [m, n] = shape, k = lora.a.shape[0];
    const scaled = backend.alloc(m * k);
    const b = await backend.read(lora.b.data);
    backend.write(scaled, b.map((x) => x * 1.5));
    backend.matmul(data, scaled, lora.a.data, { m, k, n }, {
      accumulate: true,
    });
  }
  return whole;
}

for (const fields of FAMILIES) {
  Deno.test(`a LoRA's gradients are those of the merged ${fields.architecture} by the chain rule`, async () => {
    const model = made(fields, { adapter: LORA }), { backend } = model;
    const whole = await merged(model);
    assertAlmostEquals(await lossOf(model), await lossOf(whole), 1e-6);
    const adapted = model.ownParameters.filter(({ lora }) => lora);
    assert(adapted.length > 0);
    for (const { name, shape: [m, n], lora } of adapted) {
      const { a, b } = lora!, rank = 2, scale = 1.5;
      const other = whole.ownParameters.find((one) => one.name === name)!;
      const dW = await backend.read(other.grad);
      const [A, B] = [await backend.read(a.data), await backend.read(b.data)];
      const [dA, dB] = [await backend.read(a.grad), await backend.read(b.grad)];
      for (let r = 0; r < rank; r++) {
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let i = 0; i < m; i++) sum += B[i * rank + r] * dW[i * n + j];
          assertAlmostEquals(dA[r * n + j], scale * sum, 1e-5);
        }
        for (let i = 0; i < m; i++) {
          let sum = 0;
          for (let j = 0; j < n; j++) sum += dW[i * n + j] * A[r * n + j];
          assertAlmostEquals(dB[i * rank + r], scale * sum, 1e-5);
        }
      }
    }
  });

  Deno.test(`a LoRA of ${fields.architecture} is the same on the CPU, recomputed or not`, async () => {
    const losses: number[] = [];
    const expected = made(fields, { adapter: LORA }, new ReferenceBackend());
    losses.push(await lossOf(expected));
    const cpu = await CpuBackend.create({ threads: 2, blas: "none" });
    try {
      const model = made(fields, { adapter: LORA }, cpu);
      assertAlmostEquals(await lossOf(model), losses[0], 1e-5);
      for (const [i, { grad, name }] of model.adapterParameters.entries()) {
        const own = await cpu.read(grad);
        const other = await expected.backend.read(
          expected.adapterParameters[i].grad,
        );
        own.forEach((x, j) => assertAlmostEquals(x, other[j], 1e-5, name));
      }
      const config = new TrainingConfig({ gradientAccumulation: 1 });
      const bits = [];
      for (const recompute of [false, true]) {
        const again = made(fields, { adapter: LORA }, cpu);
        const trainer = new Trainer(again, config, { recompute });
        trainer.accumulate(BATCH, 1);
        const { grad } = again.adapterParameters[0];
        bits.push(await cpu.read(grad));
      }
      assertEquals(bits[0], bits[1]);
    } finally {
      cpu[Symbol.dispose]();
    }
  });
}

Deno.test("a step of a LoRA changes the adapter alone, and has no moments of the rest", async () => {
  const model = made({}, { adapter: LORA }, new ReferenceBackend());
  const { backend } = model;
  const trainer = new Trainer(
    model,
    new TrainingConfig({ gradientAccumulation: 1, warmupSteps: 0 }),
  );
  const read = async () => {
    const all = new Map<string, Float32Array>();
    for (const { name, data } of model.parameters) {
      all.set(name, await backend.read(data));
    }
    return all;
  };
  const before = await read();
  await trainer.trainStep(() => BATCH);
  const after = await read();
  const changed = [...after].filter(([name, values]) =>
    values.some((x, i) => x !== before.get(name)![i])
  ).map(([name]) => name);
  assertEquals(changed, model.adapterParameters.map(({ name }) => name));
  assertEquals(
    trainer.optimizer.firstMoments.length,
    model.parameters.trainedLength,
  );
  assert(model.parameters.trainedLength < model.parameters.flatLength);
});

Deno.test("a new LoRA adds nothing", async () => {
  const model = made({}, { adapter: LORA }), { backend } = model;
  const whole = new RWKV(model.config, backend, { training: true });
  for (const [i, { data }] of whole.ownParameters.entries()) {
    backend.write(data, await backend.read(model.ownParameters[i].data));
  }
  model.initialize(1);
  assertEquals(await lossOf(model), await lossOf(whole));
  const [{ name, data }] = model.adapterParameters;
  assertEquals(name, "blocks.0.att.key.lora_A");
  const a = await backend.read(data);
  assert(a.every((x) => x !== 0 && Math.abs(x) <= 1 / Math.sqrt(8)));
});

Deno.test("frozen parts stay as they are, and the others learn as without", async () => {
  for (const fields of FAMILIES) {
    const frozen = ["emb", "head", "att.key", "blocks.1.ffn", "ln1"];
    const model = made(fields, { frozen }, new ReferenceBackend());
    const whole = made(fields, {}, new ReferenceBackend());
    await lossOf(model);
    await lossOf(whole);
    let trained = 0;
    for (const [i, parameter] of model.ownParameters.entries()) {
      const { name, isFrozen } = parameter;
      const isNamed = /^(emb|head)\.|\.(att\.key|ln1)\.|^blocks\.1\.ffn/.test(
        name,
      );
      assertEquals(isFrozen, isNamed, name);
      if (isFrozen) continue;
      trained += parameter.length;
      const other = whole.ownParameters[i];
      assertEquals(
        await model.backend.read(parameter.grad),
        await whole.backend.read(other.grad),
      );
    }
    assert(trained <= model.parameters.trainedLength);
    const trainer = new Trainer(
      model,
      new TrainingConfig({ gradientAccumulation: 1, warmupSteps: 0 }),
    );
    const emb = model.ownParameters[0];
    const before = await model.backend.read(emb.data);
    await trainer.trainStep(() => BATCH);
    assertEquals(await model.backend.read(emb.data), before);
  }
});

Deno.test("RWKV refuses to freeze or adapt what it does not have", () => {
  assertThrows(
    () => made({}, { frozen: ["embedding"] }),
    RangeError,
    "Cannot freeze embedding: the model's parts are emb, ln0, ln1, att, ln2, ffn, ln_out, head",
  );
  assertThrows(
    () => made({}, { frozen: ["emb", "blocks", "ln_out", "head"] }),
    RangeError,
    "all of which is frozen",
  );
  assertThrows(
    () => made({}, { adapter: { ...LORA, targets: ["att.gate"] } }),
    RangeError,
    "Cannot adapt att.gate: the model's projections are att.key, att.value",
  );
  assertThrows(
    () => made({}, { adapter: { kind: "state" } }),
    RangeError,
    "only RWKV-6 and RWKV-7",
  );
});

for (const fields of FAMILIES.slice(1)) {
  Deno.test(`the first state of ${fields.architecture} has the gradients of its equation`, async () => {
    const backend = new ReferenceBackend("f64");
    const model = made(fields, { adapter: { kind: "state" } }, backend);
    const trainer = new Trainer(
      model,
      new TrainingConfig({ gradientAccumulation: 1, adapter: "state" }),
    );
    trainer.accumulate(BATCH, 1);
    const evaluator = new Evaluator(model);
    const lossNow = async () => {
      await startFromTuned(model);
      const lengths = new Uint8Array(9).fill(1);
      return (await evaluator.evaluate([BATCH], lengths)).loss;
    };
    for (const { name, data, grad } of model.adapterParameters) {
      const values = backend.values(data), gradients = backend.values(grad);
      assertEquals(values.length, 2 * 4 * 4);
      for (const i of [0, 3, 6, 17, 31]) {
        const at = values[i], step = 0.02; // losses are read as f32
        values[i] = at + step;
        const above = await lossNow();
        values[i] = at - step;
        const below = await lossNow();
        values[i] = at;
        const expected = (above - below) / (2 * step);
        assertAlmostEquals(gradients[i], expected, 2e-5, name);
      }
    }
  });
}

Deno.test("training a state lowers the loss and changes nothing else", async () => {
  const model = made(
    { architecture: "rwkv7", headSize: 4 },
    { adapter: { kind: "state" } },
    new ReferenceBackend(),
  );
  model.initialize(1);
  const trainer = new Trainer(
    model,
    new TrainingConfig({
      gradientAccumulation: 1,
      warmupSteps: 0,
      learningRate: 0.05,
      weightDecay: 0,
      adapter: "state",
    }),
  );
  const own = model.ownParameters;
  const before = await Promise.all(
    own.map(({ data }) => model.backend.read(data)),
  );
  const losses: number[] = [];
  for (let i = 0; i < 20; i++) {
    losses.push((await trainer.trainStep(() => BATCH))!.loss);
  }
  assert(losses.at(-1)! < losses[0], `${losses}`);
  for (const [i, { data }] of own.entries()) {
    assertEquals(await model.backend.read(data), before[i]);
  }
});
