/**
 * train, resume, evaluate, generate and test-model through real invocations.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import {
  reads,
  refuses,
  type Run,
  run,
  runWith,
  start,
  succeeds,
  TEXT,
} from "../run_cli.ts";

const MODEL = `d_model = 32\nn_layers = 2\nd_ffn = 64\nmax_seq_len = 16\n`;
const RECIPE = [
  ...["--batch-size", "2", "--grad-accum", "2", "--learning-rate", "1e-2"],
  ...["--warmup-steps", "5", "--eval-every", "100"],
];
const SAVE = ["--save-every", "100"];

/** Holds text, tokenizer, dataset and model description. */
let folder: string;
/** A finished run of 200 steps. */
let trained: Run;

Deno.test.beforeAll(async () => {
  folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/text.txt`, TEXT);
  await Deno.writeTextFile(`${folder}/model.toml`, MODEL);
  const steps = [
    ["train-tokenizer", "--corpus", `${folder}/text.txt`]
      .concat("--output", `${folder}/tokenizer.json`, "--vocab-size", "400"),
    ["tokenize", "--input", `${folder}/text.txt`]
      .concat("--output", `${folder}/data`, "--val-fraction", "0.1")
      .concat("--tokenizer", `${folder}/tokenizer.json`),
  ];
  for (const args of steps) {
    await succeeds(args);
  }
  trained = await train("whole", "--max-steps", "200", "--threads", "1");
});

/** Trains the small model into a folder of the fixture. */
function train(name: string, ...args: string[]): Promise<Run> {
  return run(
    ["train", "--data", `${folder}/data`, "--output", `${folder}/${name}`],
    ["--model-config", `${folder}/model.toml`, "--json", ...RECIPE, ...SAVE],
    args,
  );
}

/** Waits for a file to be there. */
async function appears(path: string): Promise<void> {
  const start = Date.now();
  while (!await Deno.stat(path).then(() => true, () => false)) {
    assert(Date.now() - start < 30_000, `${path} did not appear in 30 s`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** That a file of one folder is the same in another, to the byte. */
async function assertSame(
  one: string,
  other: string,
  file = "model_final.mpk",
): Promise<void> {
  const [a, b] = await Promise.all(
    [one, other].map((name) => Deno.readFile(`${folder}/${name}/${file}`)),
  );
  assert(a.length === b.length && a.every((byte, i) => byte === b[i]), file);
}

Deno.test("train makes a model, checkpoints and a log", async () => {
  const { code, result, stdout, stderr } = trained;
  assertEquals(code, 0, stderr);
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

Deno.test("resume ends in the very files of a run that never stopped", async () => {
  await Deno.mkdir(`${folder}/again`);
  await Deno.copyFile(
    `${folder}/whole/checkpoint_100.mpk`,
    `${folder}/again/checkpoint_100.mpk`,
  );
  // The lines after step 100 are of a run that is not continued.
  await Deno.copyFile(
    `${folder}/whole/metrics.jsonl`,
    `${folder}/again/metrics.jsonl`,
  );
  const { result } = await succeeds(
    ["resume", "--checkpoint", `${folder}/again`, "--data", `${folder}/data`],
    ["--output", `${folder}/again`, "--threads", "2", "--json"],
  );
  assertEquals(result.steps, 200);
  for (const file of ["checkpoint_200.mpk", "model_final.mpk"]) {
    await assertSame("again", "whole", file);
  }
  const stepsOf = async (name: string) =>
    (await Deno.readTextFile(`${folder}/${name}/metrics.jsonl`))
      .trimEnd().split("\n").map((line) => JSON.parse(line).step);
  assertEquals(await stepsOf("again"), await stepsOf("whole"));
});

Deno.test("resume --additional-steps goes beyond the run's end", async () => {
  const { result } = await succeeds(
    ["resume", "--checkpoint", `${folder}/whole/checkpoint_200.bin`],
    ["--data", `${folder}/data`, "--output", `${folder}/more`],
    ["--additional-steps", "3", "--json"],
  );
  assertEquals(result.steps, 203);
});

Deno.test("rwkv7 is trained, continued, measured and written with", async () => {
  const toml = `${folder}/rwkv7.toml`;
  await Deno.writeTextFile(
    toml,
    `architecture = "rwkv7"\nhead_size = 16\n${MODEL}`,
  );
  const output = `${folder}/rwkv7`;
  const whole = await succeeds(
    ["train", "--data", `${folder}/data`, "--output", output],
    ["--model-config", toml, "--max-steps", "60", "--save-every", "30"],
    [...RECIPE, "--json"],
  );
  assertStringIncludes(whole.stdout, "rwkv7, ");
  assert((whole.result.loss as number) < 4, `loss ${whole.result.loss}`);
  await succeeds(
    ["resume", "--checkpoint", `${output}/checkpoint_30.mpk`],
    ["--data", `${folder}/data`, "--output", `${output}_again`],
  );
  await assertSame("rwkv7_again", "rwkv7");
  const measured = await run(
    ["evaluate", "--model", output, "--data", `${folder}/data`, "--json"],
  );
  assertEquals(measured.result.bitsPerByte, whole.result.valBitsPerByte);
  const written = await succeeds(
    ["generate", "--model", output, "--prompt", "No dia", "--json"],
    ["--max-tokens", "12", "--temperature", "0"],
  );
  assertEquals(written.result.tokens, 12);
  await succeeds(["test-model", "--model", output]);
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
  await assertSame("mixed_again", "mixed");
  await refuses(["train", "--data", `${folder}/data=-1`], 2, "FOLDER=WEIGHT");
});

const adapter = await navigator.gpu?.requestAdapter();

Deno.test({
  name:
    "a run goes on, and a model writes, on WebGPU as on the CPU (needs an adapter)",
  ignore: !adapter,
  fn: async () => {
    const resumed = await Promise.all(["cpu", "webgpu"].map((backend) =>
      run(
        ["resume", "--checkpoint", `${folder}/whole/checkpoint_100.mpk`],
        ["--data", `${folder}/data`, "--output", `${folder}/on_${backend}`],
        ["--additional-steps", "10", "--backend", backend, "--json"],
      )
    ));
    for (const { code, stderr } of resumed) assertEquals(code, 0, stderr);
    const [onCpu, onGpu] = resumed.map(({ result }) => result.loss as number);
    assert(Math.abs(onCpu - onGpu) < 1e-3, `${onCpu} and ${onGpu}`);
    const [cpu, gpu] = await Promise.all(["cpu", "webgpu"].map((backend) =>
      run(
        ["generate", "--model", `${folder}/whole`, "--prompt", "No dia"],
        ["--max-tokens", "20", "--temperature", "0", "--backend", backend],
        ["--json"],
      )
    ));
    assertEquals(gpu.result.text, cpu.result.text);
    assertStringIncludes(gpu.result.backend as string, "webgpu");
  },
});

Deno.test("train saves and stops when interrupted, and resume completes it", async () => {
  const output = `${folder}/stopped`;
  const child = start(
    ["train", "--data", `${folder}/data`, "--output", output, "--json"],
    ["--model-config", `${folder}/model.toml`, "--max-steps", "100000"],
    [...RECIPE, ...SAVE],
  );
  await appears(`${output}/checkpoint_100.mpk`);
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
  await appears(`${output}/metrics.jsonl`);
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
    await appears(`${output}/metrics.jsonl`);
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

Deno.test("train leaves whole files behind when it is killed at any moment", async () => {
  for (const delay of [0, 70]) {
    const output = `${folder}/killed_${delay}`;
    const child = start(
      ["train", "--data", `${folder}/data`, "--output", output],
      ["--model-config", `${folder}/model.toml`, "--max-steps", "200"],
      [...RECIPE, "--save-every", "10"],
    );
    await appears(`${output}/checkpoint_10.mpk`);
    await new Promise((resolve) => setTimeout(resolve, delay));
    child.kill("SIGKILL");
    await child.output();
    const { result } = await succeeds(
      ["resume", "--checkpoint", output, "--data", `${folder}/data`],
      ["--output", output, "--json"],
    );
    assertEquals(result.steps, 200);
    await assertSame(`killed_${delay}`, "whole");
  }
});

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

Deno.test("train says what would not take days", async () => {
  const output = `${folder}/long`;
  const child = start(
    ["train", "--data", `${folder}/data`, "--output", output, ...RECIPE],
    ["--model-config", `${folder}/model.toml`, "--max-steps", "900000000"],
    ["--save-every", "20"],
  );
  await appears(`${output}/checkpoint_20.mpk`);
  child.kill("SIGINT");
  const { code, stderr } = await child.output();
  assertEquals(code, 130);
  const text = new TextDecoder().decode(stderr);
  assertMatch(
    text,
    /^A long run: 899,999,\d{3} steps of 64 tokens, 57,600 million in all, take \d+h\d\dm at \d+ tokens\/s\.$/m,
  );
  assertMatch(
    text,
    /^Within a day: --max-steps \d+000\. In \d+m\d\ds: --grad-accum 1 --learning-rate 1\.2e-3 --warmup-steps 100 --max-steps \d+000\.$/m,
  );
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

function trainOn(data: string, tokenizer: string): string[] {
  return [
    ...["train", "--data", `${folder}/${data}`],
    ...["--tokenizer", `${folder}/${tokenizer}`],
  ];
}

const FAULTS: [string, () => string[], RegExp][] = [
  [
    "a missing dataset",
    () => ["train", "--data", `${folder}/nothing`],
    /Cannot read .*nothing.*no such file/,
  ],
  [
    "a token file of odd length",
    () => trainOn("odd.bin", "tokenizer.json"),
    /its length is odd/,
  ],
  [
    "an empty token file",
    () => trainOn("empty.bin", "tokenizer.json"),
    /it is empty/,
  ],
  [
    "tokens beyond the vocabulary",
    () => trainOn("beyond.bin", "tokenizer.json"),
    /has token 65535, the vocabulary/,
  ],
  [
    "a dataset of another tokenizer",
    () => trainOn("data", "other.json"),
    /made with another tokenizer/,
  ],
  [
    "a folder that holds a run",
    () => [
      ...["train", "--data", `${folder}/data`],
      ...["--output", `${folder}/whole`],
    ],
    /it holds checkpoint_\d+\.mpk; use resume/,
  ],
  [
    "an output that is a file",
    () => [
      ...["train", "--data", `${folder}/data`],
      ...["--output", `${folder}/text.txt`, "--max-steps", "1"],
    ],
    /Cannot write to .*it is not a folder/,
  ],
  [
    "a model of another tokenizer",
    () => [
      ...["generate", "--model", `${folder}/whole`],
      ...["--tokenizer", `${folder}/other.json`],
    ],
    /with this tokenizer/,
  ],
  [
    "a checkpoint of another size",
    () => [
      ...["resume", "--checkpoint", `${folder}/whole/checkpoint_100.mpk`],
      ...["--data", `${folder}/data`, "--model-size", "mini"],
    ],
    /as mini: its dModel is 32, not 384/,
  ],
  [
    "a finished model to resume from",
    () => [
      ...["resume", "--checkpoint", `${folder}/whole/model_final.mpk`],
      ...["--data", `${folder}/data`],
    ],
    /it is a finished model/,
  ],
  [
    "a run that is complete",
    () => [
      ...["resume", "--checkpoint", `${folder}/whole`],
      ...["--data", `${folder}/data`],
    ],
    /all 200 steps are done/,
  ],
  [
    "a truncated checkpoint",
    () => ["generate", "--model", `${folder}/cut/checkpoint_1.mpk`],
    /Cannot read checkpoint/,
  ],
  [
    "a model too large for the engine",
    () => [
      ...["train", "--data", `${folder}/data`, "--model-size", "85m"],
      ...["--seq-len", "16384", "--batch-size", "8"],
    ],
    /try --batch-size 1 --seq-len \d+/,
  ],
];

for (const [what, args, message] of FAULTS) {
  Deno.test(`training commands refuse ${what} in one line`, async () => {
    await Deno.writeFile(`${folder}/odd.bin`, new Uint8Array(101));
    await Deno.writeFile(`${folder}/empty.bin`, new Uint8Array());
    await Deno.writeFile(
      `${folder}/beyond.bin`,
      new Uint8Array(4000).fill(255),
    );
    await Deno.mkdir(`${folder}/cut`, { recursive: true });
    const good = await Deno.readFile(`${folder}/whole/model_final.mpk`);
    await Deno.writeFile(
      `${folder}/cut/checkpoint_1.mpk`,
      good.subarray(0, good.length >> 1),
    );
    await run(
      ["train-tokenizer", "--corpus", `${folder}/text.txt`],
      ["--output", `${folder}/other.json`, "--vocab-size", "300"],
    );
    const output = `${folder}/refused`;
    const list = args();
    if (list[0] !== "generate" && !list.includes("--output")) {
      list.push("--output", output);
    }
    await refuses(list, 1, message);
    const made = await Deno.stat(output).then(() => true, () => false);
    assertEquals(made, false, "something was written");
  });
}

Deno.test("resume says what stands in for options of train", async () => {
  const args = ["resume", "--checkpoint", "x", "--data", "y"];
  await refuses(
    [...args, "--max-steps", "9"],
    2,
    "Cannot use --max-steps here: --additional-steps says how many more",
  );
  await refuses([...args, "--learning-rate", "1"], 2, "train --init-from");
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
