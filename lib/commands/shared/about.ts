/**
 * What the program says of itself: the list of commands, exit codes, versions.
 *
 * @module
 */

import { CALL, type Command, inColumns, wrap } from "./command.ts";
import { VERSION } from "../../version.ts";
import { say, t } from "./language.ts";
import { terminalColumns, USUAL_COLUMNS } from "./output.ts";

/** Said by `version` and `--version`. */
export function versionLine(): string {
  return `ptbr-slm ${VERSION} (Deno ${Deno.version.deno})`;
}

/** What `cli.ts` answers without a command's file, and what it is. */
export function ownCommands(): readonly (readonly [string, string])[] {
  return [
    ["help", t`this list, or the help of a command: help train`],
    ["version", t`the version of the program and of Deno`],
    ["completion", t`what makes a shell complete commands and options`],
  ];
}

/**
 * The text of `ptbr-slm --help`.
 *
 * @param commands What is listed, in this order.
 * @param width Columns of the terminal.
 */
export function overview(commands: readonly Command[], width: number): string {
  const rows = [
    ...commands.map(({ name, summary }) => [name, say(summary)] as const),
    ...ownCommands(),
  ].map(([name, meaning]) => [`  ${name}`, meaning] as const);
  return [
    ...wrap(
      t`ptbr-slm: a small RWKV language model of Brazilian Portuguese, from dump to text`,
      width,
    ),
    "",
    ...inColumns(rows, width),
    "",
    ...wrap(t`${CALL} <command> --help shows a command's options.`, width),
    ...wrap(
      t`Exit codes: 0 done, 1 failed, 2 called wrongly, 130 interrupted.`,
      width,
    ),
  ].join("\n");
}

/**
 * How many columns help may take: what the terminal has, within what reads well.
 */
export function columns(): number {
  if (!Deno.stdout.isTerminal()) return USUAL_COLUMNS;
  return Math.min(100, Math.max(40, terminalColumns()));
}
