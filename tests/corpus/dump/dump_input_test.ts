import { assertEquals, assertRejects } from "@std/assert";
import { decodeText, decompress } from "../../../lib/corpus/dump/dump_input.ts";
import { bzip2 } from "./bzip2_encoder.ts";

function chunked(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    chunks.push(bytes.slice(at, at + size));
  }
  return ReadableStream.from(chunks);
}

async function decode(bytes: Uint8Array, size: number): Promise<string> {
  const text = decodeText(decompress(chunked(bytes, size)));
  return (await Array.fromAsync(text)).join("");
}

const TEXT = "Ação: «é» 😀";

function utf16(text: string, littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 + text.length * 2));
  view.setUint16(0, 0xfeff, littleEndian);
  for (let i = 0; i < text.length; i++) {
    view.setUint16(2 + 2 * i, text.charCodeAt(i), littleEndian);
  }
  return new Uint8Array(view.buffer);
}

Deno.test("decodeText() decodes UTF-8 and UTF-16 cut anywhere", async () => {
  const utf8 = new TextEncoder().encode(TEXT);
  for (const size of [1, 2, 3, 100]) {
    assertEquals(await decode(utf8, size), TEXT);
    assertEquals(await decode(utf16(TEXT, true), size), TEXT);
    assertEquals(await decode(utf16(TEXT, false), size), TEXT);
  }
});

Deno.test("decodeText() drops a byte order mark", async () => {
  assertEquals(
    await decode(new TextEncoder().encode(`\ufeff${TEXT}`), 2),
    TEXT,
  );
});

Deno.test("decompress() tells bzip2 by its first bytes", async () => {
  for (const size of [1, 5, 1000]) {
    assertEquals(await decode(bzip2(TEXT), size), TEXT);
    assertEquals(await decode(bzip2(utf16(TEXT, true)), size), TEXT);
  }
  assertEquals(await decode(new TextEncoder().encode("BZ"), 1), "BZ");
  assertEquals(await decode(new Uint8Array(), 1), "");
});

Deno.test("decodeText() refuses what is not UTF-8", async () => {
  for (const hex of ["41ff41", "41c3"]) {
    await assertRejects(
      () => decode(Uint8Array.fromHex(hex), 1),
      SyntaxError,
      "Cannot read the text: it is not valid UTF-8",
    );
  }
});
