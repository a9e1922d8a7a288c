/**
 * What bodies of requests may be: JSON Schema, as much of it as the API uses.
 * The same objects stand in the OpenAPI document and are what requests are
 * checked by, so that the two cannot differ.
 *
 * @module
 */

import { badRequest } from "./errors.ts";

/** The kinds of JSON values that JSON Schema knows. */
export type Kind =
  | "string"
  | "number"
  | "integer"
  | "boolean"
  | "array"
  | "object"
  | "null";

/** A schema; of each keyword what JSON Schema 2020-12 says holds. */
export interface Schema {
  readonly type?: Kind | readonly Kind[];
  readonly enum?: readonly (string | number | boolean | null)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly maxProperties?: number;
  readonly propertyNames?: { readonly maxLength: number };
  readonly anyOf?: readonly Schema[];
  readonly description?: string;
  readonly default?: unknown;
  /** Of the OpenAPI document's own schemas; answers only. */
  readonly $ref?: string;
}

/** The same, or null, which clients send for what they leave out. */
export function orNull(schema: Schema): Schema {
  const { type, anyOf } = schema;
  if (anyOf !== undefined) {
    return { ...schema, anyOf: [...anyOf, { type: "null" }] };
  }
  if (type === undefined) return schema;
  const kinds = typeof type === "string" ? [type] : type;
  if (kinds.includes("null")) return schema;
  return {
    ...schema,
    type: [...kinds, "null"],
    ...schema.enum && { enum: [...schema.enum, null] },
  };
}

/**
 * An object that has these properties and no others. All may be null but those
 * that are required.
 */
export function objectOf(
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[] = [],
): Schema {
  const entries = Object.entries(properties).map(([name, schema]) =>
    [name, required.includes(name) ? schema : orNull(schema)] as const
  );
  return {
    type: "object",
    properties: Object.fromEntries(entries),
    required,
    additionalProperties: false,
  };
}

/**
 * What is known and cannot be had, so that it may only be absent or null.
 *
 * @param reason Why it is refused, for an error.
 */
export function unsupported(reason: string): Schema {
  return { type: "null", description: reason };
}

/** The same of what may be an empty text. */
export function unsupportedText(reason: string): Schema {
  return { type: "string", maxLength: 0, description: reason };
}

/** The same of what may be an empty list. */
export function unsupportedList(reason: string): Schema {
  return { type: "array", maxItems: 0, description: reason };
}

/**
 * Throws unless a value is what a schema says.
 *
 * @param schema What it must be.
 * @param value What it is, of `JSON.parse`.
 * @param path Its place in the body, for the error.
 * @throws {ApiError} With the place of what is wrong.
 *
 * @example
 * ```ts
 * import { assertFits } from "./schema.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const schema = { type: "array", items: { type: "integer", minimum: 0 } } as const;
 * assertFits(schema, [1, 2], "ids");
 * assertThrows(
 *   () => assertFits(schema, [1, -2], "ids"),
 *   Error,
 *   "Cannot use ids[1]: it must be at least 0, not -2",
 * );
 * ```
 */
export function assertFits(schema: Schema, value: unknown, path = ""): void {
  if (schema.anyOf !== undefined) {
    const { anyOf } = schema;
    const like = anyOf.filter((branch) => isOfKind(branch, value));
    if (like.length === 0) throw wrongKind(schema, value, path);
    const near = like.find((branch) => beginsLike(branch, value)) ?? like[0];
    if (!anyOf.some((branch) => fits(branch, value))) {
      assertFits(near, value, path);
    }
    return;
  }
  if (!isOfKind(schema, value)) throw wrongKind(schema, value, path);
  if (schema.enum !== undefined && !schema.enum.includes(value as string)) {
    const words = schema.enum.filter((word) => word !== null);
    throw wrongValue(path, `it must be ${words.join(" or ")}`, value);
  }
  if (typeof value === "number") assertInRange(schema, value, path);
  else if (typeof value === "string") assertLength(schema, value, path);
  else if (Array.isArray(value)) assertItems(schema, value, path);
  else if (typeof value === "object" && value !== null) {
    assertProperties(schema, value as Record<string, unknown>, path);
  }
}

/** Whether a list is meant to be one of these, by its first item. */
function beginsLike({ items }: Schema, value: unknown): boolean {
  return items === undefined || !Array.isArray(value) || value.length === 0 ||
    isOfKind(items, value[0]);
}

function fits(schema: Schema, value: unknown): boolean {
  try {
    assertFits(schema, value);
    return true;
  } catch {
    return false;
  }
}

function kindsOf({ type = [], anyOf = [] }: Schema): readonly Kind[] {
  return [
    ...typeof type === "string" ? [type] : type,
    ...anyOf.flatMap(kindsOf),
  ];
}

