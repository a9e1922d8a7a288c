import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { getLearningRate, getWeightDecay } from "../../lib/train/schedule.ts";

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

Deno.test("getLearningRate() falls as the schedule says, from the peak to the share at the end", () => {
  const rates = (more: Partial<Parameters<typeof getLearningRate>[1]>) =>
    [4, 14, 19, 24, 30].map((step) =>
      Math.round(1000 * getLearningRate(step, { ...CONFIG, ...more })) / 1000
    );
  assertEquals(rates({ schedule: "linear", finalRate: 0 }), [2, 1, 0.5, 0, 0]);
  assertEquals(rates({ schedule: "cosine", finalRate: 0 }), [
    ...[2, 1, 0.293, 0, 0],
  ]);
  assertEquals(rates({ schedule: "cosine" }), [2, 1.1, 0.464, 0.2, 0.2]);
  // The last 10 of 24 steps; all after the warm-up, were it more.
  const wsd = { schedule: "wsd", finalRate: 0 } as const;
  assertEquals(rates({ ...wsd, decayShare: 10 / 24 }), [2, 2, 1, 0, 0]);
  assertEquals(rates({ ...wsd, decayShare: 1 }), [2, 1, 0.5, 0, 0]);
  assertEquals(rates({ ...wsd, decayShare: 0 }), [2, 2, 2, 0, 0]);
});

Deno.test("getWeightDecay() stays, or follows the rate", () => {
  const config = { learningRate: 0.5, weightDecay: 0.1 };
  const following = { ...config, weightDecaySchedule: "rate" } as const;
  assertAlmostEquals(getWeightDecay(0.25, following), 0.05);
  assertEquals(
    getWeightDecay(0.25, { ...config, weightDecaySchedule: "constant" }),
    0.1,
  );
  assertEquals(getWeightDecay(0, { ...following, learningRate: 0 }), 0.1);
});
