/**
 * Cases of the ops whose rows are independent.
 *
 * @module
 */

import { ReferenceBackend } from "../../../lib/backend/reference.ts";
import {
  type Case,
  defineCase,
  garbage,
  normal,
  run,
  wholeNumbers,
} from "../case.ts";
import { describe, FEW, ROW_SHAPES, SUM } from "./shapes.ts";

/** By op. */
export const ROW_CASES: Readonly<Record<string, readonly Case[]>> = {
  embeddingForward: ROW_SHAPES.map((shape) =>
    defineCase({
      name: describe(shape),
      memories: {
        y: garbage(shape.rows * shape.width),
        weight: normal(11 * shape.width),
      },
      ids: wholeNumbers(shape.rows, 11),
      outputs: ["y"],
      tolerance: 0,
      call: (backend, { y, weight }, ids) =>
        backend.embeddingForward(y, weight, ids, shape),
    })
  ),
  embeddingBackward: ROW_SHAPES.map((shape) =>
    defineCase({
      name: describe(shape),
      memories: {
        dWeight: normal(11 * shape.width),
        dy: normal(shape.rows * shape.width),
      },
      ids: wholeNumbers(shape.rows, 11),
      outputs: ["dWeight"],
      tolerance: FEW,
      call: (backend, { dWeight, dy }, ids) =>
        backend.embeddingBackward(dWeight, dy, ids, shape),
    })
  ),
  layerNormForward: ROW_SHAPES.flatMap((shape) => {
    const { rows, width } = shape;
    const made = (name: string, x: Float32Array, tolerance: number) =>
      defineCase({
        name: `${describe(shape)} ${name}`,
        memories: {
          y: garbage(rows * width),
          stats: garbage(2 * rows),
          x,
          weight: normal(width),
          bias: normal(width),
        },
        outputs: ["y", "stats"],
        tolerance,
        call: (backend, { y, stats, x, weight, bias }) =>
          backend.layerNormForward(y, stats, x, weight, bias, shape),
      });
    const length = rows * width;
    return [
      made("normal", normal(length, 2, 1), SUM),
      made("constant", new Float32Array(length).fill(3), SUM),
      made("large", normal(length, 1e3), 3e-4), // 3e-7 of what is summed
    ];
  }),
  layerNormBackward: await Promise.all(
    ROW_SHAPES.map(async (shape) => {
      const { rows, width } = shape;
      const length = rows * width;
      const forward = await run(
        new ReferenceBackend("f64"),
        defineCase({
          name: "forward",
          memories: {
            y: garbage(length),
            stats: garbage(2 * rows),
            x: normal(length, 2, 1),
            weight: normal(width),
            bias: normal(width),
          },
          outputs: ["y", "stats"],
          tolerance: 0,
          call: (backend, { y, stats, x, weight, bias }) =>
            backend.layerNormForward(y, stats, x, weight, bias, shape),
        }),
      );
      const { stats, x, weight } = forward;
      return defineCase({
        name: describe(shape),
        memories: {
          dx: normal(length),
          dWeight: normal(width),
          dBias: normal(width),
          dy: normal(length),
          x,
          stats,
          weight,
        },
        outputs: ["dx", "dWeight", "dBias"],
        // A row of one value has a scale of 316, and errors with it.
        tolerance: width === 1 ? 5e-4 : SUM,
        call: (backend, { dx, dWeight, dBias, dy, x, stats, weight }) =>
          backend.layerNormBackward(
            dx,
            dWeight,
            dBias,
            dy,
            x,
            stats,
            weight,
            shape,
          ),
      });
    }),
  ),
  softmaxGateForward: softmaxInputs().map(({ name, shape, k }) =>
    defineCase({
      name,
      memories: { y: garbage(k.length), k, v: normal(k.length) },
      outputs: ["y"],
      tolerance: FEW,
      call: (backend, { y, k, v }) =>
        backend.softmaxGateForward(y, k, v, shape),
    })
  ),
  softmaxGateBackward: softmaxInputs().map(({ name, shape, k }) =>
    defineCase({
      name,
      memories: {
        dk: normal(k.length),
        dv: normal(k.length),
        dy: normal(k.length),
        k,
        v: normal(k.length),
      },
      outputs: ["dk", "dv"],
      tolerance: FEW,
      call: (backend, { dk, dv, dy, k, v }) =>
        backend.softmaxGateBackward(dk, dv, dy, k, v, shape),
    })
  ),
  crossEntropy: crossEntropyCases(),
};

function softmaxInputs() {
  const shape = { rows: 3, width: 21 };
  const length = shape.rows * shape.width;
  return [
    ...ROW_SHAPES.map((shape) => ({
      name: describe(shape),
      shape,
      k: normal(shape.rows * shape.width, 2),
    })),
    { name: "far below zero", shape, k: normal(length, 1, -1000) },
    { name: "far apart", shape, k: normal(length, 1000) },
  ];
}

function crossEntropyCases(): Case[] {
  const shapes = [...ROW_SHAPES, { rows: 2, width: 32000 }];
  const made = (
    shape: { rows: number; width: number },
    logits: Float32Array,
    gradientScale: number | undefined,
    name = "",
  ) => {
    const { rows, width } = shape;
    return defineCase({
      name: `${describe(shape)} scale ${gradientScale} ${name}`,
      memories: { losses: garbage(rows), logits },
      ids: [...wholeNumbers(2, 99), ...wholeNumbers(rows, width)],
      outputs: gradientScale === undefined ? ["losses"] : ["losses", "logits"],
      tolerance: SUM,
      call: (backend, { losses, logits }, ids) =>
        backend.crossEntropy(losses, logits, ids, {
          rows,
          width,
          firstTarget: 2,
          ...(gradientScale === undefined ? {} : { gradientScale }),
        }),
    });
  };
  const wide = { rows: 3, width: 21 };
  const notANumber = normal(63);
  notANumber[30] = NaN;
  return [
    ...shapes.flatMap((shape) =>
      [undefined, 1, 0.25].map((scale) =>
        made(shape, normal(shape.rows * shape.width, 3), scale)
      )
    ),
    made(wide, normal(63, 1e4), 1, "far apart"),
    made(wide, normal(63, 1, -1e6), 1, "far below zero"),
    made(wide, notANumber, 1, "with a NaN"),
  ];
}