function isOfKind(schema: Schema, value: unknown): boolean {
  const kinds = kindsOf(schema);
  return kinds.length === 0 || kinds.includes(kindOf(value)) ||
    (Number.isInteger(value) && kinds.includes("integer"));
}

function kindOf(value: unknown): Kind {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value as Kind;
}

function assertInRange(
  { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = -Infinity }:
    Schema,
  value: number,
  path: string,
): void {
  if (value < minimum) {
    throw wrongValue(path, `it must be at least ${minimum}`, value);
  }
  if (value > maximum) {
    throw wrongValue(path, `it must be at most ${maximum}`, value);
  }
  if (value <= exclusiveMinimum) {
    throw wrongValue(path, `it must be above ${exclusiveMinimum}`, value);
  }
}

/** Lengths count characters, as JSON Schema has it. */
function assertLength(
  schema: Schema,
  value: string,
  path: string,
): void {
  const { minLength = 0, maxLength = Infinity } = schema;
  if (maxLength === 0 && value !== "") throw notSupported(schema, path);
  if (minLength === 0 && value.length <= maxLength) return;
  const { length } = [...value];
  if (length < minLength) throw wrongValue(path, "it must not be empty", value);
  if (length > maxLength) {
    throw badRequest(
      path,
      `Cannot use ${path}: it must have at most ${maxLength} characters, not ${length}`,
    );
  }
}

function assertItems(
  schema: Schema,
  values: readonly unknown[],
  path: string,
): void {
  const { minItems = 0, maxItems = Infinity, items } = schema;
  const { length } = values;
  if (length > 0 && maxItems === 0) throw notSupported(schema, path);
  if (length < minItems || length > maxItems) {
    const bound = length < minItems
      ? `at least ${minItems}`
      : `at most ${maxItems}`;
    throw badRequest(
      path,
      `Cannot use ${path}: it must have ${bound} items, not ${length}`,
    );
  }
  if (items === undefined) return;
  values.forEach((value, i) => assertFits(items, value, `${path}[${i}]`));
}

function assertProperties(
  schema: Schema,
  value: Readonly<Record<string, unknown>>,
  path: string,
): void {
  const { properties = {}, required = [], additionalProperties = true } =
    schema;
  const under = (name: string) => path === "" ? name : `${path}.${name}`;
  assertNames(schema, value, path);
  for (const [name, part] of Object.entries(value)) {
    const place = under(shown(name));
    if (Object.hasOwn(properties, name)) {
      assertFits(properties[name], part, place);
    } else if (additionalProperties === false) {
      throw badRequest(
        place,
        `Cannot use ${place}: there is no such parameter here`,
        "unknown_parameter",
      );
    } else if (typeof additionalProperties === "object") {
      assertFits(additionalProperties, part, place);
    }
  }
  for (const name of required) {
    if (Object.hasOwn(value, name)) continue;
    throw badRequest(
      under(name),
      `Cannot do without ${under(name)}: it is required`,
      "missing_required_parameter",
    );
  }
}

/** How many names an object has, and how long they are. */
function assertNames(
  { maxProperties = Infinity, propertyNames }: Schema,
  value: Readonly<Record<string, unknown>>,
  path: string,
): void {
  const names = Object.keys(value);
  if (names.length > maxProperties) {
    throw badRequest(
      path,
      `Cannot use ${path}: it must have at most ${maxProperties} names, not ${names.length}`,
    );
  }
  const { maxLength = Infinity } = propertyNames ?? {};
  const long = names.find((name) => [...name].length > maxLength);
  if (long === undefined) return;
  throw badRequest(
    path,
    `Cannot use ${path}: its names must have at most ${maxLength} characters, not ${
      [...long].length
    }`,
  );
}

function wrongKind(schema: Schema, value: unknown, path: string) {
  const wanted = [...new Set(kindsOf(schema))].filter((kind) =>
    kind !== "null"
  );
  if (wanted.length === 0 || schema.maxLength === 0) {
    return notSupported(schema, path);
  }
  const place = path || "the body";
  return badRequest(
    path || null,
    `Cannot use ${place}: it must be ${
      wanted.map(withArticle).join(" or ")
    }, ` +
      `not ${typeof value === "number" ? value : withArticle(kindOf(value))}`,
    "invalid_type",
  );
}

function notSupported({ description }: Schema, path: string) {
  const message = `Cannot use ${path}: ${description}`;
  return badRequest(path, message, "unsupported_parameter");
}

function wrongValue(path: string, reason: string, value: unknown) {
  return badRequest(
    path,
    `Cannot use ${path}: ${reason}, not ${shown(JSON.stringify(value))}`,
  );
}

function withArticle(kind: Kind): string {
  if (kind === "null") return kind;
  return `${/^[aeio]/.test(kind) ? "an" : "a"} ${kind}`;
}

/** What a client sent, cut so that an answer stays short. */
function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
