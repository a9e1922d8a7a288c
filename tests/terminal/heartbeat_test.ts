/** A bar goes on while the thread that shows it computes. */

import { assert, assertEquals } from "@std/assert";
import { SharedBar } from "../../lib/commands/shared/heartbeat.ts";
import { NO_TERMINAL, runOnTerminal } from "./pty.ts";

const OUTPUT = new URL("../../lib/commands/shared/output.ts", import.meta.url);

Deno.test("SharedBar holds a bar for another thread", () => {
  const own = new SharedBar(), other = new SharedBar(own.memory);
  assertEquals([other.bar, other.stands, other.beat], [undefined, false, 0]);
  const parts = { label: "treino", share: 0.5, time: "", detail: "perda é" };
  const bar = { parts, since: 1, begun: 2, wording: "há {1}" };
  own.alone(() => own.bar = bar);
  own.stands = true;
  assertEquals([other.bar, other.stands, other.beat], [bar, true, 1]);
  // What is too long to be held is not kept alive.
  own.bar = { ...bar, wording: "x".repeat(5000) };
  assertEquals([other.bar, other.beat], [undefined, 2]);
});

Deno.test({
  name: "a bar shows life while its thread is blocked, and nothing stays of it",
  ignore: NO_TERMINAL !== undefined,
  async fn() {
    const script = await Deno.makeTempFile({ suffix: ".ts" });
    await Deno.writeTextFile(
      script,
      `import { processOutput } from ${JSON.stringify(OUTPUT.href)};
      const block = (ms: number) =>
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
      const output = processOutput(false);
      {
        using bar = output.progress("work");
        bar.update(1, 4, "step 1");
        block(4000);
        output.print("a line");
        block(2500);
      }
      block(1500);
      output.print("done");`,
    );
    const run = await runOnTerminal(
      [Deno.execPath(), "run", "-A", "--no-check", script],
      { env: { NO_COLOR: "1" } },
    );
    await Deno.remove(script);
    assertEquals(run.code, 0, run.sent);
    assertEquals(run.screen.rows, ["a line", "done", ""]);
    const [before, after] = run.sent.split("a line");
    const times = (text: string) =>
      [...text.matchAll(/25 % {2}at this for (\d+)s {2}step 1/g)]
        .map(([, seconds]) => Number(seconds));
    const [shown, again] = [times(before), times(after)];
    assert(shown.length >= 3 && again.length >= 1, run.sent);
    assertEquals(shown, shown.toSorted((a, b) => a - b));
    assert(shown.at(-1)! >= 3, run.sent);
  },
});
