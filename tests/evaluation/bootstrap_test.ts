/** Intervals are those of plain loops over the same draws, and hold what they say. */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { differenceOf, intervalOf } from "../../lib/evaluation/bootstrap.ts";
import { hashKey, Random, uniformAt } from "../../lib/random.ts";

/** Documents whose bits a byte lie around a mean. */
function costs(count: number, mean: number, seed: number) {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const bytes = 1 + random.next() % 1000;
    const bits = bytes * (mean + 0.3 * random.normal());
    return { nats: bits * Math.LN2, tokens: bytes, bytes };
  });
}

Deno.test("intervalOf() is the plain percentile of plain draws", () => {
  const documents = costs(23, 2, 1);
  const options = { seed: 9, resamples: 200 };
  const figures: number[] = [];
  for (let resample = 0; resample < 200; resample++) {
    let nats = 0, bytes = 0;
    for (let i = 0; i < documents.length; i++) {
      const at = uniformAt(hashKey(9, 0xb007, resample), i) * documents.length;
      const document = documents[Math.floor(at)];
      nats += document.nats;
      bytes += document.bytes;
    }
    figures.push(nats / Math.LN2 / bytes);
  }
  figures.sort((a, b) => a - b);
  // 5 of 200 on each side are left out.
  const [low, high] = intervalOf(documents, options)!;
  assertAlmostEquals(low, figures[5], 1e-12);
  assertAlmostEquals(high, figures[194], 1e-12);
  assertEquals(intervalOf(documents, options), [low, high]);
});

Deno.test("intervalOf() holds the mean about as often as it says", () => {
  let held = 0;
  for (let seed = 0; seed < 100; seed++) {
    const documents = costs(60, 2, seed + 100);
    const [low, high] = intervalOf(documents, { seed, resamples: 300 })!;
    if (low <= 2 && 2 <= high) held++;
  }
  assert(held >= 85 && held < 100, `${held} of 100`);
});

Deno.test("differenceOf() sees what two intervals cannot", () => {
  const one = costs(40, 2, 5);
  // The same documents, each a little easier.
  const other = one.map((document) => ({
    ...document,
    nats: document.nats - 0.02 * Math.LN2 * document.bytes,
  }));
  const options = { seed: 1, resamples: 500 };
  const { bitsPerByte, interval } = differenceOf(one, other, options);
  assertAlmostEquals(bitsPerByte, 0.02, 1e-9);
  assertAlmostEquals(interval![0], 0.02, 1e-9);
  assertAlmostEquals(interval![1], 0.02, 1e-9);
  const [low] = intervalOf(one, options)!,
    [, high] = intervalOf(other, options)!;
  assert(low < high);
  assertEquals(
    differenceOf(one.slice(1), other.slice(1), options).interval?.length,
    2,
  );
  assertEquals(differenceOf([one[0]], [other[0]], options).interval, undefined);
});
