/** finetune through real invocations. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { finishedRun } from "./finished_run.ts";
import { refuses, succeeds } from "./run_cli.ts";

let folder: string;

Deno.test.beforeAll(async () => {
  ({ folder } = await finishedRun());
  await Deno.writeTextFile(
    `${folder}/lei.txt`,
    Array.from({ length: 9 }, (_, i) => `Art. ${i}. A lei dispõe sobre ${i}.`)
      .join("\n\n"),
  );
});

Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));

const SHORT = [
  ...["--documents", "blank-lines", "--val-fraction", "0.3", "--max-steps"],
  ...["6", "--grad-accum", "1", "--lora-rank", "2", "--threads", "1"],
];

Deno.test("finetune makes an adapter, says what it changed, and is repeated by its config", async () => {
  const model = `${folder}/whole`;
  const { result, stdout } = await succeeds(
    ["finetune", "--model", model, "--data", `${folder}/lei.txt`],
    ["--output", `${folder}/tuned`, "--mix", `${folder}/data`, ...SHORT],
    ["--json"],
  );
  // What is trained stands beside what is not.
  assertMatch(stdout, /^rwkv4, [\d,]+ parameters, [\d,]+ trained, /m);
  const adapter = `${folder}/tuned/adapter.safetensors`;
  assertEquals(result.checkpoint, adapter);
  assertEquals(result.method, "lora");
  assertMatch(
    stdout,
    /^New text: \d+\.\d+ to \d+\.\d+ bits per byte \([+-]?\d/m,
  );
  assertMatch(stdout, /^Old text: /m);

  await succeeds(
    ["finetune", "--config", `${folder}/tuned/config.toml`],
    ["--output", `${folder}/again`, "--json", "--allow-outside"],
  );
  assertEquals(
    await Deno.readFile(`${folder}/again/adapter.safetensors`),
    await Deno.readFile(adapter),
  );

  const texts = await Promise.all(
    [[], ["--adapter", `${folder}/tuned`]].map((more) =>
      succeeds(
        ["generate", "--model", model, "--prompt", "Art.", "--json", ...more],
        ["--temperature", "0", "--max-tokens", "20", "--threads", "1"],
      )
    ),
  );
  for (const { result } of texts) assert(result.tokens as number > 0);
});

Deno.test("finetune says what its documents are, and that none is held out", async () => {
  const { stderr } = await succeeds(
    ["finetune", "--model", `${folder}/whole`, "--data", `${folder}/lei.txt`],
    ["--output", `${folder}/one`, "--mix", `${folder}/data`],
    ["--max-steps", "1", "--lora-rank", "2", "--threads", "1"],
  );
  assertMatch(stderr, /^documents: a file each /m);
  assertMatch(stderr, /^Nothing of the new text is held out, /m);
});

Deno.test("finetune refuses what makes no sense", async () => {
  const needed = ["finetune", "--model", `${folder}/whole`];
  await refuses(needed, 2, /--data/);
  const all = [...needed, "--data", `${folder}/lei.txt`];
  await refuses([...all, "--method", "half"], 2, /one of full, lora, state/);
  await refuses([...all, "--mix-share", "2"], 2, /mix-share/);
  await refuses(
    [...all, "--method", "state", "--output", `${folder}/none`],
    1,
    /only RWKV-6 and RWKV-7/,
  );
  await refuses(
    [...all, "--output", `${folder}/whole`],
    1,
    /use resume, or another --output/,
  );
});
