/**
 * Training that goes on from a state: the loss and gradients are those of the
 * tokens in one piece, as far as gradients go, and the state's own gradient is
 * right.
 *
 * @module
 */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { Backend, Memory } from "../../lib/backend/backend.ts";
import { CpuBackend } from "../../lib/backend/cpu/cpu_backend.ts";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { ARCHITECTURES } from "../../lib/model/architecture.ts";
import { RWKVConfig } from "../../lib/model/config.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import type { RWKVState } from "../../lib/model/state.ts";
import { Random } from "../../lib/random.ts";
import { Tape } from "../../lib/tensor/tape.ts";

const TOKENS = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7];

/** A model with random weights, and a way to run it. */
class Tried {
  readonly model: RWKV;
  /** What the passes have lost. */
  readonly total: Memory;

  constructor(
    readonly backend: Backend,
    architecture: typeof ARCHITECTURES[number],
  ) {
    const config = new RWKVConfig({
      architecture,
      vocabSize: 11,
      dModel: 16,
      nLayers: 2,
      dFfn: 10,
      headSize: 8,
      decayRank: 2,
      rateRank: 3,
      valueRank: 1,
      gateRank: 4,
      mixRank: 4,
    });
    this.model = new RWKV(config, backend, { training: true });
    const random = new Random(1);
    for (const { data, length } of this.model.parameters) {
      const values = Float32Array.from(
        { length },
        () => 0.4 * random.normal(),
      );
      backend.write(data, values);
    }
    this.total = backend.alloc(1);
  }

  /** Two sequences' tokens from `start` on, through the model. */
  pass(
    tape: Tape,
    [start, end]: readonly [number, number],
    options: { state?: RWKVState; recompute?: boolean } = {},
  ): void {
    const { backend, model } = this, batch = 2, time = end - start;
    const rows = [0, 1].map((row) => TOKENS.map((id) => (id + row) % 11));
    const idsOf = (shift: number) => {
      const ids = backend.allocIndices(batch * time);
      backend.writeIndices(
        ids,
        rows.flatMap((row) => row.slice(start + shift, end + shift)),
      );
      return ids;
    };
    const hidden = model.forward(tape, idsOf(0), { batch, time, ...options });
    model.loss(tape, hidden, idsOf(1), { scale: 1, loss: this.total });
  }

  /** What the passes since the last call have lost. */
  async loss(): Promise<number> {
    const [loss] = await this.backend.read(this.total);
    this.backend.run("fill", { out: this.total }, { value: 0 });
    return loss;
  }

  /** The gradients of all weights, which are cleared. */
  async gradients(): Promise<Float32Array> {
    const all: number[] = [];
    for (const { grad } of this.model.parameters.groups) {
      all.push(...await this.backend.read(grad));
      this.backend.run("fill", { out: grad }, { value: 0 });
    }
    return Float32Array.from(all);
  }
}

function near(got: Float32Array, want: Float32Array, what: string): void {
  assert(want.some((value) => Math.abs(value) > 1e-3), what);
  want.forEach((value, i) =>
    assertAlmostEquals(got[i], value, 1e-5 * (1 + Math.abs(value)), what)
  );
}

