import { assertAlmostEquals, assertThrows } from "@std/assert";
import { crossEntropyLoss } from "../../lib/train/cross_entropy.ts";

Deno.test("crossEntropyLoss() is the mean of -log softmax at the targets", () => {
  const logits = new Float32Array([1, 2, 3, 1000, 0, -1000]);
  const of = (z: number[], id: number) =>
    Math.log(z.reduce((sum, value) => sum + Math.exp(value - z[id]), 0));
  const want = (of([1, 2, 3], 2) + 1000) / 2;
  assertAlmostEquals(crossEntropyLoss(logits, [2, 1]), want, 1e-9);
});

Deno.test("crossEntropyLoss() refuses what has no loss", () => {
  const logits = new Float32Array(6);
  assertThrows(() => crossEntropyLoss(logits, []), RangeError, "no targets");
  assertThrows(
    () => crossEntropyLoss(logits, [0, 0, 0, 0]),
    TypeError,
    "6 logits are not 4 rows",
  );
  for (const wrong of [-1, 3, 0.5]) {
    assertThrows(
      () => crossEntropyLoss(logits, [0, wrong]),
      RangeError,
      `of 3 tokens none is ${wrong}`,
    );
  }
});
