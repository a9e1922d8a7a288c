/**
 * A command line, and the file that `--config` names, to the values of a
 * command's options.
 *
 * @module
 */

import { leadsOutside, readTextOf, reasonOf } from "../../files.ts";
import { nearest } from "../../option_kinds.ts";
import { parseToml } from "../../toml.ts";
import type { Command } from "./command.ts";
import {
  COMMON_OPTIONS,
  type Options,
  takesPath,
  UsageError,
  type Values,
} from "./options.ts";

/**
 * Reads a command's arguments and its `--config` file.
 *
 * @param command Whose options they are.
 * @param args What followed the command's name.
 * @returns Every option's value. Where help is asked for, nothing else is
 * looked at.
 * @throws {UsageError} For an unknown flag, a bad value or a missing one.
 */
export async function parseOptions<O extends Options>(
  command: Command<O>,
  args: readonly string[],
): Promise<Values<O> & Values<typeof COMMON_OPTIONS>> {
  const options: Options = { ...command.options, ...COMMON_OPTIONS };
  const given = readArguments(command, options, args);
  if (given === undefined) return { ...defaultsOf(options), help: true };
  const [file] = given.config ?? [];
  const config = file ? await readConfig(file, options) : {};
  const [outside = "false"] = given["allow-outside"] ?? [];
  if (outside !== "true") assertInside(file, config, options);
  const values: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(options)) {
    const texts = given[name] ?? [];
    if (texts.length > 1 && option.value !== undefined && !option.repeatable) {
      throw new UsageError(`--${name} is given ${texts.length} times`);
    }
    // Said twice, a yes is still a yes.
    const said = texts.at(-1) ?? config[name];
    if (said === "" && !option.mayBeEmpty) {
      throw new UsageError(
        option.value === undefined
          ? `--${name} takes no value`
          : `--${name} needs a value`,
      );
    }
    values[name] = said === undefined
      ? option.default
      : texts.length > 1 && option.repeatable
      ? texts.flatMap((text) => option.parse(text, name))
      : option.parse(said, name);
    if (values[name] === undefined && option.required) {
      throw new UsageError(
        `${command.name} needs --${name} ${option.value ?? ""}`.trimEnd(),
      );
    }
  }
  return values as Values<O> & Values<typeof COMMON_OPTIONS>;
}

// deno-lint-ignore no-explicit-any
function defaultsOf(options: Options): any {
  return Object.fromEntries(
    Object.entries(options).map(([name, option]) => [name, option.default]),
  );
}

/**
 * What was given for each option, as text; undefined where help is asked for.
 *
 * A value may begin with a dash, as `-1` and `- item` do. Only what looks like
 * an option (`--name`, `-h`) is none: there a value was forgotten more likely
 * than meant, and `--option=--name` says that it was meant.
 */
function readArguments<O extends Options>(
  command: Command<O>,
  options: Options,
  args: readonly string[],
): Record<string, string[]> | undefined {
  const given: Record<string, string[]> = {};
  const add = (name: string, text: string) => (given[name] ??= []).push(text);
  const refused: UsageError[] = [];
  const refuse = (message: string) => refused.push(new UsageError(message));
  let onlyNames = false;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at];
    if (!onlyNames && (arg === "-h" || arg === "--help")) return undefined;
    const option = onlyNames ? null : /^--([^=]+)(?:=([^]*))?$/.exec(arg);
    if (!onlyNames && arg === "--") {
      onlyNames = true;
    } else if (option === null) {
      const isOption = !onlyNames && /^-[^-\d]/.test(arg);
      if (isOption) refuse(unknownFlag(arg, Object.keys(options)));
      else if (command.positional === undefined) {
        refuse(
          `Cannot use "${arg}": ${command.name} takes options only, and a value of several words in quotes`,
        );
      } else if (given[command.positional] !== undefined) {
        refuse(
          `Cannot use "${arg}": ${command.name} takes one name and options`,
        );
      } else add(command.positional, arg);
    } else {
      const [, name, text] = option;
      if (!Object.hasOwn(options, name)) {
        const { instead = {} } = command;
        refuse(
          Object.hasOwn(instead, name)
            ? `Cannot use --${name} here: ${instead[name]}`
            : unknownFlag(`--${name}`, Object.keys(options)),
        );
      } else if (text !== undefined) add(name, text);
      else if (options[name].value === undefined) add(name, "true");
      else if (at + 1 < args.length && !looksLikeOption(args[at + 1])) {
        add(name, args[++at]);
      } else refuse(missingValue(name, args[at + 1]));
    }
  }
  if (refused.length > 0) throw refused[0];
  return given;
}

