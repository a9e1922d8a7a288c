/**
 * What a subcommand is: its options, their help, and its run. One description
 * serves parsing, validation, `--config` files and `--help`.
 *
 * Every command file exports one {@linkcode Command}; `mod.ts` beside this file
 * lists them and `cli.ts` runs them.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { parse as parseToml } from "smol-toml";
import { reasonOf } from "../../files.ts";
import type { Output } from "./output.ts";

/** A mistake in how the program was called: exit code 2. */
export class UsageError extends Error {
  /** @param message One line, what is wrong and what would be right. */
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

/** One flag. */
export interface Option<T> {
  /** What the help calls the value; absent for a yes/no flag. */
  readonly value?: string;
  /** One line for the help, without a full stop. */
  readonly description: string;
  /** True when the command cannot run without it. */
  readonly required: boolean;
  /** What it is when not given. */
  readonly defaultValue?: T;
  /** Reads the text after the flag; throws a {@linkcode UsageError}. */
  readonly parse: (text: string, flag: string) => T;
}

/** Flags by name, in kebab-case as typed after `--`. */
// deno-lint-ignore no-explicit-any
export type Options = Record<string, Option<any>>;

/** The values of parsed options. */
export type Values<O extends Options> = {
  readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never;
};

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

/** Helps TypeScript infer the types of the option values. */
export function defineCommand<O extends Options>(
  command: Command<O>,
): Command<O> {
  return command;
}

interface Settings<T> {
  readonly required?: boolean;
  readonly defaultValue?: T;
}

/** An option with the given reading; required, defaulted, or maybe undefined. */
type Made<T, S> = S extends { required: true } | { defaultValue: T } ? Option<T>
  : Option<T | undefined>;

/** A path or any other text. */
export function text<S extends Settings<string>>(
  value: string,
  description: string,
  settings: S = {} as S,
): Made<string, S> {
  return make(value, description, settings, (given) => given);
}

/** A whole number within bounds. */
export function integer<S extends Settings<number>>(
  description: string,
  settings: S & { min?: number; max?: number } = {} as S,
): Made<number, S> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = settings;
  return make("N", description, settings, (given, flag) => {
    const number = Number(given);
    if (given.trim() === "" || !Number.isSafeInteger(number)) {
      throw new UsageError(`--${flag} takes a whole number, not "${given}"`);
    }
    return within(number, min, max, flag);
  });
}

/** A number within bounds. */
export function decimal<S extends Settings<number>>(
  description: string,
  settings: S & { min?: number; max?: number } = {} as S,
): Made<number, S> {
  const { min = 0, max = Infinity } = settings;
  return make("X", description, settings, (given, flag) => {
    const number = Number(given);
    if (given.trim() === "" || !Number.isFinite(number)) {
      throw new UsageError(`--${flag} takes a number, not "${given}"`);
    }
    return within(number, min, max, flag);
  });
}

/** One of a few words. */
export function choice<const T extends string, S extends Settings<T>>(
  words: readonly T[],
  description: string,
  settings: S = {} as S,
): Made<T, S> {
  return make(words.join("|"), description, settings, (given, flag) => {
    const word = words.find((word) => word === given);
    if (word === undefined) {
      throw new UsageError(
        `--${flag} is one of ${words.join(", ")}, not "${given}"`,
      );
    }
    return word;
  });
}

/** A yes/no flag, no unless given. */
export function flag(description: string): Option<boolean> {
  return {
    description,
    required: false,
    defaultValue: false,
    parse: (given, name) => {
      if (given !== "true" && given !== "false") {
        throw new UsageError(`--${name} takes no value`);
      }
      return given === "true";
    },
  };
}

function make<T, S extends Settings<T>>(
  value: string,
  description: string,
  { required = false, defaultValue }: S,
  parse: (text: string, flag: string) => T,
): Made<T, S> {
  return { value, description, required, defaultValue, parse } as Made<T, S>;
}

function within(
  number: number,
  min: number,
  max: number,
  flag: string,
): number {
  if (number < min || number > max) {
    const range = max === Infinity || max === Number.MAX_SAFE_INTEGER
      ? `at least ${min}`
      : `from ${min} to ${max}`;
    throw new UsageError(`--${flag} must be ${range}, not ${number}`);
  }
  return number;
}

/** The flags that every command takes. */
export const COMMON_OPTIONS = {
  config: text("FILE", "TOML file of these options; flags win over it"),
  seed: integer("random seed", { defaultValue: 42, max: 2 ** 32 - 1 }),
  backend: choice(
    ["auto", "cpu", "webgpu", "reference"],
    "where to compute; auto is the CPU",
    { defaultValue: "auto" },
  ),
  threads: integer("threads to use (default: one a core)", {
    min: 1,
    max: 64,
  }),
  json: flag("print one JSON object of results as the last line"),
  quiet: flag("no progress"),
  debug: flag("show the stack of an error"),
  help: flag("show this help"),
} as const;

