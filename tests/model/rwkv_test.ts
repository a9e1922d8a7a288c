/**
 * The models: sizes, initial loss, equality of the parallel and the recurrent
 * form, whole-model gradients. `tests/golden` has logits of another program.
 *
 * @module
 */

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import type { Backend } from "../../lib/backend/backend.ts";
import { CpuBackend } from "../../lib/backend/cpu/cpu_backend.ts";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { ARCHITECTURES } from "../../lib/model/architecture.ts";
import { RWKVConfig, type RWKVFields } from "../../lib/model/config.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import { lowRanks } from "../../lib/model/rwkv7.ts";
import type { RWKVState, SavedState } from "../../lib/model/state.ts";
import { Random } from "../../lib/random.ts";
import { Tape } from "../../lib/tensor/tape.ts";

const VARIANTS: Partial<RWKVFields>[] = [
  { architecture: "rwkv4" },
  { architecture: "rwkv4", logitSoftCap: 1, valueEmbeddings: 1 },
  { architecture: "classic" },
  { architecture: "classic", timeMixing: "channels", embeddingNorm: false },
  {
    architecture: "rwkv7",
    valueEmbeddings: 2,
    headSize: 3,
    decayRank: 2,
    rateRank: 3,
    valueRank: 1,
    gateRank: 4,
  },
];

function tiny(fields: Partial<RWKVFields>): RWKVConfig {
  return new RWKVConfig({
    vocabSize: 11,
    dModel: 6,
    nLayers: 2,
    dFfn: 10,
    ...fields,
  });
}

function idsOf(backend: Backend, ids: number[]) {
  const indices = backend.allocIndices(ids.length);
  backend.writeIndices(indices, ids);
  return indices;
}

/** Weights that are far from their zero initial values. */
function randomize(model: RWKV): void {
  const random = new Random(1);
  for (const parameter of model.parameters) {
    model.backend.write(
      parameter.data,
      Float32Array.from(
        { length: parameter.length },
        () => 0.4 * random.normal(),
      ),
    );
  }
}

Deno.test("RWKVConfig.numParameters() is that of the documented block", () => {
  const classic = { architecture: "classic", embeddingNorm: false } as const;
  assertEquals(RWKVConfig.ptbrMicro(classic).numParameters(), 19_796_480);
  assertEquals(RWKVConfig.ptbrMini(classic).numParameters(), 35_202_816);
  assertEquals(RWKVConfig.ptbr85m(classic).numParameters(), 134_125_056);
});

Deno.test("RWKVConfig.numParameters() of rwkv4 is that of the official code", () => {
  const rwkv4 = { architecture: "rwkv4" } as const;
  assertEquals(RWKVConfig.ptbrMicro(rwkv4).numParameters(), 19_804_160);
  assertEquals(RWKVConfig.ptbrMini(rwkv4).numParameters(), 35_219_712);
  assertEquals(RWKVConfig.ptbr85m(rwkv4).numParameters(), 134_191_104);
});

Deno.test("RWKVConfig.numParameters() of rwkv7 is that of the official code", () => {
  const rwkv7 = { architecture: "rwkv7" } as const;
  assertEquals(RWKVConfig.ptbrMicro(rwkv7).numParameters(), 19_861_248);
  assertEquals(RWKVConfig.ptbrMini(rwkv7).numParameters(), 35_508_096);
  assertEquals(RWKVConfig.ptbr85m(rwkv7).numParameters(), 132_445_440);
});

Deno.test("lowRanks() grow with the width as official ones do", () => {
  const ranksOf = (dModel: number) =>
    Object.values(
      lowRanks(new RWKVConfig({ architecture: "rwkv7", dModel })),
    );
  assertEquals(ranksOf(256), [32, 32, 32, 64]); // 5·16/32 = 2.5 goes to 2
  assertEquals(ranksOf(384), [64, 64, 32, 96]);
  assertEquals(ranksOf(768), [64, 64, 32, 128]);
  assertEquals(ranksOf(1024), [64, 64, 64, 160]);
  const given = new RWKVConfig({ decayRank: 5, gateRank: 7 });
  assertEquals(lowRanks(given), { decay: 5, rate: 32, value: 32, gate: 7 });
});

