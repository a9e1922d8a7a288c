/** The speed of a run is that of its steps, whatever happens in between. */

import { assertEquals } from "@std/assert";
import { Meter } from "../../lib/train/meter.ts";

/** Makes steps of so many ms each, as a clock of the test's own has it. */
function stepsOf(durations: readonly number[]): Meter {
  const { now } = performance;
  let time = 1000;
  performance.now = () => time;
  try {
    const meter = new Meter();
    for (const [i, duration] of durations.entries()) {
      meter.start();
      meter.begin({
        rows: 1,
        inputs: new Uint16Array(100),
        targets: new Uint16Array(100),
      });
      time += duration;
      meter.add({
        step: i + 1,
        loss: 1,
        gradientNorm: 1,
        learningRate: 1,
        tokens: 100,
        skipped: false,
      }, 0);
      time += 5000; // a validation
    }
    return meter;
  } finally {
    performance.now = now;
  }
}

Deno.test("Meter counts the steps alone", () => {
  assertEquals(stepsOf([500, 1500]).tokensPerSecond, 100);
  assertEquals(stepsOf([500, 1500]).status.seconds, 2);
});

Deno.test("Meter leaves out the time in which the machine slept", () => {
  const meter = stepsOf([500, 1500, 3_600_000, 1000]);
  assertEquals(meter.tokensPerSecond, 100);
  assertEquals(meter.status, { loss: 1, tokens: 400, seconds: 4 });
});

Deno.test("Meter believes a step that is slow", () => {
  assertEquals(stepsOf([1000, 1000, 10_500]).status.seconds, 12.5);
  assertEquals(stepsOf([20_000, 20_000, 90_000]).status.seconds, 130);
});
