/** evaluate through real invocations. */

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import type { EvaluateDocumentsResult } from "../../lib/stages/evaluate_documents.ts";
import { tokenize } from "../../lib/stages/tokenize.ts";
import { finishedRun } from "./finished_run.ts";
import { refuses, type Run, run, succeeds, TEXT } from "./run_cli.ts";

let folder: string;
let trained: Run;

Deno.test.beforeAll(async () => {
  ({ folder, trained } = await finishedRun());
});

Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));

Deno.test("evaluate says when what it measures is not held out", async () => {
  const input = `${folder}/books/a.txt`, data = `${folder}/all`;
  await Deno.mkdir(`${folder}/books`);
  await Deno.writeTextFile(input, TEXT);
  const tokenizer = `${folder}/whole/tokenizer.json`;
  await tokenize({ input, tokenizer, output: data, valFraction: 0 });
  const args = ["evaluate", "--model", `${folder}/whole`, "--data", data];
  const { stdout } = await run(args);
  assertStringIncludes(stdout, `${data} holds nothing out: this is train.bin`);
  assertEquals((await succeeds(args, ["--json"])).result.part, "train");
  const held = ["evaluate", "--model", `${folder}/whole`];
  const { result } = await succeeds(held, [
    ...["--data", `${folder}/data`, "--json"],
  ]);
  assertEquals(result.part, "val");
});

Deno.test("evaluate gives the run's own validation figure, and one for a text", async () => {
  const { result: run200 } = trained;
  const data = await succeeds(
    ["evaluate", "--model", `${folder}/whole`, "--data", `${folder}/data`],
    ["--json"],
  );
  assertEquals(data.result.bitsPerByte, run200.valBitsPerByte);
  const text = await succeeds(
    ["evaluate", "--model", `${folder}/whole`],
    ["--input", `${folder}/text.txt`, "--json"],
  );
  assertEquals(
    text.result.bytes,
    new TextEncoder().encode(TEXT).filter((byte, i, all) =>
      // Documents are framed, so the line ends around them are not predicted.
      byte !== 10 || (all[i + 1] !== 10 && all[i - 1] !== 10 && all[i + 1])
    ).length,
  );
  await Deno.writeTextFile(
    `${folder}/text.jsonl`,
    TEXT.trimEnd().split("\n\n").map((text) => JSON.stringify({ text }))
      .join("\n"),
  );
  const objects = await run(
    ["evaluate", "--model", `${folder}/whole`],
    ["--input", `${folder}/text.jsonl`, "--json"],
  );
  assertEquals(objects.result.bitsPerByte, text.result.bitsPerByte);
  await Deno.writeTextFile(`${folder}/blank.txt`, " \n");
  const blank = ["--input", `${folder}/blank.txt`];
  const args = ["evaluate", "--model", `${folder}/whole`, ...blank];
  await refuses(args, 1, "error: Cannot evaluate: there is no text\n");
});

Deno.test("evaluate reads whole documents, several models and sources", async () => {
  const works = `${folder}/works`, html = `${folder}/report.html`;
  await Deno.mkdir(works);
  const texts = [TEXT.slice(0, 400), TEXT.slice(400, 1200), TEXT.slice(0, 90)];
  for (const [i, text] of texts.entries()) {
    await Deno.writeTextFile(`${works}/${i}.txt`, text);
  }
  const whole = `${folder}/whole`, early = `${whole}/checkpoint_100.mpk`;
  const args = ["evaluate", "--model", whole, "--model", early];
  const sources = ["--text", works, "--data", `${folder}/data`];
  const rest = ["--baselines", "unigram,zstd,xz", "--html", html];
  const { result: found, stdout } = await succeeds(
    args,
    [...sources, ...rest, "--resamples", "100", "--json"],
  );
  const result = found as unknown as EvaluateDocumentsResult;
  const [first, second, unigram, zstd] = result.entries;
  assertEquals([first.label, second.label], ["whole", "checkpoint_100.mpk"]);
  const [{ bitsPerByte, interval }] = result.differences;
  assertAlmostEquals(bitsPerByte, second.bitsPerByte - first.bitsPerByte);
  assert(interval![0] <= bitsPerByte && bitsPerByte <= interval![1]);
  assertEquals([unigram.name, zstd.name], ["unigram", "zstd"]);
  assertEquals(result.absent, [{ name: "xz", reason: "not-permitted" }]);
  assertEquals(result.sources.map(({ name }) => name), [
    works,
    `${folder}/data`,
  ]);
  assertEquals(result.sources[1].part, "val");
  assertEquals(
    result.documents.slice(0, 3).map(
      ({ name }) => name,
    ),
    ["0.txt", "1.txt", "2.txt"],
  );
  assertEquals(
    result.documents[0].bytes,
    new TextEncoder().encode(texts[0].trimEnd()).length,
  );
  assertStringIncludes(stdout, "by source\n");
  assertStringIncludes(await Deno.readTextFile(html), "checkpoint_100.mpk");

  // Written over is a report, and nothing else.
  const again = ["evaluate", "--model", whole, "--text", `${works}/2.txt`];
  await succeeds(again, ["--html", html]);
  const others = `${works}/0.txt`;
  await refuses(
    [...again, "--html", others],
    1,
    `error: Cannot write "${others}": it is no report of evaluate; give another --html\n`,
  );
  await refuses(
    [...again, "--html", works],
    1,
    `error: Cannot write "${works}": it is a folder\n`,
  );
  const about = `${folder}/about.txt`;
  await Deno.writeTextFile(about, "<!-- ptbr-slm evaluation report --> é.\n");
  await refuses([...again, "--html", about], 1, "it is no report of evaluate");
});

Deno.test("evaluate forgets where it is told, as windows do", async () => {
  const input = `${folder}/one.txt`, whole = `${folder}/whole`;
  await Deno.writeTextFile(input, TEXT.slice(0, 700).replaceAll(/\n+/g, " "));
  const window = ["--seq-len", "16"];
  const old = await succeeds(
    ["evaluate", "--model", whole, "--input", input, "--json"],
    window,
  );
  const args = ["evaluate", "--model", whole, "--text", input, "--json"];
  const entryOf = async (...more: string[][]) => {
    const { result } = await succeeds(args, ...more);
    return (result as unknown as EvaluateDocumentsResult).entries[0];
  };
  const { loss = 0, tokens = 0 } = await entryOf(window);
  // The windows leave out what does not fill one.
  assert(tokens - Number(old.result.tokens) < 16);
  assert(Math.abs(loss - Number(old.result.loss)) < 0.1);
  assertNotEquals((await entryOf()).loss, loss);
});

Deno.test("evaluate says which options go together", async () => {
  const model = ["evaluate", "--model", `${folder}/whole`];
  await refuses(
    model,
    2,
    "error: evaluate needs --text, or one of --data and --input\n",
  );
  await refuses(
    [...model, "--input", "a.txt", "--html", "a.html"],
    2,
    "error: --input is read by windows: give --text for several models, --baselines or --html\n",
  );
  await refuses(
    [...model, "--text", "a.txt", "--learn-from", "b.txt"],
    2,
    "error: --learn-from needs --baselines\n",
  );
  await refuses(
    [...model, "--text", "a.txt", "--baselines", "gzip"],
    2,
    'error: --baselines takes all or some of unigram, zstd, xz, ppmd, not "gzip"\n',
  );
});
