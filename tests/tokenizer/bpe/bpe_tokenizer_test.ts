import {
  assert,
  assertEquals,
  assertLess,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { BPETokenizer } from "../../../lib/tokenizer/bpe/bpe_tokenizer.ts";
import { BPEVocab } from "../../../lib/tokenizer/bpe/bpe_vocab.ts";
import "../../../lib/tokenizer/vocab/vocab_file.ts"; // save(), fromFile()
import { PTBRNormalizer } from "../../../lib/tokenizer/normalizer.ts";
import { forEachWord } from "../../../lib/tokenizer/pre_tokenizer.ts";
import { Random } from "../../../lib/random.ts";
import { randomPiece } from "../fuzz/round_trip.ts";
import { randomPieces, tokenizerOf } from "../trained.ts";

const TEXT = `A vida é um sopro, e o sopro passa.
A cidade acordou cedo; a feira já tinha peixe, fruta e conversa.
Ninguém sabia, ninguém dizia, ninguém ouvia nada na cidade.
`;

async function trained(normalizer = new PTBRNormalizer()): Promise<BPEVocab> {
  const options = { vocabSize: 400, normalizer };
  return (await tokenizerOf(TEXT.repeat(3), options)).vocab;
}

/** Merging as its definition says it, quadratic. */
function encodePlainly(vocab: BPEVocab, text: string): number[] {
  const ids: number[] = [];
  forEachWord(text, vocab.preTokenizer, (source, start, end) => {
    const symbols = Array.from(
      new TextEncoder().encode(source.slice(start, end)),
      (byte) => vocab.byteId(byte),
    );
    for (;;) {
      let best = Infinity, at = 0;
      for (let i = 0; i + 1 < symbols.length; i++) {
        const rank = vocab.merges.findIndex(([left, right]) =>
          left === symbols[i] && right === symbols[i + 1]
        );
        if (rank >= 0 && rank < best) {
          best = rank;
          at = i;
        }
      }
      if (best === Infinity) break;
      symbols.splice(at, 2, vocab.madeBy(best));
    }
    ids.push(...symbols);
  });
  return ids;
}

/** Text of any characters, the awkward ones often. */
function randomText(random: Random, length: number): string {
  const learned = `${TEXT}“ação” — d’água Ã£ e\u0301 👩‍👩‍👧 it's [EOS]`;
  let text = "";
  while (text.length < length) text += randomPiece(random, learned);
  return text.toWellFormed();
}

Deno.test("encode() merges as the definition says, from the cache or not", async () => {
  const vocab = await trained();
  const tokenizer = new BPETokenizer(vocab);
  const normalizer = new PTBRNormalizer(vocab.normalizer);
  const random = new Random(1);
  for (let i = 0; i < 60; i++) {
    const text = randomText(random, 40);
    const expected = encodePlainly(vocab, normalizer.normalize(text));
    assertEquals([...tokenizer.encode(text)], expected);
    assertEquals([...tokenizer.encode(text)], expected);
  }
});

Deno.test("encode() merges long words as short ones", async () => {
  const vocab = await trained();
  const tokenizer = new BPETokenizer(vocab);
  const random = new Random(2);
  for (let length = 60; length < 240; length += 9) {
    const word = randomPieces(random, length, "acdeiornst");
    assertEquals([...tokenizer.encode(word)], encodePlainly(vocab, word));
  }
});

Deno.test("encode() stays quick for a word of a million letters", async () => {
  const tokenizer = new BPETokenizer(await trained());
  const word = "cidade".repeat(166_667);
  const start = performance.now();
  const ids = tokenizer.encode(word);
  assertLess(performance.now() - start, 10_000);
  assertEquals(tokenizer.decode(ids), word);
});

Deno.test("decode() gives back any text where nothing is normalised", async () => {
  const tokenizer = new BPETokenizer(await trained(PTBRNormalizer.off()));
  const random = new Random(3);
  for (let i = 0; i < 200; i++) {
    const text = randomText(random, random.next() % 200);
    assertEquals(tokenizer.decode(tokenizer.encode(text)), text);
  }
  const every = Array.from(
    { length: 0x3000 },
    (_, code) => String.fromCodePoint(code),
  ).join("");
  assertEquals(tokenizer.decode(tokenizer.encode(every)), every);
});

Deno.test("decode() gives back the normalised text", async () => {
  const vocab = await trained();
  const tokenizer = new BPETokenizer(vocab);
  const normalizer = new PTBRNormalizer(vocab.normalizer);
  const random = new Random(4);
  for (let i = 0; i < 200; i++) {
    const text = normalizer.normalize(randomText(random, 100));
    assertEquals(tokenizer.decode(tokenizer.encode(text)), text);
  }
});

Deno.test("encode() takes special tokens from text only where asked", async () => {
  const vocab = await trained();
  const tokenizer = new BPETokenizer(vocab);
  const text = "a[EOS]b[BOS]";
  const plain = tokenizer.encode(text);
  assert(plain.every((id) => id >= 5));
  assertEquals(tokenizer.decode(plain), text);
  const some = [...tokenizer.encode(text, { allowedSpecial: ["[EOS]"] })];
  assertEquals(some.filter((id) => id < 5), [3]);
  const all = tokenizer.encode(text, { allowedSpecial: "all" });
  assertEquals([...all].filter((id) => id < 5), [3, 2]);
  assertEquals(tokenizer.decode(all, { keepSpecial: true }), text);
  assertEquals(tokenizer.decode(all), "ab");
  assertThrows(
    () => tokenizer.encode("a", { allowedSpecial: ["[X]"] }),
    RangeError,
    "Cannot use [X]: the tokenizer has none",
  );
});

Deno.test("byteLength() sums to the bytes of the normalised text", async () => {
  const vocab = await trained();
  const tokenizer = new BPETokenizer(vocab);
  const normalizer = new PTBRNormalizer(vocab.normalizer);
  const text = normalizer.normalize(randomText(new Random(5), 5000));
  let bytes = 0;
  for (const id of tokenizer.encode(text)) bytes += tokenizer.byteLength(id);
  assertEquals(bytes, new TextEncoder().encode(text).length);
  assertEquals(tokenizer.byteLength(vocab.specialId("[EOS]")), 0);
});

Deno.test("decode() refuses ids beyond the vocabulary", async () => {
  const vocab = await trained();
  const tokenizer = new BPETokenizer(vocab);
  assertThrows(
    () => tokenizer.decode([5, vocab.size]),
    RangeError,
    `Cannot decode token ${vocab.size}: the vocabulary has ${vocab.size}`,
  );
});

Deno.test("encode() stays right when more words come than the cache holds", async () => {
  const vocab = await trained();
  const tokenizer = new BPETokenizer(vocab);
  const words = Array.from({ length: 25_000 }, (_, i) => ` n${i}`);
  const text = words.join("");
  assertEquals(tokenizer.decode(tokenizer.encode(text)), text);
  for (const word of words.slice(0, 50)) {
    assertEquals([...tokenizer.encode(word)], encodePlainly(vocab, word));
  }
});

Deno.test("encode() and decode() treat the original's files as it did", () => {
  // Its layout: bytes, special tokens, then merges; no settings.
  const utf8 = (text: string) => [...new TextEncoder().encode(text)];
  const vocab = BPEVocab.parse(JSON.stringify({
    id_to_token: [
      ...Array.from({ length: 256 }, (_, byte) => [byte]),
      ...["[PAD]", "[UNK]", "[BOS]", "[EOS]", "[SEP]"].map(utf8),
      utf8("Ġ"),
      utf8("Ġa"),
      utf8("Ġa"),
    ],
    merges: [[0xc4, 0xa0], [261, 97], [261, 97]],
    special_tokens: {
      "[PAD]": 256,
      "[UNK]": 257,
      "[BOS]": 258,
      "[EOS]": 259,
      "[SEP]": 260,
    },
  }));
  const tokenizer = new BPETokenizer(vocab);
  // A blank before a letter is marked, any other is lost; of two tokens of the
  // same bytes the higher id is used; marks of punctuation stand alone.
  const ids = tokenizer.encode("a  a, 1");
  assertEquals([...ids], [97, 263, 44, 49]);
  assertEquals(tokenizer.decode(ids), "a a,1");
  assertEquals(tokenizer.byteLength(263), 2);
  assertEquals([...tokenizer.encode("“")], utf8("“"));
});

Deno.test("encode() and count() stay quick for a megabyte of one letter", async () => {
  const tokenizer = await tokenizerOf("aaaaaaaaaaaaaaaa ".repeat(9));
  for (const letter of ["a", " ", "\n", "é", "—", "\u0301", "Ã", "\u200b"]) {
    const start = performance.now();
    const text = letter.repeat(1_000_000);
    assertEquals(tokenizer.count(text), tokenizer.encode(text).length);
    assertLess(performance.now() - start, 10_000);
  }
});

Deno.test("count() counts the ids of encode()", async () => {
  const tokenizer = new BPETokenizer(await trained());
  const random = new Random(6);
  for (let i = 0; i < 200; i++) {
    const text = randomText(random, random.next() % 300);
    for (const allowedSpecial of [[], "all"] as const) {
      assertEquals(
        tokenizer.count(text, { allowedSpecial }),
        tokenizer.encode(text, { allowedSpecial }).length,
      );
    }
  }
});

Deno.test("encode() cuts and pads to the lengths wanted", async () => {
  const vocab = await trained();
  const tokenizer = new BPETokenizer(vocab);
  const text = "a cidade";
  const ids = [...tokenizer.encode(text)];
  assertEquals([...tokenizer.encode(text, { maxLength: 1 })], ids.slice(0, 1));
  assertEquals([...tokenizer.encode(text, { maxLength: 99 })], ids);
  assertEquals(
    [...tokenizer.encode(text, { padTo: ids.length + 2, maxLength: 99 })],
    [...ids, 0, 0],
  );
  for (const options of [{ maxLength: 2, padTo: 3 }, { maxLength: -1 }]) {
    assertThrows(
      () => tokenizer.encode(text, options),
      RangeError,
      "ids are wanted",
    );
  }
  const bare = new BPEVocab({ ...vocab, specialTokens: new Map() });
  assertThrows(
    () => new BPETokenizer(bare).encode(text, { padTo: 99 }),
    RangeError,
    "Cannot use [PAD]",
  );
});

Deno.test("fromFile() reads what save() wrote", async () => {
  const tokenizer = new BPETokenizer(await trained());
  const folder = await Deno.makeTempDir();
  const path = `${folder}/tokenizer.json`;
  await tokenizer.save(path);
  for (const from of [path, folder]) {
    const read = await BPETokenizer.fromFile(from);
    assertEquals(read.vocab.toString(), tokenizer.vocab.toString());
    assertEquals(read.encode(TEXT), tokenizer.encode(TEXT));
    assertEquals(read.vocabSize, tokenizer.vocab.tokens.length);
  }
  await Deno.writeTextFile(path, "{}");
  await assertRejects(
    () => BPETokenizer.fromFile(path),
    SyntaxError,
    `Cannot read tokenizer "${path}"`,
  );
});
