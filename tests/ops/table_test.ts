/**
 * Every op of the table with a forward and a backward against central
 * differences: a new row is tried by being there.
 *
 * @module
 */

import type { Kind } from "../../lib/backend/ops.ts";
import { lengthOf, type OpPlan, PLANS } from "../../lib/backend/plan.ts";
import { apply, type Differentiable } from "../../lib/ops/apply.ts";
import { checkGradients } from "./gradients.ts";

const { batch, time, width, headSize } = {
  batch: 2,
  time: 5,
  width: 6,
  headSize: 3,
};

/** Extents by the kind of op; several sequences, tokens and heads. */
const SHAPES: Readonly<Record<Kind, object>> = {
  values: {},
  rows: { rows: batch * time, width },
  headRows: { rows: batch * time, width, headSize },
  sequences: { batch, time, width },
  heads: { batch, time, width, headSize },
  products: { rows: batch * time, width: 32, outputs: 3 },
};

/** Values of an op without a shape. */
const LENGTH = 7;

/** What ops take besides extents. */
const SETTINGS = { rate: 0.3, key: 5, head: 1 };

/** How many values a memory of an op has here. */
function valuesIn(plan: OpPlan, name: string): number {
  if (plan.kind === "values") return LENGTH;
  return lengthOf(plan.name, name, SHAPES[plan.kind]);
}

for (const plan of Object.values(PLANS)) {
  const [, op] = /^(.*)Forward$/.exec(plan.name) ?? [];
  // Lists and ids have tests of their own, with the ops that take them.
  const isPlain = plan.fields.every(({ holds }) => holds === "values");
  if (op === undefined || !isPlain) continue;

  Deno.test(`${op} has the gradients of its equation`, () => {
    const operands = plan.fields
      .filter(({ access, optional }) => access === "read" && !optional);
    checkGradients(
      Object.fromEntries(
        operands.map(({ name }) => [name, [valuesIn(plan, name)]]),
      ),
      (tape, inputs) =>
        apply(
          tape,
          op as Differentiable,
          inputs as never,
          { shape: [valuesIn(plan, "y")] },
          { ...SHAPES[plan.kind], ...SETTINGS } as never,
        ),
    );
  });
}
