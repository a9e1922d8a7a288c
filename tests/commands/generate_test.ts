/** generate and test-model through real invocations. */

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { generate } from "../../lib/commands/generate.ts";
import { UsageError } from "../../lib/commands/shared/options.ts";
import { parseOptions } from "../../lib/commands/shared/parse_options.ts";
import { finishedRun } from "./finished_run.ts";
import { refuses, run, runWith, succeeds, TEXT } from "./run_cli.ts";

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
      ["temperature", "9", "--temperature must be from 0 to 2, not 9"],
    ]
  ) {
    await refuses([...args, `--${flag}`, value], 2, reason);
  }
});

Deno.test("generate ends at a text and tells how likely its tokens were", async () => {
  const args = [
    ...["generate", "--model", `${folder}/whole`, "--prompt", "No dia"],
    ...["--max-tokens", "40", "--json", "--temperature", "0"],
  ];
  const { result: { text } } = await succeeds(args) as unknown as {
    result: { text: string };
  };
  const stop = text.slice(5, 9);
  const { result } = await succeeds(args, ["--logprobs", "2"], [
    ...["--stop", "nowhere", "--stop", stop.replaceAll("\n", "\\n")],
  ]);
  assertEquals(result.text, text.slice(0, text.indexOf(stop)));
  const told = result.logprobs as {
    text: string;
    logprob: number;
    likeliest: { id: number; logprob: number }[];
  }[];
  assertEquals(told.length, result.tokens);
  assert(
    told.map(({ text }) => text).join("").startsWith(`${result.text}${stop}`),
  );
  for (const { logprob, likeliest: [first, second] } of told) {
    assert(logprob < 0 && first.logprob > second.logprob);
  }
});

Deno.test("generate obeys penalties and biases", async () => {
  const args = [
    ...["generate", "--model", `${folder}/whole`, "--prompt", "No dia"],
    ...["--max-tokens", "8", "--json", "--temperature", "0"],
  ];
  // Bytes are the ids from 5 on.
  const biased = ["--logit-bias", "70=100,71=-100", "--logit-bias=72=1"];
  const { result } = await succeeds(args, biased);
  assertEquals(result.text, "A".repeat(8));
  const { result: other } = await succeeds(
    args,
    ["--presence-penalty", "100", "--logprobs", "0"],
  );
  const ids = (other.logprobs as { id: number }[]).map(({ id }) => id);
  assertEquals(new Set(ids).size, 8);
});

Deno.test("generate writes the prompts of a file as each alone", async () => {
  const model = ["--model", `${folder}/whole`, "--max-tokens", "12"];
  const prompts = ["No dia", "a cidade", "Ninguém sabia", "o homem", "No"];
  await Deno.writeTextFile(`${folder}/p.txt`, prompts.join("\r\n\n"));
  await Deno.writeTextFile(
    `${folder}/p.jsonl`,
    prompts.map((prompt) => `${JSON.stringify({ prompt })}\n`).join(""),
  );
  const [lines, objects] = await Promise.all(
    ["p.txt", "p.jsonl"].map((name) =>
      succeeds(["generate", "--prompts", `${folder}/${name}`, "--json"], model)
    ),
  );
  const written = lines.stdout.trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  assertEquals(written.pop().texts, 5);
  assertEquals(written.map(({ prompt }) => prompt), prompts);
  assertEquals(
    objects.stdout.split("\n").slice(0, 5),
    lines.stdout.split("\n").slice(0, 5),
  );
  for (const at of [0, 4]) {
    const alone = await succeeds(["generate", "--json"], [
      ...[...model, "--prompt", prompts[at]],
    ]);
    assertEquals(alone.result.text, written[at].text);
  }
  const shown = await succeeds(
    ["generate", "--prompts", `${folder}/p.txt`, "--count", "2"],
    model,
  );
  assert(shown.stdout.includes(`[5] No${written[4].text}\n`));
});

Deno.test("generate reads a long prompt once and goes on from a file", async () => {
  const model = ["generate", "--model", `${folder}/whole`];
  const state = `${folder}/state.bin`;
  const penalty = ["--frequency-penalty", "0.5", "--max-tokens", "10"];
  const whole = await succeeds(model, penalty, ["--prompt", TEXT, "--json"]);
  const { stderr } = await succeeds(model, [
    ...["--prompt", TEXT, "--max-tokens", "0", "--save-state", state],
  ]);
  assertStringIncludes(stderr, `State saved as ${state}; `);
  const load = ["--load-state", state, "--json"];
  const { result } = await succeeds(model, penalty, load);
  assertEquals(result.text, whole.result.text);
  const several = await succeeds(model, penalty, load, ["--count", "2"]);
  assertEquals((several.result.texts as string[])[0], whole.result.text);

  // In two parts, with what was written kept.
  const part = ["--max-tokens", "5", "--save-state", state, "--temperature"];
  const first = await succeeds(model, load, [...part, "0"]);
  const second = await succeeds(model, load, [...part, "0"]);
  const both = await succeeds(model, [
    ...["--prompt", TEXT, "--max-tokens", "10", "--temperature", "0", "--json"],
  ]);
  assertEquals(
    `${first.result.text}${second.result.text}`,
    both.result.text,
  );
});

Deno.test("generate refuses what cannot be had together, and other files", async () => {
  const model = ["generate", "--model", `${folder}/whole`];
  const text = `${folder}/text.txt`;
  await Deno.writeTextFile(`${folder}/bad.jsonl`, '{"prompt": "a"}\n{"a": 1}');
  await Deno.writeFile(`${folder}/latin.txt`, Uint8Array.of(0x61, 0xe7, 0x0a));
  for (
    const [args, code, reason] of [
      [["--prompt", "a", "--prompts", "b"], 2, "--prompt or --prompts"],
      [["--logit-bias", "60000=1"], 1, "Cannot bias token 60000"],
      [["--load-state", text], 1, "as a saved state: it is text"],
      // Nothing of the text is shown before.
      [["--prompt", "O", "--logit-bias", "60000=1"], 1, "Cannot bias token"],
      [["--prompt", "O", "--load-state", text], 1, "it is text"],
      [["--save-state", text], 1, "give another --save-state"],
      [["--prompts", `${folder}/bad.jsonl`], 1, 'line 2 is no object with a "'],
      [["--prompts", `${folder}/latin.txt`], 1, "it is not UTF-8 text"],
    ] as const
  ) {
    await refuses([...model, ...args], code, reason);
  }
});

Deno.test("generate reads lists of texts and of biases", async () => {
  const parse = (...args: string[]) =>
    parseOptions(generate, ["--model", "m", ...args]);
  const values = await parse(
    ...["--stop", "a,b", "--stop=\\n\\\\n", "--logit-bias", "1=-2.5, 7=+3"],
  );
  assertEquals(values.stop, ["a,b", "\n\\n"]);
  assertEquals(values["logit-bias"], [[1, -2.5], [7, 3]]);
  assertEquals((await parse()).stop, []);
  for (
    const [args, reason] of [
      [["--stop", ""], "--stop needs a value"],
      [["--logit-bias", "1:2"], "--logit-bias takes ids"],
      [["--logit-bias", "1=1.2.3"], "--logit-bias takes ids"],
      [["--seed", "1", "--seed", "2"], "--seed is given 2 times"],
    ] as const
  ) await assertRejects(() => parse(...args), UsageError, reason);
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
