import { assertAlmostEquals, assertEquals } from "@std/assert";
import { RepeatCounter } from "../../../lib/corpus/audit/repeat_counter.ts";
import { TextHash } from "../../../lib/text_hash.ts";

Deno.test("RepeatCounter counts every repetition while it is exact", () => {
  const counter = new RepeatCounter();
  for (let i = 0; i < 30_000; i++) counter.add(`linha ${i % 10_000}`);
  const { items, sampled } = counter.repeats();
  assertEquals([items, sampled], [2 / 3, 1]);
  assertEquals(new RepeatCounter().repeats(), {
    items: 0,
    characters: 0,
    sampled: 1,
  });
});

Deno.test("RepeatCounter estimates from a sample in bounded memory", () => {
  const counter = new RepeatCounter(1000);
  // Of 40,000 different lines a quarter comes twice: 1 of 5 is a repetition.
  for (let i = 0; i < 50_000; i++) counter.add(`linha ${i % 40_000}`);
  const { items, characters, sampled } = counter.repeats();
  assertEquals(sampled, 1 / 64);
  assertAlmostEquals(items, 0.2, 0.05);
  assertAlmostEquals(characters, 0.2, 0.05);
});

Deno.test("TextHash does not depend on how a text is cut", () => {
  const whole = new TextHash(), cut = new TextHash();
  whole.update("um dois três");
  for (const piece of ["um ", "", "dois t", "rês"]) cut.update(piece);
  assertEquals(cut.digest(), whole.digest());
  const seen = new Set<string>();
  for (let i = 0; i < 100_000; i++) {
    const hash = new TextHash();
    hash.update(String(i));
    seen.add(hash.digest().join());
  }
  assertEquals(seen.size, 100_000);
});
