import { assertEquals } from "@std/assert";
import {
  countSpacedWords,
  forEachLineWord,
  forEachWord,
} from "../../lib/tokenizer/pre_tokenizer.ts";
import { Random } from "../../lib/random.ts";
import { randomPieces } from "./trained.ts";

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
    const text = randomPieces(random, random.next() % 12, pieces);
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

Deno.test("forEachWord() splits any text as GPT-2's pattern does", () => {
  const pattern =
    /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;
  const check = (text: string) =>
    assertEquals(wordsOf(text, "gpt2"), text.match(pattern) ?? []);
  const random = new Random(71);
  // deno-fmt-ignore
  const pieces = ["a", "ção", " ", " ", "  ", "\n", "\t", "\u0085", "\ufeff",
    "\u00a0", "\u3000", "7", "½", "Ⅻ", "٣", ".", "--", "'", "'s", "'re", "'ve",
    "'l", "'ll", "'D", "日", "𝒜", "𝟙", "👩", "\ud83d", "\ude00", "\u0301", "ª"];
  for (let i = 0; i < 20_000; i++) {
    check(
      randomPieces(random, random.next() % 10, pieces),
    );
  }
  for (let plane = 0; plane < 0x110000; plane += 0x1000) {
    const characters = Array.from(
      { length: 0x1000 },
      (_, i) => String.fromCodePoint(plane + i),
    );
    check(characters.join(""));
    check(characters.join(" "));
  }
});
