/**
 * The command line: finds the command, runs it, turns an error into one line
 * and an exit code (0 done, 1 failed, 2 misused).
 *
 * @module
 */

import "./lib/commands/shared/node_require.ts";
import { isMainThread } from "node:worker_threads";
import { helpOf } from "./lib/commands/shared/command.ts";
import {
  columns,
  overview,
  ownCommands,
  versionLine,
} from "./lib/commands/shared/about.ts";
import {
  completionHelp,
  completionScript,
  SHELL_NAMES,
} from "./lib/commands/shared/completion.ts";
import {
  type Language,
  languageFor,
  sayError,
  speak,
  t,
} from "./lib/commands/shared/language.ts";
import { errors } from "./lib/commands/shared/errors.pt.ts";
import { portuguese } from "./lib/commands/shared/shared.pt.ts";
import { COMMON_OPTIONS, UsageError } from "./lib/commands/shared/options.ts";
import { parseOptions } from "./lib/commands/shared/parse_options.ts";
import { nearest } from "./lib/option_kinds.ts";
import { commands } from "./lib/commands/mod.ts";
import { INTERRUPTED } from "./lib/commands/shared/interrupt.ts";
import { outputOf, ranksOf, turnToSpeak } from "./lib/commands/shared/ranks.ts";
import type { Communicator } from "./lib/distributed/communicator.ts";

// In a bundle this is what Workers run as well.
const isWorker = !isMainThread || "WorkerGlobalScope" in globalThis;

if (import.meta.main && !isWorker) {
  // A file that grows beyond what `ulimit -f` allows shall be an error of the
  // write, which has words, and not the end of the process.
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGXFSZ", () => {});
  Deno.exit(await main(Deno.args));
}

/**
 * Runs one command line.
 *
 * @param args As in `Deno.args`: a command and its options.
 * @returns The exit code.
 */
export async function main(args: readonly string[]): Promise<number> {
  speakIn(languageFor(args));
  const asked: Asked = {
    json: args.some((arg) => /^--json(?:=true)?$/.test(arg)),
    debug: args.includes("--debug"),
  };
  try {
    return await dispatch(commandFirst(args), asked);
  } catch (error) {
    // Whoever read the output has had enough, as `head` does.
    if (error instanceof Deno.errors.BrokenPipe) return 0;
    if (asked.debug) console.error(error);
    const code = exitCodeOf(error);
    const message = code === INTERRUPTED
      ? "interrupted"
      : error instanceof Error
      ? error.message
      : String(error);
    const line = message.replaceAll(/\s*\n\s*/g, " ");
    const speaker = await turnToSpeak(asked.ranks);
    if (asked.json) {
      console.log(JSON.stringify({ error: line, code }));
    }
    console.error(
      speaker +
        (code === INTERRUPTED ? t`interrupted` : t`error: ${sayError(line)}`),
    );
    asked.ranks?.abort(code);
    return code;
  }
}

/** What holds for all that a command line says, and who else is at it. */
interface Asked {
  json: boolean;
  debug: boolean;
  ranks?: Communicator;
}

function speakIn(language: Language): void {
  speak(
    language,
    [portuguese, ...commands.map(({ portuguese = {} }) => portuguese)],
    errors,
  );
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return 2;
  const isAbort = error instanceof DOMException && error.name === "AbortError";
  return isAbort ? INTERRUPTED : 1;
}

/** Common options may stand before the command too; they are put behind it. */
function commandFirst(args: readonly string[]): readonly string[] {
  let at = 0;
  while (at < args.length) {
    const [, name, text] = /^--([^=]+)(=.*)?$/.exec(args[at]) ?? [];
    if (!Object.hasOwn(COMMON_OPTIONS, name ?? "") || name === "help") break;
    const { value } = COMMON_OPTIONS[name as keyof typeof COMMON_OPTIONS];
    at += value === undefined || text !== undefined ? 1 : 2;
  }
  return at < args.length ? [...args.slice(at), ...args.slice(0, at)] : [];
}

async function dispatch(
  args: readonly string[],
  asked: Asked,
): Promise<number> {
  const [name, ...rest] = args;
  switch (name) {
    case undefined:
    case "help":
    case "--help":
    case "-h":
      return help(name, wordsOf(rest));
    case "version":
    case "--version":
    case "-V":
      console.log(versionLine());
      return 0;
    case "completion":
      return complete(rest);
  }
  const command = commandNamed(name);
  const values = await parseOptions(command, rest);
  // A `--config` may ask for these too.
  asked.json = values.json;
  asked.debug = values.debug;
  if (values.lang !== undefined) speakIn(values.lang);
  if (values.help) return help("help", [name]);
  const ranks = asked.ranks = ranksOf(command, values);
  const output = outputOf(ranks, values.quiet);
  const result = await command.run(values, output, ranks);
  await ranks?.close();
  const isFirst = (ranks?.rank ?? 0) === 0;
  if (values.json && isFirst) console.log(JSON.stringify(result));
  // Work that says it is not complete was interrupted, in good order.
  if (result.complete === false) return INTERRUPTED;
  return result.sound === false ? 1 : 0;
}

/** What stands there without a dash; the language is no such word. */
function wordsOf(args: readonly string[]): string[] {
  return args.filter((arg, i) => !/^-/.test(arg) && args[i - 1] !== "--lang");
}

/** Shows the help of a command, or the list of all. */
function help(asked: string | undefined, names: readonly string[]): number {
  const [name] = names;
  console.log(
    name === "completion"
      ? completionHelp()
      : name === undefined || ownCommands().some(([own]) => own === name)
      ? overview(commands, columns())
      : helpOf(commandNamed(name), columns()),
  );
  return asked === undefined ? 2 : 0;
}

/** Prints what makes a shell complete. */
function complete(args: readonly string[]): number {
  const [name] = wordsOf(args);
  const isHelp = args.includes("--help") || args.includes("-h");
  const shell = SHELL_NAMES.find((shell) => shell === name);
  if (shell === undefined && !isHelp) {
    throw new UsageError(
      `completion takes one of ${SHELL_NAMES.join(", ")}` +
        (name === undefined ? "" : `, not "${name}"`),
    );
  }
  console.log(
    shell === undefined || isHelp
      ? completionHelp()
      : completionScript(shell, commands),
  );
  return 0;
}

function commandNamed(name: string): typeof commands[number] {
  const command = commands.find((command) => command.name === name);
  if (command !== undefined) return command;
  if (name.startsWith("-")) {
    throw new UsageError(`Unknown option ${name}; see --help`);
  }
  const near = nearest(name, [
    ...commands.map(({ name }) => name),
    ...ownCommands().map(([name]) => name),
  ]);
  throw new UsageError(
    `Unknown command "${name}"` +
      (near === undefined ? "; see --help" : `; did you mean ${near}?`),
  );
}
