/**
 * From the files of `kernels/wgsl` to whole WGSL modules, text to text.
 *
 * A file says what its kernels think; where they stand, what they bind and which
 * numbers they get is written in a line before each, from which the rest follows:
 *
 * ```wgsl
 * //: kernel tanhBackward by values: writes dx, reads dy y
 * fn tanhBackward(i: u32) {
 *   dx[i] += dy[i] * (1.0 - y[i]) * (1.0 + y[i]);
 * }
 * ```
 *
 * What stands before the first such line belongs to all kernels of the file, what
 * follows one to that kernel alone. `kernels/README.md` lists the patterns and the
 * other directives.
 *
 * @module
 */

import { parseSize, PLANS, type Size } from "../plan.ts";

/** Which threads a kernel has, and what its function is told. */
export type Pattern =
  | "values"
  | "rows"
  | "heads"
  | "columns"
  | "headColumns"
  | "sequenceHeads"
  | "time"
  | "outputs"
  | "whole";

/** A kernel as its file has it. */
export interface Kernel {
  /** Its name, which is that of its function. */
  readonly name: string;
  /** Which threads it has; `whole` where the source says all itself. */
  readonly pattern: Pattern;
  /** Threads of a workgroup, as WGSL has them. */
  readonly threads: string;
  /** Memories that it writes. */
  readonly writes: readonly string[];
  /** Memories that it reads; those of ids with a `#`. */
  readonly reads: readonly string[];
  /** Memories that its sums are added to afterwards. */
  readonly sums: readonly string[];
  /** Parameters that only its caller knows, in the order in which they come. */
  readonly takes: readonly string[];
  /** Memories to each value of which it adds once: it may set zeros instead. */
  readonly once: readonly string[];
  /** Its part of the file, and what all kernels of the file share. */
  readonly text: string;
}

/** What a file holds. */
export interface SourceFile {
  /** Its kernels. */
  readonly kernels: readonly Kernel[];
  /** The kernels of ops that are several, or not named like theirs. */
  readonly ops: Readonly<Record<string, readonly string[]>>;
  /** Memories for use within an op. */
  readonly scratch: Readonly<Record<string, Size>>;
}

/** A pattern: see {@linkcode PATTERNS}. */
interface PatternPlan {
  /** Threads of a workgroup. */
  readonly threads: string;
  /** Places to work at; of `values` it is the size of the first memory. */
  readonly count?: Size;
  /** Finds the place and calls the function. */
  readonly entry: string;
  /** Where its sums go; `chunk`, `c` are known, and `sum` is what it gave. */
  readonly stores?: string;
}

/** A row of workgroups, each at a place of its own. */
function groups(call: string): string {
  return `let place = groupIndex(group, groups);
  if (place < p.count) {
    ${call}(place, lane);
  }`;
}

/** The patterns; KERNEL stands for the kernel's name. */
export const PATTERNS: Readonly<Record<Pattern, PatternPlan>> = {
  values: {
    threads: "256u",
    entry: `let place = groupIndex(group, groups) * WORKGROUP + lane;
  if (place < p.count) {
    KERNEL(place);
  }`,
  },
  rows: { threads: "64u", count: parseSize("R"), entry: groups("KERNEL") },
  heads: { threads: "64u", count: parseSize("RH"), entry: groups("KERNEL") },
  sequenceHeads: {
    threads: "N",
    count: parseSize("BH"),
    entry: groups("KERNEL"),
    stores: `let place = groupIndex(group, groups);
  if (place < p.count) {
    let sum = KERNEL(place, lane);
    let chunk = place / (p.width / N);
    let c = place % (p.width / N) * N + lane;
    STORES
  }`,
  },
  columns: {
    threads: "64u",
    count: parseSize("R"),
    entry: `let c = group.x * WORKGROUP + lane;
  if (c >= p.width) {
    return;
  }
  let chunk = group.y;
  let start = chunk * p.chunk;
  let sum = KERNEL(c, start, min(start + p.chunk, p.count));
  STORES`,
  },
  headColumns: {
    threads: "64u",
    count: parseSize("R"),
    entry: `let chunk = group.y;
  let start = chunk * p.chunk;
  let sum = KERNEL(group.x, lane, start, min(start + p.chunk, p.count));
  if (lane < p.headSize) {
    let c = group.x * p.headSize + lane;
    STORES
  }`,
  },
  time: {
    threads: "",
    count: parseSize("BW"),
    entry: `let place = placeOf(groupIndex(group, groups), lane);
  KERNEL(place);`,
    stores: `let place = placeOf(groupIndex(group, groups), lane);
  let sum = KERNEL(place);
  if (place.inside && place.chunk == 0u) {
    let chunk = place.sequence;
    let c = place.channel;
    STORES
  }`,
  },
  // Sixteen threads an output; what is too many repeats the last.
  outputs: {
    threads: "64u",
    count: parseSize("O"),
    entry: `let place = groupIndex(group, groups) * 4u + lane / 16u;
  KERNEL(place, lane);`,
  },
  whole: { threads: "", entry: "" },
};

