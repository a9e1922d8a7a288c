/**
 * Every op of the table at a model's shapes, with the bytes that it cannot do
 * without: what is read read once, what is written written once, what is added
 * to or changed read and written.
 *
 * @module
 */

import type { Backend, Indices, Memory } from "../../lib/backend/backend.ts";
import { type Kind, type Settings, TABLE } from "../../lib/backend/ops.ts";
import {
  type AnySettings,
  EXTENT,
  extentsOf,
  type FieldPlan,
  newExtents,
  type OpPlan,
  PLANS,
  valuesOf,
} from "../../lib/backend/plan.ts";
import type { RWKVConfig } from "../../lib/model/config.ts";

/** A call and what it moves. */
export interface KernelCall {
  readonly name: string;
  /** Bytes that must be moved. */
  readonly bytes: number;
  readonly call: () => void;
}

/** Rows of logits at a time, as many as in lib/ops/cross_entropy_head.ts. */
const HEAD_ROWS = 256;

/** Memories of each list: RWKV-7 mixes a token six ways. */
const LISTED = 6;

/** A setting of each kind that changes nothing it should not. */
const SETTINGS: { readonly [S in keyof Settings]: Settings[S] } = {
  fill: { value: 0.01 },
  sum: { scale: 1 },
  head: { head: 0 },
  softCap: { cap: 30 },
  dropout: { rate: 0.1, key: 1 },
  crossEntropy: { firstTarget: 0, gradientScale: 1 },
  adamW: {
    learningRate: 0,
    beta1: 0.9,
    beta2: 0.99,
    epsilon: 1e-8,
    weightDecay: 0,
    step: 1,
  },
  muonDirection: { momentum: 0.95 },
  divideByNorm: { margin: 1, epsilon: 1e-7 },
  matrixPolynomial: { constant: 1, linear: 0, quadratic: 0 },
  muonUpdate: { learningRate: 0, scale: 1, weightDecay: 0 },
  movingAverage: { decay: 0.999 },
};

/** The calls, their memories reserved and filled. */
export function kernelCalls(
  backend: Backend,
  { dModel: width, headSize, vocabSize }: RWKVConfig,
  { batch, time }: { batch: number; time: number },
): KernelCall[] {
  const pool = new Memories(backend);
  const rows = batch * time, headRows = Math.min(HEAD_ROWS, rows);
  const shapes: Record<Kind, AnySettings> = {
    values: {},
    rows: { rows, width },
    headRows: { rows, width, headSize },
    sequences: { batch, time, width },
    heads: { batch, time, width, headSize },
    products: { rows: 1, width, outputs: width },
  };
  const calls = Object.values(PLANS).map((plan) => {
    const { settings } = TABLE[plan.name];
    const shape = plan.name === "crossEntropy"
      ? { rows: headRows, width: vocabSize }
      : shapes[plan.kind];
    const more = settings === undefined ? {} : SETTINGS[settings];
    const sizes = { length: rows * width, tableRows: vocabSize };
    return callOf(backend, pool, plan, { ...shape, ...more }, sizes);
  });
  return [...calls, ...samplings(backend, pool, vocabSize)];
}

/** One op with memories of its own sizes. */
function callOf(
  backend: Backend,
  pool: Memories,
  plan: OpPlan,
  settings: AnySettings,
  { length, tableRows }: { length: number; tableRows: number },
): KernelCall {
  const extents = newExtents();
  const width = settings.width ?? 0;
  const known = {
    ...(plan.measure && { [plan.measure]: { length } }),
    ...(plan.table && { [plan.table]: { length: tableRows * width } }),
  };
  extentsOf(plan, known, settings, extents);
  let values = 0;
  const named: Record<string, Memory | Memory[] | Indices> = {};
  const nth = new Map<number, number>();
  for (const field of plan.fields) {
    if (field.optional && plan.kind === "heads" && field.name === "state") {
      continue; // training keeps the states instead
    }
    const { holds, access, size } = field;
    const each = valuesOf(size, extents);
    const count = holds === "list" ? LISTED : 1;
    values += movedBy(field, each, extents) * count *
      (access === "read" || access === "write" ? 1 : 2);
    const take = () => {
      const n = nth.get(each) ?? 0;
      nth.set(each, n + 1);
      return pool.of(each, n);
    };
    if (holds === "ids") named[field.name] = pool.ids(each, tableRows);
    else if (holds === "words") named[field.name] = pool.ids(each, 2 ** 32);
    else if (holds === "list") {
      named[field.name] = Array.from({ length: LISTED }, take);
    } else named[field.name] = take();
  }
  return {
    name: plan.name,
    bytes: 4 * values,
    call: () => backend.run(plan.name, named as never, settings as never),
  };
}

/** Values that must be moved: of a table no more rows than there are ids. */
function movedBy(
  { size }: FieldPlan,
  values: number,
  extents: Float64Array,
): number {
  const isTable = size[0].extents.includes(EXTENT.vocabulary);
  return isTable ? extents[EXTENT.rows] * extents[EXTENT.width] : values;
}

/** Tokens chosen from one row of logits. */
function samplings(
  backend: Backend,
  pool: Memories,
  width: number,
): KernelCall[] {
  const logits = pool.of(width, 0);
  const [ids, keys] = [backend.allocIndices(1), backend.allocIndices(1)];
  return Object.entries({
    "sample, greedy": { temperature: 0 },
    "sample": { temperature: 1 },
    "sample, top-k 40": { temperature: 1, topK: 40 },
    "sample, top-p 0.9": { temperature: 1, topP: 0.9 },
  }).map(([name, options]) => ({
    name,
    bytes: 4 * width,
    call: () => {
      const shape = { rows: 1, width, position: 0 };
      backend.sample(ids, logits, keys, { ...shape, ...options });
    },
  }));
}

/** Memories by their length, shared by all calls. */
class Memories {
  readonly #backend: Backend;
  readonly #memories = new Map<number, Memory[]>();
  readonly #ids = new Map<number, Indices>();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** The n-th memory of a length. */
  of(length: number, n: number): Memory {
    const all = this.#memories.get(length) ?? [];
    this.#memories.set(length, all);
    while (all.length <= n) {
      const out = this.#backend.alloc(length);
      this.#backend.run("fill", { out }, { value: 0.01 });
      all.push(out);
    }
    return all[n];
  }

  /** So many ids of a table. */
  ids(length: number, limit: number): Indices {
    const known = this.#ids.get(length);
    if (known !== undefined) return known;
    const ids = this.#backend.allocIndices(length);
    const spread = Array.from({ length }, (_, i) => (i * 7919) % limit);
    this.#backend.writeIndices(ids, spread);
    this.#ids.set(length, ids);
    return ids;
  }
}
