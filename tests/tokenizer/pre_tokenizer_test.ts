import { assertEquals } from "@std/assert";
import {
  countSpacedWords,
  forEachLineWord,
  forEachWord,
} from "../../lib/tokenizer/pre_tokenizer.ts";
import { Random } from "../../lib/random.ts";

function wordsOf(text: string, kind: "gpt2" | "original"): string[] {
  const words: string[] = [];
  forEachWord(text, kind, (source, start, end) => {
    words.push(source.slice(start, end));
  });
  return words;
}

function lineWordsOf(text: string): string[] {
  const words: string[] = [];
  forEachLineWord(text, (source, start, end) => {
    words.push(source.slice(start, end));
  });
  return words;
}

Deno.test("forEachWord() splits at Unicode's white space, not JavaScript's", () => {
  assertEquals(wordsOf("a\u0085b", "gpt2"), ["a", "\u0085", "b"]);
  assertEquals(wordsOf("a\ufeff b", "gpt2"), ["a", "\ufeff", " b"]);
  assertEquals(wordsOf("x  \n\n y ", "gpt2"), ["x", "  \n\n", " y", " "]);
  assertEquals(wordsOf("it's 40 ºC", "gpt2"), ["it", "'s", " 40", " ºC"]);
});

Deno.test("forEachLineWord() splits each line by itself", () => {
  const random = new Random(9);
  const pieces = ["a", "ção", " ", "  ", "\n", "\n\n", "\t", ".", "7", "\r\n"];
  for (let i = 0; i < 2000; i++) {
    const text = Array.from(
      { length: random.next() % 12 },
      () => pieces[random.next() % pieces.length],
    ).join("");
    const lines = text.match(/[^\n]*\n|[^\n]+/g) ?? [];
    assertEquals(
      lineWordsOf(text),
      lines.flatMap((line) => wordsOf(line, "gpt2")),
    );
  }
});

Deno.test("forEachWord() splits as the original did", () => {
  assertEquals(
    wordsOf('Ele disse: "não vou".\nE foi-se  em 1899', "original"),
    // deno-fmt-ignore
    ["Ele", "Ġdisse", ":", '"', "não", "Ġvou", '"', ".", "ĠE", "Ġfoi-se",
      "Ġem", "1899"],
  );
});

Deno.test("countSpacedWords() counts runs without white space", () => {
  for (const text of ["", "  ", "a", " a  b\n\tc\u00a0d ", "um-dois, três"]) {
    const expected = text.split(/\s+/).filter((word) => word !== "").length;
    assertEquals(countSpacedWords(text), expected);
  }
});