const DIRECTIVE =
  /^\/\/: kernel (\w+) (?:whole|by (\w+)(?: of (\d+) threads)?:(.*))$/;

/** What may follow the colon of a kernel's directive. */
const PARTS = ["writes", "reads", "sums", "takes", "once"] as const;

/**
 * Reads a file of kernels.
 *
 * @throws {SyntaxError} When a directive cannot be understood, or a kernel's
 * function is not there.
 *
 * @example
 * ```ts
 * import { parseSource } from "./source.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { kernels: [kernel] } = parseSource(`// out += x
 * //: kernel add by values: writes out, reads x
 * fn add(i: u32) {
 *   out[i] += x[i];
 * }`);
 * assertEquals(kernel.pattern, "values");
 * assertEquals([kernel.writes, kernel.reads], [["out"], ["x"]]);
 * ```
 */
export function parseSource(text: string): SourceFile {
  const ops: Record<string, readonly string[]> = {};
  const scratch: Record<string, Size> = {};
  const sections: string[][] = [[]];
  const lines: string[] = [];
  for (const line of text.split("\n")) {
    const [, word, name, rest] =
      /^\/\/: (op|scratch) (\w+): (.*)$/.exec(line) ??
        [];
    if (word === "op") ops[name] = rest.split(" ");
    else if (word === "scratch") scratch[name] = parseSize(rest);
    else if (line.startsWith("//: kernel ")) {
      lines.push(line);
      sections.push([]);
    } else sections[sections.length - 1].push(line);
  }
  const [shared, ...own] = sections.map((section) => section.join("\n"));
  const kernels = lines.map((line, i) =>
    kernelOf(line, `${shared}\n${own[i]}`)
  );
  return { kernels, ops, scratch };
}

function kernelOf(line: string, text: string): Kernel {
  const found = DIRECTIVE.exec(line);
  const [, name, pattern = "whole", threads, rest = ""] = found ?? [];
  if (found === null || !Object.hasOwn(PATTERNS, pattern)) {
    throw new SyntaxError(`Cannot read a kernel: "${line}"`);
  }
  if (!text.includes(`fn ${name}(`)) {
    throw new SyntaxError(`Cannot read a kernel: there is no fn ${name}`);
  }
  const parts: Record<string, string[]> = {};
  for (const part of rest.split(",")) {
    const [word, ...names] = part.trim().split(" ");
    if (word !== "") parts[word] = names;
  }
  for (const word of Object.keys(parts)) {
    if (!PARTS.some((known) => known === word)) {
      throw new SyntaxError(`Cannot read a kernel: "${line}"`);
    }
  }
  const { writes = [], reads = [], sums = [], takes = [], once = [] } = parts;
  return {
    name,
    pattern: pattern as Pattern,
    threads: threads === undefined
      ? PATTERNS[pattern as Pattern].threads
      : `${threads}u`,
    writes,
    reads,
    sums,
    takes,
    once,
    text,
  };
}

