import { assertEquals, assertRejects } from "@std/assert";
import { findTextFiles } from "../../../lib/corpus/documents/text_files.ts";

/** What is found of some files: name, rule and reason of each. */
async function found(
  contents: Record<string, string>,
  input = "",
  options: Parameters<typeof findTextFiles>[1] = {},
) {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(contents)) {
      const path = `${folder}/${name}`;
      await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(path, text);
    }
    const path = input === "" ? folder : `${folder}/${input}`;
    const { files, leftOut } = await findTextFiles(path, options);
    return {
      files: files.map(({ name, documents, because }) =>
        `${name}: ${documents}, ${because}`
      ),
      leftOut,
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const ARTICLES = "Um artigo.\nTem linhas.\n\nOutro artigo.\nTambém tem.\n";
const SPACED = "Era uma vez.\n\nUm rei.\n\nQue ria.\n";
const WRAPPED =
  "Era uma vez um rei que tinha\numa filha que não ria nunca e\n" +
  "por isso chamou a todos\ne ninguém a fez rir.\n\nFim.\n";

Deno.test("findTextFiles() takes the files of a folder of books whole", async () => {
  const { files } = await found({
    "contos/a.txt": ARTICLES,
    "contos/b.md": "# B\n\nC.\n",
    "c.jsonl": '{"text": "x"}\n',
    "d.txt": SPACED,
  });
  assertEquals(files, [
    "c.jsonl: jsonl, ending",
    "contos/a.txt: files, folder",
    "contos/b.md: files, ending",
    "d.txt: files, folder",
  ]);
});

Deno.test("findTextFiles() looks at a single text", async () => {
  const cases: [string, string][] = [
    [ARTICLES, "blank-lines"],
    [SPACED, "files"],
    [WRAPPED, "files"],
    ["Um.\n\nDois.\n", "blank-lines"],
  ];
  for (const [text, rule] of cases) {
    assertEquals(
      (await found({ "a.txt": text, "x.md": "# X\n" })).files[0],
      `a.txt: ${rule}, looked`,
    );
    const contents = { "a.txt": text, "b.txt": "outro\n" };
    for (const input of ["a.txt", "a*"]) {
      assertEquals((await found(contents, input)).files, [
        `a.txt: ${rule}, looked`,
      ]);
    }
  }
});

Deno.test("findTextFiles() knows the numbered files of a corpus and what is too large for a work", async () => {
  const { files } = await found({
    "wiki_000.txt": SPACED,
    "wiki_001.txt": SPACED,
    "livro_001.txt": SPACED,
    "tudo.txt": "Um dia.\n\n".repeat(2 ** 21),
  });
  assertEquals(files, [
    "livro_001.txt: files, folder",
    "tudo.txt: blank-lines, large",
    "wiki_000.txt: blank-lines, numbered",
    "wiki_001.txt: blank-lines, numbered",
  ]);
});

Deno.test("findTextFiles() obeys the manifests of corpora, also those without the field", async () => {
  const file = { name: "wiki_000.txt", documents: 2, bytes: 9 };
  const wiki = JSON.stringify({ documents: 2, files: [file] });
  const books = JSON.stringify({
    documentsBy: "files",
    documents: 1,
    sources: [{ name: "a.md", file: "contos/a.txt" }, { name: "vazio.txt" }],
  });
  const contents = {
    "wiki/manifest.json": wiki,
    "wiki/wiki_000.txt": SPACED,
    "wiki/wiki_001.txt": SPACED,
    "books/manifest.json": books,
    "books/contos/a.txt": ARTICLES,
    "books/contos/velho.txt": ARTICLES,
    "others/manifest.json": '{"name": "app", "files": ["z.txt"]}',
    "others/z.txt": ARTICLES,
  };
  assertEquals(await found(contents), {
    files: [
      "books/contos/a.txt: files, manifest",
      "others/z.txt: blank-lines, looked",
      "wiki/wiki_000.txt: blank-lines, manifest",
    ],
    leftOut: ["books/contos/velho.txt", "wiki/wiki_001.txt"],
  });
  assertEquals((await found(contents, "wiki")).leftOut, ["wiki_001.txt"]);
  // What is named by the user is read; the manifest may still know it.
  assertEquals(await found(contents, "wiki/*.txt"), {
    files: [
      "wiki_000.txt: blank-lines, manifest",
      "wiki_001.txt: blank-lines, numbered",
    ],
    leftOut: [],
  });
});

Deno.test("findTextFiles() does as it is told, and refuses a corpus that is gone", async () => {
  const contents = {
    "a.md": "# A\n",
    "b.txt": SPACED,
    "c.jsonl": '{"text": "x"}\n',
  };
  const { files } = await found(contents, "", { documents: "blank-lines" });
  assertEquals(files, [
    "a.md: blank-lines, asked",
    "b.txt: blank-lines, asked",
    "c.jsonl: jsonl, ending",
  ]);
  const file = { name: "a_000.txt" };
  await assertRejects(
    () =>
      found({
        "manifest.json": JSON.stringify({ documents: 1, files: [file] }),
        "b.txt": SPACED,
      }),
    Error,
    "none of the files that its manifest names is there",
  );
});
