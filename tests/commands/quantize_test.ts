/** quantize through real invocations, and the commands on what it writes. */

import {
  assert,
  assertEquals,
  assertLess,
  assertStringIncludes,
} from "@std/assert";
import { writeAdapter } from "../../lib/checkpoint/formats/adapter_file.ts";
import { Checkpoint } from "../../lib/checkpoint/native/mpk_reader.ts";
import { adapterTensors } from "../../lib/model/adapter.ts";
import type { BeforeAndAfter } from "../../lib/stages/quantize.ts";
import { finishedRun } from "./finished_run.ts";
import { refuses, run, succeeds } from "./run_cli.ts";

let folder: string;

Deno.test.beforeAll(async () => {
  ({ folder } = await finishedRun());
});

Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));

/** The options of a quantization of the model that was trained. */
function quantizing(format: string): string[] {
  return ["quantize", "--model", `${folder}/whole`, "--format", format].concat(
    ["--output", `${folder}/${format}`],
  );
}

Deno.test("quantize makes a model that the other commands use", async () => {
  const small = `${folder}/q4`;
  const { result } = await succeeds(
    quantizing("q4"),
    ["--calibrate", `${folder}/text.txt`, "--evaluate", `${folder}/data`],
    ["--evaluate", `${folder}/text.txt`, "--json"],
  );
  const bytes = result.bytes as { before: number; after: number };
  assertLess(bytes.after, bytes.before / 4);
  const found = result.bitsPerByte as { before: number; after: number }[];
  assertEquals(found.length, 2);
  for (const { before, after } of found) {
    assertLess(Math.abs(after / before - 1), 0.1);
  }
  const speed = result.tokensPerSecond as { before: number; after: number };
  assert(speed.before > 0 && speed.after > 0);

  const evaluated = await succeeds(
    ["evaluate", "--model", small, "--data", `${folder}/data`, "--json"],
  );
  assertEquals(evaluated.result.bitsPerByte, found[0].after);
  const writing = ["generate", "--model", small, "--prompt", "No dia"].concat(
    ["--max-tokens", "8", "--seed", "1"],
  );
  const texts = await Promise.all(
    ["1", "2"].map((threads) => run(writing, ["--threads", threads])),
  );
  assertEquals(texts.map(({ code }) => code), [0, 0]);
  assertEquals(texts[0].stdout, texts[1].stdout);
  await succeeds(["test-model", "--model", small]);
  await succeeds(["verify", "--path", small]);
  const exported = await succeeds(
    ["export-model", "--model", small, "--format", "safetensors"],
    ["--output", `${folder}/exported`, "--json"],
  );
  assertEquals(exported.result.dtype, "f32");
});

Deno.test("quantize rounds the weights that an adapter has changed", async () => {
  const adapter = `${folder}/adapter.safetensors`;
  using checkpoint = await Checkpoint.open(`${folder}/whole`);
  const { config, shapes } = checkpoint;
  const shape = { kind: "lora", rank: 1, alpha: 1, targets: ["ffn"] } as const;
  const values = new Map(
    [...adapterTensors(config, shapes, shape)].map(([name, [rows, width]]) => {
      const length = rows * width;
      return [name, Float32Array.from({ length }, (_, i) => Math.sin(i) / 3)];
    }),
  );
  await writeAdapter(adapter, { shape, values }, checkpoint);
  const on = ["--adapter", adapter, "--json"];
  const { result: own } = await succeeds(
    ["evaluate", "--model", `${folder}/whole`, "--data", `${folder}/data`],
    on,
  );
  const { result } = await succeeds(
    [...quantizing("bf16"), "--evaluate", `${folder}/data`],
    ["--calibrate", `${folder}/text.txt`, ...on],
  );
  const [{ before, after }] = result.bitsPerByte as BeforeAndAfter[];
  const { result: without } = await succeeds(
    ["evaluate", "--model", `${folder}/whole`, "--data", `${folder}/data`],
    ["--json"],
  );
  assert(Math.abs(before / (without.bitsPerByte as number) - 1) > 0.02);
  assertEquals(before, own.bitsPerByte);
  assertLess(Math.abs(after / before - 1), 0.01);
});

Deno.test("quantize says what it made, in both languages", async () => {
  const { stdout } = await run(quantizing("q8"));
  assertStringIncludes(stdout, `${folder}/q8/model_final.mpk: q8, `);
  const again = await run(quantizing("q8"), ["--lang", "pt-BR"]);
  assertStringIncludes(again.stdout, "MB de pesos, de ");
});

Deno.test("quantize refuses what it cannot do", async () => {
  await refuses(["quantize", "--model", `${folder}/whole`], 2, "--output");
  await refuses(
    quantizing("q8").map((arg) =>
      arg === `${folder}/q8` ? `${folder}/whole` : arg
    ),
    1,
    "whole",
  );
  await refuses(
    [...quantizing("q8"), "--evaluate", `${folder}/nothing`],
    1,
    `Cannot read "${folder}/nothing"`,
  );
});

Deno.test("quantize writes nothing where a text cannot be predicted", async () => {
  await Deno.writeTextFile(`${folder}/blank.txt`, "\n\n");
  await refuses(
    [...quantizing("q5"), "--evaluate", `${folder}/blank.txt`],
    1,
    "there is no text",
  );
  const isThere = await Deno.stat(`${folder}/q5`).then(() => true, () => false);
  assert(!isThere);
});

Deno.test("quantize counts the bytes of sample text, not its letters", async () => {
  await Deno.writeTextFile(`${folder}/sample.txt`, "á".repeat(100) + " fim");
  const done: number[] = [];
  for (const bytes of ["1", "2"]) {
    const made = await run(
      [...quantizing("f16"), "--calibrate", `${folder}/sample.txt`],
      ["--calibrate-bytes", bytes],
    );
    done.push(made.code);
  }
  // Half a letter is no text.
  assertEquals(done, [1, 0]);
});

Deno.test("quantize rounds a model with its adapter in it", async () => {
  const base = `${folder}/whole`, adapter = `${folder}/tuned`;
  await succeeds(
    ["finetune", "--model", base, "--data", `${folder}/data`],
    ["--output", adapter, "--max-steps", "3", "--learning-rate", "0.05"],
    ["--lora-rank", "2", "--grad-accum", "1"],
  );
  const output = `${folder}/f16-tuned`;
  const { result } = await succeeds(
    ["quantize", "--model", base, "--adapter", adapter, "--format", "f16"],
    ["--output", output, "--evaluate", `${folder}/data`, "--json"],
  );
  const [{ before, after }] = result.bitsPerByte as {
    before: number;
    after: number;
  }[];
  const bitsOf = async (...model: string[]) => {
    const args = ["evaluate", "--data", `${folder}/data`, "--json"];
    return (await succeeds(args, ["--model", ...model])).result.bitsPerByte;
  };
  assertEquals(before, await bitsOf(base, "--adapter", adapter));
  assertEquals(after, await bitsOf(output));
  const without = await bitsOf(base) as number;
  // Rounding to 16 bits changes far less than the adapter did.
  assertLess(Math.abs(after - before), Math.abs(without - before) / 10);
});
