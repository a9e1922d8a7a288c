import { assertEquals } from "@std/assert";
import {
  countKept,
  decodeKeeping,
  encodeKept,
} from "../../lib/dataset/broken_utf8.ts";
import { splitDocuments } from "../../lib/dataset/documents.ts";
import { Random } from "../../lib/random.ts";
import { BPETokenizer } from "../../lib/tokenizer/bpe/bpe_tokenizer.ts";
import { trained } from "../tokenizer/interchange/vocabularies.ts";
import { PTBRNormalizer } from "../../lib/tokenizer/normalizer.ts";

const tokenizer = new BPETokenizer(await trained(PTBRNormalizer.off()));

/** The bytes that ids stand for. */
function bytesOf(ids: Uint16Array): number[] {
  return [...ids].flatMap((id) => [...tokenizer.bytesOf(id)]);
}

Deno.test("decodeKeeping() and encodeKept() bring any bytes back", () => {
  const random = new Random(11);
  const pieces = [
    ...["não é ", "🐀🇧🇷", "\ufeff", "\u{10ffff}", "\0\n", "ç"].map((text) => [
      ...new TextEncoder().encode(text),
    ]),
    ...[[0xc0, 0x80], [0xe0, 0x9f, 0xbf], [0xed, 0xa0, 0x80], [0xf4, 0x90]],
    ...[[0xf0, 0x8f, 0xbf, 0xbf], [0xf5], [0xff], [0x80], [0xc3], [0xe2, 0x82]],
    ...[[0xf0, 0x9f, 0x90], [0xe7, 0xe3, 0x6f]],
  ];
  for (let i = 0; i < 3000; i++) {
    const bytes = Array.from(
      { length: 1 + random.next() % 12 },
      () => pieces[random.next() % pieces.length],
    ).flat();
    const text = decodeKeeping(Uint8Array.from(bytes));
    assertEquals(bytesOf(encodeKept(text, tokenizer)), bytes);
    // What is not escaped is as a lenient decoder has it.
    const lenient = new TextDecoder("utf-8", { ignoreBOM: true })
      .decode(Uint8Array.from(bytes)).replaceAll("\ufffd", "");
    assertEquals(text.replaceAll(/[\udc80-\udcff]/gu, ""), lenient);
    assertEquals(countKept(text) === 0, text.isWellFormed());
  }
});

Deno.test("encodeKept() gives text without broken bytes the usual ids", () => {
  const text = "A professora não quis dizer 🐀 a ninguém";
  const bytes = new TextEncoder().encode(text);
  assertEquals(decodeKeeping(bytes), text);
  assertEquals(encodeKept(text, tokenizer), tokenizer.encode(text));
  assertEquals(countKept(text), 0);
});

Deno.test("splitDocuments() keeps broken bytes where told, and counts them as read", async () => {
  const bytes = Uint8Array.of(0x61, 0xe7, 0xe3, 0x6f, 0x0a, 0x0a, 0xf0, 0x9f);
  const documents = await Array.fromAsync(
    splitDocuments([{ name: "a.txt", bytes }], { keepBytes: true }),
  );
  assertEquals(documents, [
    { text: "a\udce7\udce3o", sourceBytes: 4 },
    { text: "\udcf0\udc9f", sourceBytes: 2 },
  ]);
});
