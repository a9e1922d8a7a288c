/** RWKV-6 on every backend against its equations, written once more in numpy. */

import { assert, assertLess } from "@std/assert";
import type { Backend } from "../../lib/backend/backend.ts";
import { CpuBackend } from "../../lib/backend/cpu/cpu_backend.ts";
import { DENO_HOST } from "../../lib/backend/cpu/deno_host.ts";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { WebGpuBackend } from "../../lib/backend/webgpu/webgpu_backend.ts";
import { ForeignModel } from "../../lib/checkpoint/import/foreign_model.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import { Tape } from "../../lib/tensor/tape.ts";
import type { Tensor } from "../../lib/tensor/tensor.ts";
import { gpuTest } from "../backend/webgpu/adapter.ts";
import { RWKV6_MODEL, rwkv6Answers } from "./rwkv6_oracle.ts";

/** The model of the oracle, ready to be trained. */
async function oracleModel(backend: Backend): Promise<RWKV> {
  using foreign = await ForeignModel.open(RWKV6_MODEL);
  const model = new RWKV(foreign.config, backend, { training: true });
  for (const { name, data } of model.parameters) {
    backend.write(data, foreign.readWeight(name));
  }
  return model;
}

/** Greatest difference of a logit, of tokens one by one and all at once. */
async function logitDistance(model: RWKV): Promise<number> {
  const { backend } = model;
  const { prompts } = await rwkv6Answers();
  let worst = 0;
  const compare = async (
    tape: Tape,
    hidden: Tensor,
    want: readonly number[],
  ) => {
    const logits = await backend.read(model.logits(tape, hidden).data);
    for (const [i, value] of want.entries()) {
      worst = Math.max(worst, Math.abs(logits[i] - value));
    }
    tape.reset();
  };
  for (const { ids, logits } of prompts) {
    const tape = new Tape(backend, { recording: false });
    const state = model.newState(1);
    const one = backend.allocIndices(1), all = backend.allocIndices(ids.length);
    for (const [t, id] of ids.entries()) {
      backend.writeIndices(one, [id]);
      const hidden = model.forward(tape, one, { batch: 1, time: 1, state });
      await compare(tape, hidden, logits[t]);
    }
    backend.writeIndices(all, ids);
    const shape = { batch: 1, time: ids.length };
    await compare(tape, model.forward(tape, all, shape), logits.at(-1)!);
  }
  return worst;
}

/** Greatest difference of the loss or of a gradient, beside 1 + its size. */
async function gradientDistance(model: RWKV): Promise<number> {
  const { backend } = model;
  const { inputs, targets, loss, gradients } = await rwkv6Answers();
  const [ids, wanted] = [inputs, targets].map((rows) => {
    const indices = backend.allocIndices(rows.flat().length);
    backend.writeIndices(indices, rows.flat());
    return indices;
  });
  const batch = inputs.length, time = inputs[0].length;
  const tape = new Tape(backend), sum = backend.alloc(1);
  const hidden = model.forward(tape, ids, { batch, time });
  model.loss(tape, hidden, wanted, { scale: 1 / (batch * time), loss: sum });
  tape.backward();
  const distance = (got: number, want: number) =>
    Math.abs(got - want) / (1 + Math.abs(want));
  let worst = distance((await backend.read(sum))[0], loss);
  for (const { name, grad } of model.parameters) {
    const values = await backend.read(grad);
    assert(gradients[name].length > 0, name);
    for (const [index, want] of gradients[name]) {
      worst = Math.max(worst, distance(values[index], want));
    }
  }
  return worst;
}

Deno.test("RWKV-6 gives the oracle's logits and gradients on the reference", async () => {
  // Logits and gradients are read as f32.
  const model = await oracleModel(new ReferenceBackend("f64"));
  assertLess(await logitDistance(model), 1e-6);
  assertLess(await gradientDistance(model), 1e-6);
});

for (const blas of ["none", "auto"] as const) {
  Deno.test({
    name: `RWKV-6 gives them on the CPU, BLAS ${blas}`,
    sanitizeResources: false, // a BLAS is never closed
    fn: async () => {
      using backend = await CpuBackend.create({
        threads: 2,
        blas,
        host: DENO_HOST,
      });
      const model = await oracleModel(backend);
      assertLess(await logitDistance(model), 5e-6);
      assertLess(await gradientDistance(model), 5e-6);
    },
  });
}

gpuTest("RWKV-6 gives them on WebGPU", async () => {
  using backend = await WebGpuBackend.create({ software: true });
  const model = await oracleModel(backend);
  assertLess(await logitDistance(model), 5e-6);
  assertLess(await gradientDistance(model), 5e-6);
});
