/**
 * The command line: finds the command, runs it, turns an error into one line
 * and an exit code (0 done, 1 failed, 2 misused).
 *
 * @module
 */

import { helpOf } from "./lib/commands/shared/command.ts";
import {
  languageFor,
  say,
  sayError,
  speak,
  t,
} from "./lib/commands/shared/language.ts";
import { errors } from "./lib/commands/shared/errors.pt.ts";
import { portuguese } from "./lib/commands/shared/shared.pt.ts";
import { UsageError } from "./lib/commands/shared/options.ts";
import { nearest, parseOptions } from "./lib/commands/shared/parse_options.ts";
import { commands } from "./lib/commands/mod.ts";
import { INTERRUPTED } from "./lib/commands/shared/interrupt.ts";
import { processOutput } from "./lib/commands/shared/output.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));

/**
 * Runs one command line.
 *
 * @param args As in `Deno.args`: a command and its options.
 * @returns The exit code.
 */
export async function main(args: readonly string[]): Promise<number> {
  const debug = args.includes("--debug");
  speak(
    languageFor(args),
    [portuguese, ...commands.map(({ portuguese = {} }) => portuguese)],
    errors,
  );
  try {
    return await dispatch(args);
  } catch (error) {
    // Whoever read the output has had enough, as `head` does.
    if (error instanceof Deno.errors.BrokenPipe) return 0;
    if (debug) console.error(error);
    const message = error instanceof Error ? error.message : String(error);
    const line = sayError(message.replaceAll(/\s*\n\s*/g, " "));
    console.error(t`error: ${line}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function dispatch(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h") {
    console.log(overview());
    return name === undefined ? 2 : 0;
  }
  const command = commands.find((command) => command.name === name);
  if (command === undefined) {
    const near = nearest(name, commands.map(({ name }) => name));
    throw new UsageError(
      `Unknown command "${name}"` +
        (near === undefined ? "; see --help" : `; did you mean ${near}?`),
    );
  }
  const values = await parseOptions(command, rest);
  if (values.help) {
    console.log(helpOf(command));
    return 0;
  }
  const result = await command.run(values, processOutput(values.quiet));
  if (values.json) console.log(JSON.stringify(result));
  // Work that says it is not complete was interrupted, in good order.
  return result.complete === false ? INTERRUPTED : 0;
}

function overview(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    t`ptbr-slm: a small RWKV language model of Brazilian Portuguese, from dump to text`,
    "",
    ...commands.map(({ name, summary }) =>
      `  ${name.padEnd(width)}  ${say(summary)}`
    ),
    "",
    t`deno task <command> --help shows a command's options.`,
  ].join("\n");
}