/** The memories of a kernel in the order in which they are bound. */
export function bindingsOf({ writes, reads, sums }: Kernel): string[] {
  const partials = sums.length > 0 ? ["partials"] : [];
  return [...writes, ...partials, ...reads];
}

/** How the numbers are stored that ops take besides extents. */
const TYPES: ReadonlyMap<string, string> = new Map(
  Object.values(PLANS).flatMap(({ scalars }) =>
    scalars.map(({ name, type }) => [name, type])
  ),
);

/** Parameters of a kernel in order: what it takes, then what it names. */
export function parametersOf(kernel: Kernel): string[] {
  if (kernel.pattern === "whole") return [];
  const text = (entryOf(kernel) + kernel.text).replaceAll(/\/\/.*/g, "");
  const named = [...text.matchAll(/\bp\.(\w+)/g)].map(([, name]) => name);
  const first = named.includes("count") ? ["count"] : [];
  return [...new Set([...first, ...kernel.takes, ...named])];
}

function entryOf(kernel: Kernel): string {
  const { name, pattern, sums } = kernel;
  const { entry, stores } = PATTERNS[pattern];
  const vector = ["", ".x", ".y", ".z", ".w"];
  const stored = sums.map((_, i) =>
    `partials[(${sums.length}u * chunk + ${i}u) * p.width + c] = sum${
      sums.length === 1 ? "" : vector[i + 1]
    };`
  );
  const body = sums.length > 0 && stores !== undefined ? stores : entry;
  return body.replaceAll("KERNEL", name).replaceAll("STORES", stored.join(" "));
}

/** Name of the entry point. */
export function entryPointOf({ name, pattern }: Kernel): string {
  return pattern === "whole" ? name : "main";
}

/**
 * A kernel's module, but for what all kernels share: its memories and parameters,
 * its text and an entry point that calls it.
 */
export function moduleOf(kernel: Kernel): string {
  const { pattern, threads, writes, sums, text } = kernel;
  if (pattern === "whole") return text;
  const written = writes.length + Math.sign(sums.length);
  const memories = bindingsOf(kernel).map((name, i) => {
    const access = i < written ? "read_write" : "read";
    const type = name.startsWith("#") ? "u32" : "f32";
    return `@group(0) @binding(${i}) var<storage, ${access}> ${
      name.replace("#", "")
    }: array<${type}>;`;
  });
  const fields = parametersOf(kernel).map((name) =>
    `  ${name}: ${TYPES.get(name) ?? "u32"},`
  );
  return `struct Parameters {
${fields.join("\n")}
}
${memories.join("\n")}
@group(0) @binding(${memories.length}) var<uniform> p: Parameters;
${threads === "" ? "" : `const WORKGROUP = ${threads};`}
${text}
@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  ${entryOf(kernel)}
}
`;
}

/**
 * A source that sets the values of some memories which it would add to.
 *
 * @throws {TypeError} When it adds to one of them nowhere, or does else with it.
 *
 * @example
 * ```ts
 * import { settingOf } from "./source.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(settingOf("dx[a[i]] += dy[i];", ["dx"]), "dx[a[i]] = dy[i];");
 * ```
 */
export function settingOf(source: string, names: readonly string[]): string {
  let text = source;
  for (const name of names) {
    const index = "\\[(?:[^\\[\\]]|\\[[^\\[\\]]*\\])*\\]";
    const uses = new RegExp(`(?<![.\\w])${name}${index}( \\+=)?`, "g");
    text = text.replace(uses, (use, adds) => {
      if (adds === undefined) {
        throw new TypeError(`Cannot set ${name}: it is not only added to`);
      }
      return `${use.slice(0, -3)} =`;
    });
    if (text === source) throw new TypeError(`Cannot set ${name}: not there`);
  }
  return text;
}
