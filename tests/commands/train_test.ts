/** train through real invocations. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { Checkpoint } from "../../lib/checkpoint/native/mpk_reader.ts";
import { isThere } from "../stages/small_training.ts";
import { assertSame, finishedRun, RECIPE, SAVE } from "./finished_run.ts";
import { reads, refuses, type Run, run, start, succeeds } from "./run_cli.ts";

let folder: string;
let trained: Run;

Deno.test.beforeAll(async () => {
  ({ folder, trained } = await finishedRun());
});

Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));

Deno.test("train makes a model, checkpoints and a log", async () => {
  const { result, stdout } = trained;
  assertEquals(result.steps, 200);
  assertEquals(result.tokens, 200 * 2 * 2 * 16);
  assertEquals(result.complete, true);
  assertEquals(result.checkpoint, `${folder}/whole/model_final.mpk`);
  assert((result.loss as number) < 3, `loss ${result.loss}`);
  assert((result.valBitsPerByte as number) > 0);
  assert((result.tokensPerSecond as number) > 0);
  assertStringIncludes(stdout, "bits per byte");
  const files = await reads(`${folder}/whole`);
  assertEquals(files.filter((name) => !name.includes("tfevents")), [
    "checkpoint_100.mpk",
    "checkpoint_200.mpk",
    "config.toml",
    "metrics.jsonl",
    "model.toml",
    "model_final.mpk",
    "run.json",
    "samples.jsonl",
    "tokenizer.json",
  ]);
  assertEquals(files.length, 10);
  const log = (await Deno.readTextFile(`${folder}/whole/metrics.jsonl`))
    .trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(log.map(({ step }) => step).at(-1), 200);
  assertEquals(log.length, 20);
  assert(log[0].loss > log[19].loss);
  assertEquals(log[19].valBitsPerByte, result.valBitsPerByte);
});

Deno.test("train mixes datasets by weight, and resume goes on with them", async () => {
  const data = `${folder}/data=3,${folder}/data/val.bin=1`;
  const args = ["--data", data, "--tokenizer", `${folder}/tokenizer.json`];
  const model = ["--model-config", `${folder}/model.toml`, ...RECIPE];
  await succeeds(
    ["train", ...args, "--output", `${folder}/mixed`, "--max-steps", "20"],
    [...model, "--save-every", "10", "--json"],
  );
  await succeeds(
    ["resume", ...args, "--output", `${folder}/mixed_again`],
    ["--checkpoint", `${folder}/mixed/checkpoint_10.mpk`],
  );
  await assertSame(`${folder}/mixed_again`, `${folder}/mixed`);
  await refuses(["train", "--data", `${folder}/data=-1`], 2, "FOLDER=WEIGHT");
});

Deno.test("train begins with another model's weights and says how they do", async () => {
  const { stdout } = await succeeds(
    ["train", "--data", `${folder}/data`, "--output", `${folder}/tuned`],
    ["--init-from", `${folder}/whole/model_final.mpk`, "--max-steps", "5"],
    ["--grad-accum", "1", "--eval-windows", "all"],
  );
  const { result } = await succeeds(
    ["evaluate", "--model", `${folder}/whole/model_final.mpk`],
    ["--data", `${folder}/data`, "--json"],
  );
  const bits = (result.bitsPerByte as number).toFixed(3);
  assertStringIncludes(stdout, `, ${bits} bits per byte\nstep 5: validation`);
});

Deno.test("train saves and stops when interrupted, and resume completes it", async () => {
  const output = `${folder}/stopped`;
  const child = start(
    ["train", "--data", `${folder}/data`, "--output", output, "--json"],
    ["--model-config", `${folder}/model.toml`, "--max-steps", "100000"],
    [...RECIPE, ...SAVE],
  );
  await isThere(`${output}/checkpoint_100.mpk`);
  const interrupted = Date.now();
  child.kill("SIGINT");
  const { code, stdout } = await child.output();
  assert(Date.now() - interrupted < 5000, "took longer than 5 s");
  assertEquals(code, 130);
  const text = new TextDecoder().decode(stdout);
  const result = JSON.parse(text.trimEnd().split("\n").at(-1)!);
  assertEquals(result.complete, false);
  assertEquals(result.checkpoint, `${output}/checkpoint_${result.steps}.mpk`);
  assertStringIncludes(text, "continue with: deno task resume");

  const resumed = await run(
    ["resume", "--checkpoint", output, "--data", `${folder}/data`],
    ["--output", output, "--additional-steps", "1", "--json"],
  );
  assertEquals(resumed.result.steps, (result.steps as number) + 1);
});

Deno.test("train ends with a word when its dataset is cut short", async () => {
  const data = `${folder}/data_cut`, output = `${folder}/cut_short`;
  await Deno.mkdir(data);
  for (const name of ["train.bin", "tokenizer.json"]) {
    await Deno.copyFile(`${folder}/data/${name}`, `${data}/${name}`);
  }
  const child = start(
    ["train", "--data", data, "--output", output, "--max-steps", "100000"],
    ["--model-config", `${folder}/model.toml`, ...RECIPE],
  );
  await isThere(`${output}/metrics.jsonl`);
  await Deno.truncate(`${data}/train.bin`, 0);
  const { code, signal, stderr } = await child.output();
  assertEquals([code, signal], [1, null]);
  assertMatch(
    new TextDecoder().decode(stderr),
    /^error: Cannot read dataset "[^"]+train\.bin": it became shorter while/m,
  );
});

Deno.test({
  name: "train says when a file grows beyond what the system allows",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const output = `${folder}/too_large`;
    const child = start(
      ["train", "--data", `${folder}/data`, "--output", output],
      ["--model-config", `${folder}/model.toml`, ...RECIPE],
      ["--max-steps", "100000", "--save-every", "50"],
    );
    await isThere(`${output}/metrics.jsonl`);
    const RLIMIT_FSIZE = 1, limit = BigUint64Array.of(4096n, 4096n);
    const libc = Deno.dlopen("libc.so.6", {
      prlimit: {
        parameters: ["i32", "i32", "buffer", "pointer"],
        result: "i32",
      },
    });
    const failed = libc.symbols.prlimit(child.pid, RLIMIT_FSIZE, limit, null);
    libc.close();
    assertEquals(failed, 0);
    const { code, signal, stderr } = await child.output();
    assertEquals([code, signal], [1, null]);
    assertMatch(
      new TextDecoder().decode(stderr),
      /^error: Cannot write "[^"]+": the file is larger than the system allows/m,
    );
    const names = await reads(output);
    assertEquals(names.filter((name) => name.endsWith(".tmp")), []);
  },
});

Deno.test("train says what would not take days", async () => {
  const output = `${folder}/long`;
  const child = start(
    ["train", "--data", `${folder}/data`, "--output", output, ...RECIPE],
    ["--model-config", `${folder}/model.toml`, "--max-steps", "900000000"],
    ["--save-every", "20"],
  );
  await isThere(`${output}/checkpoint_20.mpk`);
  child.kill("SIGINT");
  const { code, stderr } = await child.output();
  assertEquals(code, 130);
  const text = new TextDecoder().decode(stderr);
  assertMatch(
    text,
    /^A long run: 899,999,\d{3} steps of 64 tokens, 57,600 million in all, take \d+d\d\dh at \d+ tokens\/s\.$/m,
  );
  assertMatch(
    text,
    /^Within a day: --hours 24\. In half an hour: --hours 0\.5\.$/m,
  );
});

Deno.test("train clips gradients to --max-grad-norm", async () => {
  await succeeds(
    ["train", "--data", `${folder}/data`, "--output", `${folder}/clipped`],
    ["--model-config", `${folder}/model.toml`, "--max-steps", "1"],
    ["--grad-accum", "1", "--max-grad-norm", "0.5", "--threads", "1"],
  );
  using checkpoint = await Checkpoint.open(`${folder}/clipped`);
  assertEquals(checkpoint.train?.training.clipNorm, 0.5);
});

Deno.test("train and resume --dry-run say what a run takes, and write nothing", async () => {
  const data = `${folder}/data`, output = `${folder}/planned`;
  const modelConfig = `${folder}/smaller.toml`;
  await Deno.writeTextFile(
    modelConfig,
    "d_model = 32\nn_layers = 1\nd_ffn = 32\nmax_seq_len = 8\n",
  );
  const train = ["train", "--data", data, "--output", output, "--threads=1"]
    .concat("--model-config", modelConfig, "--max-steps", "50")
    .concat("--batch-size=2", "--grad-accum=16")
    .concat("--save-every", "20", "--json");
  const before = await reads(folder);
  const { stdout, result } = await succeeds(train, ["--dry-run"]);
  assertEquals(await reads(folder), before);
  assertMatch(stdout, /\nmemory: 0\.1\d GB, [\d.]+ GB are free\n/);
  assertMatch(stdout, /\nsteps: 50 of 256 tokens, 12,800 in all, [\d.]+ ep/);
  assertMatch(stdout, /\ntime: \S+ at \d+ tokens\/s\nNothing was written\n/);
  assertEquals(
    [result.steps, result.tokens, result.checkpoints, result.recompute],
    [50, 12_800, 3, false],
  );

  const few = await succeeds(train, ["--dry-run", "--keep-last", "1"]);
  const reckoned = result.checkpointBytes as number;
  assertEquals(
    [few.result.checkpoints, few.result.diskBytes],
    [2, result.diskBytes as number - reckoned],
  );

  const { stderr } = await succeeds(train);
  assertMatch(stderr, /^About 0\.1\d GB of memory and 0\.00 GB of disk for/m);
  const { size } = await Deno.stat(`${output}/checkpoint_20.mpk`);
  assert(size > reckoned && size < reckoned + 20_000, `${size} ${reckoned}`);

  const made = await reads(output);
  const resumed = await succeeds(
    ["resume", "--checkpoint", `${output}/checkpoint_20.mpk`, "--data", data],
    ["--output", `${folder}/unplanned`, "--dry-run", "--json"],
  );
  assertEquals([resumed.result.steps, resumed.result.checkpoints], [30, 2]);
  assertEquals(await reads(output), made);

  await refuses(
    ["train", "--data", data, "--output", `${folder}/unplanned`, "--dry-run"]
      .concat("--batch-size=65536", "--seq-len=4096"),
    1,
    /GB and .*; try --batch-size \d+ --seq-len 4096\n$/,
  );
});

const MISUSES: [string, string[], RegExp][] = [
  ["an unknown size", ["--model-size", "huge"], /one of micro, mini, 85m/],
  ["an unknown flag", ["--model-sise", "micro"], /did you mean --model-size/],
  ["a word for a number", ["--max-steps", "many"], /takes a whole number/],
  ["a flag without a value", ["--max-steps"], /needs a value/],
];

for (const [what, args, message] of MISUSES) {
  Deno.test(`train refuses ${what} with exit code 2`, async () => {
    await refuses(["train", "--data", "x", ...args], 2, message);
  });
}
