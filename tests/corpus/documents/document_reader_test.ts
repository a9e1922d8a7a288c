/** Reading documents, beside the plainest way to split a file. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  DocumentFiles,
  LONGEST,
  type Place,
  readDocuments,
} from "../../../lib/corpus/documents/document_reader.ts";
import { listTextFiles } from "../../../lib/input_files.ts";
import { Random } from "../../../lib/random.ts";

interface Read extends Place {
  readonly length: number;
  readonly text?: string;
}

async function readAll(path: string, from?: Place): Promise<Read[]> {
  const read: Read[] = [];
  const { files } = await listTextFiles(path, { mayBeEmpty: true });
  for await (const { bytes, ...place } of readDocuments(files, from)) {
    read.push(
      bytes === undefined
        ? place
        : { ...place, text: new TextDecoder().decode(bytes) },
    );
  }
  return read;
}

async function withFolder(
  files: Record<string, string | Uint8Array>,
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, content] of Object.entries(files)) {
      const bytes = typeof content === "string"
        ? new TextEncoder().encode(content)
        : content;
      await Deno.writeFile(`${folder}/${name}`, bytes);
    }
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Lines, blank ones among them, with every line end. */
function randomFile(seed: number): string {
  const random = new Random(seed);
  const pieces = ["ação", "b", " ", "\t", "\n", "\n", "\r\n", "\n\n", "—"];
  return Array.from(
    { length: Math.floor(random.uniform() * 200) },
    () => pieces[Math.floor(random.uniform() * pieces.length)],
  ).join("");
}

function slowly(text: string): string[] {
  const documents: string[] = [];
  let open: string[] = [];
  for (const line of [...text.split("\n"), ""]) {
    if (line.trim() !== "") open.push(line);
    else if (open.length > 0) {
      documents.push(open.join("\n"));
      open = [];
    }
  }
  return documents;
}

function hasText(line: string): boolean {
  return line.trim() !== "";
}

Deno.test("readDocuments() splits at blank lines, JSON at every line, Markdown nowhere", async () => {
  for (let seed = 0; seed < 100; seed++) {
    const text = randomFile(seed);
    await withFolder(
      { "a.txt": text, "b.jsonl": text, "c.md": text },
      async (folder) => {
        const read = await readAll(folder);
        const of = (file: number) =>
          read.filter((document) => document.file === file)
            .map(({ text }) => text);
        assertEquals(of(0), slowly(text));
        const lines = text.split("\n");
        assertEquals(of(1), lines.filter((line) => line.trim()));
        const [first, last] = [
          lines.findIndex(hasText),
          lines.findLastIndex(hasText),
        ];
        const whole = lines.slice(first, last + 1).join("\n");
        assertEquals(of(2), whole === "" ? [] : [whole]);
      },
    );
  }
});

Deno.test("readDocuments() goes on after any document", async () => {
  const files = {
    "a.txt": randomFile(1),
    "b.jsonl": randomFile(2),
    "c.md": randomFile(3),
  };
  await withFolder(files, async (folder) => {
    const all = await readAll(folder);
    assert(all.length > 20);
    for (const [i, { file, offset, length }] of all.entries()) {
      const from = { file, offset: offset + length };
      assertEquals(await readAll(folder, from), all.slice(i + 1));
    }
    await using reader = new DocumentFiles((await listTextFiles(folder)).files);
    for (const { text, length, ...place } of all) {
      const bytes = await reader.read(place, length);
      assertEquals(new TextDecoder().decode(bytes), text!);
    }
  });
});

Deno.test("readDocuments() leaves a byte-order mark out", async () => {
  await withFolder({ "a.txt": "\ufeffUm.\n\nDois." }, async (folder) => {
    const read = await readAll(folder);
    assertEquals(read.map(({ text }) => text), ["Um.", "Dois."]);
    assertEquals(read.map(({ offset }) => offset), [3, 8]);
  });
  await withFolder({ "a.txt": "", "b.txt": "\n \n" }, async (folder) => {
    assertEquals(await readAll(folder), []);
  });
});

/** A file of `length` bytes of one kind, then a document, without its memory. */
async function writeLong(path: string, byte: number, length: number) {
  using file = await Deno.open(path, { create: true, write: true });
  const piece = new Uint8Array(2 ** 20).fill(byte);
  for (let left = length; left > 0; left -= piece.length) {
    await file.write(piece.subarray(0, Math.min(left, piece.length)));
  }
  await file.write(new TextEncoder().encode("\n\nFim.\n"));
}

Deno.test("readDocuments() only counts a line of 200 MB", async () => {
  const folder = await Deno.makeTempDir();
  const length = 200 * 2 ** 20;
  await writeLong(`${folder}/a.txt`, 0x61, length);
  const before = Deno.memoryUsage().external;
  assertEquals(await readAll(folder), [
    { file: 0, offset: 0, length },
    { file: 0, offset: length + 2, length: 4, text: "Fim." },
  ]);
  assert(Deno.memoryUsage().external - before < 6 * LONGEST);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("readDocuments() passes over blanks of any length", async () => {
  const folder = await Deno.makeTempDir();
  const length = 2 * LONGEST + 5;
  await writeLong(`${folder}/a.txt`, 0x20, length);
  assertEquals(await readAll(folder), [
    { file: 0, offset: length + 2, length: 4, text: "Fim." },
  ]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("readDocuments() only counts a document of too many lines", async () => {
  const line = `${"a".repeat(999)}\n`;
  const long = line.repeat(LONGEST / 1000 + 5000);
  await withFolder({ "a.txt": `Um.\n\n${long}\nDois.` }, async (folder) => {
    const read = await readAll(folder);
    assertEquals(read.map(({ text }) => text), ["Um.", undefined, "Dois."]);
    assertEquals(read[1].length, long.length - 1);
  });
  const exact = "a".repeat(LONGEST);
  await withFolder({ "a.txt": `${exact}\n\n${exact}b` }, async (folder) => {
    const read = await readAll(folder);
    assertEquals(read.map(({ text }) => text?.length), [LONGEST, undefined]);
  });
});

Deno.test("DocumentFiles says when a file has become shorter", async () => {
  await withFolder({ "a.txt": "Um." }, async (folder) => {
    const { files } = await listTextFiles(folder);
    await using reader = new DocumentFiles(files);
    await assertRejects(
      async () => await reader.read({ file: 0, offset: 0 }, 9),
      Error,
      "it has been changed meanwhile",
    );
  });
});
