import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { bzip2 } from "../corpus/dump/bzip2_encoder.ts";
import { reads, refuses, run, succeeds, withFiles } from "./run_cli.ts";
import { NO_REAL_DATA, REAL_DATA } from "../real_data.ts";

const DUMPS = `${REAL_DATA}/dumps`;

const PROSE = "é uma palavra que serve para encher de prosa este artigo tão " +
  "pequeno, até que tenha mais de cem letras ao todo.";

function dump(count: number): string {
  const pages = Array.from(
    { length: count },
    (_, i) =>
      `<page><title>A${i}</title><ns>0</ns><id>${i}</id><revision><text>` +
      `'''A${i}''' ${PROSE}\n\n[[Categoria:X]]</text></revision></page>`,
  );
  return `<mediawiki>${pages.join("")}
<page><title>B</title><ns>0</ns><redirect title="A0"/><revision><text>x</text></revision></page>
<page><title>Ajuda:C</title><ns>12</ns><revision><text>${PROSE}</text></revision></page>
<page><title>D</title><ns>0</ns><revision><text>Curto {{stub}} ]]</text></revision></page>
<page><title>E</title><ns>0</ns><revision><text>{{desambig}}</text></revision></page>
</mediawiki>`;
}

/** A folder with a dump in it. */
function withDump(
  dump: Uint8Array | string,
  work: (input: string, folder: string) => Promise<void>,
): Promise<void> {
  const name = "dump.xml.bz2";
  return withFiles({ [name]: dump }, (to) => work(`${to}/${name}`, to));
}

Deno.test("process-wiki writes articles, counts and a manifest", () =>
  withDump(bzip2(dump(5)), async (input, folder) => {
    const output = `${folder}/clean`;
    const args = ["process-wiki", "--input", input, "--output", output];
    const { result } = await succeeds(
      args,
      ["--articles-per-file", "3", "--json"],
    );
    const { seconds, bytes, characters, ...counts } = result;
    assertEquals(counts, {
      complete: true,
      articles: 5,
      pages: 9,
      redirects: 1,
      otherNamespaces: 1,
      otherModels: 0,
      disambiguations: 1,
      tooShort: 1,
      files: 2,
      residue: { "]]": 1 },
      output,
    });
    assert(Number(seconds) > 0);
    assert(Number(bytes) > Number(characters));
    assertEquals(await reads(output), [
      "manifest.json",
      "wiki_000.txt",
      "wiki_001.txt",
    ]);
    assertEquals(
      await Deno.readTextFile(`${output}/wiki_001.txt`),
      `A3 ${PROSE}\n\nA4 ${PROSE}\n`,
    );
    const manifest = JSON.parse(
      await Deno.readTextFile(`${output}/manifest.json`),
    );
    const source = await Deno.readFile(input);
    const digest = await crypto.subtle.digest("SHA-256", source);
    assertEquals(manifest.source, {
      name: "dump.xml.bz2",
      bytes: source.length,
      sha256: new Uint8Array(digest).toHex(),
    });
    assertEquals(manifest.documents, 5);
    assertEquals(manifest.dropped.redirects, 1);
    assertEquals(manifest.options.minChars, 100);
  }));

Deno.test("process-wiki writes JSON lines, disambiguations where asked for", () =>
  withDump(bzip2(dump(4)), async (input, folder) => {
    const output = `${folder}/lines`;
    const { result } = await succeeds(
      ["process-wiki", "--input", input, "--output", output, "--json"],
      ["--format", "jsonl", "--keep-disambiguation", "--min-chars", "0"],
      ["--projects", "wikinews", "--articles-per-file", "3"],
    );
    assertEquals(result.articles, 5);
    assertEquals(result.tooShort, 1); // the disambiguation has no text at all
    assertEquals(await reads(output), [
      "manifest.json",
      "wiki_000.jsonl",
      "wiki_001.jsonl",
    ]);
    const lines = (await Deno.readTextFile(`${output}/wiki_001.jsonl`))
      .trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(lines, [
      { id: 3, title: "A3", url: "A3", text: `A3 ${PROSE}` },
      { title: "D", url: "D", text: "Curto" },
    ]);
  }));

