/** What is a spike of the loss, and what is not. */

import { assertAlmostEquals, assertEquals } from "@std/assert";
import { Random } from "../../lib/random.ts";
import { SpikeDetector } from "../../lib/train/spikes.ts";

Deno.test("SpikeDetector takes neither noise nor a falling loss for a spike", () => {
  const detector = new SpikeDetector(), random = new Random(1);
  for (let i = 0; i < 2000; i++) {
    // A sum of uniform values is about normal; its deviation is 0.5.
    const noise = Array.from({ length: 12 }, () => random.uniform() - 0.5)
      .reduce((sum, value) => sum + value / 2);
    const loss = 3 + 6 * Math.exp(-i / 200) + noise;
    assertEquals(detector.add(loss, [i, i + 1]), undefined, `step ${i}`);
  }
  const spike = detector.add(7.5, [2000, 2001])!;
  assertEquals([spike.loss, spike.data], [7.5, [2000, 2001]]);
  assertAlmostEquals(spike.mean, 3, 0.2);
  assertAlmostEquals(spike.deviation, 0.5, 0.15);
});

Deno.test("SpikeDetector takes no hair's breadth for a spike, and says nothing at first", () => {
  const detector = new SpikeDetector();
  for (let i = 0; i < 49; i++) detector.add(0.01, [i, i + 1]);
  assertEquals(detector.add(5, [49, 50]), undefined);
  for (let i = 50; i < 200; i++) detector.add(0.01, [i, i + 1]);
  assertEquals(detector.add(0.1, [200, 201]), undefined);
  assertEquals(detector.add(0.2, [201, 202])?.data, [201, 202]);
});