/**
 * Reads a command's arguments and its `--config` file.
 *
 * @param command Whose options they are.
 * @param args What followed the command's name.
 * @returns Every option's value.
 * @throws {UsageError} For an unknown flag, a bad value or a missing one.
 */
export async function parseOptions<O extends Options>(
  command: Command<O>,
  args: readonly string[],
): Promise<Values<O> & Values<typeof COMMON_OPTIONS>> {
  const options: Options = { ...command.options, ...COMMON_OPTIONS };
  const isFlag = (name: string) => options[name].value === undefined;
  const names = Object.keys(options);
  const bare: string[] = [];
  const given: Record<string, unknown> = parseArgs([...args], {
    boolean: names.filter(isFlag),
    string: names.filter((name) => !isFlag(name)),
    collect: names.filter((name) => !isFlag(name)),
    alias: { help: "h" },
    unknown: (arg, key) => {
      if (key !== undefined) throw new UsageError(unknownFlag(key, names));
      if (command.positional !== undefined && bare.length === 0) {
        bare.push(arg);
        return false;
      }
      throw new UsageError(
        `Cannot use "${arg}": ${command.name} takes ` +
          (bare.length === 0 ? "options only" : "one name and options"),
      );
    },
  });
  const textsOf = (name: string) => [
    ...name === command.positional ? bare : [],
    ...(given[name] ?? []) as string[],
  ];
  const [file] = textsOf("config");
  const config = file && !given.help ? await readConfig(file, names) : {};
  const values: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(options)) {
    const texts: string[] = isFlag(name)
      ? given[name] ? ["true"] : []
      : textsOf(name);
    if (texts.length > 1) {
      throw new UsageError(`--${name} is given ${texts.length} times`);
    }
    const said = texts[0] ?? config[name];
    if (said === "" && !isFlag(name)) {
      throw new UsageError(`--${name} needs a value`);
    }
    values[name] = said === undefined
      ? option.defaultValue
      : option.parse(said, name);
    if (values[name] === undefined && option.required && !given.help) {
      throw new UsageError(
        `${command.name} needs --${name} ${option.value ?? ""}`.trimEnd(),
      );
    }
  }
  return values as Values<O> & Values<typeof COMMON_OPTIONS>;
}

async function readConfig(
  path: string,
  names: readonly string[],
): Promise<Record<string, string>> {
  const config: Record<string, string> = {};
  let table;
  try {
    table = parseToml(await Deno.readTextFile(path));
  } catch (error) {
    throw new Error(`Cannot read config "${path}": ${firstLine(error)}`);
  }
  for (const [key, value] of Object.entries(table)) {
    const name = key.replaceAll("_", "-");
    if (!names.includes(name) || typeof value === "object") {
      throw new UsageError(`${unknownFlag(name, names)} (in "${path}")`);
    }
    config[name] = String(value);
  }
  return config;
}

function firstLine(error: unknown): string {
  return reasonOf(error).split("\n", 1)[0];
}

function unknownFlag(flag: string, names: readonly string[]): string {
  const near = nearest(flag, names);
  return `Unknown option --${flag}` +
    (near === undefined ? "" : `; did you mean --${near}?`);
}

/** The known word that is at most two edits away. */
export function nearest(
  word: string,
  known: readonly string[],
): string | undefined {
  const ranked = known.map((name) => [editDistance(word, name), name] as const)
    .sort(([a], [b]) => a - b);
  return ranked.length > 0 && ranked[0][0] <= 2 ? ranked[0][1] : undefined;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + same);
    }
    row = next;
  }
  return row[b.length];
}

/** The text of `ptbr-slm <command> --help`. */
export function helpOf(command: Command): string {
  const describe = (options: Options) => {
    const rows = Object.entries(options).map(([name, option]) => [
      `  --${name}${option.value === undefined ? "" : ` ${option.value}`}`,
      option.description +
      (option.required ? " (required)" : defaultOf(option)),
    ]);
    const width = Math.min(34, Math.max(...rows.map(([left]) => left.length)));
    return rows.map(([left, right]) => `${left.padEnd(width)}  ${right}`)
      .join("\n");
  };
  return [
    `${command.name}: ${command.summary}`,
    ...(command.notes === undefined ? [] : ["", command.notes]),
    ...(Object.keys(command.options).length === 0
      ? []
      : ["", "Options:", describe(command.options)]),
    "",
    "Common options:",
    describe(COMMON_OPTIONS),
    "",
    "Examples:",
    ...command.examples.map((example) =>
      `  deno task ${command.name} ${example}`.trimEnd()
    ),
  ].join("\n");
}

function defaultOf({ defaultValue, value }: Option<unknown>): string {
  return defaultValue === undefined || value === undefined
    ? ""
    : ` (default: ${defaultValue})`;
}
