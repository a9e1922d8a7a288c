import { assert, assertEquals, assertRejects } from "@std/assert";
import { buildCorpus } from "../../lib/stages/build_corpus.ts";
import { cleanCorpus } from "../../lib/stages/clean_corpus.ts";
import { processLaws } from "../../lib/stages/process_laws.ts";
import { reads, withFiles } from "../commands/run_cli.ts";
import { rejectsWhenAborted } from "./aborted.ts";

const NOISE = Uint8Array.from(
  { length: 3000 },
  (_, i) => (i * i + 7 * i) % 251,
);

Deno.test("cleanCorpus() leaves nothing behind when it is aborted", () =>
  withFiles({ "in/a.txt": "Oi.\n", "in/b.txt": "Não.\n" }, async (folder) => {
    const paths = { input: `${folder}/in`, output: `${folder}/out` };
    await rejectsWhenAborted((options) =>
      cleanCorpus({ ...paths, ...options })
    );
    assertEquals(await reads(folder), ["in"]);
  }));

Deno.test("cleanCorpus() can be aborted within a file, and says how far it is in it", async () => {
  const text = "Era uma vez um rei que ria.\n\n".repeat(40_000);
  await withFiles({ "a.txt": text }, async (folder) => {
    const paths = { input: `${folder}/a.txt`, output: `${folder}/out` };
    const told: number[] = [];
    await cleanCorpus({
      ...paths,
      onProgress: ({ done, total }) => told.push(done / total),
    });
    assert(told.filter((share) => share > 0 && share < 0.7).length > 2);
    assert(told.filter((share) => share > 0.7 && share < 1).length > 5);
    assertEquals(told, told.toSorted((a, b) => a - b));

    const controller = new AbortController();
    const { signal } = controller;
    let within = 0;
    await assertRejects(() =>
      cleanCorpus({
        ...paths,
        output: `${folder}/again`,
        signal,
        onProgress: ({ done }) => {
          if (done === 0) return;
          within++;
          // As Ctrl-C would: in a turn of the event loop.
          setTimeout(() => controller.abort());
        },
      }), DOMException);
    assert(within > 0);
    assertEquals(await reads(folder), ["a.txt", "out"]);
  });
});

Deno.test("cleanCorpus() joins words as the other files write them", () =>
  withFiles({
    "in/a.txt":
      "Era uma vez um rei que vivia num castelo\nmuito longe daqui, " +
      "onde brincava de cata-\ncavaco com os filhos, e ninguém chegava a\npé " +
      "nem a cavalo.\n",
    "in/b.txt": "O cata-cavaco, o cata-cavaco e o cata-cavaco.\n",
  }, async (folder) => {
    const paths = { input: `${folder}/in`, output: `${folder}/out` };
    const passes = new Set<string>();
    await cleanCorpus({
      ...paths,
      onProgress: ({ pass }) => passes.add(pass),
    });
    const text = await Deno.readTextFile(`${folder}/out/a.txt`);
    assert(text.includes("de cata-cavaco com"), text);
    assertEquals([...passes], ["comparing", "counting", "cleaning"]);
  }));

Deno.test("cleanCorpus() reads a page of HTML as one, whatever its name", () =>
  withFiles({
    "in/a.txt":
      "<!doctype html><html><head><title>x</title><style>p {}</style>" +
      "</head><body><h1>O mar</h1><p>É azul &amp; <b>grande</b>.<p>Fim.</body></html>",
    "in/b.txt": "Um <b>texto</b> que não é página.\n",
  }, async (folder) => {
    const output = `${folder}/out`;
    await cleanCorpus({ input: `${folder}/in`, output });
    assertEquals(
      await Deno.readTextFile(`${output}/a.txt`),
      "O mar\nÉ azul & grande.\nFim.\n",
    );
  }));

Deno.test("cleanCorpus() tells its passes as one, in bytes", () =>
  withFiles({ "in/a.txt": "Oi.\n", "in/b.txt": "Não.\n" }, async (folder) => {
    const told: string[] = [];
    await cleanCorpus({
      input: `${folder}/in`,
      output: `${folder}/out`,
      onProgress: ({ pass, done, total }) =>
        told.push(`${pass} ${done}/${total}`),
    });
    assertEquals(told, [
      "comparing 0/30",
      "comparing 4/30",
      "cleaning 20/30",
      "cleaning 24/30",
      "cleaning 24/30",
      "cleaning 30/30",
    ]);
  }));

