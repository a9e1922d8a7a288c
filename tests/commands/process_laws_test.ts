import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { reads, refuses, run, withFiles } from "./run_cli.ts";

const BODY = "O barco é de quem rema, e o remo é de quem o fez.";

function page(title: string, articles: string): string {
  return `<html><body><p>${title}</p>${articles}<p>${BODY}</p></body></html>`;
}

function process(folder: string, ...args: string[]) {
  return run(
    ["process-laws", "--input", `${folder}/in`, "--output", `${folder}/out`],
    args,
  );
}

Deno.test("process-laws makes a corpus of a folder of pages", () =>
  withFiles({
    "in/b.htm": page(
      "LEI Nº 8, DE 3 DE MAIO DE 1999",
      "<p><s>Art. 1º Não vale.</s><p>Art. 1º Vale. (Incluído pela Lei nº 9, de 2000)",
    ),
    "in/a/velha.html": Uint8Array.from(
      page("LEI N\xba 8, DE 3 DE MAIO DE 1999", "<p>Art. 1\xba Valia."),
      (char) => char.charCodeAt(0),
    ),
    "in/dados.html": "\0\0\0",
    "in/curta.html": "<p>Art. 1º",
    "in/leia.txt": "x",
  }, async (folder) => {
    const args = ["--min-chars", "40", "--verbose", "--json"];
    const { code, stdout, stderr, result } = await process(folder, ...args);
    assertEquals(code, 0, stderr);
    const { seconds: _, output: __, ...rest } = result;
    assertEquals(rest, {
      complete: true,
      documents: 2,
      pages: 4,
      dropped: { notHtml: 1, tooShort: 1 },
      found: {
        revoked: 1,
        notes: 1,
        pageLines: 0,
        tableRows: 0,
        repeatedArticles: 0,
        strikesLeftOpen: 0,
      },
      revisions: [{
        law: "LEI 8/1999",
        pages: ["a/velha.html", "b.htm"],
      }],
      missing: [],
      otherFiles: 1,
      ignored: ["leia.txt"],
      files: 1,
      characters: 189,
      bytes: 200,
    });
    assertStringIncludes(
      stdout,
      "revisions of LEI 8/1999: a/velha.html, b.htm",
    );
    assertStringIncludes(stdout, "files of other types left out: 1 (leia.txt)");
    assertStringIncludes(stdout, "dados.html: left out, not HTML");
    assertEquals(
      await Deno.readTextFile(`${folder}/out/laws_000.txt`),
      `LEI Nº 8, DE 3 DE MAIO DE 1999\nArt. 1º Valia.\n${BODY}\n\n` +
        `LEI Nº 8, DE 3 DE MAIO DE 1999\nArt. 1º Vale.\n${BODY}\n`,
    );
    const manifest = JSON.parse(
      await Deno.readTextFile(`${folder}/out/manifest.json`),
    );
    assertEquals(manifest.documents, 2);
    assertEquals(
      manifest.sources.map((
        { name, document, dropped, encoding }: Record<string, unknown>,
      ) => [name, document ?? dropped, encoding]),
      [
        ["a/velha.html", 0, "windows-1252"],
        ["b.htm", 1, "utf-8"],
        ["curta.html", "tooShort", "utf-8"],
        ["dados.html", "notHtml", "windows-1252"],
      ],
    );
    const kept = await process(folder, "--keep-notes");
    assertEquals(kept.code, 0);
    assertStringIncludes(
      await Deno.readTextFile(`${folder}/out/laws_000.txt`),
      "Vale. (Incluído pela Lei nº 9, de 2000)",
    );
    assertEquals(await reads(`${folder}/out`), [
      "laws_000.txt",
      "manifest.json",
    ]);
    await process(folder, "--keep-notes", "--format", "jsonl");
    assertEquals(await reads(`${folder}/out`), [
      "laws_000.jsonl",
      "manifest.json",
    ]);
    const lines = await Deno.readTextFile(`${folder}/out/laws_000.jsonl`);
    const { text, ...fields } = JSON.parse(lines.split("\n")[0]);
    assertEquals(text.split("\n").length, 3);
    assertEquals(fields, {
      id: "b.htm",
      title: "LEI Nº 8, DE 3 DE MAIO DE 1999",
      law: "LEI 8/1999",
    });
  }));

Deno.test("process-laws says what is wrong", () =>
  withFiles({ "in/a.html": "<p>nada" }, async (folder) => {
    const input = `${folder}/in`, output = `${folder}/out`;
    const args = ["process-laws", "--input", input, "--output", output];
    const short = "none of its 1 pages holds a law of 100 characters or more";
    await refuses(args, 1, short);
    assertEquals(await reads(folder), ["in"]);
    const text = ["--input", `${folder}/leia.md`, "--output", output];
    await Deno.writeTextFile(`${folder}/leia.md`, "# Leis\n");
    await refuses(["process-laws", ...text], 1, "it is text, which tokenize");
    await Deno.remove(`${folder}/leia.md`);
    await Deno.rename(`${input}/a.html`, `${input}/a.pdf`);
    await refuses(args, 1, "it holds no .html or .htm page");
    const inside = ["process-laws", "--input", folder, "--output", output];
    await refuses(inside, 1, "it holds no .html or .htm page");
  }));

Deno.test("process-laws follows an index to the pages that were saved", () =>
  withFiles({
    "in/codigos.htm": '<a href="http://leis.example/br/L2.htm#art1">2</a>' +
      '<a href="L1.htm">1</a><a href="L1.htm?x">1</a><a href="L9.html">9</a>' +
      '<a href="#topo">topo</a><a href="mailto:a@b.htm">carta</a>' +
      '<a href="../fora.htm">fora</a>',
    "in/L1.htm": page("LEI Nº 1, DE 3 DE MAIO DE 1999", "<p>Art. 1º Primeira."),
    "in/br/l2.htm": page(
      "LEI Nº 2, DE 4 DE MAIO DE 1999",
      "<p>Art. 1º Segunda.",
    ),
    "in/L3.htm": page("LEI Nº 3, DE 5 DE MAIO DE 1999", "<p>Art. 1º Terceira."),
    "fora.htm": page("LEI Nº 4, DE 6 DE MAIO DE 1999", "<p>Art. 1º Quarta."),
  }, async (folder) => {
    const follow = (input: string, output: string) =>
      run(
        ["process-laws", "--input", `${folder}/${input}`, "--index", "--json"],
        ["--output", `${folder}/${output}`, "--min-chars", "20"],
      );
    const { code, stderr, result } = await follow("in/codigos.htm", "out");
    assertEquals(code, 0, stderr);
    assertEquals([result.documents, result.otherFiles], [2, 0]);
    assertEquals(result.missing, ["L9.html", "../fora.htm"]);
    assertStringIncludes(stderr, "2 links of the index lead to no page");
    const text = await Deno.readTextFile(`${folder}/out/laws_000.txt`);
    assert(text.indexOf("Segunda.") < text.indexOf("Primeira."));
    assert(!text.includes("Terceira.") && !text.includes("Quarta."));
    const none = await follow("in/L3.htm", "none");
    assertEquals(none.code, 1);
    assertStringIncludes(none.stderr, "none of its links leads to a page");
  }));
