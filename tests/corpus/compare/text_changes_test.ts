/** Differences between two texts of a document. */

import { assertEquals } from "@std/assert";
import { changedLines } from "../../../lib/corpus/compare/text_changes.ts";

Deno.test("changedLines() says how a line changed", () => {
  const kinds = (old: string, now: string) =>
    changedLines(old, now).map(({ kind }) => kind);
  assertEquals(kinds("igual", "igual"), []);
  assertEquals(kinds("o  sol nasce", "o sol nasce"), ["spaces"]);
  assertEquals(kinds("o sol (,) nasce", "o sol nasce"), ["punctuation"]);
  assertEquals(kinds("o sol nasce cedo", "o sol nasce tarde"), ["words"]);
  assertEquals(kinds("uma linha", "outra coisa qualquer"), [
    undefined,
    undefined,
  ]);
});

Deno.test("changedLines() finds what went and came among lines that stay", () => {
  const lines = changedLines(
    "Título\nO rio nasce na serra.\nRodapé",
    "Introdução\nTítulo\nO rio nasce na serra do sul.",
  );
  assertEquals(lines.map(({ old, new: now }) => [old, now]), [
    [undefined, "Introdução"],
    ["O rio nasce na serra.", "O rio nasce na serra do sul."],
    ["Rodapé", undefined],
  ]);
  assertEquals(lines[1].replacements, [{ old: "", new: " do sul" }]);
});

Deno.test("replacements of signs are alike wherever they stand", () => {
  const of = (old: string, now: string) =>
    changedLines(old, now)[0].replacements;
  const expected = [{ old: "(, abc", new: "(abc" }];
  assertEquals(of("São Paulo (, cidade)", "São Paulo (cidade)"), expected);
  assertEquals(of("o Sol (, estrela)", "o Sol (estrela)"), expected);
  assertEquals(of("em 1808 .", "em 1808."), [{ old: "123 .", new: "123." }]);
});

Deno.test("changedLines() ends soon where all is different", () => {
  const line = (i: number, word: string) => `${word}${i} `.repeat(5);
  const text = (word: string) =>
    Array.from({ length: 5000 }, (_, i) => line(i, word)).join("\n");
  const lines = changedLines(text("velho"), text("novo"));
  assertEquals(lines.length, 10_000);
});
