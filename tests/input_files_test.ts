import { assertEquals, assertRejects } from "@std/assert";
import {
  DROPPED,
  listFiles,
  listTextFiles,
  refuseOverlap,
} from "../lib/input_files.ts";

async function withFiles(
  names: readonly string[],
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of names) {
      const path = `${folder}/${name}`;
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), {
        recursive: true,
      });
      await Deno.writeTextFile(path, "x");
    }
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("listTextFiles() knows folders and patterns", async () => {
  const names = [
    "a.txt",
    "b.jsonl",
    "c.html",
    "c.pdf",
    "c.zip.gz",
    "d/e/f.md",
    "d/g.TXT",
    `d/${DROPPED}`,
    ".h/i.txt",
    "d/.j.txt",
    "k.epub",
    "l.parquet.xz",
    "m.txt.gz",
    "x+(1).txt",
  ];
  await withFiles(names, async (folder) => {
    const all = ["a.txt", "b.jsonl", "c.html", "d/e/f.md", "d/g.TXT"]
      .concat("k.epub", "l.parquet.xz", "m.txt.gz", "x+(1).txt");
    const cases: Record<string, string[]> = {
      "": [...all],
      "/": [...all],
      "/d": ["d/e/f.md", "d/g.TXT"],
      "/*.txt": ["a.txt", "x+(1).txt"],
      "/?.*t": ["a.txt"],
      "/**/*.txt": ["a.txt", "x+(1).txt"],
      "/*/g.*": ["d/g.TXT"],
      "/x+(1)*": ["x+(1).txt"],
      "/c.html": ["c.html"],
    };
    for (const [pattern, expected] of Object.entries(cases)) {
      const { files } = await listTextFiles(folder + pattern);
      const found = files.map(({ path }) => path.slice(folder.length + 1));
      assertEquals(found, expected, pattern);
    }
    const { files, roots } = await listTextFiles(`${folder}/b*`);
    const { mtime } = await Deno.stat(`${folder}/b.jsonl`);
    assertEquals(files, [{
      path: `${folder}/b.jsonl`,
      name: "b.jsonl",
      size: 1,
      changed: mtime!.getTime(),
    }]);
    assertEquals(roots, [`${folder}/b.jsonl`]);
  });
});

Deno.test("listTextFiles() says what is wrong", async () => {
  await withFiles(["a.pdf"], async (folder) => {
    await assertRejects(
      () => listTextFiles(folder),
      Error,
      "it holds no .txt, .md, .html, .jsonl, .parquet or .epub file",
    );
    await assertRejects(
      () => listTextFiles(`${folder}/none`),
      Error,
      "no such file or folder",
    );
    await assertRejects(() => listTextFiles(`${folder}/*.txt`), Error);
    await Deno.writeTextFile(`${folder}/a.txt`, "");
    await assertRejects(() => listTextFiles(folder), Error, "it is empty");
    const { files } = await listTextFiles(folder, { mayBeEmpty: true });
    assertEquals(files.map(({ size }) => size), [0]);
  });
});

Deno.test("listFiles() names a folder's other files, and follows links to files only", async () => {
  await withFiles(["in/a.txt", "in/b.html", "out/c.txt"], async (folder) => {
    await Deno.symlink(`${folder}/out/c.txt`, `${folder}/in/c.txt`);
    await Deno.symlink(`${folder}/out`, `${folder}/in/d.txt`);
    await Deno.symlink(`${folder}/none`, `${folder}/in/e.txt`);
    await Deno.symlink("f.txt", `${folder}/in/f.txt`);
    await Deno.symlink("/dev/zero", `${folder}/in/g.txt`);
    await Deno.symlink(`${folder}/none`, `${folder}/in/h.html`);
    const isWanted = (name: string) => name.endsWith(".txt");
    const { files, unread, ignored, roots } = await listFiles(
      `${folder}/in/`,
      isWanted,
    );
    assertEquals(files.map(({ name }) => name), ["a.txt", "c.txt"]);
    assertEquals(unread, [
      { name: "d.txt", reason: "it is a link to a folder" },
      { name: "e.txt", reason: "it is a link that leads nowhere" },
      { name: "f.txt", reason: "it is a link that leads nowhere" },
      { name: "g.txt", reason: "it is not a plain file" },
    ]);
    assertEquals(ignored, ["b.html", "h.html"]);
    const byPattern = await listFiles(`${folder}/in/?.txt`, isWanted);
    assertEquals([byPattern.files, byPattern.unread], [files, unread]);
    await assertRejects(
      () => listFiles(`${folder}/in/e.t?t`, isWanted),
      Error,
      'nothing of it can be read; of "e.txt": it is a link that leads nowhere',
    );
    assertEquals(roots, [`${folder}/in/`]);
  });
});

Deno.test("listTextFiles() takes a file of a pattern's name for that file", async () => {
  await withFiles(["a*.txt", "ab.txt"], async (folder) => {
    const { files } = await listTextFiles(`${folder}/a*.txt`);
    assertEquals(files.map(({ name }) => name), ["a*.txt"]);
  });
});

Deno.test("refuseOverlap() finds what lies in a folder or around it", async () => {
  await withFiles(["a/b/c.txt"], async (folder) => {
    await Deno.symlink(`${folder}/a`, `${folder}/link`);
    const cases: [string, string, boolean][] = [
      ["a", "a", true],
      ["a/", "a/out/new", true],
      ["a/b", "a", true],
      ["a/b/c.txt", "a", true],
      ["a/b", "a/bc", false],
      ["a/b", "none", false],
      ["a/b", "link/b/new", true],
    ];
    for (const [root, to, overlaps] of cases) {
      const found = await refuseOverlap(
        [`${folder}/${root}`],
        `${folder}/${to}`,
      ).then(() => false, () => true);
      assertEquals(found, overlaps, `${root} ${to}`);
    }
  });
});
