/**
 * Cases of the matrix product.
 *
 * @module
 */

import { type Case, defineCase, garbage, normal } from "../case.ts";

/** By op. */
export const MATMUL_CASES: Readonly<Record<string, readonly Case[]>> = {
  matmul: matmulCases(),
};

function matmulCases(): Case[] {
  const made = (
    [m, k, n]: readonly [number, number, number],
    options: {
      transposeA: boolean;
      transposeB: boolean;
      accumulate: boolean;
    },
  ) =>
    defineCase({
      name: `${m}x${k}x${n} ${JSON.stringify(options)}`,
      memories: {
        out: options.accumulate ? normal(m * n) : garbage(m * n),
        a: normal(m * k),
        b: normal(k * n),
      },
      outputs: ["out"],
      tolerance: 1e-4,
      call: (backend, { out, a, b }) =>
        backend.matmul(out, a, b, { m, k, n }, options),
    });
  const both = [false, true];
  const odd = ([
    [1, 5, 7],
    [1, 384, 300],
    [3, 127, 65],
    [4, 64, 130],
    [1, 517, 70],
    [3, 768, 197],
    [5, 1, 9],
    [17, 130, 33],
    [7, 300, 1100],
    [300, 33, 270],
  ] as const).flatMap((shape) =>
    both.flatMap((transposeA) =>
      both.flatMap((transposeB) =>
        both.map((accumulate) =>
          made(shape, { transposeA, transposeB, accumulate })
        )
      )
    )
  );
  const [forward, toInput, toWeight] = [
    { transposeA: false, transposeB: true, accumulate: false },
    { transposeA: false, transposeB: false, accumulate: true },
    { transposeA: true, transposeB: false, accumulate: true },
  ];
  return [
    ...odd,
    made([64, 256, 384], forward),
    made([64, 384, 256], toInput),
    made([384, 64, 256], toWeight),
  ];
}
