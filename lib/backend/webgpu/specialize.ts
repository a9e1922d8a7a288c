/**
 * The little that the kernels need beyond WGSL, done on their text: constants
 * with values for one call, alternatives, and loops written out, so that arrays
 * in registers are only ever indexed by constants. A driver then has nothing to
 * find out, and the checks of indices that WebGPU asks for fall away.
 *
 * The directives are comments, on lines of their own:
 *
 * ```wgsl
 * //: if FOURS
 * (taken when the constant is true)
 * //: else
 * (taken otherwise)
 * //: end
 *
 * //: unroll
 * for (var i = 0u; i < SIDE; i++) {
 *   (i is a number; the loop ends with the brace below its beginning)
 * }
 * ```
 *
 * With `//: unroll if WRITTEN_OUT, else by BLOCK` the loop goes in steps of BLOCK turns,
 * which its bound is a multiple of, when WRITTEN_OUT is false; only these are written
 * out then.
 *
 * @module
 */

/** Values for constants of a source, and a name for the combination. */
export interface Specialization {
  /** Different for different values. */
  readonly key: string;
  /** By the constant's name. */
  readonly constants: Readonly<Record<string, number | boolean>>;
}

/** What asks for it, and under which condition. */
const UNROLL = /^\s*\/\/: unroll(?: if (\w+), else by (\w+))?$/;

/** A loop that can be written out: its indentation, variable and bound. */
const LOOP = /^(\s*)for \(var (\w+) = 0u; \2 < (\w+); \2\+\+\) \{$/;

/**
 * Replaces the values of constants in a source and follows its directives.
 *
 * @throws {TypeError} When the source does not define one of the constants, or
 * a directive makes no sense.
 *
 * @example
 * ```ts
 * import { specialize } from "./specialize.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(specialize("const TILE = 64u;", { TILE: 32 }), "const TILE = 32u;");
 *
 * const source = `const SIDE = 4u;
 * //: unroll
 * for (var i = 0u; i < SIDE; i++) {
 *   x[i] = 0.0;
 * }`;
 * assertEquals(
 *   specialize(source, { SIDE: 2 }),
 *   `const SIDE = 2u;
 * {
 *   x[0u] = 0.0;
 * }
 * {
 *   x[1u] = 0.0;
 * }`,
 * );
 * ```
 */
export function specialize(
  source: string,
  constants: Specialization["constants"] = {},
): string {
  for (const [name, value] of Object.entries(constants)) {
    const definition = new RegExp(`^const ${name} = [^;]*;`, "m");
    if (!definition.test(source)) {
      throw new TypeError(`Cannot specialize a kernel: it has no ${name}`);
    }
    const literal = typeof value === "number" ? `${value}u` : `${value}`;
    source = source.replace(definition, `const ${name} = ${literal};`);
  }
  if (!source.includes("//: ")) return source;
  const values = new Map(
    [...source.matchAll(/^const (\w+) = (true|false|\d+u);/gm)]
      .map(([, name, value]) => [name, value]),
  );
  return unrolled(chosen(source.split("\n"), values), values).join("\n");
}

/** The lines without the alternatives that are not taken. */
function chosen(
  lines: readonly string[],
  values: ReadonlyMap<string, string>,
): string[] {
  const kept: string[] = [];
  let taken: boolean | undefined;
  for (const line of lines) {
    const [, word, name] = /^\s*\/\/: (if|else|end)\b ?(\w*)$/.exec(line) ?? [];
    if (word === undefined) {
      if (taken !== false) kept.push(line);
    } else if (word === "if") {
      const value = values.get(name);
      if (taken !== undefined || !/^(true|false)$/.test(value ?? "")) {
        throw new TypeError(`Cannot specialize a kernel: "${line.trim()}"`);
      }
      taken = value === "true";
    } else if (taken === undefined) {
      throw new TypeError(`Cannot specialize a kernel: "${line.trim()}"`);
    } else {
      taken = word === "else" ? !taken : undefined;
    }
  }
  return kept;
}

/** The lines with the loops written out that ask for it. */
function unrolled(
  lines: readonly string[],
  values: ReadonlyMap<string, string>,
): string[] {
  const made: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const asked = UNROLL.exec(lines[at]);
    if (asked === null) {
      made.push(lines[at]);
      continue;
    }
    const [line, condition, block] = asked;
    const value = condition === undefined ? "true" : values.get(condition);
    if (!/^(true|false)$/.test(value ?? "")) {
      throw new TypeError(`Cannot specialize a kernel: "${line.trim()}"`);
    }
    const head = lines[++at] ?? "";
    const [, indent, variable, bound] = LOOP.exec(head) ?? [];
    const inBlocks = value === "false", extent = inBlocks ? block : bound;
    const turns = parseInt(values.get(extent) ?? extent);
    const end = lines.indexOf(`${indent}}`, at);
    if (!(turns >= 0) || end < 0) {
      throw new TypeError(`Cannot specialize a kernel: "${head.trim()}"`);
    }
    const body = unrolled(lines.slice(at + 1, end), values);
    const name = new RegExp(`\\b${variable}\\b`, "g");
    if (inBlocks) {
      made.push(
        `${indent}for (var block = 0u; block < ${bound}; block += ${block}) {`,
      );
    }
    for (let turn = 0; turn < turns; turn++) {
      made.push(
        `${indent}{`,
        ...inBlocks
          ? [`let ${variable} = block + ${turn}u;`, ...body]
          : body.map((line) => line.replaceAll(name, `${turn}u`)),
        `${indent}}`,
      );
    }
    if (inBlocks) made.push(`${indent}}`);
    at = end;
  }
  return made;
}
