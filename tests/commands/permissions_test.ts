/**
 * What commands ask for is what their tasks grant, no more: Deno writes down
 * what is asked (`DENO_AUDIT_PERMISSIONS`), and refuses it where it is not
 * granted; and each permission that is taken away takes something with it.
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { saveModel } from "../../lib/checkpoint/native/mpk_writer.ts";
import { config, newModel, tokenizer } from "../generate/small_models.ts";
import { taskLine } from "../terminal/project_folder.ts";
import { writeSmallDataset } from "./run_cli.ts";

/** Everything, and each address, name and variable by itself. */
const isLong = Deno.env.has("PTBR_SLM_TEST_LONG");

const KEY = "a-key";
const folder = await Deno.makeTempDir();
const model = `${folder}/model`, data = `${folder}/data`;
await Deno.mkdir(model);
await saveModel(
  `${model}/model_final.mpk`,
  await newModel(new ReferenceBackend(), config),
);
await tokenizer.save(`${model}/tokenizer.json`);
await Deno.mkdir(data);
await writeSmallDataset(data);
await Deno.writeTextFile(
  `${folder}/model.toml`,
  "d_model = 32\nn_layers = 1\nd_ffn = 64\nmax_seq_len = 16\n",
);
globalThis.addEventListener(
  "unload",
  () => Deno.removeSync(folder, { recursive: true }),
);

/** What a command has done. */
interface Done {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** `serve`: the statuses of what was asked, in the order below. */
  readonly statuses?: readonly number[];
  /** What was asked of Deno: kinds and what of them. */
  readonly asked: readonly { permission: string; value: string | null }[];
}

let runs = 0;

/** Commands, each with what it is to do here. */
const LINES: Readonly<Record<string, () => string[]>> = {
  serve: () => taskLine("serve", `small=${model}`, "--port", "0"),
  generate: () =>
    taskLine(
      "generate",
      ...["--model", model, "--prompt", "o rio", "--max-tokens", "5"],
    ),
  train: () =>
    taskLine(
      "train",
      ...["--data", data, "--output", `${folder}/run${runs}`],
      ...["--model-config", `${folder}/model.toml`, "--max-steps", "3"],
      ...["--batch-size", "1", "--grad-accum", "1"],
    ),
};

/** What a task grants, one by one: `--allow-env=PATH`. */
function granted(task: string): string[] {
  const flags = LINES[task]().filter((word) => word.startsWith("--allow-"));
  return flags.flatMap((flag) => {
    const [name, values] = flag.split("=");
    if (values === undefined) return [name];
    return values.split(",").map((value) => `${name}=${value}`);
  });
}

/** Runs a command with some permissions, and no question. */
async function done(task: string, flags: readonly string[]): Promise<Done> {
  const [program, ...words] = LINES[task]();
  const [run, ...rest] = words.filter((word) => !word.startsWith("--allow-"));
  const audit = `${folder}/asked${runs++}.jsonl`;
  const child = new Deno.Command(program, {
    args: [run, "--no-prompt", "--no-check", ...flags, ...rest],
    env: {
      NO_COLOR: "1",
      LC_ALL: "C",
      PTBR_SLM_API_KEY: KEY,
      DENO_AUDIT_PERMISSIONS: audit,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  const out = child.stdout.pipeThrough(new TextDecoderStream());
  let stdout = "", statuses: number[] | undefined;
  for await (const text of out) {
    stdout += text;
    if (task !== "serve" || statuses !== undefined) continue;
    statuses = await everything(stdout.trim());
    child.kill("SIGTERM");
  }
  const { code } = await child.status;
  const lines = (await Deno.readTextFile(audit)).split("\n");
  const asked = lines.filter((line) => line !== "")
    .map((line) => JSON.parse(line));
  return { code, stdout, stderr: await stderr, statuses, asked };
}

/** Asks a server for all that it has; last a text without a key. */
async function everything(address: string): Promise<number[]> {
  const statuses: number[] = [];
  const messages = [{ role: "user", content: "o rio" }];
  for (
    const [path, body] of [
      ["health"],
      ["metrics"],
      ["openapi.json"],
      [""],
      ["v1/models"],
      ["v1/completions", { prompt: "o rio", max_tokens: 3 }],
      ["v1/chat/completions", { messages, max_tokens: 3, stream: true }],
      ["v1/responses", { input: "o rio", max_output_tokens: 3 }],
      ["api/chat", { model: "small", messages, options: { num_predict: 3 } }],
      ["v1/models", undefined, ""],
    ] as const
  ) {
    const response = await fetch(`${address}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: path === "v1/models" && body === undefined && statuses.length > 8
        ? {}
        : { authorization: `Bearer ${KEY}` },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    await response.text();
    statuses.push(response.status);
  }
  return statuses;
}

const ALL = [...Array(9).fill(200), 401];

for (const task of Object.keys(LINES)) {
  Deno.test(`${task} asks for nothing but what its task grants`, async () => {
    const flags = granted(task);
    const { code, stderr, statuses, asked } = await done(task, flags);
    assertEquals(code, 0, stderr);
    if (task === "serve") assertEquals(statuses, ALL);
    // Of each file that is opened Deno notes writing, whatever it is opened
    // for: where it is not granted, it was not needed.
    const kinds = new Set(flags.map((flag) => flag.split(/[-=]/)[3]));
    for (const { permission, value } of asked) {
      if (permission === "write") continue;
      const isAll = flags.includes(`--allow-${permission}`);
      const of = permission === "net" ? value!.replace(/:\d+$/, "") : value;
      const isOne = flags.includes(`--allow-${permission}=${of}`);
      assert(isAll || isOne, `${permission} ${value}`);
      kinds.delete(permission);
    }
    kinds.delete("write");
    assertEquals([...kinds], []); // none is granted for nothing
  });
}

/** What goes wrong without a permission; the rest is done without. */
const BREAKS: Readonly<Record<string, readonly [number, RegExp]>> = {
  "serve --allow-read": [1, /^error: .*read/m],
  "serve --allow-net": [
    1,
    /^error: Cannot listen on 127\.0\.0\.1: Deno was not given/m,
  ],
  "generate --allow-read": [1, /^error: .*read/m],
  "train --allow-read": [1, /^error: .*read/m],
  "train --allow-write": [1, /^error: .*write/m],
};

for (const task of Object.keys(LINES)) {
  const flags = granted(task);
  const whole = [...new Set(flags.map((flag) => flag.split("=")[0]))];
  const parts = flags.filter((flag) => flag.includes("="));
  const tried = isLong
    ? [...whole, ...parts]
    : whole.filter((flag) => task === "serve" || `${task} ${flag}` in BREAKS);
  for (const gone of tried) {
    Deno.test(`${task} without ${gone} does what it can`, async () => {
      const left = flags.filter((flag) =>
        flag !== gone && flag.split("=")[0] !== gone
      );
      assertNotEquals(left.length, flags.length);
      const { code, stderr, statuses } = await done(task, left);
      const [status, reason] = BREAKS[`${task} ${gone.split("=")[0]}`] ??
        [0, /^/];
      assertEquals(code, status, stderr);
      assertMatch(stderr, reason);
      if (task !== "serve" || status !== 0) return;
      // Nobody can tell the program a key that it may not look at.
      const isKeyless = gone === "--allow-env" || gone.endsWith("_API_KEY");
      assertEquals(statuses, isKeyless ? [...ALL.slice(0, -1), 200] : ALL);
    });
  }
}
