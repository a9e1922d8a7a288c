/**
 * The fields of configurations: what each is by itself, and what it may be.
 *
 * @module
 */

/** A field that may be given or left out. */
export interface Field<T> {
  /** What it is where nothing is given; undefined where it is left out then. */
  readonly initial: T;
  /**
   * Gives the value back.
   *
   * @throws {RangeError} When the field cannot have it.
   */
  readonly check: (name: string, value: NonNullable<T>) => T;
}

/** The fields of a configuration, by their names. */
export type Fields<T> = {
  readonly [Name in keyof Required<T>]: Field<T[Name]>;
};

/**
 * Fills in what is absent and refuses what is unknown or cannot be.
 *
 * @param what What errors call the configuration.
 * @param fields Its fields, in their order.
 * @param given What differs from the initial values.
 * @throws {SyntaxError} For a field that is unknown.
 * @throws {RangeError} For a value that cannot be.
 *
 * @example
 * ```ts
 * import { readFields, real, whole } from "./fields.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const fields = { steps: whole(100, 1, 1000), rate: real(0.1, 0, 1) };
 * assertEquals(readFields("run", fields, { rate: 0.5 }), { steps: 100, rate: 0.5 });
 * assertThrows(() => readFields("run", fields, { rate: 2 }), RangeError);
 * ```
 */
export function readFields<T extends object>(
  what: string,
  fields: Fields<T>,
  given: Partial<NoInfer<T>>,
): T {
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(fields, name)) continue;
    throw new SyntaxError(
      `Cannot read the ${what} configuration: unknown field "${name}"`,
    );
  }
  const read: Partial<T> = {};
  for (const name of Object.keys(fields) as (keyof T & string)[]) {
    const { initial, check } = fields[name];
    const value = given[name] === undefined ? initial : given[name];
    if (value !== undefined) read[name] = check(name, value!);
  }
  return read as T;
}

/** A number within bounds. */
export function real(initial: number, min: number, max: number): Field<number> {
  return { initial, check: within(min, max) };
}

/** A number within bounds, or nothing. */
export function optionalReal(
  min: number,
  max: number,
): Field<number | undefined> {
  return { initial: undefined, check: within(min, max) };
}

/** A whole number within bounds. */
export function whole(
  initial: number,
  min: number,
  max: number,
): Field<number> {
  return { initial, check: wholeWithin(min, max) };
}

/** A whole number within bounds, or nothing. */
export function optionalWhole(
  min: number,
  max: number,
): Field<number | undefined> {
  return { initial: undefined, check: wholeWithin(min, max) };
}

/** One of some words. */
export function oneOf<T extends string>(
  initial: T,
  words: readonly T[],
): Field<T> {
  return {
    initial,
    check(name, value) {
      if (words.includes(value)) return value;
      throw new RangeError(
        `Cannot use ${name} "${value}": it is one of ${words.join(", ")}`,
      );
    },
  };
}

/** A text, or nothing. */
export function optionalText(): Field<string | undefined> {
  return {
    initial: undefined,
    check(name, value) {
      if (typeof value === "string") return value;
      throw new RangeError(`Cannot use ${name} ${value}: it is a text`);
    },
  };
}

/** One of some words, or nothing. */
export function optionalOneOf<T extends string>(
  words: readonly T[],
): Field<T | undefined> {
  const { check } = oneOf(words[0], words);
  return { initial: undefined, check };
}

/** True or false. */
export function yesNo(initial: boolean): Field<boolean> {
  return {
    initial,
    check(name, value) {
      if (typeof value === "boolean") return value;
      throw new RangeError(`Cannot use ${name} ${value}: it is true or false`);
    },
  };
}

function wholeWithin(min: number, max: number): Field<number>["check"] {
  const check = within(min, max);
  return (name, value) => {
    if (Number.isInteger(value)) return check(name, value);
    throw new RangeError(`Cannot use ${name} ${value}: not a whole number`);
  };
}

function within(min: number, max: number): Field<number>["check"] {
  return (name, value) => {
    if (typeof value === "number" && value >= min && value <= max) return value;
    throw new RangeError(
      `Cannot use ${name} ${value}: it must be from ${min} to ${max}`,
    );
  };
}
