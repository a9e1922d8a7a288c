/** generate and test-model through real invocations. */

import { assert, assertEquals } from "@std/assert";
import { finishedRun } from "./finished_run.ts";
import { refuses, run, runWith, succeeds } from "./run_cli.ts";

let folder: string;

Deno.test.beforeAll(async () => {
  ({ folder } = await finishedRun());
});

Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));

Deno.test("generate writes the same text for the same seed, whole and streamed", async () => {
  const args = [
    ...["generate", "--model", `${folder}/whole`, "--prompt", "No dia"],
    ...["--max-tokens", "20", "--seed", "3"],
  ];
  const first = await succeeds(args, ["--json"]);
  const second = await run(args, ["--json", "--threads", "1"]);
  assertEquals(second.result.text, first.result.text);
  assertEquals(first.result.tokens, 20);
  const shown = await run(args);
  assertEquals(shown.stdout, `No dia${first.result.text}\n`);
  const other = await run(args, ["--json", "--temperature", "2"]);
  assert(other.result.text !== first.result.text);
});

Deno.test("generate and test-model take a prompt that is piped in", async () => {
  const bytes = new TextEncoder().encode("No dia à noite\n");
  for (const command of ["generate", "test-model"]) {
    const args = [command, "--model", `${folder}/whole`, "--json"];
    const { code, result, stderr } = await runWith(bytes, [
      ...[...args, "--prompt", "-"],
    ]);
    assertEquals(code, 0, stderr);
    const given = await succeeds([...args, "--prompt", "No dia à noite"]);
    assertEquals(result.text, given.result.text);
    assertEquals(result.results, given.result.results);
  }
  const refused = ["generate", "--model", `${folder}/whole`, "--prompt", "-"];
  for (
    const [bytes, reason] of [
      [Uint8Array.of(0x4f, 0xe9, 0x0a), "it is not UTF-8 text"],
      [new Uint8Array(2 ** 20 + 1).fill(65), "it is longer than 1048576 bytes"],
    ] as const
  ) {
    const { code, stderr } = await runWith(bytes, refused);
    assertEquals(
      [code, stderr],
      [1, `error: Cannot read the prompt: ${reason}\n`],
    );
  }
});

Deno.test("generate refuses to choose in ways that make no sense", async () => {
  const args = ["generate", "--model", `${folder}/whole`];
  for (
    const [flag, value, reason] of [
      ["top-p", "0", "--top-p must be from 0.0001 to 1, not 0"],
      ["top-p", "1.5", "--top-p must be from 0.0001 to 1, not 1.5"],
      ["top-k", "0", "--top-k must be at least 1, not 0"],
      ["temperature", "101", "--temperature must be from 0 to 100, not 101"],
    ]
  ) {
    await refuses([...args, `--${flag}`, value], 2, reason);
  }
});

Deno.test("test-model lists the likeliest next tokens", async () => {
  const { result } = await succeeds(
    ["test-model", "--model", `${folder}/whole/model_final.mpk`],
    ["--tokenizer", `${folder}/tokenizer.json`, "--prompt", "No", "--json"],
  );
  const [{ next }] = result.results as {
    next: { token: string; probability: number }[];
  }[];
  assertEquals(next.length, 5);
  assertEquals(next[0].token, " dia");
  assert(next[0].probability > 0.5 && next[0].probability <= 1);
});
