/**
 * Cases of the ops that go value by value, and of the sums over all values.
 *
 * @module
 */

import { type Case, defineCase, garbage, normal } from "../case.ts";
import { FEW, LENGTHS } from "./shapes.ts";

/** By op. */
export const VALUE_CASES: Readonly<Record<string, readonly Case[]>> = {
  fill: LENGTHS.map((length) =>
    defineCase({
      name: `${length}`,
      memories: { out: garbage(length) },
      outputs: ["out"],
      tolerance: 0,
      call: (backend, { out }) => backend.fill(out, 0.1),
    })
  ),
  add: LENGTHS.map((length) =>
    defineCase({
      name: `${length}`,
      memories: { out: normal(length), x: normal(length) },
      outputs: ["out"],
      tolerance: FEW,
      call: (backend, { out, x }) => backend.add(out, x),
    })
  ),
  sum: [...LENGTHS, 50001].map((length) =>
    defineCase({
      name: `${length}`,
      memories: { out: normal(1), x: normal(length, 1, 1) },
      outputs: ["out"],
      tolerance: FEW,
      call: (backend, { out, x }) => backend.sum(out, x, 1 / length),
    })
  ),
  sumOfSquares: [...LENGTHS, 50001].map((length) =>
    defineCase({
      name: `${length}`,
      memories: { out: normal(1), x: normal(length) },
      outputs: ["out"],
      tolerance: FEW,
      call: (backend, { out, x }) => backend.sumOfSquares(out, x),
    })
  ),
  squaredReluForward: lengthsAndExtremes([1e18, -1e18, -0, 1e-30])
    .map(([name, x]) =>
      defineCase({
        name,
        memories: { y: garbage(x.length), x },
        outputs: ["y"],
        tolerance: FEW,
        call: (backend, { y, x }) => backend.squaredReluForward(y, x),
      })
    ),
  squaredReluBackward: lengthsAndExtremes([1e18, -1e18, -0, 1e-30])
    .map(([name, x]) =>
      defineCase({
        name,
        memories: { dx: normal(x.length), dy: normal(x.length), x },
        outputs: ["dx"],
        tolerance: FEW,
        call: (backend, { dx, dy, x }) =>
          backend.squaredReluBackward(dx, dy, x),
      })
    ),
  sigmoidGateForward: lengthsAndExtremes([88, -88, 103, -103, 1e38, -1e38])
    .map(([name, r]) =>
      defineCase({
        name,
        memories: { y: garbage(r.length), r, v: normal(r.length) },
        outputs: ["y"],
        tolerance: FEW,
        call: (backend, { y, r, v }) => backend.sigmoidGateForward(y, r, v),
      })
    ),
  sigmoidGateBackward: lengthsAndExtremes([88, -88, 103, -103, 1e38, -1e38])
    .map(([name, r]) =>
      defineCase({
        name,
        memories: {
          dr: normal(r.length),
          dv: normal(r.length),
          dy: normal(r.length),
          r,
          v: normal(r.length),
        },
        outputs: ["dr", "dv"],
        tolerance: FEW,
        call: (backend, { dr, dv, dy, r, v }) =>
          backend.sigmoidGateBackward(dr, dv, dy, r, v),
      })
    ),
  residualForward: LENGTHS.flatMap((length) =>
    [0, 0.1, 0.75].map((rate) =>
      defineCase({
        name: `${length} rate ${rate}`,
        memories: {
          y: garbage(length),
          x: normal(length),
          branch: normal(length),
        },
        outputs: ["y"],
        tolerance: FEW,
        call: (backend, { y, x, branch }) =>
          backend.residualForward(y, x, branch, { rate, key: 0xfedcba98 }),
      })
    )
  ),
  residualBackward: LENGTHS.flatMap((length) =>
    [0, 0.1, 0.75].map((rate) =>
      defineCase({
        name: `${length} rate ${rate}`,
        memories: {
          dx: normal(length),
          dBranch: normal(length),
          dy: normal(length),
        },
        outputs: ["dx", "dBranch"],
        tolerance: FEW,
        call: (backend, { dx, dBranch, dy }) =>
          backend.residualBackward(dx, dBranch, dy, { rate, key: 7 }),
      })
    )
  ),
  adamW: adamWCases(),
};

function lengthsAndExtremes(
  extremes: readonly number[],
): (readonly [string, Float32Array])[] {
  return [
    ...LENGTHS.map((length) => [`${length}`, normal(length, 3)] as const),
    ["extremes", Float32Array.from(extremes)],
  ];
}

function adamWCases(): Case[] {
  const options = {
    learningRate: 3e-3,
    beta1: 0.9,
    beta2: 0.99,
    epsilon: 1e-8,
    weightDecay: 0.1,
    step: 1,
  };
  const variants = {
    "first step": options,
    "late, clipped": { ...options, step: 1000, clipNorm: 1 },
    "not clipped": { ...options, step: 3, clipNorm: 1e6 },
    "no decay": { ...options, weightDecay: 0 },
  };
  const made = (
    length: number,
    name: string,
    variant: typeof options & { clipNorm?: number },
    squaredNorm: number,
  ) =>
    defineCase({
      name: `${length} ${name}`,
      memories: {
        p: normal(length),
        g: normal(length),
        m: normal(length, 0.1),
        v: normal(length, 0.1).map((x) => x * x),
        norm: new Float32Array([squaredNorm]),
      },
      outputs: ["p", "g", "m", "v"],
      tolerance: FEW,
      call: (backend, { p, g, m, v, norm }) =>
        backend.adamW(p, g, m, v, norm, variant),
    });
  return LENGTHS.flatMap((length) => [
    ...Object.entries(variants).map(([name, variant]) =>
      made(length, name, variant, length)
    ),
    made(length, "norm infinite", options, Infinity),
    made(length, "norm not a number", options, NaN),
  ]);
}
