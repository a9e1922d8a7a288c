import { assert, assertEquals } from "@std/assert";
import { thinned } from "../../lib/dashboard/thinning.ts";
import { Random } from "../../lib/random.ts";

/** A curve of noise with one spike. */
function noise(length: number, spike: number): [number[], number[]] {
  const random = new Random(1);
  const xs = Array.from({ length }, (_, i) => 10 * i);
  const ys = xs.map(() => 1 + random.uniform());
  ys[spike] = 100;
  return [xs, ys];
}

Deno.test("thinned() keeps every spike in few points", () => {
  for (const spike of [0, 1, 4999, 77_777, 99_999]) {
    const [xs, ys] = noise(100_000, spike);
    const { x, y, mean } = thinned(xs, ys, { columns: 600 });
    assert(x.length <= 1204 && x.length > 600, `${x.length}`);
    assertEquals([y.length, mean.length], [x.length, x.length]);
    assertEquals(Math.max(...y), 100);
    const at = x[y.indexOf(100)];
    assert(Math.abs(at - xs[spike]) <= 1_000_000 / 300, `${at}`);
    assert(x.every((value, i) => i === 0 || value > x[i - 1]));
    // A spike is no more than its part of the mean.
    assert(mean.every((value) => value > 1 && value < 4));
  }
});

Deno.test("thinned() leaves a short curve as it is", () => {
  const [xs, ys] = noise(50, 7);
  const { x, y, mean } = thinned(xs, ys, { columns: 600 });
  assertEquals(x, xs);
  assertEquals(y, ys.map((value) => Number(value.toPrecision(6))));
  assertEquals(mean, y);
  const none = { x: [], y: [], mean: [] };
  assertEquals(thinned([], [], { columns: 600 }), none);
  assertEquals(thinned([1, 2], [NaN, Infinity], { columns: 600 }), none);
  assertEquals(thinned([5], [2], { columns: 600 }).y, [2]);
});

Deno.test("thinned() takes a part with a neighbour on either side", () => {
  const [xs, ys] = noise(1000, 3);
  ys[499] = NaN;
  const { x } = thinned(xs, ys, { columns: 600, from: 5000, to: 5100 });
  assertEquals(x, [
    4980,
    ...Array.from({ length: 11 }, (_, i) => 5000 + 10 * i),
    5110,
  ]);
  assertEquals(
    thinned(xs, ys, { columns: 600, from: 1e6, to: 2e6 }).x,
    [9990],
  );
});

Deno.test("thinned() gives curves of several lengths their points at the same places", () => {
  const places = new Set<number>();
  for (const length of [60_000, 70_000, 80_000, 90_000, 100_000]) {
    const [xs, ys] = noise(length, 5);
    const shifted = xs.map((x) => x + length % 7);
    for (const x of thinned(shifted, ys, { columns: 600 }).x) places.add(x);
  }
  assert(places.size < 2000, `${places.size}`);
});
