import { assertEquals, assertRejects } from "@std/assert";
import { NO_TERMINAL, runOnTerminal } from "./pty.ts";

const ignore = NO_TERMINAL !== undefined;
if (ignore) console.warn(`skipped: ${NO_TERMINAL}`);

const program = (source: string) => [Deno.execPath(), "eval", source];

Deno.test({
  name:
    "runOnTerminal() gives a terminal of a size, variables and an exit code",
  ignore,
  async fn() {
    const source = `
      const { columns } = Deno.consoleSize();
      console.log(Deno.stdout.isTerminal(), columns, Deno.env.get("A B"));
      console.error("beside");
      Deno.exit(7);`;
    const { code, screen } = await runOnTerminal(program(source), {
      columns: 43,
      env: { A: "it's", NO_COLOR: "1" },
    });
    assertEquals([code, screen.rows], [7, ["true 43 undefined", "beside", ""]]);
  },
});

Deno.test({
  name: "runOnTerminal() presses keys when it is time",
  ignore,
  async fn() {
    const source = `
      Deno.addSignalListener("SIGINT", () => Deno.exit(42));
      console.log("name?");
      const typed = new Uint8Array(99);
      const name = typed.subarray(0, Deno.stdin.readSync(typed) - 1);
      console.log("waiting for", new TextDecoder().decode(name));
      setTimeout(() => {}, 30_000);`;
    const { code, sent } = await runOnTerminal(program(source), {
      env: { NO_COLOR: "1" },
      reactions: [
        { when: /name\?/, type: "Ana\n" },
        { when: /for Ana/, type: "\x03" },
      ],
    });
    assertEquals([code, sent.includes("waiting for Ana")], [42, true]);
  },
});

Deno.test({
  name: "runOnTerminal() does not wait for what a program asks",
  ignore,
  async fn() {
    const line = [
      Deno.execPath(),
      "run",
      "data:text/javascript,Deno.env.get('A')",
    ];
    await assertRejects(
      () => runOnTerminal(line),
      Error,
      "asks for a permission",
    );
    await assertRejects(
      () => runOnTerminal(["sleep", "30"], { timeout: 0.3 }),
      Error,
      "does not end within 0.3 s",
    );
  },
});
