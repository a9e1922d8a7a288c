/**
 * A command line, and the file that `--config` names, to the values of a
 * command's options.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { parse as parseToml } from "npm:smol-toml@1.9.1";
import { reasonOf } from "../../files.ts";
import type { Command } from "./command.ts";
import {
  COMMON_OPTIONS,
  type Options,
  UsageError,
  type Values,
} from "./options.ts";

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
      ? option.default
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
    const [reason] = reasonOf(error).split("\n", 1);
    throw new Error(`Cannot read config "${path}": ${reason}`);
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