/** Whether an argument has the form of an option, such as `--seed=1`. */
function looksLikeOption(arg: string): boolean {
  return arg === "-h" || /^--[a-z][a-z\d-]*(?:=[^]*)?$/i.test(arg);
}

function missingValue(name: string, next: string | undefined): string {
  return `--${name} needs a value` +
    (next === undefined
      ? ""
      : `; if ${next} is meant, write --${name}=${next}`);
}

async function readConfig(
  path: string,
  options: Options,
): Promise<Record<string, string>> {
  const names = Object.keys(options);
  const config: Record<string, string> = {};
  const text = await readTextOf(path).catch((error) => {
    throw new Error(`Cannot read config "${path}": ${reasonOf(error)}`);
  });
  const table = parseToml(text, `config "${path}"`);
  if ("d_model" in table && !names.includes("d-model")) {
    throw new UsageError(
      `Cannot use config "${path}": it describes a model, which train takes as --model-config`,
    );
  }
  for (const [key, value] of Object.entries(table)) {
    const name = key.replaceAll("_", "-");
    if (COMMAND_LINE_ONLY.includes(name)) {
      throw new UsageError(
        `--${name} is for the command line only (in "${path}")`,
      );
    }
    if (!names.includes(name)) {
      throw new UsageError(`${unknownFlag(`--${name}`, names)} (in "${path}")`);
    }
    if (value instanceof Date) {
      throw new UsageError(
        `--${name} takes no date or time; text stands in quotes (in "${path}")`,
      );
    }
    if (typeof value === "object") {
      throw new UsageError(
        `--${name} takes one value, no list or table (in "${path}")`,
      );
    }
    config[name] = String(value);
    if (name === "blas" && !BLAS_WORDS.includes(config.blas)) {
      throw new UsageError(
        `--blas is ${
          BLAS_WORDS.join(" or ")
        } in a file: a library is named on the command line only (in "${path}")`,
      );
    }
  }
  return config;
}

/** What a file may not say: what would permit itself, or do nothing else. */
const COMMAND_LINE_ONLY = ["allow-outside", "config", "help", "version"];
/** A path would be a program that is run, and a file is no program. */
const BLAS_WORDS = ["auto", "none"];

/**
 * Refuses a file whose paths lead out of the working folder: it may be somebody
 * else's.
 *
 * @param file Where the values are from.
 */
function assertInside(
  file: string,
  values: Readonly<Record<string, string>>,
  options: Options,
): void {
  for (const [name, value] of Object.entries(values)) {
    if (!takesPath(options[name])) continue;
    // Some are lists, some with weights: A=3,B=1.
    const paths = [value, ...value.split(",")];
    if (paths.some((path) => leadsOutside(path))) {
      throw new UsageError(
        `--${name} leads out of the working folder (in "${file}"); --allow-outside permits it`,
      );
    }
  }
}

/** @param flag With its dashes, as it was written. */
function unknownFlag(flag: string, names: readonly string[]): string {
  const [, dashes, word] = /^(--?)([^]*)$/.exec(flag)!;
  const near = nearest(word, names);
  return (dashes === "-"
    ? `Unknown option "-${word}"`
    : `Unknown option --${word}`) +
    (near === undefined ? "" : `; did you mean --${near}?`);
}
