/** Whole corpora: what they hold, and that nothing changes it. */

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  buildByRecipe,
  type BuildOptions,
} from "../../../lib/corpus/build/corpus_builder.ts";
import type { CorpusManifest } from "../../../lib/corpus/build/corpus_files.ts";
import { parseRecipe } from "../../../lib/corpus/build/recipe.ts";
import { Random } from "../../../lib/random.ts";

const WORDS = ("a de que e o em do da um no uma com para na rio ponte casa " +
  "chuva menino janela escola rua noite vento árvore cidade livro música " +
  "caminho montanha feira peixe barco vizinha história manhã tarde").split(" ");

/** A document that reads like Portuguese, and like no other. */
function document(seed: number, sentences = 12): string {
  const random = new Random(seed, 99);
  return Array.from({ length: sentences }, () => {
    const words = Array.from(
      { length: 8 + Math.floor(random.uniform() * 8) },
      () => WORDS[Math.floor(random.uniform() * WORDS.length)],
    );
    return `${words.join(" ")}${seed % 10}.`;
  }).join("\n");
}

/** Runs the work with a folder of two sources; `recipe` finds them. */
async function withSources(
  work: (folder: string, recipe: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const docs = Array.from({ length: 150 }, (_, i) => document(i));
    const near = docs[3].replace("chuva", "neve").replace("rio", "lago");
    await Deno.mkdir(`${folder}/a`);
    await Deno.writeTextFile(
      `${folder}/a/1.txt`,
      docs.slice(0, 90).join("\n\n"),
    );
    await Deno.writeTextFile(
      `${folder}/a/2.txt`,
      ["Curto.", ...docs.slice(85, 120)].join("\n\n\n"),
    );
    const lines = [...docs.slice(110), near, docs[7].toUpperCase()].map(
      (text, i) => JSON.stringify({ id: `b${i}`, text }),
    );
    lines.push("{", "[]", '{"text": "a\\u0000"}');
    await Deno.writeTextFile(`${folder}/b.jsonl`, lines.join("\n"));
    const broken = Uint8Array.of(0xe7, 0xe3, 0x0a, 0x0a, 0x61);
    await Deno.writeFile(`${folder}/a/3.txt`, broken);
    await work(
      folder,
      `
      filters = { preset = "edited", min_language_share = false }
      [[sources]]
      name = "a"
      path = "${folder}/a"
      documents = "blank-lines"
      licence = "CC0"
      [[sources]]
      name = "b"
      path = "${folder}/b.jsonl"
      `,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** All files of a corpus. */
async function contentOf(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { name } of Deno.readDir(folder)) {
    files[name] = await Deno.readTextFile(`${folder}/${name}`);
  }
  return files;
}

async function build(
  toml: string,
  folder: string,
  options: BuildOptions = {},
): Promise<Record<string, string>> {
  await buildByRecipe(parseRecipe(toml), folder, options);
  return await contentOf(folder);
}

function documentsOf(content = ""): string[] {
  return content === "" ? [] : content.trimEnd().split("\n\n");
}

/** Builds to the end. */
async function built(
  ...args: Parameters<typeof buildByRecipe>
): Promise<CorpusManifest> {
  const manifest = await buildByRecipe(...args);
  assert(manifest !== undefined);
  return manifest;
}

Deno.test("buildByRecipe() keeps the first of equal documents and says why others go", async () => {
  await withSources(async (folder, recipe) => {
    const manifest = await built(parseRecipe(recipe), `${folder}/out`);
    const [a, b] = manifest.sources;
    assertEquals(a.read.documents, 90 + 36 + 2);
    assertEquals(a.kept.documents, 120);
    assertEquals(a.licence, "CC0");
    assertEquals(
      Object.fromEntries(
        Object.entries(a.dropped).map(([why, { documents }]) => [
          why,
          documents,
        ]),
      ),
      { not_utf8: 1, min_chars: 2, exact_duplicate: 5 },
    );
    assertEquals(b.kept.documents, 30);
    assertEquals(b.dropped.exact_duplicate.documents, 11);
    assertEquals(b.dropped.near_duplicate.documents, 1);
    const content = await contentOf(`${folder}/out`);
    assertEquals(Object.keys(content).sort(), [
      "a_000.txt",
      "b_000.txt",
      "dropped.jsonl",
      "manifest.json",
    ]);
    assertEquals(documentsOf(content["a_000.txt"])[3], document(3));
    assertEquals(documentsOf(content["b_000.txt"])[0], document(120));
    const dropped = content["dropped.jsonl"].trimEnd().split("\n")
      .map((line) => JSON.parse(line));
    const near = dropped.find(({ reason }) => reason === "near_duplicate");
    assertEquals(near.name, "b40");
    const third = documentsOf(content["a_000.txt"]).slice(0, 3).join("\n\n");
    const at = new TextEncoder().encode(third).length + 2;
    assertEquals(near.twin, `${folder}/a/1.txt#${at}`);
    assert(near.value >= 0.75 && near.value < 1);
    const short = dropped.find(({ document }) =>
      document === `${folder}/a/2.txt#0`
    );
    assertEquals(short, {
      source: "a",
      document: `${folder}/a/2.txt#0`,
      bytes: 6,
      reason: "min_chars",
      value: 6,
      threshold: 300,
    });
    assertEquals(JSON.parse(content["manifest.json"]).documents, 150);
  });
});

Deno.test("buildByRecipe() gives the same bytes with any threads and parts", async () => {
  await withSources(async (folder, recipe) => {
    const once = await build(recipe, `${folder}/out`);
    assertEquals(await build(recipe, `${folder}/out`), once);
    for (const [threads, partBytes] of [[1, 5000], [2, 9000], [3, 1e9]]) {
      const path = `${folder}/out${threads}`;
      assertEquals(await build(recipe, path, { threads, partBytes }), once);
    }
  });
});

Deno.test("buildByRecipe() asks for languages in Workers too", async () => {
  await withSources(async (folder, recipe) => {
    const english = "The boys went down the hill with their boats. ".repeat(9);
    await Deno.writeTextFile(`${folder}/a/4.txt`, english);
    const toml = recipe.replace("min_language_share = false", "min_chars = 9");
    const { "dropped.jsonl": one } = await build(toml, `${folder}/1`);
    const { "dropped.jsonl": two } = await build(toml, `${folder}/2`, {
      threads: 2,
    });
    assertEquals(one, two);
    assertStringIncludes(one, '"language":"en"');
  });
});

Deno.test("buildByRecipe() writes documents as often as their weight says", async () => {
  await withSources(async (folder, recipe) => {
    const weigh = (a: number, b: number, more = "") =>
      more + recipe.replace('name = "a"', `name = "a"\nweight = ${a}`)
        .replace('name = "b"', `name = "b"\nweight = ${b}`);
    const { "a_000.txt": a, "b_000.txt": b } = await build(
      weigh(2.25, 0.5),
      `${folder}/out`,
    );
    const times = new Map<string, number>();
    for (const text of documentsOf(a)) {
      times.set(text, (times.get(text) ?? 0) + 1);
    }
    assertEquals(documentsOf(a).length, 270);
    assertEquals(times.size, 120);
    assertEquals([...times.values()].filter((n) => n === 3).length, 30);
    assertEquals([...times.values()].filter((n) => n === 2).length, 90);
    assertEquals(new Set(documentsOf(b)).size, 15);
    const other = await build(weigh(2.25, 0.5), `${folder}/out2`, { seed: 7 });
    assert(other["b_000.txt"] !== b);
    const none = await build(weigh(0, 1), `${folder}/out3`);
    assertEquals(Object.keys(none).includes("a_000.txt"), false);
    assertEquals(documentsOf(none["b_000.txt"]).length, 30);
    const target = "target_bytes = 30_000\n";
    const small = await built(
      parseRecipe(weigh(2, 1, target)),
      `${folder}/out4`,
    );
    assert(Math.abs(small.bytes - 30_000) < 3000, `${small.bytes}`);
    const [left, right] = small.sources.map(({ written }) => written.documents);
    assert(Math.abs(left / right - 8) < 1.5, `${left} ${right}`);
  });
});

Deno.test("buildByRecipe() keeps the text of what it drops when asked", async () => {
  await withSources(async (folder, recipe) => {
    const { "dropped.jsonl": lines } = await build(recipe, `${folder}/out`, {
      keepDropped: true,
    });
    const dropped = lines.trimEnd().split("\n").map((line) => JSON.parse(line));
    const of = (reason: string) =>
      dropped.find((line) => line.reason === reason).text;
    assertEquals(of("min_chars"), "Curto.");
    assertEquals(of("not_utf8"), "\ufffd\ufffd");
    assertEquals(of("not_json"), "{");
    assertEquals(of("exact_duplicate"), document(85));
  });
});

Deno.test("buildByRecipe() replaces an earlier corpus, but nothing else", async () => {
  await withSources(async (folder, recipe) => {
    const path = `${folder}/out`;
    await build(recipe.replace('name = "b"', 'name = "z"'), path);
    await Deno.writeTextFile(`${path}/mine_000.txt`, "meu");
    const stop = (stage: string) => {
      if (stage === "writing") throw new Error("stopped");
    };
    await assertRejects(() => build(recipe, path, { onProgress: stop }));
    const content = await build(recipe, path);
    assertEquals(Object.keys(content).sort(), [
      "a_000.txt",
      "b_000.txt",
      "dropped.jsonl",
      "manifest.json",
      "mine_000.txt",
    ]);
  });
});

Deno.test("buildByRecipe() goes on after being killed at any time", async () => {
  await withSources(async (folder, recipe) => {
    const expected = await build(recipe, `${folder}/whole`);
    const path = `${folder}/recipe.toml`;
    await Deno.writeTextFile(path, recipe);
    for (const [at, signal] of [[2, "SIGKILL"], [6, "SIGINT"]] as const) {
      const out = `${folder}/killed${at}`;
      const script = new URL("build_in_parts.ts", import.meta.url).pathname;
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-check", "--allow-read", "--allow-write", script]
          .concat(path, out, "1"),
        stdout: "piped",
        stderr: "null",
      }).spawn();
      let lines = 0;
      for await (const chunk of child.stdout) {
        lines += new TextDecoder().decode(chunk).split("\n").length - 1;
        if (lines < at) continue;
        child.kill(signal);
        break;
      }
      assertEquals((await child.status).success, false);
      assertEquals(await build(recipe, out, { threads: 2 }), expected);
    }
  });
});

