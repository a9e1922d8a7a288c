import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  decodeChunk,
  readTextChunks,
  takeBytes,
} from "../../../lib/corpus/documents/text_chunks.ts";

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

async function contentOf(path: string): Promise<Uint8Array[]> {
  const chunks = await Array.fromAsync(readTextChunks([{ path }]));
  return chunks.map(({ bytes }) => bytes);
}

Deno.test("readTextChunks() cuts at lines, else at blanks, else between characters", async () => {
  const path = await Deno.makeTempDir() + "/a.txt";
  const texts = {
    "\n": "uma linha de texto é isto\n".repeat(100_000),
    " ": "umas palavras sem fim são ".repeat(100_000),
    "": "ã🇧🇷é".repeat(300_000),
  };
  for (const [end, text] of Object.entries(texts)) {
    await Deno.writeTextFile(path, text);
    const pieces = await contentOf(path);
    assert(pieces.length > 2);
    const decoder = new TextDecoder("utf-8", { fatal: true });
    const parts = pieces.map((bytes) => decoder.decode(bytes));
    assertEquals(parts.join("") === text, true);
    for (const [i, part] of parts.slice(0, -1).entries()) {
      if (end === "\n") assert(part.endsWith("\n"));
      if (end === " ") assert(parts[i + 1].startsWith(" "));
    }
  }
});

Deno.test("readTextChunks() leaves a byte-order mark out", async () => {
  const path = await Deno.makeTempDir() + "/a.txt";
  for (const text of ["\ufeff", "\ufeffoi\n", "é", "oi \ufeff"]) {
    await Deno.writeTextFile(path, text);
    const parts = (await contentOf(path)).map((bytes) =>
      new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)
    );
    assertEquals(parts.join(""), text.replace(/^\ufeff/, ""));
  }
});

Deno.test("readTextChunks() gives of objects what a text file of them has", async () => {
  const path = await Deno.makeTempDir() + "/a.jsonl";
  const documents = [
    "Um.\nDois.",
    "Três. ",
    "é".repeat(2 ** 20),
    "\ttab",
    "fim",
  ];
  const lines = documents.map((text, id) => JSON.stringify({ id, text }));
  lines.splice(1, 0, "", '{"text": " \\n"}', "  ");
  lines[0] = '{"text": "\\nUm.\\n \\n\\nDois.\\n"}';
  await Deno.writeTextFile(path, `\ufeff${lines.join("\r\n")}`);
  const parts = await contentOf(path);
  assertEquals(parts.length, 2);
  const text = parts.map((part) => new TextDecoder().decode(part)).join("");
  assertEquals(text, documents.map((text) => `${text}\n`).join("\n"));
});

Deno.test("readTextChunks() names the line of a .jsonl file that is broken", async () => {
  const path = await Deno.makeTempDir() + "/a.jsonl";
  const good = `\n{"text": "sim"}\n`;
  const cases: [string | Uint8Array<ArrayBuffer>, string][] = [
    ['{"text": "não', "is not JSON"],
    ['{"txt": "não"}', 'is no object with a "text"'],
    ['{"text": 7}', 'is no object with a "text"'],
    ["[]", 'is no object with a "text"'],
    ['"text"', 'is no object with a "text"'],
    [Uint8Array.of(0x22, 0xe9, 0x22), "is not UTF-8 text"],
    ["7".repeat(2 ** 24 + 1), "has more than 16777216 bytes"],
  ];
  for (const [line, reason] of cases) {
    await Deno.writeFile(path, new Blob([good, line, good]).stream());
    await assertRejects(
      () => contentOf(path),
      SyntaxError,
      `Cannot read "${path}": line 3 ${reason}`,
    );
  }
});
