import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { sampling, topTokens } from "../../lib/generate/sampler.ts";

const LOGITS = new Float32Array([1, 3, 2, 3, -50]);

Deno.test("topTokens() lists probabilities in falling order", () => {
  const top = topTokens(LOGITS, 3);
  assertEquals(top.map(({ id }) => id), [1, 3, 2]);
  assertAlmostEquals(top[0].probability, 0.3995, 1e-3);
});

Deno.test("topTokens() refuses logits that are not numbers", () => {
  for (const wrong of [NaN, Infinity]) {
    assertThrows(
      () => topTokens(new Float32Array([1, wrong, 2]), 1),
      RangeError,
      "Cannot list tokens: the logits are not numbers",
    );
  }
});

Deno.test("sampling() refuses options that make no sense", () => {
  for (const wrong of [{ temperature: -1 }, { temperature: 1, topP: 0 }]) {
    assertThrows(
      () => sampling({ seed: 1, ...wrong }),
      RangeError,
      "Cannot sample",
    );
  }
});
