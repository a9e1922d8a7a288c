import { assertEquals, assertThrows } from "@std/assert";
import { LONGEST_KEY, LruCache } from "../../../lib/tokenizer/bpe/lru_cache.ts";
import { Random } from "../../../lib/random.ts";

/** Looks a key up as a part of a text, where it mostly is one. */
function find(cache: LruCache, key: string): number | undefined {
  return cache.find(`<${key}>`, 1, 1 + key.length);
}

function claim(cache: LruCache, key: string): number {
  return cache.claim(`<<${key}`, 2, 2 + key.length);
}

Deno.test("LruCache drops what went unused the longest, as a list would", () => {
  for (const capacity of [1, 2, 7]) {
    const cache = new LruCache(capacity);
    const list: string[] = []; // the newest last
    const random = new Random(12, capacity);
    for (let i = 0; i < 5000; i++) {
      const key = `${random.next() % (2 * capacity + 1)}`;
      const slot = find(cache, key);
      assertEquals(slot !== undefined, list.includes(key));
      if (slot === undefined) {
        if (list.length === capacity) list.shift();
        const claimed = claim(cache, key);
        assertEquals(claimed < capacity, true);
        assertEquals(find(cache, key), claimed);
      } else {
        list.splice(list.indexOf(key), 1);
      }
      list.push(key);
      assertEquals(cache.size, list.length);
    }
  }
});

Deno.test("LruCache keeps a slot for a key while it is held", () => {
  const cache = new LruCache(3);
  const slots = ["a", "b", "c"].map((key) => claim(cache, key));
  assertEquals(slots, [0, 1, 2]);
  assertEquals(find(cache, "a"), 0);
  assertEquals(claim(cache, "d"), 1);
  assertEquals([find(cache, "a"), find(cache, "c"), find(cache, "d")], [
    0,
    2,
    1,
  ]);
});

Deno.test("LruCache takes keys up to a length, and of any characters", () => {
  const cache = new LruCache(3);
  const longest = "ã🇧🇷\0".repeat(99).slice(0, LONGEST_KEY);
  assertEquals(claim(cache, longest), 0);
  assertEquals(find(cache, longest), 0);
  assertEquals(find(cache, longest.slice(1)), undefined);
  assertEquals(find(cache, `${longest}x`), undefined);
  assertThrows(() => claim(cache, `${longest}x`), RangeError, "longer than");
  assertEquals(claim(cache, ""), 1);
  assertEquals(find(cache, ""), 1);
});

Deno.test("LruCache refuses a capacity below 1", () => {
  assertThrows(() => new LruCache(0), RangeError, "at least 1, not 0");
});
