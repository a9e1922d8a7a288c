/**
 * Every command that writes files, killed at any moment: what is there is whole,
 * of one run, and the next start makes what an undisturbed one makes.
 *
 * Half of the kills come at a moment, half at one of the operations that change
 * files; half of them while an older output is replaced. Where nothing else is
 * said there are few of them; with `PTBR_SLM_TEST_LONG` a hundred a command.
 */

import { assert, assertEquals } from "@std/assert";
import { lockFolder } from "../../lib/folder_lock.ts";
import { Random } from "../../lib/random.ts";
import { start, startUntil, succeeds } from "../commands/run_cli.ts";
import { type Case, COMMANDS, outputOf, withCases } from "./cases.ts";
import {
  contentOf,
  copyFolder,
  readable,
  type Version,
  versionOf,
} from "./folders.ts";
import { killAfter, operationsOf, showCounts } from "./programs.ts";

const LONG = Deno.env.has("PTBR_SLM_TEST_LONG");
/** Kills of each of the commands that take long, and of each of the others. */
const KILLS = LONG ? 100 : 3, KILLS_OF_OTHERS = LONG ? 40 : 1;
const LONG_WORK = [
  ...["process-wiki", "tokenize", "train-tokenizer", "build-corpus"],
  "export-model",
];

/** The file that is written last, without which a folder is no corpus. */
const SEAL = "/manifest.json";
/** Commands whose files may be of two runs, as each is of use by itself. */
const INDEPENDENT = ["train-tokenizer"];

/** An output with its older and its newer content. */
interface Outputs {
  readonly folder: string;
  readonly older: Record<string, string>;
  readonly newer: Record<string, string>;
}

/** Checks what a killed command has left, and says what that is. */
async function assertWhole(
  one: Case,
  output: string,
  { folder, older, newer }: Outputs,
): Promise<Version> {
  // As the next start finds it, whatever that is asked for.
  const copy = `${folder}/killed`;
  await copyFolder(output, copy).catch(() => {});
  {
    await using _lock = await lockFolder(copy);
  }
  const found = readable(await contentOf(copy));
  await Deno.remove(copy, { recursive: true }).catch(() => {});
  const version = versionOf(found, older, newer);
  const what = `${one.name} left ${version}: ${JSON.stringify(found)}`;
  assert(version !== "torn", what);
  if (SEAL in newer) {
    assert(!(SEAL in found) || ["older", "newer"].includes(version), what);
  } else if (!INDEPENDENT.includes(one.name)) {
    assert(["nothing", "older", "newer"].includes(version), what);
  }
  return version;
}

async function killSeries(one: Case, folder: string): Promise<void> {
  const kills = LONG_WORK.includes(one.name) ? KILLS : KILLS_OF_OTHERS;
  const command = [one.name, ...one.args];
  const [wholeOlder, wholeNewer] = [`${folder}/older`, `${folder}/newer`];
  await succeeds([one.name, ...one.older], outputOf(one, wholeOlder));
  const before = performance.now();
  const operations = await operationsOf(command, outputOf(one, wholeNewer));
  const milliseconds = performance.now() - before;
  const older = await contentOf(wholeOlder);
  const newer = await contentOf(wholeNewer);
  const outputs = { folder, older, newer };
  const random = new Random(15);
  const counts: Record<string, number> = {};
  for (let kill = 0; kill < kills;) {
    const output = `${folder}/out`;
    const replaces = kill % 2 === 0;
    if (replaces) await copyFolder(wholeOlder, output);
    const isAtOperation = kill % 4 < 2;
    const moment = random.uniform();
    const args = [command, outputOf(one, output)];
    const child = isAtOperation
      ? startUntil(`kill:${1 + Math.floor(moment * operations)}`, ...args)
      : start(...args);
    if (!isAtOperation) killAfter(child, moment * milliseconds);
    const { signal } = await child.output();
    if (signal === "SIGKILL") {
      kill++;
      const version = await assertWhole(one, output, outputs);
      const key = `${replaces ? "replacing" : "new"}, ${version} is there`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
    await succeeds(command, outputOf(one, output));
    assertEquals(await contentOf(output), newer, `${one.name}, kill ${kill}`);
    await Deno.remove(output, { recursive: true });
  }
  await Deno.remove(wholeOlder, { recursive: true });
  await Deno.remove(wholeNewer, { recursive: true });
  if (LONG) showCounts(`${kills} kills of ${one.name}`, counts);
}

for (const name of COMMANDS) {
  if (/^(?:train|resume)$/.test(name)) continue; // see train_kill_test.ts
  Deno.test(`${name}, killed at any moment, leaves whole files and goes on`, () =>
    withCases([name], async (folder, one) => {
      await Deno.mkdir(`${folder}/work`);
      await killSeries(one, `${folder}/work`);
    }));
}
