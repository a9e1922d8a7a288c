/**
 * Runs the program as a person does, with the permissions its tasks have.
 *
 * @module
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { writeFileAtomic } from "../../lib/files.ts";
import type { BPEVocab } from "../../lib/tokenizer/bpe/bpe_vocab.ts";
import { TokenizedDatasetWriter } from "../../lib/dataset/dataset_writer.ts";
import { BPETokenizer } from "../../lib/tokenizer/bpe/bpe_tokenizer.ts";
import { BPETrainer } from "../../lib/tokenizer/bpe/bpe_trainer.ts";
import { PTBRNormalizer } from "../../lib/tokenizer/normalizer.ts";
import { readVocab, writeVocab } from "../../lib/tokenizer/vocab/vocab_file.ts";

const CLI = new URL("../../cli.ts", import.meta.url).pathname;

/** Some Portuguese of a few documents. */
export const TEXT = Array.from(
  { length: 40 },
  (_, i) =>
    `No dia ${i + 1} a cidade acordou cedo e a feira já tinha peixe.
Ninguém sabia quem era o homem da casa ${i % 7}, nem o que ele queria.
`,
).join("\n");

/** What a run did. */
export interface Run {
  /** The exit code. */
  readonly code: number;
  /** What it printed. */
  readonly stdout: string;
  /** What it said beside. */
  readonly stderr: string;
  /** What `--json` printed last, where it did. */
  readonly result: Record<string, unknown>;
}

/** Starts `cli.ts`. */
export function start(...args: string[][]): Deno.ChildProcess {
  return startWith({}, args.flat());
}

/**
 * Starts `cli.ts`, and lets something befall it.
 *
 * @param at What, and when, as `tests/crash/at_operation.ts` has it.
 */
export function startUntil(
  at: string,
  ...args: string[][]
): Deno.ChildProcess {
  return startWith({ at }, args.flat());
}

const AT_OPERATION = new URL("../crash/at_operation.ts", import.meta.url);

function startWith(
  { stdin = "null", at }: { stdin?: "null" | "piped"; at?: string },
  args: string[],
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--no-check",
      "--allow-read",
      "--allow-write",
      "--allow-ffi",
      "--allow-sys=systemMemoryInfo,statfs",
      "--allow-net=127.0.0.1",
      ...at === undefined ? [] : [
        "--allow-run", // to send itself a signal
        "--allow-env=PTBR_SLM_TEST_AT",
        `--preload=${AT_OPERATION.pathname}`,
      ],
      CLI,
      ...args,
    ],
    stdin,
    env: {
      NO_COLOR: "1",
      LC_ALL: "C",
      ...at === undefined ? {} : { PTBR_SLM_TEST_AT: at },
    },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs `cli.ts` to its end. */
export async function run(...args: string[][]): Promise<Run> {
  return await endOf(start(...args));
}

/** Runs `cli.ts` with something piped in. */
export async function runWith(input: Uint8Array, args: string[]): Promise<Run> {
  const child = startWith({ stdin: "piped" }, args);
  // A program that has read enough closes its end.
  const written = new Blob([input.slice()]).stream().pipeTo(child.stdin)
    .catch(() => {});
  const done = await endOf(child);
  await written;
  return done;
}

async function endOf(child: Deno.ChildProcess): Promise<Run> {
  const { code, stdout, stderr } = await child.output();
  const [out, err] = [stdout, stderr].map((bytes) =>
    new TextDecoder().decode(bytes)
  );
  const last = out.trimEnd().split("\n").at(-1) ?? "";
  const result = last.startsWith("{") ? JSON.parse(last) : {};
  return { code, stdout: out, stderr: err, result };
}

/** Runs `cli.ts`, which has to do what it is told. */
export async function succeeds(...args: string[][]): Promise<Run> {
  const done = await run(...args);
  assertEquals(done.code, 0, done.stderr);
  return done;
}

/** Runs `cli.ts`, which has to refuse in one line, and with `--json` in an object. */
export async function refuses(
  args: string[],
  expected: number,
  reason: string | RegExp,
): Promise<void> {
  const { code, stdout, stderr } = await run(args);
  const printed = args.includes("--json") ? JSON.parse(stdout).code : stdout;
  assertEquals(
    [code, printed],
    [expected, args.includes("--json") ? expected : ""],
    stderr,
  );
  // Which files were found is said before.
  assertMatch(
    stderr,
    /^(?:(?:documents: |OpenBLAS )[^\n]+\n)*error: [^\n]+\n$/,
  );
  if (typeof reason === "string") assertStringIncludes(stderr, reason);
  else assertMatch(stderr, reason);
}

/** Lets work be done in a folder that has some files and is removed after. */
export async function withFiles(
  files: Record<string, string | Uint8Array>,
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, content] of Object.entries(files)) {
      await writeFileAtomic(`${folder}/${name}`, content);
    }
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Writes a small vocabulary, learnt from {@linkcode TEXT}. */
export async function writeSmallVocab(
  path: string,
  { vocabSize = 400, normalizer = new PTBRNormalizer(), text = TEXT } = {},
): Promise<BPEVocab> {
  const trainer = new BPETrainer({ vocabSize, normalizer });
  const bytes = new TextEncoder().encode(text);
  const { vocab } = await trainer.train([{ name: "text", bytes }]);
  await writeVocab(path, vocab);
  return vocab;
}

/**
 * Writes a tokenizer and a dataset of a text, every fourth document of it held
 * out.
 *
 * @param options The text; and a dataset whose tokenizer it shares, that small
 * vocabulary unless given.
 */
export async function writeSmallDataset(
  folder: string,
  { text = TEXT, like }: { text?: string; like?: string } = {},
): Promise<void> {
  const path = `${folder}/tokenizer.json`;
  const vocab = like === undefined
    ? await writeSmallVocab(path)
    : await readVocab(`${like}/tokenizer.json`);
  if (like !== undefined) await writeVocab(path, vocab);
  const tokenizer = new BPETokenizer(vocab);
  await using writer = await TokenizedDatasetWriter.create(folder, tokenizer);
  for (const [i, document] of text.split("\n\n").entries()) {
    const split = i % 4 === 0 ? "val" : "train";
    await writer.write(split, tokenizer.encode(document), document.length);
  }
  await writer.finish();
}

/** The names in a folder, sorted. */
export async function reads(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder)))
    .map(({ name }) => name).sort();
}
