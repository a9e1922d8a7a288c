/**
 * What the options of a function are, for callers whose types nobody has
 * checked: a program in JavaScript, or values of a form or a file.
 *
 * @module
 */

/** What a value may be, in words, and how that is found out. */
const KINDS = {
  text: ["a text", (value: unknown) => typeof value === "string"],
  texts: [
    "a list of texts",
    (value: unknown) =>
      Array.isArray(value) && value.every((item) => typeof item === "string"),
  ],
  numbers: [
    "a list of numbers",
    (value: unknown) =>
      Array.isArray(value) && value.every((item) => typeof item === "number"),
  ],
  number: ["a number", (value: unknown) => typeof value === "number"],
  flag: ["true or false", (value: unknown) => typeof value === "boolean"],
  function: ["a function", (value: unknown) => typeof value === "function"],
  signal: [
    "an AbortSignal",
    (value: unknown) => value instanceof AbortSignal,
  ],
} as const;

/** What each option is; with a question mark where it may be left out. */
export type OptionKinds<T> = {
  readonly [Name in keyof T]?: keyof typeof KINDS | `${keyof typeof KINDS}?`;
};

/**
 * Refuses options of another kind than they should be. Whether a value is within
 * its bounds is for whoever uses it to say.
 *
 * @param action What cannot be done then, as errors say it.
 * @param options What was given.
 * @param kinds What it should be, by name; other options are not looked at.
 * @throws {TypeError} Naming the first that is something else.
 *
 * @example
 * ```ts
 * import { assertOptions } from "./option_kinds.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const kinds = { input: "text", threads: "number?" } as const;
 * assertOptions("read", { input: "a.txt" }, kinds);
 * assertThrows(
 *   () => assertOptions("read", { input: ["a.txt"] }, kinds),
 *   TypeError,
 *   "Cannot read: input must be a text, not a list",
 * );
 * ```
 */
export function assertOptions<T extends object>(
  action: string,
  options: object,
  kinds: OptionKinds<T>,
): void {
  for (const [name, kind] of Object.entries(kinds) as [string, string][]) {
    const value = Reflect.get(options, name);
    if (value === undefined && kind.endsWith("?")) continue;
    const [words, fits] = KINDS[kind.replace("?", "") as keyof typeof KINDS];
    if (fits(value)) continue;
    throw new TypeError(
      `Cannot ${action}: ${name} must be ${words}, not ${told(value)}`,
    );
  }
}

/** A value of the wrong kind, in a few words. */
function told(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "function") return "a function";
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "string"
    ? JSON.stringify(value.slice(0, 100))
    : String(value);
}
