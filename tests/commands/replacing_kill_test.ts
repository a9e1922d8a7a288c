/** Commands that are killed while they replace an older output leave a whole one. */

import { assert, assertEquals } from "@std/assert";
import { Random } from "../../lib/random.ts";
import {
  assertOneOf,
  type Contents,
  contentsOf,
  killAfter,
  killOnceWriting,
} from "../killed.ts";
import { type Replacing, withReplacing } from "../stages/replaced_outputs.ts";
import { start, succeeds } from "./run_cli.ts";

/** With this set, as many as a person would want to see; a few otherwise. */
const LONG = Deno.env.has("PTBR_SLM_TEST_LONG");
const KILLS = LONG ? 100 : 5;

Deno.test(`outputs that were replaced are whole after ${KILLS} kills of each command`, async () => {
  await withReplacing(async (folder, commands) => {
    const tried = commands.filter(({ name }) => name !== "clean-corpus");
    await Promise.all(
      tried.map((command, i) => killed(folder, command, new Random(i))),
    );
  });
});

/** Kills one command again and again, half of the times while it writes. */
async function killed(
  folder: string,
  { name, args, stage }: Replacing,
  random: Random,
): Promise<void> {
  const whole: Contents[] = [];
  for (const which of [0, 1] as const) {
    await stage(which, `${folder}/${name}/${which}`);
    whole.push(await contentsOf(`${folder}/${name}/${which}`));
  }
  const output = `${folder}/${name}/out`;
  const run = (which: number) => [name, ...args[which], "--output", output];
  const before = performance.now();
  await succeeds(run(0));
  const milliseconds = performance.now() - before;
  let there = 0;
  for (let kills = 0; kills < KILLS;) {
    const child = start(run(1 - there));
    const moment = random.uniform();
    if (kills % 2 === 0) killOnceWriting(child, output, 20 * moment);
    else killAfter(child, milliseconds * moment);
    const { code, signal, stderr } = await child.output();
    const isKilled = signal === "SIGKILL";
    if (!isKilled) assertEquals(code, 0, new TextDecoder().decode(stderr));
    const found = await assertOneOf(output, whole);
    if (isKilled) kills++;
    else assert(found === 1 - there, name);
    there = found;
  }
}
