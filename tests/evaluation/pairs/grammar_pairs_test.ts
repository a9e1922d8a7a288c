/** The pairs are what they claim to be: minimal, balanced, and of one mind. */

import { assert, assertEquals, assertGreater, assertThrows } from "@std/assert";
import { pairsOf } from "../../../lib/evaluation/pairs/contrast.ts";
import {
  grammarPairs,
  PHENOMENA,
} from "../../../lib/evaluation/pairs/grammar_pairs.ts";

/** What of two sentences is different, as words in small letters. */
function differenceOf(right: string, wrong: string): [string, string] {
  const a = right.toLowerCase().split(" "), b = wrong.toLowerCase().split(" ");
  let start = 0, end = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start++;
  while (
    end < Math.min(a.length, b.length) - start &&
    a[a.length - 1 - end] === b[b.length - 1 - end]
  ) end++;
  const middle = (words: string[]) =>
    words.slice(start, words.length - end).join(" ").replace(/[.,?]$/, "");
  return [middle(a), middle(b)];
}

Deno.test("grammarPairs() has a thousand pairs of a dozen phenomena, each with its source", () => {
  assertGreater(grammarPairs().length, 1000);
  assertGreater(PHENOMENA.length, 12);
  const names = PHENOMENA.map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  for (const phenomenon of PHENOMENA) {
    assert(/Cunha & Cintra|Bechara/.test(phenomenon.source));
    assertGreater(pairsOf(phenomenon).length, 30, phenomenon.name);
  }
});

Deno.test("the sentences of a pair differ in one place of at most two words", () => {
  for (const { right, wrong } of grammarPairs()) {
    const [one, other] = differenceOf(right, wrong);
    assert(one !== "" && other !== "" && one !== other, right);
    for (const part of [one, other]) assert(part.split(" ").length <= 2, right);
  }
});

Deno.test("of the forms of a phenomenon each is right as often as wrong", () => {
  for (const phenomenon of PHENOMENA) {
    const balance = new Map<string, number>();
    for (const { right, wrong } of pairsOf(phenomenon)) {
      const [one, other] = differenceOf(right, wrong);
      balance.set(one, (balance.get(one) ?? 0) + 1);
      balance.set(other, (balance.get(other) ?? 0) - 1);
    }
    const off = [...balance].filter(([, count]) => count !== 0);
    assertEquals(off, [], phenomenon.name);
  }
});

Deno.test("no sentence is right in one pair and wrong in another, no pair there twice", () => {
  const pairs = grammarPairs();
  const rights = new Set(pairs.map(({ right }) => right));
  assertEquals(pairs.filter(({ wrong }) => rights.has(wrong)), []);
  const both = pairs.map(({ right, wrong }) => `${right}|${wrong}`);
  assertEquals(new Set(both).size, both.length);
});

Deno.test("sentences are written as sentences are", () => {
  for (const { right, wrong } of grammarPairs()) {
    for (const text of [right, wrong]) {
      assert(/^(?:— )?\p{Lu}[^_%]*[\p{L}]\.$/u.test(text), text);
      assert(!/ {2}| [.,;]/.test(text), text);
      assertEquals(text, text.normalize("NFC"));
    }
  }
});

Deno.test("pairsOf() refuses a contrast that leans to one side, and sentences without a place", () => {
  const made = (first: string[], second: string[]) => () =>
    pairsOf({
      name: "teste",
      source: "",
      contrasts: [{ forms: ["é", "está"], first, second }],
    });
  assertThrows(made(["Ele _ alto."], []), RangeError, "is right 1 times");
  assertThrows(made(["Ele."], ["Ela _."]), RangeError, "0 places");
});