Deno.test("buildByRecipe() goes on while it writes", async () => {
  await withSources(async (folder, recipe) => {
    const expected = await build(recipe, `${folder}/whole`);
    const out = `${folder}/out`;
    const stages: string[] = [];
    await assertRejects(
      () =>
        build(recipe, out, {
          onProgress: (stage) => {
            if (stage === "writing") throw new Error("stopped");
          },
        }),
      Error,
      "stopped",
    );
    const written = `${out}/.unfinished/a_000.txt`;
    const before = (await Deno.stat(written)).mtime;
    await buildByRecipe(parseRecipe(recipe), out, {
      onProgress: (stage) => stages.push(stage),
    });
    // Nothing was read again, and the file that was whole was not made anew.
    assertEquals(stages.includes("reading"), false);
    assertEquals((await Deno.stat(`${out}/a_000.txt`)).mtime, before);
    assertEquals(await contentOf(out), expected);
  });
});

Deno.test("buildByRecipe() does not mix what two recipes or inputs gave", async () => {
  await withSources(async (folder, recipe) => {
    const out = `${folder}/out`;
    const stop = () => {
      throw new Error("stopped");
    };
    await assertRejects(() => build(recipe, out, { onProgress: stop }));
    const refuse = (toml: string) =>
      assertRejects(() => build(toml, out), Error, "--restart begins anew");
    await refuse(recipe.replace('name = "b"', 'name = "c"'));
    await refuse(`seed = 3\n${recipe}`);
    await Deno.writeTextFile(`${folder}/a/9.txt`, document(500));
    await refuse(recipe);
    const { "a_000.txt": text } = await build(recipe, out, { restart: true });
    assertEquals(documentsOf(text).length, 121);
  });
});

