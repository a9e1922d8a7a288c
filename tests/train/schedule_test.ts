import { assert, assertAlmostEquals } from "@std/assert";
import { getLearningRate } from "../../lib/train/schedule.ts";

const CONFIG = { learningRate: 2, warmupSteps: 4, maxSteps: 24 };

Deno.test("getLearningRate() climbs from the first step on", () => {
  assertAlmostEquals(getLearningRate(1, CONFIG), 0.5);
  assertAlmostEquals(getLearningRate(4, CONFIG), 2);
});

Deno.test("getLearningRate() falls linearly to a tenth and stays there", () => {
  assertAlmostEquals(getLearningRate(14, CONFIG), 1.1);
  assertAlmostEquals(getLearningRate(24, CONFIG), 0.2);
  assertAlmostEquals(getLearningRate(99, CONFIG), 0.2);
});

Deno.test("getLearningRate() works without a warm-up and with nothing but one", () => {
  assert(getLearningRate(1, { ...CONFIG, warmupSteps: 0 }) > 1.9);
  assertAlmostEquals(
    getLearningRate(3, { ...CONFIG, warmupSteps: 4, maxSteps: 4 }),
    1.5,
  );
});
