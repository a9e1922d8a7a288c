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
  /** A few more lines of help, where a reader would need them. */
  readonly notes?: string;
  /** All that it says, in Portuguese; see `language.ts`. */
  readonly portuguese?: Translations;
  /**
   * Does the work.
   *
   * @returns What `--json` prints, an object of plain values.
   */
  run(
    values: Values<O> & Values<typeof COMMON_OPTIONS>,
    output: Output,
  ): Promise<Record<string, unknown>>;
}

/** The text of `ptbr-slm <command> --help`. */
export function helpOf(command: Command): string {
  const describe = (options: Options) => {
    const rows = Object.entries(options).map(([name, option]) => [
      `  --${name}${option.value === undefined ? "" : ` ${say(option.value)}`}`,
      describeOption(option),
    ]);
    const width = Math.min(34, Math.max(...rows.map(([left]) => left.length)));
    return rows.map(([left, right]) => `${left.padEnd(width)}  ${right}`)
      .join("\n");
  };
  return [
    `${command.name}: ${say(command.summary)}`,
    ...(command.notes === undefined ? [] : ["", say(command.notes)]),
    ...(Object.keys(command.options).length === 0
      ? []
      : ["", t`Options:`, describe(command.options)]),
    "",
    t`Common options:`,
    describe(COMMON_OPTIONS),
    "",
    t`Examples:`,
    ...command.examples.map((example) =>
      `  deno task ${command.name} ${example}`.trimEnd()
    ),
  ].join("\n");
}

function describeOption(
  { description, required, default: standard, value }: Options[string],
): string {
  const said = say(description);
  if (required) return t`${said} (required)`;
  return standard === undefined || value === undefined
    ? said
    : t`${said} (default: ${standard})`;
}
