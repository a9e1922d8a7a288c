/**
 * One module of several kernels, text to text: what calls of one row would do one
 * after the other is done by one call.
 *
 * A kernel is written once, in `kernels/wgsl`. Here its names get its place among
 * the members, its memories become parts of the buffers that they are in, each of
 * which is bound once, and its parameters words of one block.
 *
 * @module
 */

import { COMMON } from "../../../kernels/wgsl/mod.ts";
import { kernelNamed } from "./kernels.ts";
import { moduleOf } from "./source.ts";
import { type Specialization, specialize } from "./specialize.ts";

/** Words of a block: the offsets and parameters of all members. */
export const JOINED_WORDS = 128;

/** Columns of a product that a workgroup makes: sixteen threads each. */
export const JOINED_COLUMNS = 16;

/**
 * How the members share workgroups: products side by side, each followed by what
 * is done to its values; one workgroup that does all; or a workgroup a head, or
 * for so many channels.
 */
export type Form = "products" | "row" | "places";

/** A kernel among others. */
export interface JoinedKernel {
  /** Its name. */
  readonly kernel: string;
  /** Values for its constants. */
  readonly specialization?: Specialization;
  /** For each of its memories, which buffer of the call it is in. */
  readonly buffers: readonly number[];
  /** Whether it waits for what members before it wrote. */
  readonly waits: boolean;
  /** Among products, the one whose values it goes on with. */
  readonly follows?: number;
}

/** A call of several kernels. */
export interface JoinedModule {
  /** How the members share workgroups. */
  readonly form: Form;
  /** Threads of a workgroup. */
  readonly threads: number;
  /** The kernels, in their order. */
  readonly members: readonly JoinedKernel[];
  /** For each buffer, whether a member writes into it. */
  readonly writes: readonly boolean[];
}

/** A module's text, and how it is bound. */
export interface JoinedSource {
  /** The text. */
  readonly code: string;
  /** For each binding, its buffer. */
  readonly bindings: readonly number[];
}

/** A member's memory as its source declares it. */
interface Declared {
  readonly name: string;
  readonly type: string;
}

/** A number of the block, as WGSL. */
function word(at: number): string {
  return `given.words[${at >> 2}][${at & 3}]`;
}

/**
 * Writes the module of a joined call. Its block has for each member the first value
 * of each of its memories, then its parameters.
 *
 * @example
 * ```ts
 * import { joinedSource } from "./joined.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { code, bindings } = joinedSource({
 *   form: "places",
 *   threads: 32,
 *   members: [{ kernel: "add", buffers: [0, 1], waits: false }],
 *   writes: [true, false],
 * });
 * assertEquals(bindings, [0, 1]);
 * assertEquals(code.includes("m0[given.words[0][0] + (i)] += m1[given.words[0][1] + (i)];"), true);
 * ```
 */
export function joinedSource(module: JoinedModule): JoinedSource {
  const { members, writes, threads, form } = module;
  const bindings = writes.map((_, buffer) => buffer);
  const fours = new Map<number, string>();
  const texts: string[] = [], calls: string[] = [];
  const sources = members.map((member) => readMember(member));
  let at = 0;
  for (const [i, { memories, fields, text }] of sources.entries()) {
    const { buffers } = members[i];
    let own = text;
    for (const [k, { name, type }] of memories.entries()) {
      const buffer = buffers[k];
      const first = word(at++);
      if (!type.startsWith("vec4")) {
        own = indexed(
          own,
          name,
          (index) => `m${buffer}[${first} + (${index})]`,
        );
      } else if (writes[buffer]) {
        own = indexed(own, name, (index) => `${name}By4(${index})`);
        own += fourOf(name, `m${buffer}`, first);
      } else {
        if (!fours.has(buffer)) {
          fours.set(buffer, `m${buffer}By4`);
          bindings.push(buffer);
        }
        own = indexed(
          own,
          name,
          (index) => `m${buffer}By4[${first} / 4u + (${index})]`,
        );
      }
    }
    const numbers = new Map(
      fields.map(({ name, type }) => {
        const value = word(at++);
        return [name, type === "f32" ? `bitcast<f32>(${value})` : value];
      }),
    );
    const filled = (part: string) =>
      part.replaceAll(/(?<![.\w])p\.(\w+)/g, (_, name) => numbers.get(name)!);
    texts.push(renamed(filled(own), i));
    calls.push(filled(callOf(module, i, numbers)));
  }
  const code = `${COMMON}
const WORKGROUP = ${threads}u;
struct Block {
  words: array<vec4u, ${JOINED_WORDS / 4}>,
}
${
    bindings.map((buffer, binding) =>
      declared(binding, buffer, binding < writes.length, writes[buffer])
    ).join("\n")
  }
@group(0) @binding(${bindings.length}) var<uniform> given: Block;
${texts.join("\n")}
@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  ${form === "row" ? "" : "var turn = groupIndex(group, groups);"}
  ${form === "products" ? sideBySide(module, calls) : calls.join("\n  ")}
}
`;
  return { code, bindings };
}

