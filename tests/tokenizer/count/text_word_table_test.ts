import { assertEquals } from "@std/assert";
import { TextWordTable } from "../../../lib/tokenizer/count/text_word_table.ts";
import { Random } from "../../../lib/random.ts";
import { randomPieces } from "../trained.ts";

Deno.test("TextWordTable counts parts of texts as a Map of strings does", () => {
  const random = new Random(21);
  const pieces = ["a", "b", "ç", "日", "👩", "\ud800", "\udfff", "e\u0301"];
  const words = new TextWordTable();
  const expected = new Map<string, number>();
  for (let i = 0; i < 20_000; i++) {
    const word = randomPieces(random, 1 + random.next() % 6, pieces);
    words.add(`<${word}>`, 1, 1 + word.length);
    expected.set(word, (expected.get(word) ?? 0) + 1);
  }
  assertEquals(words.size, expected.size);
  const { bytes, ends, counts } = words.take(100);
  // The order is that of the first time.
  assertEquals([...counts], [...expected.values()]);
  assertEquals(
    bytes,
    new TextEncoder().encode(
      [...expected.keys()].map((word) => word.toWellFormed()).join(""),
    ),
  );
  assertEquals(ends.at(-1), bytes.length);
  assertEquals(words.size, 0);
  words.add("a", 0, 1);
  assertEquals([...words.take(100).counts], [1]);
});

Deno.test("TextWordTable says when it is full", () => {
  const words = new TextWordTable(2);
  words.add("abc", 0, 1);
  words.add("abc", 0, 1);
  assertEquals(words.full, false);
  words.add("abc", 1, 2);
  assertEquals(words.full, true);
  const long = new TextWordTable();
  long.add("a".repeat(2 ** 23), 0, 2 ** 23);
  assertEquals(long.full, true);
});