for (const fields of VARIANTS) {
  const name = JSON.stringify(fields);
  const config = tiny(fields);

  Deno.test(`RWKV.forward() token by token equals all at once: ${name}`, async () => {
    const backend = new ReferenceBackend("f64");
    const model = new RWKV(config, backend);
    randomize(model);
    const tape = new Tape(backend, { recording: false });
    const tokens = [3, 1, 4, 1, 5];
    const whole = model.logits(
      tape,
      model.forward(tape, idsOf(backend, tokens), { batch: 1, time: 5 }),
    );
    const state = model.newState(1);
    let logits = whole;
    for (const token of tokens) {
      const ids = idsOf(backend, [token]);
      logits = model.logits(
        tape,
        model.forward(tape, ids, { batch: 1, time: 1, state }),
      );
    }
    const expected = await backend.read(whole.data);
    assertEquals(await backend.read(logits.data), expected);
    assert(expected.some((value) => Math.abs(value) > 0.01));
  });

  Deno.test(`RWKVState.save() and restore() give the same logits: ${name}`, async () => {
    const backend = new ReferenceBackend();
    const model = new RWKV(config, backend);
    randomize(model);
    const tape = new Tape(backend, { recording: false });
    const feed = (state: RWKVState, tokens: number[]) => {
      const options = { batch: 2, time: tokens.length / 2, state };
      const hidden = model.forward(tape, idsOf(backend, tokens), options);
      return backend.read(model.logits(tape, hidden).data);
    };
    const state = model.newState(2);
    await feed(state, [3, 1, 4, 1, 5, 9]);
    const saved = await state.save();
    const expected = await feed(state, [2, 6, 5, 3]);
    const other = model.newState(2);
    await feed(other, [7, 7]);
    other.restore(saved);
    assertEquals(await feed(other, [2, 6, 5, 3]), expected);
    assertThrows(
      () => model.newState(1).restore(saved),
      RangeError,
      "Cannot restore a state: it is of another shape",
    );
  });

  Deno.test(`RWKV.loss() has right gradients for every parameter: ${name}`, () => {
    const backend = new ReferenceBackend("f64");
    const model = new RWKV(config, backend, { training: true });
    randomize(model);
    const inputs = idsOf(backend, [3, 1, 4, 1, 5, 9]);
    const targets = idsOf(backend, [1, 4, 1, 5, 9, 2]);
    const lossOf = (tape: Tape) => {
      const loss = backend.alloc(1);
      const hidden = model.forward(tape, inputs, {
        batch: 2,
        time: 3,
        dropoutKey: 5,
      });
      model.loss(tape, hidden, targets, { scale: 1 / 6, loss });
      return backend.values(loss)[0];
    };
    const tape = new Tape(backend);
    lossOf(tape);
    tape.backward();
    const random = new Random(2);
    for (const parameter of model.parameters) {
      const values = backend.values(parameter.data);
      for (let n = 0; n < 4; n++) {
        const i = random.next() % values.length, at = values[i], step = 1e-5;
        values[i] = at + step;
        const above = lossOf(new Tape(backend, { recording: false }));
        values[i] = at - step;
        const below = lossOf(new Tape(backend, { recording: false }));
        values[i] = at;
        const expected = (above - below) / (2 * step);
        assertAlmostEquals(
          backend.values(parameter.grad)[i],
          expected,
          1e-7 * (1 + Math.abs(expected)),
          `${parameter.name}[${i}]`,
        );
      }
    }
  });
}

