/**
 * What a subcommand is: its options, its help, its run. One description serves
 * parsing (`parse_options.ts`), validation, `--config` files and `--help`.
 *
 * Every command file exports one {@linkcode Command}; `mod.ts` lists them and
 * `cli.ts` runs them.
 *
 * @module
 */

import { say, t, type Translations } from "./language.ts";
import { COMMON_OPTIONS, type Options, type Values } from "./options.ts";
import type { Communicator } from "../../distributed/communicator.ts";
import type { Output } from "./output.ts";

/** A subcommand. */
export interface Command<O extends Options = Options> {
  /** As typed: `train-tokenizer`. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Its own flags; the common ones are added to every command. */
  readonly options: O;
  /** Argument lists that work, shown in the help. */
  readonly examples: readonly string[];
  /** The option whose value may stand first, without its `--name`. */
  readonly positional?: string;
  /** What takes the place of options that people look for here in vain. */
  readonly instead?: Readonly<Record<string, string>>;
  /** A few more lines of help, where a reader would need them. */
  readonly notes?: string;
  /**
   * Whether several processes of it that a launcher of MPI has started work
   * together; it has the options of `ranks.ts` then.
   */
  readonly joinsRanks?: boolean;
  /** All that it says, in Portuguese; see `language.ts`. */
  readonly portuguese?: Translations;
  /**
   * Does the work.
   *
   * @param values What was given.
   * @param output Where it is said what is done.
   * @param ranks Who works together, where the command `joinsRanks`.
   * @returns What `--json` prints, an object of plain values.
   */
  run(
    values: Values<O> & Values<typeof COMMON_OPTIONS>,
    output: Output,
    ranks?: Communicator,
  ): Promise<Record<string, unknown>>;
}

/**
 * How a command is called: as a task, but in a bundle, which is one file, or an
 * executable by the program's name.
 */
export const CALL =
  import.meta.url.endsWith("/command.ts") && !Deno.build.standalone
    ? "deno task"
    : "ptbr-slm";

/**
 * The text of `ptbr-slm <command> --help`.
 *
 * @param command Whose help it is.
 * @param width Columns of the terminal. Examples are never broken, so that they
 * can be copied.
 */
export function helpOf(command: Command, width = 80): string {
  const describe = (options: Options) => {
    const rows = Object.entries(options).map(([name, option]) =>
      [
        `  --${name}${
          option.value === undefined ? "" : ` ${say(option.value)}`
        }`,
        describeOption(option),
      ] as const
    );
    return inColumns(rows, width).join("\n");
  };
  const among = (group: Options[string]["group"]) =>
    Object.fromEntries(
      Object.entries(command.options).filter(([, option]) =>
        option.group === group
      ),
    );
  const own = among(undefined), choosing = among("choosing");
  // Lines of notes are as long as their sources had them; blank lines mean it.
  const paragraphs = (text: string) =>
    text.split(/\n{2,}/).map((part) => wrap(part, width).join("\n"))
      .join("\n\n");
  return [
    ...wrap(`${command.name}: ${say(command.summary)}`, width),
    ...(command.notes === undefined
      ? []
      : ["", paragraphs(say(command.notes))]),
    ...(Object.keys(own).length === 0 ? [] : ["", t`Options:`, describe(own)]),
    ...(Object.keys(choosing).length === 0
      ? []
      : ["", t`How tokens are chosen:`, describe(choosing)]),
    "",
    t`Common options:`,
    describe(COMMON_OPTIONS),
    "",
    t`Examples:`,
    ...command.examples.map((example) =>
      `  ${CALL} ${command.name} ${example}`.trimEnd()
    ),
  ].join("\n");
}

function describeOption(
  { description, required, default: standard, value }: Options[string],
): string {
  const said = say(description);
  if (required) return t`${said} (required)`;
  return standard === undefined || `${standard}` === "" || value === undefined
    ? said
    : t`${said} (default: ${standard})`;
}

/**
 * Rows of a name and what it means, the meanings under one another. A name that
 * is too long for its column has a line of its own.
 *
 * @param rows Names, indented as they shall stand, and meanings.
 * @param width Columns of the terminal.
 * @returns Lines that fit, as far as their words do.
 *
 * @example
 * ```ts
 * import { inColumns } from "./command.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(inColumns([["  --a", "one two"], ["  --bc", "three"]], 14), [
 *   "  --a   one",
 *   "        two",
 *   "  --bc  three",
 * ]);
 * ```
 */
export function inColumns(
  rows: readonly (readonly [name: string, meaning: string])[],
  width: number,
): string[] {
  const widest = Math.max(...rows.map(([name]) => name.length));
  const left = Math.min(widest, Math.max(8, Math.floor(width * 0.35)));
  return rows.flatMap(([name, meaning]) => {
    const lines = wrap(meaning, width - left - 2)
      .map((line) => `${" ".repeat(left + 2)}${line}`);
    if (name.length > left) return [name, ...lines];
    const [first, ...rest] = lines;
    return [`${name.padEnd(left)}${first.slice(left)}`, ...rest];
  });
}

/** Words in lines of at most so many characters; a longer word has its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const line = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && line.length <= width) {
      lines[lines.length - 1] = line;
    } else lines.push(word);
  }
  return lines;
}
