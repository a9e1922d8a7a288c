import {
  assertEquals,
  assertGreater,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { BPETokenizer } from "../../../lib/tokenizer/bpe/bpe_tokenizer.ts";
import { BPETrainer } from "../../../lib/tokenizer/bpe/bpe_trainer.ts";
import type { BPEVocab } from "../../../lib/tokenizer/bpe/bpe_vocab.ts";
import { PTBRNormalizer } from "../../../lib/tokenizer/normalizer.ts";
import { WordTable } from "../../../lib/tokenizer/count/word_table.ts";
import { hash32, Random } from "../../../lib/random.ts";
import { fromCharacters } from "../../../lib/tokenizer/interchange/byte_characters.ts";
import { NO_REAL_DATA, readReal } from "../../real_data.ts";

function chunk(text: string, name = "text") {
  return { name, bytes: new TextEncoder().encode(text) };
}

/** Each merge as the texts it joins. */
function mergesOf(vocab: BPEVocab): string[][] {
  const text = (id: number) => new TextDecoder().decode(vocab.tokens[id]);
  return vocab.merges.map((pair) => pair.map(text));
}

Deno.test({
  name:
    "BPETrainer learns Hugging Face's 17,600 merges of Dom Casmurro (needs PTBR_SLM_TEST_DATA)",
  ignore: NO_REAL_DATA,
  async fn() {
    const { model } = JSON.parse(
      readReal("tokenizer/hf_0.23.2_dom_casmurro.tokenizer.json"),
    );
    const trainer = new BPETrainer({
      vocabSize: 30_000,
      minFrequency: 1,
      normalizer: PTBRNormalizer.only("nfc"),
    });
    const { vocab } = await trainer.train([
      chunk(readReal("tokenizer/dom_casmurro.txt")),
    ]);
    const join = (pair: readonly Uint8Array[]) => pair.join(" ");
    assertEquals(
      vocab.merges.map(([left, right]) =>
        join([vocab.tokens[left], vocab.tokens[right]])
      ),
      model.merges.map((pair: string[]) =>
        join(pair.map((name) => fromCharacters(name)!))
      ),
    );
    assertEquals(vocab.merges.length, 17_600);
  },
});

Deno.test({
  name: "BPETrainer passes others' small cases (needs PTBR_SLM_TEST_DATA)",
  ignore: NO_REAL_DATA,
  async fn() {
    const [wikipedia, wordCounts, ties] = JSON.parse(
      readReal("tokenizer/train_cases.json"),
    );
    const first = new BPETrainer({ vocabSize: 264, minFrequency: 1 });
    const { vocab } = await first.train([chunk(wikipedia.text)]);
    // Its ids count the bytes from 0, ours from 5.
    assertEquals(
      [...new BPETokenizer(vocab).encode(wikipedia.text)],
      wikipedia.ids.map((id: number) => id + 5),
    );

    const words = new WordTable();
    for (const [word, count] of Object.entries(wordCounts.word_counts)) {
      words.add(new TextEncoder().encode(word), count as number);
    }
    const second = await new BPETrainer({
      minFrequency: wordCounts.min_frequency,
    })
      .trainWords({ words, spacedWords: 1, bytes: 0 });
    assertEquals(mergesOf(second.vocab), wordCounts.merges);

    for (const text of ties.texts) {
      const third = new BPETrainer({ vocabSize: 265, minFrequency: 2 });
      const { vocab } = await third.train([chunk(text)]);
      assertEquals(
        mergesOf(vocab).map((pair) => pair.join("")).toSorted(),
        ["aa", "bb", "cc", "dd"],
      );
    }
  },
});

/** Training as its definition says it: everything counted anew each time. */
function trainPlainly(words: [string, number][], merges: number): string[][] {
  const list = words.map(([word, count]) => ({ symbols: [...word], count }));
  const made: string[][] = [];
  for (let i = 0; i < merges; i++) {
    const counts = new Map<string, number>();
    for (const { symbols, count } of list) {
      for (let j = 0; j + 1 < symbols.length; j++) {
        const pair = `${symbols[j]} ${symbols[j + 1]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + count);
      }
    }
    const ids = [...ALPHABET, ...made.map((pair) => pair.join(""))];
    const order = (pair: string) => {
      const [left, right] = pair.split(" ");
      return ids.indexOf(left) * 65_536 + ids.indexOf(right);
    };
    const [best] = [...counts].sort(([a, m], [b, n]) =>
      n - m || order(a) - order(b)
    );
    if (best === undefined) break;
    const [left, right] = best[0].split(" ");
    made.push([left, right]);
    for (const { symbols } of list) {
      for (let j = 0; j + 1 < symbols.length; j++) {
        if (symbols[j] === left && symbols[j + 1] === right) {
          symbols.splice(j, 2, left + right);
        }
      }
    }
  }
  return made;
}

const ALPHABET = "abcde";

Deno.test("BPETrainer merges as the definition says", async () => {
  const words: [string, number][] = [
    ["aaaaa", 7],
    ["abcabc", 7],
    ["bcbcbc", 3],
    ["deed", 9],
    ["edde", 4],
    ["cabbage", 1],
    ["aaabaaab", 2],
  ];
  const plain = words.filter(([word]) => /^[a-e]+$/.test(word));
  const table = new WordTable();
  for (const [word, count] of plain) {
    table.add(new TextEncoder().encode(word), count);
  }
  const { vocab, tokens } = await new BPETrainer({
    vocabSize: 275,
    minFrequency: 1,
  })
    .trainWords({ words: table, spacedWords: 1, bytes: 0 });
  assertEquals(mergesOf(vocab), trainPlainly(plain, 14));

  const tokenizer = new BPETokenizer(vocab);
  const total = plain.reduce(
    (sum, [word, count]) => sum + tokenizer.encode(word).length * count,
    0,
  );
  assertEquals(tokens, total);
});

Deno.test("BPETrainer gives the same for any threads and order of files", async () => {
  const lines = Array.from(
    { length: 400 },
    (_, i) => `linha ${i * 7919 % 613} da cidade, número ${i}\n`,
  );
  const files = [0, 1, 2, 3].map((i) =>
    lines.slice(i * 100, i * 100 + 100).join("")
  );
  const train = async (texts: string[], threads: number) => {
    const trainer = new BPETrainer({ vocabSize: 500 });
    const result = await trainer.train(texts.map((text) => chunk(text)), {
      threads,
    });
    return { ...result, vocab: result.vocab.toString() };
  };
  const expected = await train(files, 1);
  assertEquals(await train(files.toReversed(), 1), expected);
  assertEquals(await train(files, 2), expected);
  assertEquals(await train(files.toReversed(), 3), expected);
});

Deno.test("BPETrainer stops at the minimum frequency and at the size", async () => {
  const text = "um dois dois três três três\n";
  const train = async (vocabSize: number, minFrequency: number) => {
    const trainer = new BPETrainer({ vocabSize, minFrequency });
    return (await trainer.train([chunk(text)])).vocab;
  };
  assertEquals((await train(1000, 4)).size, 261);
  assertEquals((await train(1000, 3)).size, 266); // " três" in five merges
  assertEquals((await train(264, 1)).size, 264);
  assertEquals((await train(261, 1)).merges, []);
});

Deno.test("BPETrainer writes the documented ids", async () => {
  const { vocab } = await new BPETrainer().train([chunk("a\n")]);
  assertEquals(
    [...vocab.specialTokens],
    [["[PAD]", 0], ["[UNK]", 1], ["[BOS]", 2], ["[EOS]", 3], ["[SEP]", 4]],
  );
  assertEquals(vocab.byteId(0), 5);
  assertEquals(vocab.byteId(255), 260);
});

Deno.test("BPETrainer refuses bad sizes, no text and text that is not UTF-8", async () => {
  for (const vocabSize of [260, 65_537, 300.5]) {
    assertThrows(
      () => new BPETrainer({ vocabSize }),
      RangeError,
      "must be 261 to 65536 tokens",
    );
  }
  assertThrows(
    () => new BPETrainer({ minFrequency: 0 }),
    RangeError,
    "must be at least 1, not 0",
  );
  await assertRejects(
    () => new BPETrainer().train([]),
    RangeError,
    "Cannot train a tokenizer: there is no text",
  );
  for (const threads of [1, 2]) {
    await assertRejects(
      () =>
        new BPETrainer().train([
          chunk("bom\n"),
          { name: "a.txt", bytes: Uint8Array.of(0x61, 0xe7, 0x61) },
        ], { threads }),
      SyntaxError,
      'Cannot read "a.txt": it is not UTF-8 text',
    );
  }
});

Deno.test("BPETrainer takes words without end in time", async () => {
  // One word of 300,000 letters of which every pair is frequent.
  const word = Array.from(
    { length: 300_000 },
    (_, i) => String.fromCharCode(97 + hash32(i) % 26),
  ).join("");
  const { vocab } = await new BPETrainer({ vocabSize: 2000 })
    .train([chunk(word)]);
  assertEquals(vocab.size, 2000);
});

Deno.test("BPETrainer fills all 65,536 ids, which encode and come back", async () => {
  const random = new Random(61);
  const text = Array.from(
    { length: 40_000 },
    () =>
      Array.from(
        { length: 7 },
        () => String.fromCharCode(97 + random.next() % 26),
      ).join(""),
  ).join(" ");
  const { vocab, tokens } = await new BPETrainer({
    vocabSize: 65_536,
    minFrequency: 1,
  }).train([chunk(text)]);
  assertEquals(vocab.size, 65_536);
  const tokenizer = new BPETokenizer(vocab);
  const ids = tokenizer.encode(text);
  assertEquals(ids.length, tokens);
  assertGreater(Math.max(...ids), 65_000);
  assertEquals(tokenizer.decode(ids), text);
});

Deno.test("BPETrainer counts beyond 32 bits", async () => {
  const words = new WordTable();
  words.add(new TextEncoder().encode("ab"), 2 ** 31);
  words.add(new TextEncoder().encode("ab"), 2 ** 40 + 1);
  words.add(new TextEncoder().encode("cd"), 2 ** 40);
  const { vocab, tokens } = await new BPETrainer({
    vocabSize: 262,
    minFrequency: 2 ** 40 + 2,
  }).trainWords({ words, spacedWords: 1, bytes: 0 });
  assertEquals(mergesOf(vocab), [["a", "b"]]);
  assertEquals(tokens, 2 ** 31 + 2 ** 40 + 1 + 2 ** 41);
});
