/** Words as filters see them. */

import { assertEquals, assertNotEquals } from "@std/assert";
import { hashNgram, wordsOf } from "../../../lib/corpus/measures/words.ts";

function plain(text: string): string {
  return String.fromCharCode(...wordsOf(text).plain);
}

Deno.test("wordsOf() leaves letters and digits, one blank between words", () => {
  assertEquals(
    plain("— D'água, 2ª vez…\n\tÀ  toa!"),
    "d água 2ª vez à toa",
  );
  assertEquals(plain("a\u0303o"), "ão");
  assertEquals(plain("🙂 sim 🙂"), "sim");
  for (const text of ["", " ", "…", "\0"]) {
    assertEquals(plain(text), "");
    assertEquals(wordsOf(text).count, 0);
  }
});

Deno.test("wordsOf() says where words are", () => {
  const { starts, ends, count, plain } = wordsOf("Um, dois e TRÊS.");
  const words = Array.from(
    { length: count },
    (_, i) => String.fromCharCode(...plain.subarray(starts[i], ends[i])),
  );
  assertEquals(words, ["um", "dois", "e", "três"]);
});

Deno.test("wordsOf() hashes 200,000 words with the collisions of chance", () => {
  const text = Array.from({ length: 200_000 }, (_, i) => `p${i}`).join(" ");
  const { hashes } = wordsOf(text);
  // 2⁻³² · n²/2 = 4.7 pairs are expected.
  const different = new Set(hashes).size;
  assertEquals(different > 200_000 - 20, true);
});

Deno.test("hashNgram() minds order and length", () => {
  const words = wordsOf("a b a b b a");
  assertEquals(hashNgram(words, 0, 2), hashNgram(words, 2, 2));
  assertNotEquals(hashNgram(words, 0, 2), hashNgram(words, 1, 2));
  assertNotEquals(hashNgram(words, 0, 2), hashNgram(words, 0, 3));
});