Deno.test("RWKV.logits() stay below the soft cap, and RWKV.loss() is theirs", async () => {
  const backend = new ReferenceBackend("f64");
  const [plain, capped] = [undefined, 1].map((logitSoftCap) => {
    const model = new RWKV(tiny({ logitSoftCap }), backend);
    randomize(model);
    return model;
  });
  const ids = idsOf(backend, [3, 1, 4]), shape = { batch: 3, time: 1 };
  const answers = async (model: RWKV) => {
    const tape = new Tape(backend, { recording: false });
    const hidden = model.forward(tape, ids, shape);
    const loss = backend.alloc(1);
    model.loss(tape, hidden, idsOf(backend, [1, 5, 9]), { scale: 1, loss });
    const logits = await backend.read(model.logits(tape, hidden).data);
    return { loss: (await backend.read(loss))[0], logits };
  };
  const [without, within] = [await answers(plain), await answers(capped)];
  assert(without.logits.some((z) => Math.abs(z) > 1));
  within.logits.forEach((z, i) =>
    assertAlmostEquals(z, Math.tanh(without.logits[i]), 1e-6)
  );
  const expected = [1, 5, 9].reduce((sum, target, row) => {
    const z = within.logits.slice(11 * row, 11 * (row + 1));
    const total = z.reduce((all, value) => all + Math.exp(value), 0);
    return sum + Math.log(total) - z[target];
  }, 0);
  assertAlmostEquals(within.loss, expected, 1e-5);
});

for (const architecture of ["rwkv4", "rwkv7"] as const) {
  Deno.test(`RWKV.initialize() of ${architecture} starts at the loss of a uniform guess`, async () => {
    const backend = new ReferenceBackend();
    const config = new RWKVConfig({
      architecture,
      headSize: 16,
      vocabSize: 2000,
      dModel: 32,
      nLayers: 2,
      dFfn: 64,
    });
    const model = new RWKV(config, backend);
    model.initialize(42);
    const tape = new Tape(backend, { recording: false });
    const random = new Random(6);
    const tokens = Array.from({ length: 33 }, () => random.next() % 2000);
    const loss = backend.alloc(1);
    const hidden = model.forward(tape, idsOf(backend, tokens.slice(0, 32)), {
      batch: 1,
      time: 32,
    });
    model.loss(tape, hidden, idsOf(backend, tokens.slice(1)), {
      scale: 1 / 32,
      loss,
    });
    assertAlmostEquals((await backend.read(loss))[0], Math.log(2000), 0.3);
  });
}

Deno.test("RWKVState.restore() takes what another backend saved", async () => {
  using cpu = await CpuBackend.create({ threads: 2, blas: "none" });
  const tokens = [3, 1, 4, 1, 5], rest = [9, 2];
  for (const architecture of ARCHITECTURES) {
    const config = tiny({ architecture, dModel: 16, headSize: 8 });
    const answers: Float32Array[] = [];
    let saved: SavedState | undefined;
    for (const backend of [new ReferenceBackend(), cpu]) {
      const model = new RWKV(config, backend);
      randomize(model);
      const tape = new Tape(backend, { recording: false });
      const state = model.newState(1);
      const feed = (ids: number[]) =>
        model.forward(tape, idsOf(backend, ids), {
          batch: 1,
          time: ids.length,
          state,
        });
      if (saved === undefined) {
        feed(tokens);
        saved = await state.save();
      } else {
        state.restore(saved);
        assertEquals(await state.save(), saved);
      }
      answers.push(await backend.read(model.logits(tape, feed(rest)).data));
    }
    answers[0].forEach((value, i) =>
      assertAlmostEquals(value, answers[1][i], 1e-5, architecture)
    );
  }
});

