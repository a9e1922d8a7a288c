import { assertEquals, assertThrows } from "@std/assert";
import { LruCache } from "../../lib/tokenizer/lru_cache.ts";
import { Random } from "../../lib/random.ts";

Deno.test("LruCache drops what went unused the longest, as a list would", () => {
  for (const capacity of [1, 2, 7]) {
    const cache = new LruCache(capacity);
    const list: string[] = []; // the newest last
    const random = new Random(12, capacity);
    for (let i = 0; i < 5000; i++) {
      const key = `${random.next() % (2 * capacity + 1)}`;
      const slot = cache.find(key);
      assertEquals(slot !== undefined, list.includes(key));
      if (slot === undefined) {
        if (list.length === capacity) list.shift();
        const claimed = cache.claim(key);
        assertEquals(claimed < capacity, true);
        assertEquals(cache.find(key), claimed);
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
  const slots = ["a", "b", "c"].map((key) => cache.claim(key));
  assertEquals(slots, [0, 1, 2]);
  assertEquals(cache.find("a"), 0);
  assertEquals(cache.claim("d"), 1);
  assertEquals([cache.find("a"), cache.find("c"), cache.find("d")], [0, 2, 1]);
});

Deno.test("LruCache refuses a capacity below 1", () => {
  assertThrows(() => new LruCache(0), RangeError, "at least 1, not 0");
});
