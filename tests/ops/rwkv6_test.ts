/** The pullbacks of RWKV-6's ops against central differences. */

import { sliceHead } from "../../lib/ops/slice_head.ts";
import { tokenBlend } from "../../lib/ops/token_blend.ts";
import { wkv6, type Wkv6Operands } from "../../lib/ops/wkv6.ts";
import { wkv6Output } from "../../lib/ops/wkv6_output.ts";
import { checkGradients } from "./gradients.ts";

Deno.test("sliceHead() has the gradients of its equation", () => {
  for (const head of [0, 1]) {
    checkGradients(
      { x: [2, 3, 6] },
      (tape, { x }) => sliceHead(tape, x, { head, headSize: 3 }),
    );
  }
});

for (const shape of [[1, 1, 3], [2, 5, 3]]) {
  Deno.test(`tokenBlend() has the gradients of its equation at (${shape})`, () => {
    checkGradients(
      { x: shape, mix: [3], delta: shape },
      (tape, { x, mix, delta }) => tokenBlend(tape, x, { mix, delta }),
    );
  });
}

for (const shape of [[1, 1, 2], [2, 5, 6], [1, 18, 4]]) {
  const [, , width] = shape;
  const headSize = width / 2;

  Deno.test(`wkv6() has the gradients of its equation at (${shape})`, () => {
    checkGradients({
      r: shape,
      k: shape,
      v: shape,
      decay: shape,
      decayBias: [width],
      bonus: [2, headSize],
    }, (tape, operands) => wkv6(tape, operands as unknown as Wkv6Operands));
  });

  Deno.test(`wkv6Output() has the gradients of its equation at (${shape})`, () => {
    // GroupNorm of one value is 0 whatever it is, and its gradient rounding.
    const size = headSize === 1 ? 2 : headSize;
    checkGradients(
      { x: shape, gate: shape, weight: [width], bias: [width] },
      (tape, { x, gate, weight, bias }) =>
        wkv6Output(tape, x, { gate, weight, bias }, size),
    );
  });
}
