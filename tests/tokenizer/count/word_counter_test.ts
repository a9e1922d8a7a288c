import { assertEquals, assertRejects } from "@std/assert";
import { PTBRNormalizer } from "../../../lib/tokenizer/normalizer.ts";
import {
  countWords,
  FLUSH_WORDS,
  LONGEST_WORD,
} from "../../../lib/tokenizer/count/word_counter.ts";
import type { PackedWords } from "../../../lib/tokenizer/count/word_table.ts";

/** Words and counts as they may be compared, whatever their order. */
function entriesOf({ bytes, ends, counts }: PackedWords): [string, number][] {
  const entries = Array.from(ends, (end, i): [string, number] => [
    new TextDecoder().decode(bytes.subarray(i === 0 ? 0 : ends[i - 1], end)),
    counts[i],
  ]);
  return entries.sort(([a], [b]) => a < b ? -1 : 1);
}

Deno.test("countWords() counts more words than a thread holds", async () => {
  const lines = Array.from({ length: FLUSH_WORDS }, (_, i) => `n${i} fim\n`);
  const chunksOf = () =>
    [...lines, ...lines.slice(0, 9)].join("").match(/(?:.+\n){1,50000}/g)!
      .map((text, i) => ({
        name: `${i}.txt`,
        bytes: new TextEncoder().encode(text),
      }));
  const normalizer = PTBRNormalizer.off();
  for (const threads of [1, 2]) {
    const { words, spacedWords } = await countWords(chunksOf(), {
      normalizer,
      threads,
    });
    // A letter, a number each, a blank with a word, the end of a line.
    assertEquals(words.ends.length, 3 + FLUSH_WORDS);
    assertEquals(spacedWords, 2 * (FLUSH_WORDS + 9));
    const counts = new Map(entriesOf(words));
    assertEquals(counts.get("n"), FLUSH_WORDS + 9);
    assertEquals([counts.get("8"), counts.get("9")], [2, 1]);
  }
});

Deno.test("countWords() names the file that is not UTF-8", async () => {
  const chunks = [
    { name: "a.txt", bytes: new TextEncoder().encode("sim\n") },
    { name: "latin1.txt", bytes: Uint8Array.of(0xe7, 0x61) },
  ];
  for (const threads of [1, 2]) {
    await assertRejects(
      () =>
        countWords(structuredClone(chunks), {
          normalizer: new PTBRNormalizer(),
          threads,
        }),
      SyntaxError,
      'Cannot read "latin1.txt"',
    );
  }
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
