/**
 * Requests made of a schema, most of them wrong in some place.
 *
 * @module
 */

import type { Schema } from "../../../lib/serve/http/schema.ts";

/** What no parameter expects, or not in its place. */
const ODD: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1e308,
  -1e308,
  2 ** 53,
  0.5,
  "",
  "a",
  "\u0000",
  "\ud800",
  "ção 😀".repeat(50),
  [],
  [[]],
  [null],
  {},
  { type: "image_url" },
  { toString: 1 },
  JSON.parse('{"__proto__": {"polluted": true}}'),
];

/** Names that an object may be given besides its own. */
const NAMES = [
  "x",
  "",
  "__proto__",
  "constructor",
  "temprature",
  "a".repeat(200),
];

/** Makes requests; the same for the same seed. */
export class RequestMaker {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** A number in [0, 1). */
  random(): number {
    // mulberry32
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** One of some. */
  pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.random() * values.length)];
  }

  /** A value that fits a schema. */
  fitting(schema: Schema, depth = 0): unknown {
    if (schema.anyOf) return this.fitting(this.pick(schema.anyOf), depth);
    if (schema.enum) return this.pick(schema.enum);
    const kinds = typeof schema.type === "string"
      ? [schema.type]
      : schema.type ?? ["string"];
    switch (this.pick(kinds)) {
      case "null":
        return null;
      case "boolean":
        return this.random() < 0.5;
      case "integer":
        return Math.floor(this.#number(schema));
      case "number":
        return this.#number(schema);
      case "string":
        return this.#text(schema);
      case "array":
        return this.#list(schema, depth);
      case "object":
        return this.#object(schema, depth);
    }
  }

  /** The same with something changed somewhere. */
  spoilt(value: unknown): unknown {
    if (typeof value !== "object" || value === null || this.random() < 0.1) {
      return this.pick(ODD);
    }
    if (Array.isArray(value)) {
      if (value.length === 0) return [this.pick(ODD)];
      const at = Math.floor(this.random() * value.length);
      return value.with(at, this.spoilt(value[at]));
    }
    const names = Object.keys(value);
    const changed = new Map(Object.entries(value));
    const chance = this.random();
    if (chance < 0.2 || names.length === 0) {
      changed.set(this.pick(NAMES), this.pick(ODD));
    } else {
      const name = this.pick(names);
      if (chance < 0.35) changed.delete(name);
      else changed.set(name, this.spoilt(changed.get(name)));
    }
    return Object.fromEntries(changed);
  }

  /** What is no JSON, or as much of it as no server should read. */
  broken(text: string): Uint8Array<ArrayBuffer> {
    const bytes = new TextEncoder().encode(text);
    switch (Math.floor(this.random() * 4)) {
      case 0:
        return bytes.slice(0, bytes.length - 1);
      case 1:
        return Uint8Array.of(0x22, 0xff, 0xfe, 0x22);
      case 2:
        return new TextEncoder().encode("[".repeat(100_000));
      default:
        return new TextEncoder().encode(`${text}}`);
    }
  }

  #number(schema: Schema): number {
    const { minimum = schema.exclusiveMinimum ?? 0, maximum = 100 } = schema;
    const span = Math.min(maximum, minimum + 1000) - minimum;
    const number = minimum + this.random() * span;
    return number === schema.exclusiveMinimum ? maximum : number;
  }

  #text({ minLength = 0, maxLength = 20 }: Schema): string {
    const most = Math.min(maxLength, 20);
    const length = minLength + Math.floor(this.random() * (most - minLength));
    return Array.from({ length }, () => this.pick([..."abç \n😀"])).join("");
  }

  #list({ minItems = 0, maxItems = 3, items = {} }: Schema, depth: number) {
    const most = Math.min(maxItems, minItems + 3);
    const length = minItems + Math.floor(this.random() * (most - minItems + 1));
    return Array.from({ length }, () => this.fitting(items, depth + 1));
  }

  #object(schema: Schema, depth: number): object {
    const { properties = {}, required = [] } = schema;
    const entries = Object.entries(properties)
      .filter(([name]) => required.includes(name) || this.random() < 0.2)
      .map(([name, part]) => [name, this.fitting(part, depth + 1)]);
    return Object.fromEntries(entries);
  }
}
