import { gzipSync } from "node:zlib";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  type CleaningCounts,
  noCleaning,
} from "../../lib/corpus/clean/text_cleaner.ts";
import { reads, refuses, run, succeeds, withFiles } from "./run_cli.ts";

function clean(folder: string, ...args: string[]) {
  return run(
    ["clean-corpus", "--input", `${folder}/in`, "--output", `${folder}/out`],
    args,
  );
}

Deno.test("clean-corpus cleans text files of all subfolders in order", () =>
  withFiles({
    "in/b.txt": "Um.\nDois.\n\nTrês.\nQuatro.\n",
    "in/a/velho.txt": Uint8Array.fromHex("97204ee36f2e"),
    "in/a/lei.md": "# Lei\n\n**Art. 1º** Vale.\n\nFim.\n",
    "in/a/vazio.txt": "***\n",
    "in/pagina.pdf": "x",
    "in/.oculto.txt": "x",
  }, async (folder) => {
    const { code, stdout, result, stderr } = await clean(
      folder,
      "--verbose",
      "--json",
    );
    assertEquals(code, 0, stderr);
    const { seconds: _, output: __, rules, ...counts } = result;
    assertStringIncludes(stdout, "nothing is left of: a/vazio.txt\n");
    assertEquals(rules, { ...noCleaning(), withoutLetters: 1, markup: 2 });
    assertEquals(counts, {
      complete: true,
      files: 3,
      ignored: 1,
      emptied: 1,
      notText: 0,
      lostCharacters: 0,
      documents: 3,
      linesDropped: 1,
      unwrapped: 0,
      decodedAsWindows1252: 1,
      bytesBefore: 68,
      bytesAfter: 59,
    });
    assertEquals(
      stdout.split("\n").slice(0, 4).map((line) => line.split(":")[0]),
      ["a/lei.md", "a/vazio.txt", "a/velho.txt", "b.txt"],
    );
    assertMatch(
      stdout,
      /a\/velho\.txt: 6 bytes to \d+, 0 lines dropped, read as Windows-1252/,
    );
    assertEquals(await reads(`${folder}/out`), ["a", "b.txt", "manifest.json"]);
    const manifest = JSON.parse(
      await Deno.readTextFile(`${folder}/out/manifest.json`),
    );
    assertEquals(manifest.ignored, ["pagina.pdf"]);
    assertEquals(manifest.rules, rules);
    assertEquals(
      manifest.sources.map(({ name, file }: Record<string, string>) => [
        name,
        file,
      ]),
      [
        ["a/lei.md", "a/lei.txt"],
        ["a/vazio.txt", undefined],
        ["a/velho.txt", "a/velho.txt"],
        ["b.txt", "b.txt"],
      ],
    );
    assertEquals(await reads(`${folder}/out/a`), ["lei.txt", "velho.txt"]);
    assertEquals(
      await Deno.readTextFile(`${folder}/out/a/lei.txt`),
      "Lei\nArt. 1º Vale.\nFim.\n",
    );
    assertEquals(
      await Deno.readTextFile(`${folder}/out/a/velho.txt`),
      "— Não.\n",
    );
    assertEquals(
      await Deno.readTextFile(`${folder}/out/b.txt`),
      "Um.\nDois.\nTrês.\nQuatro.\n",
    );
  }));

Deno.test("clean-corpus takes one file too", () =>
  withFiles({ "in/a.txt": "Oi.\n", "in/b.txt": "Não." }, async (folder) => {
    await succeeds(
      ["clean-corpus", "--input", `${folder}/in/a.txt`],
      ["--output", `${folder}/out`],
    );
    assertEquals(await reads(`${folder}/out`), ["a.txt", "manifest.json"]);
  }));

Deno.test("clean-corpus removes the earlier text of a file that has none now", () =>
  withFiles({ "in/a/b.txt": "Oi.\n", "in/c.txt": "Não.\n" }, async (folder) => {
    await clean(folder);
    assertEquals(await reads(`${folder}/out/a`), ["b.txt"]);
    await Deno.writeTextFile(`${folder}/in/a/b.txt`, "***\n");
    await Deno.writeTextFile(`${folder}/out/meu.txt`, "meu");
    const { code } = await clean(folder);
    assertEquals(code, 0);
    assertEquals(await reads(`${folder}/out/a`), []);
    assertEquals(await reads(`${folder}/out`), [
      "a",
      "c.txt",
      "manifest.json",
      "meu.txt",
    ]);
  }));

