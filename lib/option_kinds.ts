/**
 * What the options of a function are, for callers whose types nobody has
 * checked: a program in JavaScript, or values of a form or a file.
 *
 * @module
 */

/** What a value may be, in words, and how that is found out. */
const KINDS = {
  text: ["a text", (value: unknown): boolean => typeof value === "string"],
  texts: [
    "a list of texts",
    (value: unknown): boolean =>
      Array.isArray(value) && value.every((item) => typeof item === "string"),
  ],
  numbers: [
    "a list of numbers",
    (value: unknown): boolean =>
      Array.isArray(value) && value.every((item) => typeof item === "number"),
  ],
  list: ["a list", (value: unknown): boolean => Array.isArray(value)],
  textOrList: [
    "a text or a list",
    (value: unknown): boolean =>
      typeof value === "string" || Array.isArray(value),
  ],
  textOrObject: [
    "a text or an object",
    (value: unknown): boolean => typeof value === "string" || isObject(value),
  ],
  object: ["an object", (value: unknown): boolean => isObject(value)],
  number: ["a number", (value: unknown): boolean => typeof value === "number"],
  flag: [
    "true or false",
    (value: unknown): boolean => typeof value === "boolean",
  ],
  function: [
    "a function",
    (value: unknown): boolean => typeof value === "function",
  ],
  signal: [
    "an AbortSignal",
    (value: unknown): boolean => value instanceof AbortSignal,
  ],
  backend: [
    "a backend, its name or a function",
    (value: unknown): boolean =>
      typeof value === "string" || typeof value === "function" ||
      isObject(value),
  ],
} as const;

/** A kind that says of which values there are any. */
export interface BoundedKind {
  /** What it must be, in words. */
  readonly words: string;
  /** Whether a value is of the kind at all. */
  readonly fits: (value: unknown) => boolean;
  /** Whether it is within its bounds, where it is of the kind. */
  readonly isWithin: (value: unknown) => boolean;
  /** Whether it must be given; it may be left out otherwise. */
  readonly isRequired?: boolean;
}

/** What an option is; with a question mark where it may be left out. */
export type OptionKind =
  | keyof typeof KINDS
  | `${keyof typeof KINDS}?`
  | BoundedKind;

/** What each option is. */
export type OptionKinds<T> = {
  readonly [Name in keyof T]-?: OptionKind;
};

/** A whole number within bounds. */
export function wholeFrom(
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): BoundedKind {
  return {
    words: max === Number.MAX_SAFE_INTEGER
      ? `a whole number, at least ${min}`
      : `a whole number from ${min} to ${max}`,
    fits: (value) => typeof value === "number",
    isWithin: (value) =>
      Number.isSafeInteger(value) && Number(value) >= min &&
      Number(value) <= max,
  };
}

/** The same, or a word. */
export function wholeFromOr(word: string, min: number): BoundedKind {
  const { words, fits, isWithin } = wholeFrom(min);
  return {
    words: `${words}, or "${word}"`,
    fits: (value) => fits(value) || typeof value === "string",
    isWithin: (value) => isWithin(value) || value === word,
  };
}

/** One of some words. */
export function oneOf(words: readonly string[]): BoundedKind {
  return {
    words: `one of ${words.join(", ")}`,
    fits: (value) => typeof value === "string",
    isWithin: (value) => words.includes(String(value)),
  };
}

/**
 * What a class makes.
 *
 * @param words As "a PTBRNormalizer".
 */
export function instanceOf(
  // deno-lint-ignore no-explicit-any
  type: abstract new (...given: any[]) => object,
  words: string,
): BoundedKind {
  return {
    words,
    fits: (value) => value instanceof type,
    isWithin: () => true,
  };
}

/** Where a model may live, for what does not open it by itself. */
export const OPEN_BACKEND: BoundedKind = {
  words: "an open backend, as openBackend() gives one",
  fits: isObject,
  isWithin: () => true,
  isRequired: true,
};

/** A seed, as every draw takes one. */
export const SEED: BoundedKind = wholeFrom(0, 2 ** 32 - 1);

/**
 * Refuses options that are unknown, missing, of another kind than they should be,
 * or out of the bounds that their kinds say.
 *
 * @param action What cannot be done then, as errors say it.
 * @param options What was given.
 * @param kinds What it should be, by name.
 * @throws {TypeError} Naming the first that is unknown or something else.
 * @throws {RangeError} Naming the first that is out of bounds.
 *
 * @example
 * ```ts
 * import { assertOptions, wholeFrom } from "./option_kinds.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const kinds = { input: "text", threads: wholeFrom(1) } as const;
 * assertOptions("read", { input: "a.txt" }, kinds);
 * assertThrows(
 *   () => assertOptions("read", { input: ["a.txt"] }, kinds),
 *   TypeError,
 *   "Cannot read: input must be a text, not a list",
 * );
 * assertThrows(
 *   () => assertOptions("read", { input: "a.txt", thread: 2 }, kinds),
 *   TypeError,
 *   "Cannot read: unknown option thread; did you mean threads?",
 * );
 * ```
 */
export function assertOptions<T extends object>(
  action: string,
  options: unknown,
  kinds: OptionKinds<T>,
): void {
  if (!isObject(options)) {
    throw new TypeError(
      `Cannot ${action}: the options must be an object, not ${told(options)}`,
    );
  }
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || Object.hasOwn(kinds, name)) continue;
    const near = nearest(name, Object.keys(kinds));
    throw new TypeError(
      `Cannot ${action}: unknown option ${name}` +
        (near === undefined ? "" : `; did you mean ${near}?`),
    );
  }
  for (const [name, kind] of Object.entries<OptionKind>(kinds)) {
    assertKind(action, name, Reflect.get(options, name), kind);
  }
}

/**
 * Refuses a value of another kind than it should be, or out of bounds.
 *
 * @param action What cannot be done then.
 * @param name What the value is called.
 * @param value What was given.
 * @param kind What it should be.
 * @throws {TypeError} When it is something else.
 * @throws {RangeError} When it is out of bounds.
 */
export function assertKind(
  action: string,
  name: string,
  value: unknown,
  kind: OptionKind,
): void {
  const { words, fits, isWithin, optional } = read(kind);
  if (value === undefined && optional) return;
  const reason = () =>
    `Cannot ${action}: ${name} must be ${words}, not ${told(value)}`;
  if (!fits(value)) throw new TypeError(reason());
  if (!isWithin(value)) throw new RangeError(reason());
}

/**
 * The known word that is near: at most two edits away, and not another word
 * altogether.
 */
export function nearest(
  word: string,
  known: readonly string[],
): string | undefined {
  const ranked = known.map((name) => [editDistance(word, name), name] as const)
    .sort(([a], [b]) => a - b);
  const [distance, name] = ranked[0] ?? [Infinity, undefined];
  return distance <= Math.min(2, word.length - 1) ? name : undefined;
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

function read(kind: OptionKind): BoundedKind & { optional: boolean } {
  if (typeof kind === "object") return { ...kind, optional: !kind.isRequired };
  const [words, fits] = KINDS[kind.replace("?", "") as keyof typeof KINDS];
  const optional = kind.endsWith("?");
  return { words, fits, isWithin: () => true, optional };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
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
