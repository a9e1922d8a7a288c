import { assertEquals, assertRejects } from "@std/assert";
import { CorpusWriter } from "../../../lib/corpus/output/corpus_writer.ts";

async function list(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) names.push(name);
  return names.sort();
}

Deno.test("CorpusWriter cuts files by documents", async () => {
  const folder = await Deno.makeTempDir();
  {
    await using writer = await CorpusWriter.create(`${folder}/a/b`, {
      documentsPerFile: 2,
    });
    for (const text of ["um\ndois", "três", "é"]) await writer.add(text);
    await writer.finish({ source: "x" });
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
  assertEquals(JSON.parse(await Deno.readTextFile(`${out}/manifest.json`)), {
    source: "x",
    documents: 3,
    characters: 12,
    bytes: 18,
    files: [
      { name: "wiki_000.txt", documents: 2, bytes: 15 },
      { name: "wiki_001.txt", documents: 1, bytes: 3 },
    ],
  });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("CorpusWriter leaves an earlier corpus alone until it finishes", async () => {
  const folder = await Deno.makeTempDir();
  const write = async (texts: string[], finish: boolean) => {
    await using writer = await CorpusWriter.create(folder, {
      documentsPerFile: 1,
    });
    for (const text of texts) await writer.add(text);
    if (finish) await writer.finish({});
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

Deno.test("CorpusWriter removes what a killed run left", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/.unfinished`);
  await Deno.writeTextFile(`${folder}/.unfinished/wiki_007.txt`, "meio");
  {
    await using writer = await CorpusWriter.create(folder);
    await writer.add("inteiro");
    await writer.finish({});
  }
  assertEquals(await list(folder), ["manifest.json", "wiki_000.txt"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("CorpusWriter leaves no folder that it made for nothing", async () => {
  const folder = await Deno.makeTempDir();
  {
    await using writer = await CorpusWriter.create(`${folder}/novo`);
    await writer.add("meio");
  }
  assertEquals(await list(folder), []);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("CorpusWriter.create() says what stands in its way", async () => {
  const path = await Deno.makeTempFile();
  await assertRejects(
    () => CorpusWriter.create(path),
    Error,
    `Cannot write into "${path}": `,
  );
  await Deno.remove(path);
});

Deno.test("CorpusWriter writes a JSON object a line, and other names", async () => {
  const folder = await Deno.makeTempDir();
  const write = async (format: "txt" | "jsonl") => {
    await using writer = await CorpusWriter.create(folder, {
      documentsPerFile: 2,
      format,
      prefix: "laws",
    });
    await writer.add("um\ndois", { id: "a", title: undefined });
    await writer.add("três", { id: "b", title: "T" });
    await writer.add("quatro");
    await writer.finish({});
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
