/**
 * Cases of the ops along time.
 *
 * @module
 */

import type { SequenceShape } from "../../../lib/backend/backend.ts";
import { ReferenceBackend } from "../../../lib/backend/reference.ts";
import { type Case, defineCase, garbage, normal, run } from "../case.ts";
import { describe, FEW, SEQUENCE_SHAPES, SUM } from "./shapes.ts";

/** By op. */
export const SEQUENCE_CASES: Readonly<Record<string, readonly Case[]>> = {
  tokenShiftForward: SEQUENCE_SHAPES.flatMap((shape) => {
    const { batch, time, width } = shape;
    const length = batch * time * width;
    return [true, false].map((withState) =>
      defineCase({
        name: `${describe(shape)} ${withState ? "with" : "without"} state`,
        memories: {
          y: garbage(length),
          x: normal(length),
          mix: normal(width),
          state: normal(batch * width),
        },
        outputs: ["y"],
        tolerance: FEW,
        call: (backend, { y, x, mix, state }) =>
          backend.tokenShiftForward(
            y,
            x,
            mix,
            withState ? state : undefined,
            shape,
          ),
      })
    );
  }),
  tokenShiftBackward: SEQUENCE_SHAPES.flatMap((shape) => {
    const { batch, time, width } = shape;
    const length = batch * time * width;
    return [true, false].map((withMix) =>
      defineCase({
        name: `${describe(shape)} ${withMix ? "with" : "without"} dMix`,
        memories: {
          dx: normal(length),
          dMix: normal(width),
          dy: normal(length),
          x: normal(length),
          mix: normal(width),
        },
        outputs: withMix ? ["dx", "dMix"] : ["dx"],
        tolerance: SUM,
        call: (backend, { dx, dMix, dy, x, mix }) =>
          backend.tokenShiftBackward(
            dx,
            withMix ? dMix : undefined,
            dy,
            x,
            mix,
            shape,
          ),
      })
    );
  }),
  lastToken: SEQUENCE_SHAPES.map((shape) => {
    const { batch, time, width } = shape;
    return defineCase({
      name: describe(shape),
      memories: {
        state: garbage(batch * width),
        x: normal(batch * time * width),
      },
      outputs: ["state"],
      tolerance: 0,
      call: (backend, { state, x }) => backend.lastToken(state, x, shape),
    });
  }),
  wkvForward: wkvInputs().flatMap(({ name, shape, k, decay, tolerance }) =>
    [true, false].map((withState) =>
      defineCase({
        name: `${name} ${withState ? "with" : "without"} state`,
        memories: {
          y: garbage(k.length),
          k,
          v: normal(k.length),
          decay,
          bonus: normal(shape.width),
          state: wkvStart(shape),
        },
        outputs: withState ? ["y", "state"] : ["y"],
        tolerance,
        call: (backend, { y, k, v, decay, bonus, state }) => {
          const start = withState ? state : undefined;
          backend.wkvForward(y, k, v, decay, bonus, start, shape);
          // Once more from where it ended.
          if (withState) {
            backend.wkvForward(y, k, v, decay, bonus, state, shape);
          }
        },
      })
    )
  ),
  wkvBackward: await wkvBackwardCases(),
};

function wkvStart({ batch, width }: SequenceShape): Float32Array {
  const state = new Float32Array(batch * 3 * width);
  for (let b = 0; b < batch; b++) {
    state.fill(-1e38, (3 * b + 2) * width, (3 * b + 3) * width);
  }
  return state;
}

function wkvInputs() {
  const inputs = SEQUENCE_SHAPES.map((shape) => ({
    name: describe(shape),
    shape,
    k: normal(shape.batch * shape.time * shape.width),
    decay: normal(shape.width, 3, -2),
    tolerance: SUM,
  }));
  const shape = { batch: 2, time: 33, width: 20 };
  const length = shape.batch * shape.time * shape.width;
  const decays = [-Infinity, -100, 4, 80, 100];
  for (const decay of decays) {
    inputs.push({
      name: `decay ${decay}`,
      shape,
      k: normal(length),
      decay: new Float32Array(shape.width).fill(decay),
      tolerance: SUM,
    });
  }
  inputs.push({
    name: "large keys",
    shape,
    k: normal(length, 300),
    decay: normal(shape.width),
    tolerance: 1e-3, // k + p is a difference of large numbers
  });
  return inputs;
}

async function wkvBackwardCases(): Promise<Case[]> {
  const cases: Case[] = [];
  for (const { name, shape, k, decay, tolerance } of wkvInputs()) {
    const { length } = k;
    const { y, v, bonus } = await run(
      new ReferenceBackend("f64"),
      defineCase({
        name,
        memories: {
          y: garbage(length),
          k,
          v: normal(length),
          decay,
          bonus: normal(shape.width),
        },
        outputs: ["y"],
        tolerance,
        call: (backend, { y, k, v, decay, bonus }) =>
          backend.wkvForward(y, k, v, decay, bonus, undefined, shape),
      }),
    );
    for (const withParameters of [true, false]) {
      cases.push(defineCase({
        name: `${name} ${withParameters ? "with" : "without"} dDecay, dBonus`,
        memories: {
          dk: normal(length),
          dv: normal(length),
          dDecay: normal(shape.width),
          dBonus: normal(shape.width),
          dy: normal(length),
          y,
          k,
          v,
          decay,
          bonus,
          scratch: garbage(2 * length),
        },
        outputs: withParameters
          ? ["dk", "dv", "dDecay", "dBonus", "scratch"]
          : ["dk", "dv", "scratch"],
        tolerance,
        call: (backend, memories) => {
          const { dk, dv, dDecay, dBonus, dy, scratch } = memories;
          backend.wkvBackward(
            dk,
            dv,
            withParameters ? dDecay : undefined,
            withParameters ? dBonus : undefined,
            dy,
            memories.y,
            memories.k,
            memories.v,
            memories.decay,
            memories.bonus,
            scratch,
            shape,
          );
          backend.fill(scratch, 0); // what is left in it is nobody's business
        },
      }));
    }
  }
  return cases;
}
