/** Copies, by hash. */

import { assertEquals, assertNotEquals } from "@std/assert";
import {
  contentHash,
  ExactDuplicates,
} from "../../../lib/corpus/build/exact_duplicates.ts";
import { wordsOf } from "../../../lib/corpus/measures/words.ts";

const hashOf = (text: string) => contentHash(wordsOf(text));

Deno.test("contentHash() looks at words only", () => {
  assertEquals(hashOf("Bom dia, rei!"), hashOf("— bom DIA\n\nRei"));
  assertNotEquals(hashOf("bom dia"), hashOf("bomdia"));
  assertNotEquals(hashOf("dia 1"), hashOf("dia 2"));
});

Deno.test("ExactDuplicates finds each of many, and no other", () => {
  const kept = new ExactDuplicates();
  for (let i = 0; i < 20_000; i++) {
    const hash = hashOf(`documento ${i}`);
    assertEquals(kept.find(hash), undefined);
    kept.add(i, hash);
  }
  for (let i = 0; i < 20_000; i += 7) {
    assertEquals(kept.find(hashOf(`DOCUMENTO: ${i}`)), i);
  }
});

Deno.test("ExactDuplicates tells hashes with a common start apart", () => {
  const kept = new ExactDuplicates();
  for (let i = 0; i < 100; i++) kept.add(i, Uint32Array.of(5, 5, 5, i));
  for (let i = 0; i < 100; i++) {
    assertEquals(kept.find(Uint32Array.of(5, 5, 5, i)), i);
  }
  assertEquals(kept.find(Uint32Array.of(5, 5, 6, 0)), undefined);
});
