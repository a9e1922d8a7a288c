/** evaluate through real invocations. */

import { assertEquals, assertStringIncludes } from "@std/assert";
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