Deno.test("RWKV.initialize() of rwkv7 gives the official code's values", async () => {
  const backend = new ReferenceBackend();
  const config = tiny({
    architecture: "rwkv7",
    dModel: 8,
    nLayers: 3,
    headSize: 4,
    decayRank: 2,
  });
  const model = new RWKV(config, backend, { training: true });
  model.initialize(42);
  const all = new Map([...model.parameters].map((each) => [each.name, each]));
  const read = (name: string) => backend.read(all.get(name)!.data);
  const check = async (name: string, expected: Record<number, number>) => {
    const values = await read(name);
    for (const [i, value] of Object.entries(expected)) {
      assertAlmostEquals(values[Number(i)], value, 1e-6, `${name}[${i}]`);
    }
  };
  // Block 1 of 0, 1, 2: q = 2/3, half way down; channel 7 is the last of a head.
  await check("blocks.1.att.x_w", { 0: 1, 4: 1 - 0.5 ** 0.6 });
  await check("blocks.1.att.x_g", { 2: 1 - 0.25 ** (0.4 / 3) });
  await check("blocks.1.ffn.x_k", { 4: 1 - 0.5 ** (16 / 81) });
  const half = 1 + 0.5 ** 0.3;
  await check("blocks.1.att.w0", {
    0: -6 + 0.5 - 2.5,
    1: -6 + 6 * (1 / 7) ** half + 0.5 - 2.5 / 9,
    7: 0.5 + 2.5,
  });
  await check("blocks.1.att.a0", {
    0: -0.19 - 0.3 - 0.2,
    7: -0.19 + 0.3 + 0.2,
  });
  await check("blocks.1.att.v0", { 0: 0.73 + 0.2, 7: 0.73 - 0.2 });
  await check("blocks.1.att.k_k", { 0: 0.71 + 0.05 });
  await check("blocks.1.att.k_a", { 3: 1.02 });
  await check("blocks.1.att.r_k", { 3: -0.04 });
  await check("blocks.1.att.ln_x.weight", { 3: (2 / 3) ** 0.7 });
  for (const name of ["att.w1", "att.output.weight", "ffn.value.weight"]) {
    const values = await read(`blocks.1.${name}`);
    assertEquals(values, new Float32Array(values.length));
  }
  const [row] = [(await read("blocks.1.att.w2")).subarray(0, 8)];
  const norm = Math.hypot(...row);
  assertAlmostEquals(norm, 0.1, 1e-6);
  assertEquals(all.has("blocks.0.att.v1"), false);

  // Only projections decay, and the decay's bias learns twice as fast.
  const decaying = [...all.values()].filter(({ group }) => group.decays);
  assertEquals(
    decaying.every(({ name, shape }) =>
      shape.length === 2 && name.endsWith(".weight")
    ),
    true,
  );
  assertEquals(decaying.length, 2 + 3 * 6);
  const fast = [...all.values()].filter(({ group }) =>
    group.learningRateScale !== 1
  );
  assertEquals(
    fast.map(({ name, group }) => [name, group.learningRateScale]),
    [0, 1, 2].map((layer) => [`blocks.${layer}.att.w0`, 2]),
  );
});

Deno.test("RWKV.initialize() makes orthonormal columns where RWKV-4 asks for them", async () => {
  const backend = new ReferenceBackend();
  const model = new RWKV(tiny({}), backend);
  model.initialize(42);
  const value = [...model.parameters].find(({ name }) =>
    name === "blocks.1.att.value.weight"
  )!;
  const w = await backend.read(value.data);
  for (let a = 0; a < 6; a++) {
    for (let b = 0; b < 6; b++) {
      let dot = 0;
      for (let i = 0; i < 6; i++) dot += w[i * 6 + a] * w[i * 6 + b];
      assertAlmostEquals(dot, a === b ? 1 : 0, 1e-5);
    }
  }
});

Deno.test("Tape allocates nothing after the first step of a shape", () => {
  const backend = new ReferenceBackend();
  const model = new RWKV(tiny({}), backend, { training: true });
  model.initialize(1);
  const tape = new Tape(backend);
  const ids = idsOf(backend, [1, 2, 3, 4]);
  const loss = backend.alloc(1);
  const step = () => {
    const hidden = model.forward(tape, ids, { batch: 1, time: 4 });
    model.loss(tape, hidden, ids, { scale: 1, loss });
    tape.backward();
  };
  step();
  const { allocations } = tape;
  step();
  step();
  assertEquals(tape.allocations, allocations);
});
