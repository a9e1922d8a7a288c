/**
 * Cases of the matrix product.
 *
 * @module
 */

import type { MatmulOptions } from "../../../lib/backend/backend.ts";
import { type Case, defineCase, garbage, normal } from "../case.ts";

/** A product of random matrices, by default within what is asked of sums. */
export function productCase(
  [m, k, n]: readonly number[],
  options: MatmulOptions,
  tolerance = 1e-4,
): Case {
  return defineCase({
    name: `${m}x${k}x${n} ${JSON.stringify(options)}`,
    memories: {
      out: options.accumulate ? normal(m * n) : garbage(m * n),
      a: normal(m * k),
      b: normal(k * n),
    },
    outputs: ["out"],
    tolerance,
    call: (backend, { out, a, b }) =>
      backend.matmul(out, a, b, { m, k, n }, options),
  });
}

/** By op. */
export const MATMUL_CASES: Readonly<Record<string, readonly Case[]>> = {
  matmul: matmulCases(),
};

function matmulCases(): Case[] {
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
          productCase(shape, { transposeA, transposeB, accumulate })
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
    productCase([64, 256, 384], forward),
    productCase([64, 384, 256], toInput),
    productCase([384, 64, 256], toWeight),
  ];
}
