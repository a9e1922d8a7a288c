import { assertEquals, assertThrows } from "@std/assert";
import { WordTable } from "../../../lib/tokenizer/count/word_table.ts";

function contentOf(table: WordTable): Map<string, number> {
  const content = new Map<string, number>();
  let start = 0;
  table.ends.forEach((end, i) => {
    const word = new TextDecoder().decode(table.bytes.subarray(start, end));
    content.set(word, table.counts[i]);
    start = end;
  });
  return content;
}

Deno.test("WordTable counts as a Map does while it grows", () => {
  const table = new WordTable();
  const expected = new Map<string, number>();
  const encoder = new TextEncoder();
  for (let i = 0; i < 60_000; i++) {
    const word = `n${i * 7919 % 20_011}`;
    table.add(encoder.encode(word), i);
    expected.set(word, (expected.get(word) ?? 0) + i);
  }
  assertEquals(table.size, expected.size);
  assertEquals(contentOf(table), expected);
});

Deno.test("WordTable adds other tables, and counts beyond 32 bits", () => {
  const a = new WordTable(), b = new WordTable();
  a.add(Uint8Array.of(0x61), 2 ** 40);
  b.add(Uint8Array.of(0x62), 3);
  b.add(Uint8Array.of(0x61), 1);
  a.addPacked({
    bytes: b.bytes.slice(),
    ends: b.ends.slice(),
    counts: b.counts.slice(),
  });
  assertEquals(contentOf(a), new Map([["a", 2 ** 40 + 1], ["b", 3]]));
});

Deno.test("WordTable says in a line that the memory is full", () => {
  const table = new WordTable();
  const Whole = globalThis.Float64Array;
  globalThis.Float64Array = class extends Whole {
    constructor(length: number) {
      if (length > 10_000) {
        throw new RangeError("Array buffer allocation failed");
      }
      super(length);
    }
  } as unknown as typeof Whole;
  try {
    assertThrows(
      () => {
        for (let i = 0; i < 10_000; i++) {
          table.add(Uint8Array.of(i & 0xff, i >> 8), 1);
        }
      },
      RangeError,
      "Cannot count words: there is memory for 8192 distinct ones only; use a part of the corpus",
    );
  } finally {
    globalThis.Float64Array = Whole;
  }
});