Deno.test("clean-corpus drops what many files begin with, unless told not to", () => {
  const names = ["mar", "sol", "rio", "céu", "dia"];
  const files = Object.fromEntries(names.map((name, i) => [
    `in/${i}.txt`,
    `O ${name}.\nObra Reunida, tomo ${i}\nSim.\n`,
  ]));
  return withFiles(files, async (folder) => {
    const { result, stdout } = await clean(folder, "--json");
    assertEquals((result.rules as CleaningCounts).repeated, 5);
    assertStringIncludes(stdout, "5 repeated in many files");
    const read = () => Deno.readTextFile(`${folder}/out/2.txt`);
    assertEquals(await read(), "O rio.\nSim.\n");
    await clean(folder, "--keep-repeated");
    assertEquals(await read(), files["in/2.txt"]);
    await clean(folder, "--keep-repeated", "--min-line-chars", "7");
    assertEquals(await read(), "Obra Reunida, tomo 2\n");
  });
});

Deno.test("clean-corpus does not write a.md over a.txt", () =>
  withFiles(
    { "in/a.txt": "Texto.\n", "in/a.md": "Marcas.\n" },
    async (folder) => {
      await clean(folder);
      assertEquals(await reads(`${folder}/out`), [
        "a.md.txt",
        "a.txt",
        "manifest.json",
      ]);
      assertEquals(await Deno.readTextFile(`${folder}/out/a.txt`), "Texto.\n");
    },
  ));

Deno.test("clean-corpus reads the objects of .jsonl files as documents", () =>
  withFiles({
    "in/a.md": "Nota.\n",
    "in/a.jsonl":
      '{"text": "Um.\\n\\nDois Ã© dois."}\n{"id": 2, "text": "Três."}\n',
  }, async (folder) => {
    const { code, result, stderr } = await clean(folder, "--json");
    assertEquals(code, 0, stderr);
    assertEquals([result.files, result.documents], [2, 3]);
    // The names are in order, and the second may not replace the first.
    assertEquals(await reads(`${folder}/out`), [
      "a.md.txt",
      "a.txt",
      "manifest.json",
    ]);
    assertEquals(
      await Deno.readTextFile(`${folder}/out/a.txt`),
      "Um.\nDois é dois.\n\nTrês.\n",
    );
    await Deno.writeTextFile(`${folder}/in/b.jsonl`, '\n{"text": "sim"');
    const broken = await clean(folder);
    assertEquals(broken.code, 1);
    assertStringIncludes(
      broken.stderr,
      `error: Cannot read "${folder}/in/b.jsonl": line 2 is not JSON`,
    );
  }));

Deno.test("clean-corpus says what is wrong with its paths", () =>
  withFiles({ "in/a.pth": "x" }, async (folder) => {
    const attempt = (input: string, output: string) => [
      ...["clean-corpus", "--input", input, "--output", output],
    ];
    const input = `${folder}/in`, output = `${folder}/out`;
    const weights = "it is weights of another program, which import-model";
    await refuses(attempt(input, output), 1, weights);
    const missing = attempt(`${folder}/nada`, output);
    await refuses(missing, 1, "no such file or folder");
    await Deno.writeTextFile(`${folder}/in/b.txt`, "x");
    for (const output of [input, `${input}/out`, folder]) {
      await refuses(attempt(input, output), 1, "must lie apart");
    }
  }));

Deno.test("clean-corpus names what it makes of pages, books and packed files, and what it cannot read", () =>
  withFiles({
    "in/pagina.html": "<p>Era uma vez um rio.</p><p>E dois barcos.</p>",
    "in/pagina.htm": "<p>Outra página, de outro rio.</p>",
    "in/notas.jsonl.gz": new Uint8Array(
      gzipSync('{"text":"Uma nota sobre o rio."}\n'),
    ),
  }, async (folder) => {
    await Deno.symlink("nada", `${folder}/in/solto.txt`);
    const { code, stderr } = await clean(folder);
    assertEquals(code, 0, stderr);
    assertStringIncludes(
      stderr,
      "left out, as they cannot be read (1): solto.txt: it is a link that leads nowhere",
    );
    const names = ["notas.txt", "pagina.html.txt", "pagina.txt"];
    assertEquals(await reads(`${folder}/out`), ["manifest.json", ...names]);
    const texts = await Promise.all(
      names.map((name) => Deno.readTextFile(`${folder}/out/${name}`)),
    );
    assertEquals(texts, [
      "Uma nota sobre o rio.\n",
      "Era uma vez um rio.\nE dois barcos.\n",
      "Outra página, de outro rio.\n",
    ]);
    const single = `${folder}/single`;
    const one = await run(
      ["clean-corpus", "--input", `${folder}/in/pagina.html`],
      ["--output", single],
    );
    assertEquals(one.code, 0, one.stderr);
    assertEquals(await reads(single), ["manifest.json", "pagina.txt"]);
  }));