for (const architecture of ARCHITECTURES) {
  Deno.test(`RWKV.forward() of ${architecture} in training goes on from a state`, async () => {
    const tried = new Tried(new ReferenceBackend("f64"), architecture);
    const silent = new Tape(tried.backend, { recording: false });
    tried.pass(silent, [0, 13]);
    const whole = await tried.loss();
    const inference = tried.model.newState(2), state = tried.model.newState(2);
    for (const piece of [[0, 4], [4, 5], [5, 13]] as const) {
      const tape = new Tape(tried.backend);
      tried.pass(tape, piece, { state });
      tape.backward();
      silent.reset();
      const loss = await tried.loss();
      tried.pass(silent, piece, { state: inference });
      assertAlmostEquals(loss, await tried.loss(), 1e-9);
      assertEquals(await state.save(), await inference.save());
    }
    const pieces = tried.model.newState(2);
    for (const piece of [[0, 4], [4, 5], [5, 13]] as const) {
      tried.pass(new Tape(tried.backend), piece, { state: pieces });
    }
    assertAlmostEquals(await tried.loss(), whole, 1e-6);
  });

  Deno.test(`RWKV.forward() of ${architecture} has right gradients by weights and state`, () => {
    const backend = new ReferenceBackend("f64");
    const tried = new Tried(backend, architecture);
    const state = tried.model.newState(2, { gradients: true });
    tried.pass(new Tape(backend, { recording: false }), [0, 6], { state });
    const remembered = state.blocks.flatMap(({ time, channel }) => [
      backend.values(time.shift),
      backend.values(channel.shift),
      backend.values(time.wkv!),
    ]);
    const begin = remembered.map((values) => Float64Array.from(values));
    const lossOf = (tape: Tape) => {
      remembered.forEach((values, i) => values.set(begin[i]));
      const total = backend.values(tried.total);
      total.fill(0);
      tried.pass(tape, [6, 13], { state });
      return total[0];
    };
    const tape = new Tape(backend);
    lossOf(tape);
    tape.backward();

    const random = new Random(2), step = 1e-5;
    const compare = (
      values: Record<number, number>,
      i: number,
      gradient: number,
      what: string,
    ) => {
      const at = values[i];
      values[i] = at + step;
      const above = lossOf(new Tape(backend, { recording: false }));
      values[i] = at - step;
      const below = lossOf(new Tape(backend, { recording: false }));
      values[i] = at;
      const expected = (above - below) / (2 * step);
      const allowed = 1e-6 * (1 + Math.abs(expected));
      assertAlmostEquals(gradient, expected, allowed, `${what}[${i}]`);
    };
    for (const { name, data, grad } of tried.model.parameters) {
      const values = backend.values(data);
      const i = random.next() % values.length;
      compare(values, i, backend.values(grad)[i], name);
    }
    for (const [layer, memory] of state.gradients!.entries()) {
      const gradients = backend.values(memory);
      assert(gradients.some((value) => Math.abs(value) > 1e-4));
      for (let n = 0; n < 12; n++) {
        const i = random.next() % gradients.length;
        compare(begin[3 * layer + 2], i, gradients[i], `state of ${layer}`);
      }
    }
  });

  Deno.test(`RWKV.forward() of ${architecture} from a state has the same bits when recomputed`, async () => {
    using backend = await CpuBackend.create({ threads: 2, blas: "none" });
    const tried = new Tried(backend, architecture);
    const results: unknown[] = [];
    for (const recompute of [false, true]) {
      const state = tried.model.newState(2, { gradients: true });
      const tape = new Tape(backend);
      for (const piece of [[0, 5], [5, 13]] as const) {
        tried.pass(tape, piece, { state, recompute });
        tape.backward();
      }
      const ofState = await Promise.all(
        state.gradients!.map((gradient) => backend.read(gradient)),
      );
      results.push([
        await tried.loss(),
        await tried.gradients(),
        await state.save(),
        ofState,
      ]);
    }
    assertEquals(results[1], results[0]);
  });

  Deno.test(`RWKV.forward() of ${architecture} from a state does on the cpu what the reference does`, async () => {
    using cpu = await CpuBackend.create({ threads: 2, blas: "none" });
    const made: Float32Array[][] = [];
    for (const backend of [new ReferenceBackend(), cpu]) {
      const tried = new Tried(backend, architecture);
      const state = tried.model.newState(2, { gradients: true });
      const tape = new Tape(backend);
      tried.pass(tape, [0, 5], { state });
      tape.backward();
      await tried.gradients();
      tried.pass(tape, [5, 13], { state });
      tape.backward();
      const ofState = await Promise.all(
        state.gradients!.map((gradient) => backend.read(gradient)),
      );
      made.push([await tried.gradients(), ...ofState]);
    }
    made[0].forEach((want, i) => near(made[1][i], want, `${i}`));
  });
}