Deno.test("buildByRecipe() says what is wrong", async () => {
  await withSources(async (folder, recipe) => {
    const refuse = (toml: string, out: string, reason: string) =>
      assertRejects(() => build(toml, out), Error, reason);
    const strict = recipe.replace(
      "filters = {",
      "filters = { min_words = 9999, ",
    );
    await refuse(strict, `${folder}/out`, "broke min_words");
    await refuse(recipe, `${folder}/a`, "must lie apart");
    await refuse(recipe, `${folder}/a/out`, "must lie apart");
    await refuse(recipe, folder, "must lie apart");
    await refuse(recipe, `${folder}/b.jsonl`, "must lie apart");
    await Deno.writeTextFile(`${folder}/file`, "");
    await refuse(recipe, `${folder}/file`, "Cannot write into");
    await refuse(
      recipe.replace(`${folder}/a`, `${folder}/none`),
      `${folder}/out`,
      "no such file",
    );
    await Deno.writeTextFile(`${folder}/empty.txt`, "");
    const empty = `sources = [{ name = "e", path = "${folder}/empty.txt" }]`;
    await refuse(empty, `${folder}/out2`, "the sources are empty");
  });
});

Deno.test("buildByRecipe() takes 70,000 documents of a word", async () => {
  const folder = await Deno.makeTempDir();
  const words = Array.from({ length: 70_000 }, (_, i) => `p${i % 60_000}`);
  await Deno.writeTextFile(`${folder}/a.txt`, words.join("\n\n"));
  const recipe = parseRecipe(`
    filters = { preset = "none" }
    duplicates = { near = false }
    sources = [
      { name = "a", path = "${folder}/a.txt", documents = "blank-lines" },
    ]
  `);
  const { sources: [{ kept, dropped }], files } = await built(
    recipe,
    `${folder}/out`,
  );
  assertEquals(kept.documents, 60_000);
  assertEquals(dropped.exact_duplicate.documents, 10_000);
  assertEquals(files.length, 6);
  assertEquals(
    await Deno.readTextFile(`${folder}/out/a_005.txt`),
    words.slice(50_000, 60_000).join("\n\n") + "\n",
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("buildByRecipe() outlives hostile documents", async () => {
  const folder = await Deno.makeTempDir();
  const name = `${folder}/a.txt`;
  {
    using file = await Deno.open(name, { create: true, write: true });
    const write = (text: string) =>
      file.write(new TextEncoder().encode(`${text}\n\n`));
    await write(document(1));
    await write("a".repeat(3_000_000));
    await write("a ".repeat(1_000_000));
    await write("\u0301".repeat(500_000));
    await write("\0".repeat(1000));
    await write("a\n".repeat(500_000));
    await write("🙂".repeat(500_000));
    await write("x".repeat(2 ** 24 + 1));
    await write(document(2));
  }
  const recipe = parseRecipe(`sources = [{ name = "a", path = "${name}" }]
    filters = { preset = "edited", min_language_share = false }`);
  const { sources: [{ kept, dropped }] } = await built(
    recipe,
    `${folder}/out`,
  );
  assertEquals(kept.documents, 2);
  assertEquals(dropped.too_long.documents, 1);
  assertEquals(dropped.binary.documents, 1);
  await Deno.remove(folder, { recursive: true });
});
