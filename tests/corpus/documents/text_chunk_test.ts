import { assert, assertEquals } from "@std/assert";
import {
  decodeChunk,
  takeBytes,
} from "../../../lib/corpus/documents/text_chunk.ts";

function chunksOf(...texts: string[]) {
  return texts.map((text, i) => ({
    name: `${i}`,
    bytes: new TextEncoder().encode(text),
  }));
}

async function taken(limit: number, ...texts: string[]): Promise<string> {
  const chunks = await Array.fromAsync(takeBytes(chunksOf(...texts), limit));
  return chunks.map(decodeChunk).join("");
}

Deno.test("takeBytes() cuts where a line ends, at a blank or between characters", async () => {
  assertEquals(await taken(0, "a\n"), "");
  assertEquals(await taken(2, "a\n", "b\n"), "a\n");
  assertEquals(await taken(3, "a\n", "b\n"), "a\n");
  assertEquals(await taken(4, "a\n", "b\n"), "a\nb\n");
  assertEquals(await taken(99, "a\n", "b\n"), "a\nb\n");
  assertEquals(await taken(7, "a\nbc\nde\n"), "a\nbc\n");
  assertEquals(await taken(7, "um dois três\n"), "um");
  assertEquals(await taken(5, "ááááá"), "áá");
  assertEquals(await taken(6, "👩👩"), "👩");
  assertEquals(await taken(3, "👩👩"), "");
});

Deno.test("takeBytes() asks for no more than it needs", async () => {
  let asked = 0;
  function* endless() {
    for (;;) {
      asked++;
      yield chunksOf("linha\n")[0];
    }
  }
  const chunks = await Array.fromAsync(takeBytes(endless(), 20));
  assertEquals(chunks.length, 3);
  assert(asked <= 4);
});