Deno.test("cleanCorpus() removes the earlier text of a file that is gone", () =>
  withFiles({ "in/a.txt": "Oi.\n", "in/b.txt": "Não.\n" }, async (folder) => {
    const paths = { input: `${folder}/in`, output: `${folder}/out` };
    await cleanCorpus(paths);
    await Deno.writeTextFile(`${folder}/out/meu.txt`, "meu");
    await Deno.remove(`${folder}/in/a.txt`);
    await cleanCorpus(paths);
    assertEquals(await reads(paths.output), [
      "b.txt",
      "manifest.json",
      "meu.txt",
    ]);
  }));

Deno.test("cleanCorpus() removes nothing outside its folder", () =>
  withFiles({
    "in/a.txt": "Oi.\n",
    "b.txt": "b",
    "out/manifest.json": JSON.stringify({
      command: "clean-corpus",
      sources: [{ file: "../b.txt" }, { file: "" }, { file: 7 }, null],
    }),
  }, async (folder) => {
    await cleanCorpus({ input: `${folder}/in`, output: `${folder}/out` });
    assertEquals(await reads(folder), ["b.txt", "in", "out"]);
  }));

Deno.test("cleanCorpus() leaves out what has the name of a text and is none", () =>
  withFiles(
    { "in/a.txt": "Oi \ufffd.\n", "in/b.txt": NOISE },
    async (folder) => {
      const files: (string | undefined)[][] = [];
      const { notText, lostCharacters } = await cleanCorpus({
        input: `${folder}/in`,
        output: `${folder}/out`,
        onFile: ({ name, file, encoding }) =>
          files.push([name, file, encoding]),
      });
      assertEquals([notText, lostCharacters], [1, 1]);
      assertEquals(files, [
        ["a.txt", "a.txt", "utf-8"],
        ["b.txt", undefined, undefined],
      ]);
      await assertRejects(
        () =>
          cleanCorpus({ input: `${folder}/in/b.txt`, output: `${folder}/out` }),
        Error,
        `Cannot make a corpus of "${folder}/in/b.txt": it is binary data`,
      );
    },
  ));

Deno.test("no command replaces the corpus of another", () =>
  withFiles({
    "in/a.txt": "Oi.\n",
    "pages/a.html": `<html><body><p>${"Art. 1º Vale. ".repeat(20)}`,
    "other/manifest.json": "[]",
  }, async (folder) => {
    const output = `${folder}/out`, input = `${folder}/in`;
    await cleanCorpus({ input, output });
    const laws = { input: `${folder}/pages`, output };
    await assertRejects(
      () => processLaws(laws),
      Error,
      `Cannot write into "${output}": it holds a corpus of clean-corpus, ` +
        "which process-laws does not replace",
    );
    await assertRejects(
      () => cleanCorpus({ input, output: `${folder}/other` }),
      Error,
      "it holds a manifest.json that clean-corpus has not written",
    );
    assertEquals(await reads(output), ["a.txt", "manifest.json"]);
    await cleanCorpus({ input, output });
  }));

Deno.test("no command throws away what another can go on with", () =>
  withFiles({ "in/a.txt": "Oi, tudo bem?\n" }, async (folder) => {
    const output = `${folder}/out`, input = `${folder}/in`;
    const source = {
      name: "a",
      path: input,
      weight: 1,
      textField: "text",
      filters: { language: "pt", thresholds: {} },
    };
    const controller = new AbortController();
    const recipe = { sources: [source], duplicates: { exact: true } };
    const build = { recipe, output };
    const { complete } = await buildCorpus({
      ...build,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    assertEquals(complete, false);
    await assertRejects(
      () => cleanCorpus({ input, output }),
      Error,
      "build-corpus was interrupted there and can go on",
    );
    assertEquals((await buildCorpus(build)).complete, true);
    assertEquals(
      await Deno.readTextFile(`${output}/a_000.txt`),
      "Oi, tudo bem?\n",
    );
  }));
