/**
 * The kinds of options, and those that several commands take: a description for
 * `--help`, a default, and how the text after the flag is read.
 *
 * @module
 */

import { type Language, languageNamed } from "./language.ts";

/** Whether an option's value is, or may be, a path. */
export function takesPath({ value = "" }: Option<unknown>): boolean {
  return /\b(?:FILE|FOLDER|PATH)/.test(value);
}

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
  /** All words that it takes, where they are few. */
  readonly choices?: readonly string[];
  /** One line for the help, without a full stop. */
  readonly description: string;
  /** True when the command cannot run without it. */
  readonly required?: boolean;
  /** The value where the flag is not given. */
  readonly default?: T;
  /** True where an empty text is a value too. */
  readonly mayBeEmpty?: boolean;
  /** Which options it stands among in the help; its command's own unless given. */
  readonly group?: "choosing";
  /** True where it may be given several times: its values are lists, joined. */
  readonly repeatable?: boolean;
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

/** An option with a default, or one that may be undefined. */
type Made<T, S> = S extends { default: T } ? Option<T> : Option<T | undefined>;

/** Bounds and default of a number. */
interface NumberSettings {
  readonly default?: number;
  readonly min?: number;
  readonly max?: number;
}

/** Default of a text, and whether it may be empty. */
interface TextSettings {
  readonly default?: string;
  readonly mayBeEmpty?: boolean;
}

/** An option that takes a path or any other text. */
export function text<S extends TextSettings>(
  value: string,
  description: string,
  settings: S = {} as S,
): Made<string, S> {
  const { mayBeEmpty } = settings;
  const option = made(value, description, settings, (given: string) => given);
  return { ...option, mayBeEmpty } as Made<string, S>;
}

/** The same, for a text without which the command cannot run. */
export function requiredText(
  value: string,
  description: string,
): Option<string> {
  return { value, description, required: true, parse: (given) => given };
}

/** An option that may be given several times; a list, empty unless given. */
export function list<T>(
  value: string,
  description: string,
  parse: (text: string, flag: string) => readonly T[],
): Option<readonly T[]> {
  return { value, description, default: [], repeatable: true, parse };
}

/** An option that takes a whole number within bounds. */
export function integer<S extends NumberSettings>(
  description: string,
  settings: S = {} as S,
): Made<number, S> {
  return made("N", description, settings, (given, flag) => {
    const number = readNumber(given);
    if (Number.isSafeInteger(number)) return within(settings, number, flag);
    throw new UsageError(`--${flag} takes a whole number, not "${given}"`);
  });
}

/** An option that takes a whole number within bounds, or a word instead. */
export function integerOr<const W extends string>(
  word: W,
  description: string,
  settings: Omit<NumberSettings, "default"> = {},
): Option<number | W | undefined> {
  const number = integer(description, settings);
  return {
    ...number,
    value: `N|${word}`,
    parse: (given, flag) => {
      if (given === word) return word;
      if (Number.isNaN(readNumber(given))) {
        throw new UsageError(
          `--${flag} takes a whole number or ${word}, not "${given}"`,
        );
      }
      return number.parse(given, flag);
    },
  };
}

/** An option that takes a number within bounds. */
export function decimal<S extends NumberSettings>(
  description: string,
  settings: S = {} as S,
): Made<number, S> {
  return made("X", description, settings, (given, flag) => {
    const number = readNumber(given);
    if (Number.isFinite(number)) return within(settings, number, flag);
    throw new UsageError(`--${flag} takes a number, not "${given}"`);
  });
}

/** An option that takes one of a few words. */
export function choice<
  const T extends string,
  S extends { readonly default?: T },
>(
  words: readonly T[],
  description: string,
  settings: S = {} as S,
): Made<T, S> {
  const parse = (given: string, flag: string) => {
    const word = words.find((word) => word === given);
    if (word !== undefined) return word;
    throw new UsageError(
      `--${flag} is one of ${words.join(", ")}, not "${given}"`,
    );
  };
  return {
    ...made(words.join("|"), description, settings, parse),
    choices: words,
  } as Made<T, S>;
}

/** The same, for a word without which the command cannot run. */
export function requiredChoice<const T extends string>(
  words: readonly T[],
  description: string,
): Option<T> {
  return { ...choice(words, description), required: true } as Option<T>;
}

/** An option that takes a language that the program speaks. */
function language(description: string): Option<Language | undefined> {
  const parse = (given: string, flag: string) => {
    const known = languageNamed(given);
    if (known !== undefined) return known;
    throw new UsageError(`--${flag} is one of pt-BR, en, not "${given}"`);
  };
  const choices = ["pt-BR", "en"];
  return { value: choices.join("|"), choices, description, parse };
}

/** A yes/no flag, no unless given. */
export function flag(description: string): Option<boolean> {
  return {
    description,
    default: false,
    parse: (given, name) => {
      if (given === "true" || given === "false") return given === "true";
      throw new UsageError(`--${name} takes no value`);
    },
  };
}

function made<T, S extends { readonly default?: T }>(
  value: string,
  description: string,
  settings: S,
  parse: (text: string, flag: string) => T,
): Made<T, S> {
  return { value, description, default: settings.default, parse } as Made<T, S>;
}

function readNumber(given: string): number {
  return given.trim() === "" ? NaN : Number(given);
}

function within(
  { min = 0, max = Infinity }: NumberSettings,
  number: number,
  flag: string,
): number {
  if (number >= min && number <= max) return number;
  const range = max === Infinity ? `at least ${min}` : `from ${min} to ${max}`;
  throw new UsageError(`--${flag} must be ${range}, not ${number}`);
}

/** The flags that every command takes. */
export const COMMON_OPTIONS = {
  config: text("FILE", "TOML file of these options; flags win over it"),
  "allow-outside": flag(
    "paths in that file, or in a recipe, may lead out of this folder",
  ),
  json: flag("print one JSON object of results as the last line"),
  quiet: flag("no progress and no notes; warnings stay"),
  debug: flag("show the stack of an error"),
  lang: language("language of messages: pt-BR or en (default: the system's)"),
  help: flag("show this help"),
} as const;

/** What of a command's values its stage takes by the same names. */
type StageValues<V, Name> = Omit<
  V,
  keyof typeof COMMON_OPTIONS | `${string}-${string}` | (Name & string)
>;

/**
 * What of a command's values its stage takes by the same names: neither what
 * every command is given, nor what goes by another name there.
 *
 * @param values Of the command.
 * @param others What the stage does not take besides.
 */
export function stageValues<
  V extends object,
  Name extends keyof V & string = never,
>(
  values: V,
  ...others: Name[]
): StageValues<V, Name> {
  const left: readonly string[] = [...Object.keys(COMMON_OPTIONS), ...others];
  return Object.fromEntries(
    Object.entries(values).filter(([name]) =>
      !name.includes("-") && !left.includes(name)
    ),
  ) as StageValues<V, Name>;
}

/** The flag of commands that choose at random. */
export const SEED = {
  seed: integer("random seed", { default: 42, max: 2 ** 32 - 1 }),
} as const;

/** The flag of commands that work on several threads. */
export const THREADS = {
  threads: integer("threads to use (default: one a core)", { min: 1, max: 64 }),
} as const;

/** What every command that reads text may be given. */
export const TEXT_INPUT =
  "text (.txt .md .html .jsonl .parquet .epub): a file or a folder";
