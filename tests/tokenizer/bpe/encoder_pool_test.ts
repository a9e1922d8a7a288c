import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { BPETokenizer } from "../../../lib/tokenizer/bpe/bpe_tokenizer.ts";
import { BPETrainer } from "../../../lib/tokenizer/bpe/bpe_trainer.ts";
import { EncoderPool } from "../../../lib/tokenizer/bpe/encoder_pool.ts";
import { Random } from "../../../lib/random.ts";

const TEXT = "“A Vida” — é um sopro, e o sopro passa.\nNinguém sabia, ning" +
  "uém dizia; AMANHÃ Ã© outro dia: e\u0301, 日本 👩‍👩‍👧 \u00a0\u200b fim. ";

async function trained(): Promise<BPETokenizer> {
  const bytes = new TextEncoder().encode(TEXT.repeat(3));
  const { vocab } = await new BPETrainer({ vocabSize: 340 })
    .train([{ name: "text", bytes }]);
  return new BPETokenizer(vocab);
}

/** A long text whose parts are TEXT's, in any order. */
function longText(random: Random, length: number): string {
  const parts: string[] = [];
  for (let sum = 0; sum < length;) {
    const start = random.next() % TEXT.length;
    const part = TEXT.slice(start, start + random.next() % 40);
    parts.push(part);
    sum += part.length;
  }
  return parts.join("");
}

Deno.test("encodeBatch() gives the ids of encode(), in order", async () => {
  const tokenizer = await trained();
  const random = new Random(31);
  const texts = [
    "",
    ...Array.from({ length: 300 }, () => longText(random, 50)),
    longText(random, 1_500_000),
    "[EOS]",
    "á".repeat(600_000), // nowhere to cut
    "",
  ];
  using pool = new EncoderPool(tokenizer.vocab, { threads: 2 });
  for (const options of [{}, { maxLength: 9, padTo: 4 }]) {
    const batches = await Promise.all([
      pool.encodeBatch(texts, options),
      pool.encodeBatch(texts.toReversed(), options),
      pool.encodeBatch([], options),
    ]);
    const expected = texts.map((text) => tokenizer.encode(text, options));
    assertEquals(batches[0].length, expected.length);
    for (const [i, ids] of expected.entries()) {
      assertEquals(sameIds(batches[0][i], ids), true);
      assertEquals(sameIds(batches[1].at(-1 - i)!, ids), true);
    }
    assertEquals(batches[2], []);
  }
  const [ids] = await pool.encodeBatch(["a[EOS]"], { allowedSpecial: "all" });
  assertEquals(ids.at(-1), tokenizer.vocab.specialId("[EOS]"));
});

Deno.test("EncoderPool refuses what encode() refuses, and work once closed", async () => {
  const { vocab } = await trained();
  assertThrows(
    () => new EncoderPool(vocab, { threads: 0 }),
    RangeError,
    "it needs 1 thread or more, not 0",
  );
  const pool = new EncoderPool(vocab, { threads: 1 });
  await assertRejects(
    () => pool.encodeBatch(["a"], { allowedSpecial: ["[X]"] }),
    RangeError,
    "Cannot use [X]",
  );
  const pending = pool.encodeBatch([TEXT]);
  pool[Symbol.dispose]();
  const closed = "Cannot encode: the encoder pool is closed";
  await assertRejects(() => pending, Error, closed);
  await assertRejects(() => pool.encodeBatch([TEXT]), Error, closed);
});

/** Compares quickly what may be a million ids. */
function sameIds(a: Uint16Array, b: Uint16Array): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}
