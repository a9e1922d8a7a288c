/** Repetition, beside the plainest way to count it. */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  repeatedLines,
  repeatedNgrams,
  topNgram,
} from "../../../lib/corpus/measures/repetition.ts";
import { wordsOf } from "../../../lib/corpus/measures/words.ts";
import { Random } from "../../../lib/random.ts";

/** Random words of few kinds, so that much is repeated. */
function randomText(seed: number): string {
  const random = new Random(seed);
  const kinds = 2 + Math.floor(random.uniform() * 12);
  return Array.from(
    { length: Math.floor(random.uniform() * 120) },
    () => "palavrório".slice(0, 1 + Math.floor(random.uniform() * kinds)),
  ).join(" ");
}

function ngrams(words: readonly string[], n: number): string[] {
  return words.slice(0, Math.max(0, words.length - n + 1))
    .map((_, i) => words.slice(i, i + n).join(" "));
}

function slowTop(text: string, n: number): number {
  const counts = new Map<string, number>();
  for (const ngram of ngrams(text.split(" "), n)) {
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  const most = Math.max(
    0,
    ...[...counts].map(([ngram, count]) =>
      count < 2 ? 0 : count * ngram.length
    ),
  );
  return text === "" ? 0 : Math.min(1, most / text.length);
}

function slowRepeated(text: string, n: number): number {
  const seen = new Set<string>();
  const covered = new Array(text.length).fill(false);
  let at = 0;
  const words = text.split(" ");
  for (const [i, ngram] of ngrams(words, n).entries()) {
    if (seen.has(ngram)) covered.fill(true, at, at + ngram.length);
    seen.add(ngram);
    at += words[i].length + 1;
  }
  return text === "" ? 0 : covered.filter(Boolean).length / text.length;
}

Deno.test("topNgram() and repeatedNgrams() agree with plain counting", () => {
  for (let seed = 0; seed < 200; seed++) {
    const text = randomText(seed);
    const words = wordsOf(text);
    for (const n of [1, 2, 3, 5, 10]) {
      assertAlmostEquals(topNgram(words, n), slowTop(text, n));
      assertAlmostEquals(repeatedNgrams(words, n), slowRepeated(text, n));
    }
  }
});

Deno.test("repeatedNgrams() falls as n grows from 2", () => {
  for (let seed = 0; seed < 100; seed++) {
    const words = wordsOf(randomText(seed));
    let before = 1;
    for (let n = 2; n <= 10; n++) {
      const share = repeatedNgrams(words, n);
      assert(share <= before);
      before = share;
    }
  }
});

Deno.test("repeatedLines() counts all but the first", () => {
  assertEquals(repeatedLines([]), { lines: 0, characters: 0 });
  assertEquals(repeatedLines(["a", "b"]), { lines: 0, characters: 0 });
  assertEquals(repeatedLines(["ab", "c", "ab", "ab"]), {
    lines: 2 / 4,
    characters: 4 / 7,
  });
});

Deno.test("repeatedNgrams() takes a million words in linear time", () => {
  const words = wordsOf("a ".repeat(1_000_000));
  const start = performance.now();
  assert(repeatedNgrams(words, 10) > 0.99);
  assert(topNgram(words, 2) === 1);
  assert(performance.now() - start < 5000);
});
