/** Figures of quality. */

import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  alphabeticShare,
  countStopWords,
  letterShare,
  lineShares,
  meanWordLength,
  symbolsPerWord,
} from "../../../lib/corpus/measures/quality.ts";
import { wordsOf } from "../../../lib/corpus/measures/words.ts";

Deno.test("letterShare() counts letters among what is visible", () => {
  assertEquals(letterShare(""), 0);
  assertEquals(letterShare(" \n\t"), 0);
  assertEquals(letterShare("ação é!"), 5 / 6);
  assertEquals(letterShare("🙂a"), 1 / 3);
});

Deno.test("meanWordLength() and alphabeticShare() look at words", () => {
  assertEquals(meanWordLength(wordsOf("")), 0);
  assertEquals(meanWordLength(wordsOf("um, três")), 3);
  assertEquals(alphabeticShare(wordsOf("")), 0);
  assertEquals(alphabeticShare(wordsOf("lei 10 a2 3.4")), 2 / 5);
});

Deno.test("countStopWords() knows Portuguese and stops", () => {
  assertEquals(countStopWords(wordsOf("O rei e a lei"), 9), 3);
  assertEquals(countStopWords(wordsOf("É de um que foi"), 2), 2);
  assertEquals(countStopWords(wordsOf("the king of the hill"), 9), 0);
});

Deno.test("symbolsPerWord() takes a dotted line for one ellipsis", () => {
  assertAlmostEquals(symbolsPerWord("a # b # #", 10), 0.3);
  assertAlmostEquals(symbolsPerWord("a... b… c.......", 10), 0.3);
  assertEquals(symbolsPerWord("a. b.. c", 3), 0);
  assertEquals(symbolsPerWord("#", 0), 1);
});

Deno.test("lineShares() lets speech open with a dash and clauses end so", () => {
  const { bullets, punctuated } = lineShares([
    "— Vamos?",
    "- Não",
    "• um item",
    "I - a soberania;",
  ]);
  assertEquals(bullets, 0.25);
  assertEquals(punctuated, 0.5);
  const { ellipses, short } = lineShares(["Leia mais...", "a".repeat(31)]);
  assertEquals([ellipses, short], [0.5, 0.5]);
});
