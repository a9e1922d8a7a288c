import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { reads, refuses, succeeds, TEXT, withFiles } from "./run_cli.ts";

function withRecipe(
  recipe: string,
  work: (folder: string, args: string[]) => Promise<void>,
): Promise<void> {
  return withFiles({ "a.txt": TEXT }, async (folder) => {
    const name = `${folder}/recipe.toml`;
    await Deno.writeTextFile(name, recipe.replaceAll("HERE", folder));
    await work(folder, [
      ...["build-corpus", "--recipe", name, "--output", `${folder}/out`],
      "--allow-outside",
    ]);
  });
}

const RECIPE = `
  filters = { min_chars = 30, min_words = 5 }
  duplicates = { near = false }
  [[sources]]
  name = "dias"
  path = "HERE/a.txt"
`;

Deno.test("build-corpus --explain says of every document what became of it", () =>
  withRecipe(RECIPE + "weight = 0.5\n", async (folder, args) => {
    const file = `${folder}/a.txt`, explained = `${folder}/why.jsonl`;
    const first = TEXT.split("\n\n")[0];
    await Deno.writeTextFile(file, `${TEXT}\n\nFim.\n\n${first}\n`);
    const { stdout } = await succeeds([...args, "--explain", explained]);
    assertStringIncludes(stdout, `every document: ${explained}\n`);
    const text = await Deno.readTextFile(explained);
    const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line));
    const of = (outcome: string) =>
      lines.filter((line) => line.outcome === outcome);
    assertEquals([lines.length, of("kept").length, of("left out").length], [
      42,
      20,
      20,
    ]);
    const [short, copy] = of("dropped");
    assertEquals([short.begins, short.reason, short.value, short.threshold], [
      "Fim.",
      "min_chars",
      4,
      30,
    ]);
    assertEquals([copy.reason, copy.twin], ["exact_duplicate", `${file}#0`]);
    const written = await Deno.readTextFile(`${folder}/out/dias_000.txt`);
    for (const { begins, outcome } of lines.slice(0, 40)) {
      assertEquals(written.includes(begins), outcome === "kept", begins);
    }
    await succeeds([...args, "--explain", explained]);
    await Deno.writeTextFile(`${folder}/notas.txt`, "Minhas notas.\n");
    const other = ["--explain", `${folder}/notas.txt`];
    await refuses([...args, ...other], 1, "it is no report of build-corpus");
    const inside = ["--explain", `${folder}/out/why.jsonl`];
    await refuses([...args, ...inside], 1, "must lie apart");
  }));

Deno.test("build-corpus writes a corpus and says what it left out", async () => {
  await withRecipe(RECIPE, async (folder, args) => {
    await Deno.writeTextFile(
      `${folder}/a.txt`,
      `${TEXT}\n\nFim.\n\n${TEXT.split("\n\n")[0]}\n`,
    );
    const { stdout, result } = await succeeds(
      args,
      ["--json", "--threads", "2"],
    );
    assertEquals(result.documents, 40);
    assertMatch(stdout, /^source +read +MB +kept +MB +weight +written +MB\n/);
    assertMatch(stdout, /\ndias +42 +0\.0 +40 /);
    assertMatch(stdout, /\nmin_chars +1\n/);
    assertMatch(stdout, /\nexact_duplicate +1\n/);
    assertStringIncludes(
      stdout,
      `40 documents, 0.0 MB in 1 file in ${folder}`,
    );
    assertEquals(await reads(`${folder}/out`), [
      "dias_000.txt",
      "dropped.jsonl",
      "manifest.json",
    ]);
    const [source] = result.sources as { dropped: unknown }[];
    assertEquals(source.dropped, {
      min_chars: { documents: 1, words: 1, bytes: 4 },
      exact_duplicate: { documents: 1, words: 27, bytes: 122 },
    });
    assert(!("recipe" in result));
  });
});

Deno.test("build-corpus warns of sources of which nothing stays", async () => {
  const recipe = `${RECIPE}
    [[sources]]
    name = "velho"
    path = "HERE/velho.txt"
    [[sources]]
    name = "vazio"
    path = "HERE/vazio.txt"`;
  await withRecipe(recipe, async (folder, args) => {
    await Deno.writeFile(`${folder}/velho.txt`, Uint8Array.fromHex("4ee36f2e"));
    await Deno.writeTextFile(`${folder}/vazio.txt`, "");
    const { stdout } = await succeeds(args);
    assertStringIncludes(
      stdout,
      `warning: nothing of source velho is kept: 1 not_utf8 ` +
        `(${folder}/velho.txt); clean-corpus makes UTF-8 of it\n` +
        `warning: source vazio holds no document (${folder}/vazio.txt)\n`,
    );
  });
});

Deno.test("build-corpus says what it was given instead of a recipe or a text", async () => {
  await withRecipe(RECIPE, async (folder, args) => {
    const other = [...args];
    other[2] = `${folder}/a.txt`;
    await refuses(other, 1, "as a recipe: it is text, which tokenize and");
    await Deno.writeTextFile(`${folder}/a.txt`, "<mediawiki>\n<page>");
    await refuses(args, 1, "it is a Wikimedia dump, which process-wiki takes");
    assertEquals(await reads(folder), ["a.txt", "recipe.toml"]);
  });
});

Deno.test("build-corpus refuses a wrong recipe in one line", async () => {
  await withRecipe(`${RECIPE}\nwieght = 1`, async (folder, args) => {
    const reason =
      'Cannot use the recipe\'s "sources[0].wieght": it is not known';
    await refuses(args, 1, reason);
    assertEquals(await reads(folder), ["a.txt", "recipe.toml"]);
  });
  const args = ["--recipe", "/nothing.toml", "--output", "/tmp/x"];
  const reason = 'Cannot read "/nothing.toml": no such file';
  await refuses(["build-corpus", ...args], 1, reason);
});

Deno.test("build-corpus reads outside of the folder only when it may", async () => {
  await withRecipe(RECIPE, async (folder, args) => {
    await refuses(
      args.filter((arg) => arg !== "--allow-outside"),
      1,
      `its source "${folder}/a.txt" leads out of the working folder; ` +
        "--allow-outside permits it",
    );
  });
});
