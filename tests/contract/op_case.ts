/**
 * Cases of the ops, made from their rows in the table: what is read is normal
 * numbers unless a variant says otherwise, what is overwritten holds garbage.
 *
 * @module
 */

import type { Indices, Memory } from "../../lib/backend/backend.ts";
import type { OpName, SettingsOf } from "../../lib/backend/ops.ts";
import {
  type AnySettings,
  extentsOf,
  type FieldPlan,
  newExtents,
  PLANS,
  valuesOf,
} from "../../lib/backend/plan.ts";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { type Case, garbage, normal, run, wholeNumbers } from "./case.ts";

/** Rows of a table that ids point into. */
const TABLE_ROWS = 11;

/** One way of calling an op. */
export interface Variant<O extends OpName> {
  /** Extents and other numbers. */
  readonly settings: SettingsOf<O>;
  /** Values of an op without a shape. */
  readonly length?: number;
  /** What distinguishes it from others with the same extents. */
  readonly name?: string;
  /** Contents that are not normal numbers, by the memory's name. */
  readonly memories?: Readonly<Record<string, Float32Array>>;
  /** What is in the memories of words; any bits unless given. */
  readonly words?: Readonly<Record<string, Uint32Array>>;
  /** Optional memories that the call leaves out. */
  readonly without?: readonly string[];
  /** Memories in each list; 1 unless given. */
  readonly listed?: number;
  /** Rows of the table that ids point into. */
  readonly tableRows?: number;
  /** |got - expected| may be this much, times 1 + |expected|. */
  readonly tolerance: number;
}

/** The extents of a variant. */
function extentsIn<O extends OpName>(op: O, variant: Variant<O>): Float64Array {
  const plan = PLANS[op], extents = newExtents();
  const { width = 0 } = variant.settings as AnySettings;
  const memories: Record<string, Memory> = {};
  if (plan.measure !== undefined) {
    memories[plan.measure] = { length: variant.length! };
  }
  if (plan.table !== undefined) {
    const { tableRows = TABLE_ROWS } = variant;
    memories[plan.table] = { length: tableRows * width };
  }
  extentsOf(plan, memories, variant.settings as AnySettings, extents);
  return extents;
}

/** The memories of a field: one, or as many as a list has. */
function namesOf({ name, holds }: FieldPlan, listed: number): string[] {
  if (holds !== "list") return [name];
  return Array.from({ length: listed }, (_, i) => `${name}${i}`);
}

/** A call of an op as a case of the contract. */
export function opCase<O extends OpName>(op: O, variant: Variant<O>): Case {
  const { settings, name, memories = {}, without = [], tolerance } = variant;
  const { listed = 1 } = variant;
  const extents = extentsIn(op, variant);
  const contents: Record<string, Float32Array> = {};
  const outputs: string[] = [];
  const words: Record<string, Uint32Array> = {};
  let ids: number[] = [];
  for (const field of PLANS[op].fields) {
    const length = valuesOf(field.size, extents);
    if (field.holds === "ids") {
      // crossEntropy's ids may begin later than its rows.
      const { firstTarget = 0 } = settings as AnySettings;
      const limit = extents[field.below!];
      ids = [
        ...wholeNumbers(firstTarget, 1e6),
        ...wholeNumbers(length, limit),
      ];
      continue;
    }
    if (field.holds === "words") {
      words[field.name] = variant.words?.[field.name] ??
        Uint32Array.from(wholeNumbers(length, 2 ** 32));
      continue;
    }
    for (const key of namesOf(field, listed)) {
      const fresh = field.access === "write" ? garbage(length) : normal(length);
      contents[key] = memories[key] ?? fresh;
      if (field.access !== "read" && !without.includes(field.name)) {
        outputs.push(key);
      }
    }
  }
  return {
    name: [variant.length, ...Object.values(settings), name]
      .filter((part) => part !== undefined).join(" "),
    memories: contents,
    ids,
    words,
    left: without,
    outputs,
    tolerance,
    call(backend, given, indices) {
      const named = namedFor(op, variant, given, indices);
      backend.run(op, named as never, ...[settings] as never);
      // What is left in scratch is nobody's business.
      const { scratch } = given;
      if (scratch) backend.run("fill", { out: scratch }, { value: 0 });
    },
  };
}

function namedFor<O extends OpName>(
  op: O,
  { without = [], listed = 1 }: Variant<O>,
  given: Readonly<Record<string, Memory>>,
  indices: Indices,
): Record<string, unknown> {
  const named: Record<string, unknown> = {};
  for (const field of PLANS[op].fields) {
    const { name, holds } = field;
    if (without.includes(name)) continue;
    if (holds === "ids") named[name] = indices;
    else if (holds !== "list") named[name] = given[name];
    else named[name] = namesOf(field, listed).map((key) => given[key]);
  }
  return named;
}

/**
 * A backward's variant with what its forward leaves for it (outputs, statistics,
 * states) as the forward makes it of the same inputs, a state among them.
 *
 * @param without Memories that the forward does without.
 */
export async function afterForward<O extends OpName, F extends OpName>(
  op: O,
  forward: F,
  variant: Variant<NoInfer<O>>,
  without: readonly string[] = [],
): Promise<Variant<O>> {
  const inputs = { ...opCase(op, variant).memories, ...variant.memories };
  const settings = variant.settings as unknown as SettingsOf<F>;
  const before = opCase(forward, {
    settings,
    memories: Object.fromEntries(
      PLANS[forward].fields.filter(({ access }) => access !== "write")
        .map(({ name }) => [name, inputs[name]]),
    ),
    without,
    tolerance: 0,
  });
  const made = await run(new ReferenceBackend("f64"), before);
  // The state that a forward advances was read as it had been before.
  const advanced = PLANS[forward].fields
    .filter(({ access }) => access === "update").map(({ name }) => name);
  const kept = PLANS[op].fields.filter(({ name, access }) =>
    access === "read" && made[name] !== undefined
  ).map(({ name }) => [
    name,
    advanced.includes(name) ? before.memories[name] : made[name],
  ]);
  const memories = { ...variant.memories, ...Object.fromEntries(kept) };
  return { ...variant, memories };
}
