/**
 * The reference backend: every op as the plainest loop that is right, in
 * `reference/`.
 *
 * Slow on purpose. It is the oracle that the other backends are tested against,
 * and, in f64, that gradients are checked with by central differences. Read it
 * to learn what an op means; each equation stands in `ops.ts`.
 *
 * @module
 */

import { uniformAt } from "../../random.ts";
import type {
  Backend,
  Indices,
  MatmulOptions,
  Memory,
  MemoryPart,
  RowShape,
} from "../backend.ts";
import type { OpName } from "../ops.ts";
import {
  type AnyMemories,
  type AnySettings,
  extentsOf,
  newExtents,
  PLANS,
  refuseLength,
  valuesOf,
} from "../plan.ts";
import type { Loops, Values } from "./loops.ts";
import { PACKED_LOOPS } from "./packed.ts";
import { ROW_LOOPS } from "./rows.ts";
import { RWKV6_LOOPS } from "./rwkv6.ts";
import { RWKV7_LOOPS } from "./rwkv7.ts";
import { SEQUENCE_LOOPS } from "./sequences.ts";
import { UPDATE_LOOPS } from "./updates.ts";
import { VALUE_LOOPS } from "./values.ts";
import { checkSampling, sample, type SamplingOptions } from "../sampling.ts";

/** The plain meaning of every op. */
const LOOPS: Loops<OpName> = {
  ...VALUE_LOOPS,
  ...UPDATE_LOOPS,
  ...ROW_LOOPS,
  ...PACKED_LOOPS,
  ...SEQUENCE_LOOPS,
  ...RWKV6_LOOPS,
  ...RWKV7_LOOPS,
};

class ReferenceMemory implements Memory {
  constructor(readonly values: Values) {}
  get length(): number {
    return this.values.length;
  }
}

class ReferenceIndices implements Indices {
  readonly ids: Uint32Array;
  constructor(readonly length: number) {
    this.ids = new Uint32Array(length);
  }
}

/** The numbers behind a memory of this backend. */
function $(memory: Memory): Values {
  return (memory as ReferenceMemory).values;
}

function idsOf(indices: Indices): Uint32Array {
  return (indices as ReferenceIndices).ids;
}

/**
 * Plain loops over typed arrays.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "./reference_backend.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const backend = new ReferenceBackend();
 * const x = backend.alloc(2), y = backend.alloc(2);
 * backend.write(x, new Float32Array([-1, 3]));
 * backend.run("squaredReluForward", { y, x });
 * assertEquals(await backend.read(y), new Float32Array([0, 9]));
 * ```
 */
export class ReferenceBackend implements Backend {
  readonly name = "reference";
  readonly description: string;
  readonly #array: Float32ArrayConstructor | Float64ArrayConstructor;

  /**
   * Makes an empty backend.
   *
   * @param precision f64 for gradient checks, else f32.
   */
  constructor(precision: "f32" | "f64" = "f32") {
    this.#array = precision === "f64" ? Float64Array : Float32Array;
    this.description = `reference: plain loops in ${precision}, one thread`;
  }

  /** Nothing to give back. */
  [Symbol.dispose](): void {}

  /** The live numbers of a memory, in the backend's own precision. */
  values(memory: Memory): Float32Array | Float64Array {
    return $(memory);
  }

  alloc(length: number): Memory {
    return new ReferenceMemory(new this.#array(length));
  }

  allocIndices(length: number): Indices {
    return new ReferenceIndices(length);
  }

  slice(memory: Memory, start: number, length: number): Memory {
    return new ReferenceMemory($(memory).subarray(start, start + length));
  }

  write(memory: Memory, values: Float32Array, start = 0): void {
    $(memory).set(values, start);
  }

  writeIndices(indices: Indices, ids: ArrayLike<number>): void {
    idsOf(indices).set(ids);
  }

  read(
    memory: Memory,
    { start, length, into = new Float32Array(length) }: MemoryPart = {
      start: 0,
      length: memory.length,
    },
  ): Promise<Float32Array> {
    into.set($(memory).subarray(start, start + length));
    return Promise.resolve(into);
  }

  readIndices(indices: readonly Indices[]): Promise<Uint32Array[]> {
    return Promise.resolve(indices.map((each) => idsOf(each).slice()));
  }

  run(op: OpName, memories: AnyMemories, settings: object = {}): void {
    const plan = PLANS[op], extents = newExtents();
    extentsOf(plan, memories, settings as AnySettings, extents);
    const plain: Record<string, unknown> = {};
    for (const { name, holds, size } of plan.fields) {
      const given = memories[name], needed = valuesOf(size, extents);
      const checked = <M extends { readonly length: number }>(memory: M) => {
        if (memory.length < needed) {
          refuseLength(op, name, memory.length, needed);
        }
        return memory;
      };
      const each = (memory: Memory) => $(checked(memory));
      if (given === undefined) continue;
      if (holds === "list") plain[name] = (given as Memory[]).map(each);
      else if (holds === "ids") plain[name] = idsOf(given as Indices);
      else if (holds === "words") {
        plain[name] = idsOf(checked(given as Indices));
      } else plain[name] = each(given as Memory);
    }
    const loop = LOOPS[op] as (memories: unknown, settings: unknown) => void;
    loop(plain, settings);
  }

  together<T>(calls: () => T): T {
    return calls();
  }

  matmul(
    out: Memory,
    a: Memory,
    b: Memory,
    { m, k, n }: { m: number; k: number; n: number },
    options: MatmulOptions = {},
  ): void {
    const { transposeA, transposeB, accumulate } = options;
    const c = $(out), A = $(a), B = $(b);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let p = 0; p < k; p++) {
          sum += A[transposeA ? p * m + i : i * k + p] *
            B[transposeB ? j * k + p : p * n + j];
        }
        c[i * n + j] = accumulate ? c[i * n + j] + sum : sum;
      }
    }
  }

  sample(
    ids: Indices,
    logits: Memory,
    keys: Indices,
    { rows, width, position, ...options }:
      & RowShape
      & SamplingOptions
      & { position: number },
  ): void {
    checkSampling(options, width);
    for (let row = 0; row < rows; row++) {
      const z = $(logits).subarray(row * width, (row + 1) * width);
      const uniform = uniformAt(idsOf(keys)[row], position);
      idsOf(ids)[row] = sample(z, options, uniform);
    }
  }
}
