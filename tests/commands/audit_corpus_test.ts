import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { SourceReport } from "../../lib/corpus/audit/source_audit.ts";
import { refuses, succeeds, TEXT, withFiles } from "./run_cli.ts";

Deno.test("audit-corpus shows what is wrong with several sources", async () => {
  const folder = await Deno.makeTempDir();
  for (const name of ["bom", "mau"]) {
    await Deno.mkdir(`${folder}/${name}/sub`, { recursive: true });
    await Deno.writeTextFile(`${folder}/${name}/sub/a.txt`, TEXT);
  }
  await Deno.writeFile(
    `${folder}/mau/b.md`,
    Uint8Array.fromHex("4e61c3a3c297ff3c623e"),
  );
  const input = `${folder}/bom,${folder}/mau`;
  const { stdout, result } = await succeeds(
    ["audit-corpus", "--input", input, "--json"],
  );
  const [good, bad] = result.sources as SourceReport[];
  assertEquals([good.files, good.documents, bad.files], [1, 40, 2]);
  assertEquals([bad.faults.replacement, bad.faults.c1, bad.faults.tags], [
    1,
    1,
    1,
  ]);
  assertEquals(bad.worst.map(({ name }) => name), ["b.md"]);
  assertEquals([good.invalidFiles, bad.invalidFiles], [0, 1]);
  assertEquals(good.languages.documents, { pt: 40 });
  const all = result.all as SourceReport;
  assertEquals(all.documents, 81);
  assertEquals(all.repeatedDocuments.items, 40 / 81);
  for (const title of ["What there is", "What is wrong", "Worst files"]) {
    assertStringIncludes(stdout, `${title}\n`);
  }
  assertStringIncludes(stdout, "49.4 %");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("audit-corpus shows lines of .jsonl that are broken, where there are any", () =>
  withFiles({
    "bom/a.jsonl": '{"text":"Um dia."}\n',
    "mau/a.jsonl": '{"text":"Um dia."}\n{"text":\n{"texto":"Dois."}\n',
  }, async (folder) => {
    const good = ["audit-corpus", "--input", `${folder}/bom`];
    const { stdout: nothing } = await succeeds(good);
    assertEquals(nothing.includes("bad lines"), false);
    const input = `${folder}/bom,${folder}/mau`;
    const both = ["audit-corpus", "--input", input, "--json"];
    const { stdout, result } = await succeeds(both);
    const [head, ...rows] = stdout.split("What is wrong\n")[1].split("\n");
    assert(head.endsWith("  bad lines of .jsonl"), head);
    const last = rows.slice(0, 3).map((row) => row.split(" ").at(-1));
    assertEquals(last, ["0", "2", "2"]);
    assertEquals((result.all as SourceReport).badObjects, 2);
    const inPortuguese = await succeeds([...both, "--lang", "pt"]);
    assertStringIncludes(inPortuguese.stdout, "linhas inválidas de .jsonl\n");
  }));

Deno.test("audit-corpus says what it cannot read", async () => {
  const folder = await Deno.makeTempDir();
  const reason =
    `Cannot read "${folder}": it holds no .txt, .md, .html, .jsonl, .parquet or .epub file`;
  await refuses(["audit-corpus", "--input", folder], 1, reason);
  const missing = ["audit-corpus", "--input", `${folder}/nada`];
  await refuses(missing, 1, "no such file or folder");
  await Deno.writeTextFile(`${folder}/lei.txt`, "<html><body>Art. 1º");
  const page = ["audit-corpus", "--input", `${folder}/lei.txt`];
  await refuses(page, 1, "it is a page of HTML, which process-laws takes");
  await Deno.remove(`${folder}/lei.txt`);
  await Deno.remove(folder);
});

Deno.test("audit-corpus reads a file with a comma in its name", () =>
  withFiles({ "a=b,c.txt": TEXT }, async (folder) => {
    const input = `${folder}/a=b,c.txt`;
    const { result } = await succeeds(
      ["audit-corpus", "--input", input, "--json"],
    );
    assertEquals((result.sources as SourceReport[])[0].name, input);
  }));

Deno.test("audit-corpus takes the folder of a run for no text", () =>
  withFiles({
    "run/model_final.mpk": "",
    "run/samples.jsonl": '{"text":"O rio"}\n',
  }, async (folder) => {
    await refuses(
      ["audit-corpus", "--input", `${folder}/run`],
      1,
      "as text: it is a model",
    );
  }));

Deno.test("audit-corpus writes a page of a recipe's sources, over its own alone", () =>
  withFiles({
    "a.jsonl": JSON.stringify({ texto: TEXT }),
    "b.html": "<p>Meu.",
    "recipe.toml": "",
  }, async (folder) => {
    await Deno.writeTextFile(
      `${folder}/recipe.toml`,
      `[[sources]]
       name = "livros"
       path = "${folder}/a.jsonl"
       text_field = "texto"
       filters = { preset = "none", max_words = 3 }`,
    );
    const page = `${folder}/audit.html`;
    const command = ["audit-corpus", "--recipe", `${folder}/recipe.toml`];
    await refuses(command, 1, "leads out of the working folder");
    command.push("--allow-outside");
    for (let time = 0; time < 2; time++) {
      const { stdout } = await succeeds([...command, "--html", page]);
      assertStringIncludes(stdout, `page: ${page}\n`);
    }
    const html = await Deno.readTextFile(page);
    assertStringIncludes(html, '"rule":"max_words","threshold":3,"dropped":1');
    await refuses(
      [...command, "--html", `${folder}/b.html`],
      1,
      "it is no report of audit-corpus; give another --html",
    );
    await refuses(["audit-corpus"], 2, "give either --input or --recipe");
  }));
