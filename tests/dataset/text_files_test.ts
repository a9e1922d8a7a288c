import { assert, assertEquals, assertRejects } from "@std/assert";
import { listTextFiles, readTextChunks } from "../../lib/dataset/text_files.ts";

async function contentOf(path: string): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const { bytes } of readTextChunks(await listTextFiles(path))) {
    pieces.push(bytes);
  }
  return pieces;
}

Deno.test("listTextFiles() finds .txt and .md files in all folders, sorted", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/b/c`, { recursive: true });
  for (const name of ["z.txt", "b/c/1.md", "b/a.TXT", "b/x.json", "a.txt.gz"]) {
    await Deno.writeTextFile(`${folder}/${name}`, "texto");
  }
  for (const path of [folder, `${folder}/`]) {
    assertEquals(
      (await listTextFiles(path)).map((file) => file.path),
      [`${folder}/b/a.TXT`, `${folder}/b/c/1.md`, `${folder}/z.txt`],
    );
  }
  assertEquals(
    await listTextFiles(`${folder}/b/x.json`),
    [{ path: `${folder}/b/x.json`, size: 5 }],
  );
});

Deno.test("listTextFiles() says what is wrong", async () => {
  const folder = await Deno.makeTempDir();
  await assertRejects(
    () => listTextFiles(`${folder}/none`),
    Error,
    `Cannot read "${folder}/none": no such file or folder`,
  );
  await assertRejects(
    () => listTextFiles(folder),
    Error,
    `Cannot read "${folder}": it holds no .txt or .md file`,
  );
  await Deno.writeTextFile(`${folder}/a.txt`, "");
  await assertRejects(
    () => listTextFiles(folder),
    Error,
    `Cannot read "${folder}": it is empty`,
  );
});

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