Deno.test("process-wiki --compare says what is different from an earlier corpus", () =>
  withDump(bzip2(dump(3)), async (input, folder) => {
    const [old, now] = [`${folder}/old`, `${folder}/now`];
    await succeeds(["process-wiki", "--input", input, "--output", now]);
    await Deno.mkdir(old);
    const text = await Deno.readTextFile(`${now}/wiki_000.txt`);
    await Deno.writeTextFile(
      `${old}/wiki_000.txt`,
      text.replaceAll("prosa este", "prosa (, este)").replace("A2 ", "Outro "),
    );
    const args = ["process-wiki", "--compare", old, "--output", now];
    const { result, stdout, stderr } = await succeeds(args, ["--json"]);
    const { documents, kinds, replacements } = result.comparison as {
      documents: unknown;
      kinds: unknown;
      replacements: { old: string; times: number }[];
    };
    assertEquals(documents, { both: 3, changed: 3, onlyOld: 0, onlyNew: 0 });
    assertEquals(kinds, { spaces: 0, punctuation: 2, words: 1 });
    assertEquals(replacements[0].times, 3);
    assertStringIncludes(
      stdout + stderr,
      "3 articles in both, 3 changed (100.0 %)",
    );
    const both = await succeeds([...args, "--input", input], ["--json"]);
    assertEquals(both.result.articles, 3);
    assertEquals(both.result.comparison !== undefined, true);
    await refuses(
      ["process-wiki", "--output", now],
      2,
      "give --input, --compare or both",
    );
  }));

Deno.test("process-wiki fails in one line and leaves nothing behind", async () => {
  const sound = bzip2(dump(30));
  const flipped = sound.slice();
  flipped[flipped.length >> 1] ^= 1;
  const cases: [string, Uint8Array | string, string][] = [
    ["an empty file", "", "it is empty"],
    ["a truncated dump", sound.subarray(0, sound.length >> 1), "cut off"],
    ["a flipped bit", flipped, " at byte "],
    ["XML cut in the middle", dump(30).slice(0, 5000), "cut off inside <"],
    ["no articles", dump(0), "none of its 4 pages is an article"],
    ["a page", "<html></html>", "a page of HTML, which process-laws takes"],
    [
      "a text",
      "Era uma vez.",
      "it is text, which tokenize and train-tokenizer",
    ],
  ];
  await Promise.all(
    cases.map(([what, bytes, reason]) =>
      withDump(bytes, async (input, folder) => {
        const output = `${folder}/clean`;
        await Deno.mkdir(output);
        await Deno.writeTextFile(`${output}/wiki_000.txt`, "de antes\n");
        await Deno.writeTextFile(
          `${output}/manifest.json`,
          '{"command":"process-wiki","files":[{"name":"wiki_000.txt"}]}',
        );
        const args = ["--input", input, "--output", output];
        const { code, stderr } = await run(
          ["process-wiki", ...args, "--articles-per-file", "2"],
        );
        assertEquals(code, 1, what);
        assertStringIncludes(stderr, reason, what);
        assertStringIncludes(stderr, `"${input}"`, what);
        assertEquals(stderr.trimEnd().split("\n").length, 1, what);
        const kept = ["manifest.json", "wiki_000.txt"];
        assertEquals(await reads(output), kept, what);
        assertEquals(
          await Deno.readTextFile(`${output}/wiki_000.txt`),
          "de antes\n",
        );
      })
    ),
  );
});

Deno.test("process-wiki refuses paths that cannot work", () =>
  withDump(bzip2(dump(2)), async (input, folder) => {
    const cases = [
      [`${folder}/nada.xml`, `${folder}/a`, "no such file or folder"],
      [folder, `${folder}/a`, "it is a folder"],
    ];
    for (const [from, to, reason] of cases) {
      const args = ["process-wiki", "--input", from, "--output", to];
      await refuses(args, 1, `error: Cannot read "${from}": ${reason}\n`);
    }
    const args = ["process-wiki", "--input", input, "--output", input];
    await refuses(args, 1, `error: Cannot write into "${input}": `);
    assertEquals(await reads(folder), ["dump.xml.bz2"]);
  }));

Deno.test({
  name: "process-wiki makes the same of one stream and of many " +
    "(needs PTBR_SLM_TEST_DATA)",
  ignore: NO_REAL_DATA,
  async fn() {
    const folder = await Deno.makeTempDir();
    const texts = await Promise.all(
      [
        "enwiki-206pages.xml.bz2",
        "enwiki-gensim206-pages-articles-multistream.xml.bz2",
      ].map(async (name) => {
        const output = `${folder}/${name}`;
        const { result } = await run(
          ["process-wiki", "--input", `${DUMPS}/${name}`],
          ["--output", output, "--json"],
        );
        assertEquals(result.redirects, 100);
        return await Deno.readTextFile(`${output}/wiki_000.txt`);
      }),
    );
    assertEquals(texts[0] === texts[1], true);
    assertEquals(/\{\{|\}\}|\[\[|\]\]|<ref|\{\|/.test(texts[0]), false);
    await Deno.remove(folder, { recursive: true });
  },
});
