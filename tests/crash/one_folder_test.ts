/**
 * Two to four processes on one folder, of all commands that write: one works,
 * the others are refused, and what is there in the end is of one piece.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Random } from "../../lib/random.ts";
import { start } from "../commands/run_cli.ts";
import { type Case, COMMANDS, outputOf, withCases } from "./cases.ts";
import { type Content, contentOf, isSame } from "./folders.ts";
import { operationsOf, showCounts, startStopped } from "./programs.ts";

const LONG = Deno.env.has("PTBR_SLM_TEST_LONG");
/** Pairings with a process that is stopped in its work, and without. */
const STOPPED = LONG ? 60 : 3, AT_ONCE = LONG ? 40 : 2;
/** Commands of which there is one in every pairing of the short form. */
const FEW = ["tokenize", "train-tokenizer", "clean-corpus", "train"];

/** Operations before a folder is taken: it is made, and its lock written. */
const BEFORE_LOCK = 4;
/** Operations at the end, when it is let go. */
const AFTER_LOCK = 5;
const IN_USE =
  /^(?:[^\n]+\n)*?error: Cannot write into "[^"]+": it is in use by (process \d+ since [\d-]+ [\d:]+ UTC|another process)\n$/;

/** A command, and what it does alone. */
interface Known extends Case {
  readonly whole: Content;
  readonly operations: number;
}

const ignore = Deno.build.os === "windows"; // which stops no process

const commandOf = ({ name, args }: Case) => [name, ...args];
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

async function withKnown(
  work: (folder: string, commands: readonly Known[]) => Promise<void>,
): Promise<void> {
  await withCases(LONG ? COMMANDS : FEW, async (folder, ...cases) => {
    const commands: Known[] = [];
    for (const one of cases) {
      const output = `${folder}/whole-${one.name}`;
      const operations = await operationsOf(
        commandOf(one),
        outputOf(one, output),
      );
      const whole = await contentOf(output, one.varying);
      commands.push({ ...one, whole, operations });
    }
    await work(folder, commands);
  });
}

/** Two to four of them, the first in turn. */
function chosen(
  commands: readonly Known[],
  turn: number,
  random: Random,
): [Known, ...Known[]] {
  const others = Array.from(
    { length: 1 + random.next() % 3 },
    () => commands[random.next() % commands.length],
  );
  return [commands[turn % commands.length], ...others];
}

Deno.test({
  name: `${STOPPED} times a stopped process keeps its folder from others`,
  ignore,
  fn: () =>
    withKnown(async (folder, commands) => {
      const random = new Random(2);
      const counts: Record<string, number> = {};
      for (let turn = 0; turn < STOPPED; turn++) {
        const output = `${folder}/out`;
        const [first, ...others] = chosen(commands, turn, random);
        const choice = first.operations - BEFORE_LOCK - AFTER_LOCK;
        const operation = 1 + BEFORE_LOCK + random.next() % choice;
        const { child, isStopped, said } = await startStopped(
          operation,
          commandOf(first),
          outputOf(first, output),
        );
        assert(isStopped, `${first.name} at ${operation}: ${said}`);
        const before = await contentOf(output);
        const refused = await Promise.all(others.map(async (other) => {
          const args = [commandOf(other), outputOf(other, output)];
          return { other, ...await start(...args).output() };
        }));
        for (const { other, code, stderr } of refused) {
          const what = `${other.name} beside ${first.name} at ${operation}`;
          assertEquals(code, 1, what);
          // Or what is there already is no place for it.
          const isInUse = IN_USE.test(textOf(stderr));
          if (!isInUse) assertMatch(textOf(stderr), /^error: Cannot .*\n$/m);
          const key = isInUse ? "in use" : textOf(stderr).slice(0, 200);
          counts[key] = (counts[key] ?? 0) + 1;
        }
        assertEquals(await contentOf(output), before, first.name);
        child.kill("SIGCONT");
        const { code, stderr } = await child.output();
        assertEquals(code, 0, textOf(stderr));
        assertEquals(await contentOf(output, first.varying), first.whole);
        await Deno.remove(output, { recursive: true });
      }
      if (LONG) showCounts(`${STOPPED} pairings with one stopped`, counts);
    }),
});

/** Stops a process for a while, unless it has ended by then. */
async function pause(child: Deno.ChildProcess, random: Random): Promise<void> {
  for (const signal of ["SIGSTOP", "SIGCONT"] as const) {
    const milliseconds = 100 + random.uniform() * 900;
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    try {
      child.kill(signal);
    } catch {
      return;
    }
  }
}

Deno.test({
  name:
    `${AT_ONCE} times several processes at once make one thing each, or none`,
  ignore,
  fn: () =>
    withKnown(async (folder, commands) => {
      const random = new Random(3);
      const counts: Record<string, number> = {};
      for (let turn = 0; turn < AT_ONCE; turn++) {
        const output = `${folder}/out`;
        const racing = chosen(commands, turn, random);
        const done: Known[] = [];
        await Promise.all(racing.map(async (one, i) => {
          const child = start(commandOf(one), outputOf(one, output));
          const paused = i % 2 === 0 ? pause(child, random) : undefined;
          const { code, stderr } = await child.output();
          await paused;
          if (code === 0) done.push(one);
          else assertMatch(textOf(stderr), /error: Cannot .*\n$/m);
          const key = code === 0
            ? "worked"
            : IN_USE.test(textOf(stderr))
            ? "in use"
            : `refused: ${textOf(stderr).replace(/"[^"]*"/g, "").slice(-120)}`;
          counts[key] = (counts[key] ?? 0) + 1;
        }));
        const names = racing.map(({ name }) => name).join(", ");
        assert(done.length > 0, names);
        await assertOfThese(output, done, names);
        await Deno.remove(output, { recursive: true });
      }
      if (LONG) showCounts(`${AT_ONCE} pairings at once`, counts);
    }),
});

/** Every file is of one that worked, and one of them has all of its own. */
async function assertOfThese(
  output: string,
  done: readonly Known[],
  names: string,
): Promise<void> {
  const found = await contentOf(
    output,
    done.find(({ varying }) => varying)?.varying,
  );
  for (const [path, sum] of Object.entries(found)) {
    assert(
      done.some(({ whole }) => whole[path] === sum),
      `${path} after ${names}`,
    );
  }
  assert(
    done.some(({ whole }) =>
      isSame(
        whole,
        Object.fromEntries(
          Object.keys(whole).map((path) => [path, found[path]]),
        ),
      )
    ),
    `${JSON.stringify(found)} after ${names}`,
  );
}