function declared(
  binding: number,
  buffer: number,
  single: boolean,
  written: boolean,
): string {
  const access = written ? "read_write" : "read";
  const [name, type] = single ? ["", "f32"] : ["By4", "vec4f"];
  return `@group(0) @binding(${binding}) var<storage, ${access}> ` +
    `m${buffer}${name}: array<${type}>;`;
}

/** Four values that lie side by side, where they are bound one by one. */
function fourOf(name: string, memory: string, first: string): string {
  return `
fn ${name}By4(i: u32) -> vec4f {
  let at = ${first} + 4u * i;
  return vec4f(${memory}[at], ${memory}[at + 1u], ${memory}[at + 2u], ${memory}[at + 3u]);
}
`;
}

/** How the entry point calls a member. */
function callOf(
  { form, members }: JoinedModule,
  i: number,
  numbers: ReadonlyMap<string, string>,
): string {
  const { kernel, waits } = members[i];
  const { pattern } = kernelNamed(kernel);
  const name = `${kernel}_${i}`;
  const wait = waits ? "storageBarrier();\n  " : "";
  if (pattern === "whole") return `${name}(vec3u(turn, 0u, 0u), groups, lane);`;
  if (form === "row") {
    return wait + (pattern === "rows" ? `${name}(0u, lane);` : `
  for (var i = lane; i < p.count; i += WORKGROUP) {
    ${name}(i);
  }`);
  }
  if (form === "products") {
    return `
    storageBarrier();
    if (lane < ${JOINED_COLUMNS}u && turn * ${JOINED_COLUMNS}u + lane < p.count) {
      ${name}(turn * ${JOINED_COLUMNS}u + lane);
    }`;
  }
  if (pattern === "time") {
    return `${wait}${name}(placeOf_${i}(turn, lane));`;
  }
  if (pattern !== "values") return `${wait}${name}(turn, lane);`;
  const inside = numbers.has("count")
    ? "turn * WORKGROUP + lane < p.count"
    : "true";
  return `${wait}if (${inside}) {
    ${name}(turn * WORKGROUP + lane);
  }`;
}

/** Products one after the other in the row of workgroups. */
function sideBySide(
  { members }: JoinedModule,
  calls: readonly string[],
): string {
  let text = "", at = 0;
  for (const [i, { follows }] of members.entries()) {
    if (follows !== undefined) continue;
    const own = calls.filter((_, k) => k === i || members[k].follows === i);
    // The block's last words say how many workgroups each has.
    text += `if (turn < ${word(JOINED_WORDS - 1 - at)}) {
    ${own.join("\n    ")}
    return;
  }
  turn -= ${word(JOINED_WORDS - 1 - at)};
  `;
    at++;
  }
  return text;
}

interface MemberSource {
  readonly memories: readonly Declared[];
  readonly fields: readonly Declared[];
  readonly text: string;
}

/** Takes a kernel's own module apart. */
function readMember(
  { kernel, specialization }: JoinedKernel,
): MemberSource {
  const source = specialize(
    moduleOf(kernelNamed(kernel)),
    specialization?.constants,
  );
  const memories = [
    ...source.matchAll(/^@group.*var<storage, \w+> (\w+): array<(\w+)>;/gm),
  ].map(([, name, type]) => ({ name, type }));
  const [, body] = /struct Parameters \{([^}]*)\}/.exec(source)!;
  const fields = [...body.matchAll(/^\s*(\w+): (u32|f32),/gm)]
    .map(([, name, type]) => ({ name, type }));
  const isWhole = kernelNamed(kernel).pattern === "whole";
  const entry = source.indexOf("@compute @workgroup_size(WORKGROUP)");
  const text = (isWhole ? source : source.slice(0, entry))
    .replace(/struct Parameters \{[^}]*\}/, "")
    .replaceAll(/^@group.*$/gm, "")
    .replaceAll(/^const WORKGROUP = .*$/gm, "")
    .replaceAll(/\/\/.*$/gm, "")
    .replace("@compute @workgroup_size(WORKGROUP)", "")
    .replaceAll(/@builtin\(\w+\) /g, "");
  return { memories, fields, text };
}

/** A source with `name[index]` as `as` has it. */
function indexed(
  text: string,
  name: string,
  as: (index: string) => string,
): string {
  const found = new RegExp(`(?<![.\\w])${name}\\[`).exec(text);
  if (found === null) return text;
  const start = found.index + found[0].length;
  let depth = 1, end = start;
  for (; depth > 0; end++) {
    if (text[end] === "[") depth++;
    else if (text[end] === "]") depth--;
  }
  const index = indexed(text.slice(start, end - 1), name, as);
  return text.slice(0, found.index) + as(index) +
    indexed(text.slice(end), name, as);
}

/** A member's own names, told apart from those of others. */
function renamed(text: string, member: number): string {
  const names = [
    ...text.matchAll(/^(?:fn|const|alias|struct|var<\w+>)\s+(\w+)/gm),
  ].map(([, name]) => name);
  if (names.length === 0) return text;
  const any = new RegExp(`(?<![.\\w])(${names.join("|")})\\b`, "g");
  return text.replaceAll(any, `$1_${member}`);
}
