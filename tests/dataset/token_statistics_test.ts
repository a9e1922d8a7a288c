import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  countTokens,
  sampleTokens,
} from "../../lib/dataset/token_statistics.ts";
import type { TokenSequence } from "../../lib/dataset/windows.ts";
import { BPETokenizer } from "../../lib/tokenizer/bpe/bpe_tokenizer.ts";
import { BPEVocab } from "../../lib/tokenizer/bpe/bpe_vocab.ts";
import { countSpacedWords } from "../../lib/tokenizer/pre_tokenizer.ts";
import {
  bytesAnd,
  ORIGINAL_FILE,
  vocabWith,
} from "../tokenizer/interchange/vocabularies.ts";
import { tokenizerOf } from "../tokenizer/trained.ts";

function sequenceOf(ids: readonly number[]): TokenSequence {
  return {
    path: "train.bin",
    length: ids.length,
    read(start, into) {
      assert(start + into.length <= ids.length);
      for (let i = 0; i < into.length; i++) into[i] = ids[start + i];
    },
  };
}

Deno.test("countTokens() counts what the documents hold", async () => {
  const tokenizer = await tokenizerOf("o mar e a casa, a casa e o mar\n");
  const texts = ["o mar", "a casa é  de\n\nvidro 🇧🇷", "e"];
  const encoded = texts.map((text) => [...tokenizer.encode(text)]);
  const ids = encoded.flatMap((tokens) => [2, ...tokens, 3]);
  const found = await countTokens(sequenceOf(ids), tokenizer);
  const { uses, ...figures } = found;
  assertEquals(figures, {
    tokens: ids.length,
    textTokens: ids.length - 6,
    documents: 3,
    longestDocument: encoded[1].length,
    bytes: new TextEncoder().encode(texts.join("")).length,
    words: 9,
  });
  assertEquals([uses[2], uses[3], uses[0]], [3, 3, 0]);
  assertEquals(uses.reduce((sum, count) => sum + count, 0), ids.length);
});

Deno.test("countTokens() counts words as in text, characters cut apart or not", async () => {
  // Bytes alone: a no-break space is two tokens.
  const tokenizer = new BPETokenizer(vocabWith(bytesAnd(), []));
  const texts = [
    "",
    " ",
    "a\u00a0b",
    "é â\u00a0\u00a0 à",
    "\u00a9\u0080 \tx\n",
  ];
  for (const text of texts) {
    const { words } = await countTokens(
      sequenceOf([...tokenizer.encode(text)]),
      tokenizer,
    );
    assertEquals(words, countSpacedWords(text), JSON.stringify(text));
  }
  const original = new BPETokenizer(BPEVocab.parse(ORIGINAL_FILE));
  const ids = [...original.encode("de de dedo, de")];
  const { words, bytes } = await countTokens(sequenceOf(ids), original);
  const text = original.decode(ids);
  assertEquals(words, countSpacedWords(text));
  assertEquals(bytes, text.length);
});

Deno.test("countTokens() reads files longer than a piece, and says how far", async () => {
  const tokenizer = await tokenizerOf("o mar e a casa\n");
  const unit = [2, ...tokenizer.encode("o mar e a casa"), 3];
  const ids = Array.from({ length: 40_000 }, () => unit).flat();
  const told: number[] = [];
  const { documents, words } = await countTokens(
    sequenceOf(ids),
    tokenizer,
    { onProgress: (tokens) => told.push(tokens) },
  );
  assertEquals([documents, words], [40_000, 200_000]);
  assertEquals(told.length, Math.ceil(ids.length / 2 ** 16));
  assertEquals(told.at(-1), ids.length);
});

Deno.test("sampleTokens() shows documents from their beginning, each once", async () => {
  const tokenizer = await tokenizerOf("o mar e a casa\n");
  const texts = Array.from({ length: 50 }, (_, i) => `casa ${i} é 🇧🇷`);
  const ids = texts.flatMap((text) => [2, ...tokenizer.encode(text), 3]);
  const options = { count: 7, seed: 1 };
  const samples = sampleTokens(sequenceOf(ids), tokenizer, options);
  assertEquals(samples.length, 7);
  for (const { start, text } of samples) {
    assertEquals(ids[start], 2);
    assert(texts.includes(text), text);
  }
  assertEquals(sampleTokens(sequenceOf(ids), tokenizer, options), samples);
  assertEquals(
    sampleTokens(sequenceOf(ids), tokenizer, { count: 500, seed: 1 }).length,
    50,
  );
  assertEquals(
    sampleTokens(sequenceOf(ids), tokenizer, { count: 0, seed: 1 }),
    [],
  );
});

Deno.test("sampleTokens() never shows half a character, with frames or without", () => {
  const bare = new BPETokenizer(vocabWith(bytesAnd(), []));
  const ids = [...bare.encode("🇧🇷".repeat(100))];
  const [{ start, text }] = sampleTokens(sequenceOf(ids), bare, {
    count: 1,
    seed: 3,
  });
  assert(start > 0);
  assertStringIncludes(text, "🇧");
  assertEquals(text.endsWith("\ufffd"), false);
});
