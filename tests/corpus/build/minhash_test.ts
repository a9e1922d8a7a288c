/** MinHash, beside the similarity that it estimates. */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  HASHES,
  NearDuplicates,
  SHINGLE_WORDS,
  signatureOf,
  similarity,
} from "../../../lib/corpus/build/minhash.ts";
import { wordsOf } from "../../../lib/corpus/measures/words.ts";
import { Random } from "../../../lib/random.ts";

/** `length` words drawn from `kinds` by a seed. */
function randomWords(seed: number, length: number, kinds = 5000): string[] {
  const random = new Random(seed);
  return Array.from(
    { length },
    () => `p${Math.floor(random.uniform() * kinds)}`,
  );
}

/** The text with some of its words changed. */
function changed(words: readonly string[], share: number, seed: number) {
  const random = new Random(seed, 1);
  return words.map((word) => random.uniform() < share ? `x${word}` : word);
}

function jaccard(a: readonly string[], b: readonly string[]): number {
  const shingles = (words: readonly string[]) =>
    new Set(
      words.slice(SHINGLE_WORDS - 1).map((_, i) =>
        words.slice(i, i + SHINGLE_WORDS).join(" ")
      ),
    );
  const one = shingles(a), two = shingles(b);
  const both = [...one].filter((shingle) => two.has(shingle)).length;
  return both / (one.size + two.size - both);
}

const sketch = (words: readonly string[]) =>
  signatureOf(wordsOf(words.join(" "))).sketch;

Deno.test("similarity() estimates Jaccard's within its standard error", () => {
  let bias = 0, squares = 0, expected = 0;
  const pairs = 400;
  for (let i = 0; i < pairs; i++) {
    const words = randomWords(i, 50 + i);
    const other = changed(words, (i % 20) / 60, i);
    const truth = jaccard(words, other);
    const error = similarity(sketch(words), sketch(other)) - truth;
    bias += error / pairs;
    squares += error ** 2 / pairs;
    expected += truth * (1 - truth) / HASHES / pairs;
    assert(Math.abs(error) < 0.25, `${error} at ${truth}`);
  }
  assertAlmostEquals(bias, 0, 0.01);
  assertAlmostEquals(Math.sqrt(squares / expected), 1, 0.2);
});

Deno.test("similarity() of unrelated and of equal texts", () => {
  assertEquals(similarity(sketch(["a"]), sketch(["a"])), 1);
  for (let i = 0; i < 50; i++) {
    const a = sketch(randomWords(2 * i, 300, 1e6));
    const b = sketch(randomWords(2 * i + 1, 300, 1e6));
    assert(similarity(a, b) < 0.05);
  }
});

Deno.test("signatureOf() takes any number of words", () => {
  for (const text of ["", "um", "um dois três quatro", "a ".repeat(1e5)]) {
    const { bands, sketch } = signatureOf(wordsOf(text));
    assertEquals(bands.length, 14);
    assertEquals(sketch.length, HASHES);
  }
});

Deno.test("NearDuplicates finds what is near, and nothing else", () => {
  const kept = new NearDuplicates(0.75);
  const texts = Array.from({ length: 2000 }, (_, i) => randomWords(i, 200));
  const sign = (words: readonly string[]) =>
    signatureOf(wordsOf(words.join(" ")));
  for (const [i, words] of texts.entries()) {
    assertEquals(kept.find(sign(words)), undefined);
    kept.add(i + 7, sign(words));
  }
  let found = 0;
  for (let i = 0; i < 200; i++) {
    const near = changed(texts[i], 0.01, i);
    const twin = kept.find(sign(near));
    if (twin === undefined) continue;
    assertEquals(twin.document, i + 7);
    assertAlmostEquals(twin.similarity, jaccard(texts[i], near), 0.2);
    found++;
  }
  assert(found > 190, `${found}`);
});

Deno.test("NearDuplicates prefers the nearest, then the first", () => {
  const kept = new NearDuplicates(0.5);
  const words = randomWords(1, 400);
  const sign = (words: readonly string[]) =>
    signatureOf(wordsOf(words.join(" ")));
  kept.add(3, sign(changed(words, 0.01, 1)));
  kept.add(4, sign(words));
  kept.add(5, sign(words));
  assertEquals(kept.find(sign(words)), { document: 4, similarity: 1 });
});

Deno.test("NearDuplicates stays quick when all have a band in common", () => {
  const kept = new NearDuplicates(1);
  const { bands } = signatureOf(wordsOf("um dois"));
  const start = performance.now();
  for (let i = 0; i < 5000; i++) {
    const sketch = new Uint8Array(HASHES).fill(i & 255);
    sketch[0] = i >> 8;
    sketch[1] = 255 - (i & 255);
    kept.find({ bands, sketch });
    kept.add(i, { bands, sketch });
  }
  assert(performance.now() - start < 10_000);
});
