/**
 * Completion, as the shells that are here do it.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  completionScript,
  SHELL_NAMES,
} from "../../../lib/commands/shared/completion.ts";
import { commands } from "../../../lib/commands/mod.ts";
import { ARCHITECTURES } from "../../../lib/model/architecture.ts";
import { NO_TERMINAL, runOnTerminal } from "../../terminal/pty.ts";
import { withFiles } from "../run_cli.ts";

/** Whether a program is here; it is looked for by the shell. */
async function isHere(program: string): Promise<boolean> {
  if (NO_TERMINAL !== undefined) return false;
  const { code } = await runOnTerminal(["sh", "-c", `command -v ${program}`]);
  return code === 0;
}

/** Lines that are typed, and all that may follow. */
const TYPED: readonly [line: string, expected: string[]][] = [
  ["ptbr-slm trai", ["train", "train-tokenizer"]],
  ["ptbr-slm vers", ["version"]],
  ["ptbr-slm help proc", ["process-laws", "process-wiki"]],
  ["ptbr-slm completion ", [...SHELL_NAMES]],
  ["ptbr-slm train --learning", ["--learning-rate"]],
  ["ptbr-slm train --json --la", ["--lang"]],
  ["ptbr-slm train --arch ", [...ARCHITECTURES]],
  ["ptbr-slm train --data own", ["own-data"]],
  ["ptbr-slm train --seed ", []],
  ["ptbr-slm download ptwikin", ["ptwikinews"]],
  ["ptbr-slm dashboard own", ["own-data"]],
  ["deno task train --arch rwkv4 --lang p", ["pt-BR"]],
];

for (const shell of SHELL_NAMES) {
  Deno.test(`the completion of ${shell} knows every command and option`, () => {
    const script = completionScript(shell, commands);
    for (const { name, options } of commands) {
      assertStringIncludes(script, name);
      for (const option of Object.keys(options)) {
        const written = shell === "fish" ? `-l ${option} ` : `--${option}`;
        assertStringIncludes(script, written);
      }
    }
    assert(!script.includes("undefined"));
  });
}

/** What asks a shell, line by line; candidates come one a line, then a dot. */
const ASKING: Readonly<Record<string, (line: string) => string>> = {
  bash: (line) => {
    const words = line.split(" ").map((word) => `"${word}"`).join(" ");
    // The function that bash itself would call.
    const [program] = line.split(" ");
    return `COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
[[ $(complete -p ${program}) =~ -F\\ ([^ ]+) ]] && \${BASH_REMATCH[1]}
[[ \${#COMPREPLY[@]} == 0 ]] || printf '%s\\n' "\${COMPREPLY[@]}"
echo; echo .`;
  },
  fish: (line) => `complete -C '${line}' | string split -f 1 \\t\necho; echo .`,
};

const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  bash: ["bash", "--norc"],
  fish: ["fish", "--no-config"],
};

for (const shell of ["bash", "fish"] as const) {
  const isThere = await isHere(shell);
  if (!isThere) console.warn(`skipped: ${shell} is not here`);
  Deno.test({
    name: `${shell} completes commands, options, words and paths`,
    ignore: !isThere,
    fn: () =>
      withFiles({
        "own-data": "",
        "completion": completionScript(shell, commands),
        "ask": [
          "source ./completion",
          ...TYPED.map(([line]) => ASKING[shell](line)),
        ].join("\n"),
      }, async (folder) => {
        const { code, sent } = await runOnTerminal(
          [...PROGRAMS[shell], "ask"],
          { cwd: folder },
        );
        assertEquals(code, 0, sent);
        const answers = `\r\n${sent}`.split("\r\n.\r\n").slice(0, -1);
        assertEquals(
          answers.map((answer) =>
            answer.trim().split("\r\n").filter((word) => word !== "").sort()
          ),
          TYPED.map(([, expected]) => expected.toSorted()),
        );
      }),
  });
}
