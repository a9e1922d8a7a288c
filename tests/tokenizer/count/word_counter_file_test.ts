import { assert, assertEquals, assertRejects } from "@std/assert";
import { PTBRNormalizer } from "../../../lib/tokenizer/normalizer.ts";
import { countWords } from "../../../lib/tokenizer/count/word_counter.ts";
import {
  readWordCount,
  writeWordCount,
} from "../../../lib/tokenizer/count/word_counter_file.ts";
import { Random } from "../../../lib/random.ts";

const normalizer = new PTBRNormalizer();
const source = {
  files: [{ path: "a.txt", size: 10, crc: 5 }, {
    path: "b.txt",
    size: 20,
    crc: 6,
  }],
  normalizer: normalizer.settings,
};

async function written() {
  const bytes = new TextEncoder().encode("a casa é a casa de 日本\n".repeat(9));
  const count = await countWords([{ name: "a", bytes }], { normalizer });
  const path = await Deno.makeTempDir() + "/counts.bin";
  await writeWordCount(path, count, source);
  return { count, path };
}

Deno.test("readWordCount() gives back what writeWordCount() was given", async () => {
  const { count, path } = await written();
  const again = (await readWordCount(path, source))!;
  assertEquals(again.words.bytes, count.words.bytes);
  assertEquals(again.words.ends, count.words.ends);
  assertEquals(again.words.counts, count.words.counts);
  assertEquals(again.spacedWords, count.spacedWords);
  assertEquals(again.bytes, count.bytes);
});

Deno.test("readWordCount() gives nothing for another source or no file", async () => {
  const { path } = await written();
  const [a, b] = source.files;
  const others = [
    { ...source, files: [a] },
    { ...source, files: [b, a] },
    { ...source, files: [a, { ...b, path: "c.txt" }] },
    { ...source, files: [a, { ...b, size: 21 }] },
    { ...source, files: [a, { ...b, crc: 7 }] },
    { ...source, limit: 30 },
    { ...source, normalizer: new PTBRNormalizer({ quotes: false }).settings },
  ];
  for (const other of others) {
    assertEquals(await readWordCount(path, other), undefined);
  }
  assertEquals(await readWordCount(`${path}.none`, source), undefined);
});

Deno.test("readWordCount() says when a file is damaged", async () => {
  const { path } = await written();
  const good = await Deno.readFile(path);
  const faults: [string, Uint8Array][] = [
    ["it was cut short", good.subarray(0, 5)],
    ["it was cut short", good.subarray(0, 30)],
    ["bytes, not what its header says", good.subarray(0, good.length - 1)],
    ["it is no file of word counts", good.map((byte, i) => i > 3 ? byte : 0)],
    ["its header is too long", good.map((byte, i) => i === 10 ? 9 : byte)],
    [
      "its header is incomplete",
      new Uint8Array([...good.subarray(0, 8), 4, 0, 0, 0, 0x6e, 117, 108, 108]),
    ],
  ];
  for (const [reason, bytes] of faults) {
    await Deno.writeFile(path, bytes);
    await assertRejects(
      () => readWordCount(path, source),
      SyntaxError,
      `Cannot read word counts "${path}": `,
    );
    await assertRejects(() => readWordCount(path, source), Error, reason);
  }
  // A byte changed anywhere is a fault, or that of another source.
  const random = new Random(51);
  for (let i = 0; i < 300; i++) {
    const bytes = good.slice();
    bytes[random.next() % good.length] ^= 1 + random.next() % 255;
    await Deno.writeFile(path, bytes);
    const count = await readWordCount(path, source).catch((error) => {
      assert(error instanceof SyntaxError, error);
    });
    assertEquals(count, undefined);
  }
});
