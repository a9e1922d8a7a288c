/** Types of `@std/cli/parse-args`, as far as this project uses it. */

/** What `parseArgs` is told about the flags. */
export interface ParseOptions {
  boolean?: readonly string[];
  string?: readonly string[];
  collect?: readonly string[];
  alias?: Record<string, string | readonly string[]>;
  default?: Record<string, unknown>;
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** Flags by name, and the rest in order under `_`. */
export interface Args {
  _: (string | number)[];
  [key: string]: unknown;
}

/** Splits an argument list into flags and positional arguments. */
export function parseArgs(
  args: string[],
  options?: ParseOptions,
): Args;
