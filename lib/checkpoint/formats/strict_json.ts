/**
 * JSON from outside, for headers: bounded in depth and number of values, and a
 * key that stands twice is an error, where `JSON.parse` would keep the last.
 *
 * @module
 */

/** A value; objects come as maps, so that no name means anything. */
export type StrictJson =
  | null
  | boolean
  | number
  | string
  | readonly StrictJson[]
  | ReadonlyMap<string, StrictJson>;

/** What a text may hold. */
export interface JsonLimits {
  /** Lists and objects within one another. */
  readonly depth: number;
  /** Values, keys among them. */
  readonly values: number;
}

/**
 * Parses a text.
 *
 * @param text From anywhere.
 * @param limits What it may hold at most.
 * @throws {SyntaxError} When it holds more, is not JSON, or names a key twice;
 * the message is the reason alone.
 *
 * @example
 * ```ts
 * import { parseStrictJson } from "./strict_json.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const limits = { depth: 2, values: 10 };
 * assertEquals(parseStrictJson('{"a": [1]}', limits), new Map([["a", [1]]]));
 * assertThrows(() => parseStrictJson('{"a": 1, "a": 2}', limits), SyntaxError);
 * ```
 */
export function parseStrictJson(text: string, limits: JsonLimits): StrictJson {
  return new Parser(text, limits).parse();
}

const NUMBER = /-?(?:0|[1-9]\d{0,19})(?:\.\d{1,30})?(?:[eE][+-]?\d{1,4})?/y;
const WORDS = { true: true, false: false, null: null } as const;

class Parser {
  readonly #text: string;
  readonly #limits: JsonLimits;
  #at = 0;
  #values = 0;

  constructor(text: string, limits: JsonLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  parse(): StrictJson {
    const value = this.#value(0);
    this.#skip();
    if (this.#at < this.#text.length) this.#fail();
    return value;
  }

  #value(depth: number): StrictJson {
    if (++this.#values > this.#limits.values) {
      throw new SyntaxError(`it has more than ${this.#limits.values} values`);
    }
    this.#skip();
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object(this.#deeper(depth));
      case "[":
        return this.#list(this.#deeper(depth));
      case '"':
        return this.#string();
      default:
        return this.#word();
    }
  }

  #deeper(depth: number): number {
    if (depth < this.#limits.depth) return depth + 1;
    throw new SyntaxError(`it is nested deeper than ${this.#limits.depth}`);
  }

  #object(depth: number): ReadonlyMap<string, StrictJson> {
    const object = new Map<string, StrictJson>();
    for (let more = this.#open("}"); more; more = this.#more("}")) {
      this.#skip();
      if (this.#text[this.#at] !== '"') this.#fail();
      const key = this.#string();
      if (object.has(key)) {
        throw new SyntaxError(`it has ${key.slice(0, 100)} twice`);
      }
      this.#skip();
      if (this.#text[this.#at++] !== ":") this.#fail();
      object.set(key, this.#value(depth));
    }
    return object;
  }

  #list(depth: number): StrictJson[] {
    const list: StrictJson[] = [];
    for (let more = this.#open("]"); more; more = this.#more("]")) {
      list.push(this.#value(depth));
    }
    return list;
  }

  /** Steps into a container; false where it is empty. */
  #open(end: string): boolean {
    this.#at++;
    this.#skip();
    if (this.#text[this.#at] !== end) return true;
    this.#at++;
    return false;
  }

  /** Steps over what follows an element; false at the end. */
  #more(end: string): boolean {
    this.#skip();
    const char = this.#text[this.#at++];
    if (char !== "," && char !== end) this.#fail();
    return char === ",";
  }

  #string(): string {
    const start = this.#at++;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at++);
      if (code === 0x22) break; // the quote
      if (code === 0x5c) this.#at++; // a backslash and what it stands for
      if (Number.isNaN(code)) this.#fail();
    }
    try {
      return JSON.parse(this.#text.slice(start, this.#at));
    } catch {
      this.#fail();
    }
  }

  #word(): StrictJson {
    for (const [word, value] of Object.entries(WORDS)) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    return this.#number();
  }

  #number(): number {
    NUMBER.lastIndex = this.#at;
    const [digits] = NUMBER.exec(this.#text) ?? [];
    if (digits === undefined) this.#fail();
    this.#at += digits.length;
    return Number(digits);
  }

  #skip(): void {
    for (;; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) {
        return;
      }
    }
  }

  #fail(): never {
    throw new SyntaxError(`it is not JSON at character ${this.#at}`);
  }
}
