/**
 * The kernels of `kernels/wgsl` by name.
 *
 * @module
 */

import { TEXTS } from "../../../kernels/wgsl/mod.ts";
import type { Size } from "../plan.ts";
import { type Kernel, parseSource, type SourceFile } from "./source.ts";

/** What the files hold; read when first asked for. */
export interface Sources {
  /** The files by name. */
  readonly files: Readonly<Record<string, SourceFile>>;
  /** Their kernels by name. */
  readonly kernels: ReadonlyMap<string, Kernel>;
}

let sources: Sources | undefined;

/** What the files hold. */
export function readSources(): Sources {
  if (sources === undefined) {
    const files = Object.fromEntries(
      Object.entries(TEXTS).map(([name, text]) => [name, parseSource(text)]),
    );
    const kernels = Object.values(files).flatMap(({ kernels }) => kernels);
    sources = {
      files,
      kernels: new Map(kernels.map((kernel) => [kernel.name, kernel])),
    };
  }
  return sources;
}

/** The kernels of an op, in the order in which they are called. */
export function kernelsOf(op: string): Kernel[] {
  for (const { ops } of Object.values(readSources().files)) {
    if (ops[op] !== undefined) return ops[op].map(kernelNamed);
  }
  return [kernelNamed(op)];
}

/** The size of a memory for use within an op; undefined when it is not one. */
export function scratchNamed(name: string): Size | undefined {
  return Object.values(readSources().files).find(({ scratch }) =>
    name in scratch
  )
    ?.scratch[name];
}

/**
 * A kernel.
 *
 * @throws {TypeError} When there is none of that name.
 */
export function kernelNamed(name: string): Kernel {
  const kernel = readSources().kernels.get(name);
  if (kernel === undefined) {
    throw new TypeError(`Cannot compute: there is no kernel ${name}`);
  }
  return kernel;
}
