import { assert, assertEquals } from "@std/assert";
import { Sparkline } from "../../../lib/commands/shared/sparkline.ts";

/** The curve of some values. */
function curveOf(values: Iterable<number>): string {
  const curve = new Sparkline();
  for (const value of values) curve.add(value);
  return `${curve}`;
}

Deno.test("Sparkline shows the whole course in sixteen columns", () => {
  for (const length of [16, 17, 31, 32, 33, 1000, 12_345]) {
    const falling = curveOf(Array.from({ length }, (_, i) => length - i));
    assert([...falling].length <= 16, falling);
    assert([...falling].length >= 8, falling);
    assertEquals([falling[0], falling.at(-1)], ["█", "▁"], falling);
    assertEquals(falling, [...falling].sort().reverse().join(""));
  }
});

Deno.test("Sparkline shows what is constant as low, and nothing of one value", () => {
  assertEquals(curveOf([3, 3, 3]), "▁▁▁");
  assertEquals(curveOf([3]), "");
  assertEquals(curveOf([]), "");
});

Deno.test("Sparkline leaves out what is not finite", () => {
  assertEquals(curveOf([2, NaN, Infinity, 1]), curveOf([2, 1]));
});
