import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { PTBRNormalizer } from "../../../lib/tokenizer/normalizer.ts";
import {
  countWords,
  LONGEST_WORD,
} from "../../../lib/tokenizer/count/word_counter.ts";
import { WordRuns } from "../../../lib/tokenizer/count/word_counter_runs.ts";
import {
  type PackedWords,
  WordTable,
} from "../../../lib/tokenizer/count/word_table.ts";
import { Random } from "../../../lib/random.ts";

function chunksOf(lines: number, chunks: number) {
  return Array.from({ length: chunks }, (_, i) => {
    const random = new Random(3, i);
    const text = Array.from(
      { length: lines },
      () => `casa ${random.next() % 3000} ação 日${random.next() % 50}\n`,
    ).join("");
    return { name: `${i}.txt`, bytes: new TextEncoder().encode(text) };
  });
}

/** Words and counts as they may be compared, whatever their order. */
function entriesOf({ bytes, ends, counts }: PackedWords): [string, number][] {
  const entries = Array.from(ends, (end, i): [string, number] => [
    new TextDecoder().decode(bytes.subarray(i === 0 ? 0 : ends[i - 1], end)),
    counts[i],
  ]);
  return entries.sort(([a], [b]) => a < b ? -1 : 1);
}

Deno.test("countWords() counts the same through a scratch file, which it removes", async () => {
  const normalizer = new PTBRNormalizer();
  const expected = await countWords(chunksOf(200, 20), { normalizer });
  const folder = await Deno.makeTempDir();
  for (const threads of [1, 2]) {
    for (const tableWords of [20, 1000]) {
      const count = await countWords(chunksOf(200, 20), {
        normalizer,
        threads,
        tableWords,
        scratch: `${folder}/words.runs`,
      });
      assertEquals(entriesOf(count.words), entriesOf(expected.words));
      assertEquals(count.spacedWords, expected.spacedWords);
      assertEquals(count.bytes, expected.bytes);
      assertEquals([...Deno.readDirSync(folder)], []);
    }
  }
});

Deno.test("countWords() leaves no scratch file when it fails", async () => {
  const folder = await Deno.makeTempDir();
  const chunks = [
    ...chunksOf(200, 5),
    { name: "latin1.txt", bytes: Uint8Array.of(0xe7, 0x61) },
  ];
  await assertRejects(
    () =>
      countWords(chunks, {
        normalizer: new PTBRNormalizer(),
        tableWords: 50,
        scratch: `${folder}/words.runs`,
      }),
    SyntaxError,
    'Cannot read "latin1.txt"',
  );
  assertEquals([...Deno.readDirSync(folder)], []);
  await assertRejects(
    () =>
      countWords(chunksOf(200, 5), {
        normalizer: new PTBRNormalizer(),
        tableWords: 50,
        scratch: `${folder}/none/words.runs`,
      }),
    Error,
    `Cannot write "${folder}/none/words.runs": no such file or folder`,
  );
});

Deno.test("countWords() cuts words without end between characters", async () => {
  const word = "ãé日👩".repeat(3000);
  const { words } = await countWords([
    { name: "a", bytes: new TextEncoder().encode(`${word}\n${word}`) },
  ], { normalizer: PTBRNormalizer.off() });
  let letters = 0;
  for (const [piece, count] of entriesOf(words)) {
    const bytes = new TextEncoder().encode(piece).length;
    assertEquals(bytes <= LONGEST_WORD && !piece.includes("\ufffd"), true);
    letters += bytes * count;
  }
  assertEquals(letters, 2 * new TextEncoder().encode(word).length + 1);
});

Deno.test("WordRuns joins many runs, large and small, in the order of bytes", async () => {
  const random = new Random(5);
  const all = new WordTable();
  using runs = new WordRuns(await Deno.makeTempDir() + "/runs");
  for (let run = 0; run < 40; run++) {
    const table = new WordTable();
    for (let i = random.next() % 3000; i > 0; i--) {
      const word = new Uint8Array(1 + random.next() % (run === 7 ? 4000 : 3))
        .map(() => random.next() % 256);
      const count = 1 + random.next() % 2 ** 31 * 2 ** 10;
      table.add(word, count);
      all.add(word, count);
    }
    runs.add(table);
  }
  const merged = runs.merge();
  const order = [...all.order()];
  const start = (word: number) => word === 0 ? 0 : all.ends[word - 1];
  assertEquals([...merged.counts], order.map((word) => all.counts[word]));
  let at = 0;
  for (const word of order) {
    const bytes = all.bytes.subarray(start(word), all.ends[word]);
    assertEquals(merged.bytes.subarray(at, at += bytes.length), bytes);
  }
  assertEquals(merged.ends.at(-1), at);
});

Deno.test("WordRuns says when its file was cut short", async () => {
  const path = await Deno.makeTempDir() + "/runs";
  using runs = new WordRuns(path);
  const table = new WordTable();
  table.add(new Uint8Array(100), 1);
  runs.add(table);
  await Deno.truncate(path, 50);
  assertThrows(() => runs.merge(), Error, "it was cut short");
});
