import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  CorpusFolder,
  readManifest,
} from "../../../lib/corpus/output/corpus_folder.ts";
import { CorpusOutput } from "../../../lib/corpus/output/corpus_output.ts";
import { DocumentBatcher } from "../../../lib/corpus/output/document_batch.ts";

async function sha256(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

async function list(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) names.push(name);
  return names.sort();
}

Deno.test("CorpusOutput cuts files by documents", async () => {
  const folder = await Deno.makeTempDir();
  {
    await using output = await CorpusOutput.open(`${folder}/a/b`, {
      command: "test",
      prefix: "wiki",
      documentsPerFile: 2,
    });
    for (const text of ["um\ndois", "três", "é"]) await output.add(text);
    await output.finish(() => ({ source: "x" }));
  }
  const out = `${folder}/a/b`;
  assertEquals(await list(out), [
    "manifest.json",
    "wiki_000.txt",
    "wiki_001.txt",
  ]);
  assertEquals(
    await Deno.readTextFile(`${out}/wiki_000.txt`),
    "um\ndois\n\ntrês\n",
  );
  assertEquals(await Deno.readTextFile(`${out}/wiki_001.txt`), "é\n");
  const { checksum, ...manifest } = JSON.parse(
    await Deno.readTextFile(`${out}/manifest.json`),
  );
  assertMatch(checksum, /^[0-9a-f]{8}$/);
  assertEquals(manifest, {
    command: "test",
    source: "x",
    documentsBy: "blank-lines",
    documents: 3,
    characters: 12,
    bytes: 18,
    files: [
      {
        name: "wiki_000.txt",
        documents: 2,
        bytes: 15,
        sha256: await sha256("um\ndois\n\ntrês\n"),
      },
      {
        name: "wiki_001.txt",
        documents: 1,
        bytes: 3,
        sha256: await sha256("é\n"),
      },
    ],
  });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("CorpusOutput leaves an earlier corpus alone until it finishes", async () => {
  const folder = await Deno.makeTempDir();
  const write = async (texts: string[], finish: boolean) => {
    await using output = await CorpusOutput.open(folder, {
      command: "test",
      prefix: "wiki",
      documentsPerFile: 1,
    });
    for (const text of texts) await output.add(text);
    if (finish) await output.finish(() => ({}));
  };
  await write(["a", "b", "c"], true);
  await Deno.writeTextFile(`${folder}/notas.txt`, "minhas");
  await write(["x", "y", "z", "w"], false);
  assertEquals(await Deno.readTextFile(`${folder}/wiki_000.txt`), "a\n");
  assertEquals(await list(folder), [
    "manifest.json",
    "notas.txt",
    "wiki_000.txt",
    "wiki_001.txt",
    "wiki_002.txt",
  ]);
  await write(["x"], true);
  assertEquals(await list(folder), [
    "manifest.json",
    "notas.txt",
    "wiki_000.txt",
  ]);
  assertEquals(await Deno.readTextFile(`${folder}/wiki_000.txt`), "x\n");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("CorpusOutput removes what a killed run left", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/.unfinished`);
  await Deno.writeTextFile(`${folder}/.unfinished/wiki_007.txt`, "meio");
  {
    await using output = await CorpusOutput.open(folder, {
      command: "test",
      prefix: "wiki",
    });
    await output.add("inteiro");
    await output.finish(() => ({}));
  }
  assertEquals(await list(folder), ["manifest.json", "wiki_000.txt"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("CorpusOutput leaves no folder that it made for nothing", async () => {
  const folder = await Deno.makeTempDir();
  {
    await using output = await CorpusOutput.open(`${folder}/novo`, {
      command: "test",
      prefix: "a",
    });
    await output.add("meio");
  }
  assertEquals(await list(folder), []);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("CorpusOutput.open() says what stands in its way", async () => {
  const path = await Deno.makeTempFile();
  await assertRejects(
    () => CorpusOutput.open(path, { command: "test", prefix: "a" }),
    Error,
    `Cannot write into "${path}": `,
  );
  await Deno.remove(path);
});

Deno.test("CorpusOutput writes a JSON object a line, and other names", async () => {
  const folder = await Deno.makeTempDir();
  const write = async (format: "txt" | "jsonl") => {
    await using output = await CorpusOutput.open(folder, {
      documentsPerFile: 2,
      format,
      command: "test",
      prefix: "laws",
    });
    await output.add("um\ndois", { id: "a", title: undefined });
    await output.add("três", { id: "b", title: "T" });
    await output.add("quatro");
    await output.finish(() => ({}));
  };
  await write("txt");
  await Deno.writeTextFile(`${folder}/wiki_000.txt`, "de outra pessoa");
  await write("jsonl");
  assertEquals(await list(folder), [
    "laws_000.jsonl",
    "laws_001.jsonl",
    "manifest.json",
    "wiki_000.txt",
  ]);
  assertEquals(
    await Deno.readTextFile(`${folder}/laws_000.jsonl`),
    '{"id":"a","text":"um\\ndois"}\n{"id":"b","title":"T","text":"três"}\n',
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("CorpusOutput goes on from the last place before a whole file", async () => {
  const folder = await Deno.makeTempDir();
  const options = {
    command: "test",
    prefix: "a",
    documentsPerFile: 2,
    identity: { of: "a" },
  };
  /** Makes documents from a place on, two at a time; place n is before n. */
  const write = async (path: string, until: number) => {
    await using output = await CorpusOutput.open<number, string>(path, options);
    const { read, place = 0 } = output;
    for (let first = place; first < until; first += 3) {
      const batcher = new DocumentBatcher("txt");
      for (let i = first; i < first + 3; i++) batcher.add(`documento ${i}`);
      await output.addBatch(
        { ...batcher.finish(), counts: { pages: 4 } },
        first,
        () => `${first + 3} read`,
      );
    }
    if (until === 9) {
      const { counts } = output;
      await output.finish(() => ({ ...counts }), "all read");
    }
    return { read, place };
  };
  await write(`${folder}/whole`, 9);
  assertEquals(await write(`${folder}/cut`, 3), { read: undefined, place: 0 });
  assertEquals(await list(`${folder}/cut`), [".unfinished"]);
  assertEquals(await write(`${folder}/cut`, 6), { read: "3 read", place: 0 });
  await assertRejects(
    () =>
      CorpusOutput.open(`${folder}/cut`, { ...options, identity: { of: "b" } }),
    Error,
    "work was begun there with other options or sources",
  );
  assertEquals(await write(`${folder}/cut`, 9), { read: "6 read", place: 3 });
  assertEquals(await list(`${folder}/cut`), await list(`${folder}/whole`));
  for (const name of await list(`${folder}/whole`)) {
    assertEquals(
      await Deno.readTextFile(`${folder}/cut/${name}`),
      await Deno.readTextFile(`${folder}/whole/${name}`),
    );
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("CorpusFolder.open() says that a manifest is too long to be read", async () => {
  const path = await Deno.makeTempDir();
  const manifest = `${path}/manifest.json`;
  await Deno.writeTextFile(manifest, "");
  await Deno.truncate(manifest, 2 ** 26 + 1);
  await assertRejects(
    () => CorpusFolder.open(path, { command: "a" }),
    Error,
    `Cannot write into "${path}": Cannot read "${manifest}": it has more than 67108864 bytes`,
  );
  await assertRejects(
    () => readManifest(path),
    Error,
    `Cannot read "${manifest}": it has more than 67108864 bytes`,
  );
  // One of many files is still read.
  const files = Array.from(
    { length: 2e5 },
    (_, i) => `lei_${i}.txt`.padEnd(90),
  );
  await Deno.writeTextFile(manifest, JSON.stringify({ command: "a", files }));
  assertEquals((await readManifest(path))?.command, "a");
  await Deno.remove(path, { recursive: true });
});
