import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { type Launcher, launchers, mpirun, skipped } from "./mpirun.ts";

const PROGRAM = new URL("program.ts", import.meta.url).pathname;

function run(launcher: Launcher, ranks: number, ...args: string[]) {
  return mpirun(launcher, ranks, [
    ...["run", "--no-check", "--allow-all", PROGRAM],
    ...args,
  ]);
}

for (const launcher of launchers) {
  const { name } = launcher;

  Deno.test(`${name}: every operation gives what can be reckoned`, async () => {
    for (const ranks of [1, 3]) {
      const { code, stdout, stderr } = await run(launcher, ranks);
      assertEquals([code, stderr], [0, ""]);
      const lines = stdout.trim().split("\n").sort();
      assertEquals(lines.length, ranks);
      assertMatch(lines.at(-1)!, new RegExp(`rank ${ranks - 1} of ${ranks}`));
    }
  });

  Deno.test(`${name}: what fails on one rank ends all`, async () => {
    const { code, stdout, stderr } = await run(launcher, 3, "fail");
    assertNotEquals(code, 0);
    assertStringIncludes(stderr, "rank 2: something is wrong");
    assertEquals(stdout.includes("of 3"), false, stdout);
  });

  Deno.test(`${name}: the death of one rank ends all`, async () => {
    const { code, seconds } = await run(launcher, 3, "die");
    assertNotEquals(code, 0);
    assert(seconds < 30);
  });

  Deno.test(`${name}: a rank that never comes is not waited for without end`, async () => {
    const { code, stderr } = await run(launcher, 2, "stay", "auto", "1");
    assertNotEquals(code, 0);
    assertStringIncludes(
      stderr,
      "Cannot reach the other ranks: of 2 not all have answered within 1 seconds",
    );
  });
}

Deno.test({
  name: `MPI under a launcher${skipped}`,
  ignore: launchers.length === 0,
  fn: () => assert(launchers.length > 0),
});

Deno.test({
  name: "joinRanks() refuses the library of another launcher",
  ignore: launchers.length < 2, // the long tests have both
  fn: async () => {
    const [, mpich] = launchers;
    const { code, stderr } = await run(mpich, 2, "all", "libmpi.so.40");
    assertNotEquals(code, 0);
    assertStringIncludes(stderr, "knows 1 of the 2 that were started");
  },
});
