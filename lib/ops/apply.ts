/**
 * Runs an op of the table and records how its gradients flow back: which memory
 * goes where follows from the names in the op's two rows. `x` of `tanhForward`
 * is an operand; its gradient is `dx` of `tanhBackward`; what a forward writes
 * besides `y`, such as statistics, is kept for the backward; `scratch` is lent
 * to it.
 *
 * @module
 */

import type { Backend, Memory } from "../backend/backend.ts";
import type { ArgumentsOf, FieldsOf, OpName } from "../backend/ops.ts";
import { type FieldPlan, lengthBy, lengthOf, PLANS } from "../backend/plan.ts";
import type { Tape } from "../tensor/tape.ts";
import type { Operand, Tensor } from "../tensor/tensor.ts";

/** The name of an op that has a forward and a backward. */
export type Differentiable = {
  [O in OpName]: O extends `${infer Name}Forward`
    ? `${Name}Backward` extends OpName ? Name : never
    : never;
}[OpName];

type Forward<Name extends Differentiable> = FieldsOf<`${Name}Forward`>;

/** What an op reads, by the names of its row. */
export type OperandsOf<Name extends Differentiable> =
  & {
    readonly [
      F in keyof Forward<Name> as Forward<Name>[F] extends
        `=${string}` | `?${string}` ? never : F
    ]: Operand;
  }
  & { readonly state?: Memory };

/** Where a memory of a row comes from. */
type Source = "y" | "dy" | "state" | "kept" | "scratch" | "data" | "grad";

/** A memory of a row. */
interface Part {
  readonly field: string;
  readonly source: Source;
  /** The operand that it is of. */
  readonly operand: string;
}

/** The rows of a differentiable op, read once. */
interface Rows {
  readonly forward: OpName;
  readonly backward: OpName;
  readonly forwardParts: readonly Part[];
  readonly backwardParts: readonly Part[];
  /** What the forward leaves for the backward. */
  readonly kept: readonly FieldPlan[];
}

const ROWS = new Map<Differentiable, Rows>();

function rowsFor(name: Differentiable): Rows {
  const [forward, backward] = [`${name}Forward`, `${name}Backward`] as OpName[];
  const { fields } = PLANS[forward];
  const kept = fields.filter(({ name, access }) =>
    name !== "y" && access === "write"
  );
  const gradients = new Map(fields.map(({ name }) => [gradientOf(name), name]));
  const partOf = (field: string): Part => {
    const isKept = kept.some(({ name }) => name === field);
    const operand = gradients.get(field);
    const source: Source = field === "y" || field === "dy" ||
        field === "state" || field === "scratch"
      ? field
      : isKept
      ? "kept"
      : operand === undefined
      ? "data"
      : "grad";
    return { field, source, operand: operand ?? field };
  };
  return {
    forward,
    backward,
    kept,
    forwardParts: fields.map(({ name }) => partOf(name)),
    backwardParts: PLANS[backward].fields.map(({ name }) => partOf(name)),
  };
}

/** x to dx, weight to dWeight. */
function gradientOf(name: string): string {
  const [first, ...rest] = name;
  return `d${rest.length === 0 ? first : first.toUpperCase()}${rest.join("")}`;
}

/**
 * Runs an op and records its pullback.
 *
 * @param op Its name, without `Forward`.
 * @param operands What it reads; one without a gradient is a constant. A state
 * is advanced or read, in inference only.
 * @param like What has the shape of y.
 * @param settings Extents and other numbers of the op.
 * @returns y.
 * @throws {TypeError} When a state is given in training: gradients stop at a
 * sequence's start, and a carried state has none.
 */
export function apply<Name extends Differentiable>(
  tape: Tape,
  op: Name,
  operands: OperandsOf<Name>,
  like: { readonly shape: readonly number[] },
  ...[settings]: ArgumentsOf<`${Name}Forward`>
): Tensor {
  let rows = ROWS.get(op);
  if (rows === undefined) ROWS.set(op, rows = rowsFor(op));
  assertNoStateInTraining(op, tape, operands.state);
  const given = operands as Record<string, Operand> & { state?: Memory };
  const y = tape.tensor(...like.shape);
  const kept: Record<string, Memory> = {};
  for (const { name, optional, size } of rows.kept) {
    if (optional && !tape.recording) continue;
    kept[name] = tape.take(lengthBy(PLANS[rows.forward], size, settings!));
  }
  const memoryOf = ({ field, source, operand }: Part): Memory | undefined => {
    switch (source) {
      case "y":
        return y.data;
      case "dy":
        return y.grad;
      case "kept":
        return kept[field];
      case "state":
        return given.state;
      case "grad":
        return given[operand].grad;
      case "scratch":
        return tape.take(lengthOf(rows.backward, field, settings!));
      default:
        return given[operand].data;
    }
  };
  run(tape.backend, rows.forward, rows.forwardParts, memoryOf, settings);
  tape.record(y, () => {
    const { scratch } = run(
      tape.backend,
      rows.backward,
      rows.backwardParts,
      memoryOf,
      settings,
    );
    if (scratch !== undefined) tape.give(scratch);
  }, Object.values(kept));
  return y;
}

function run(
  backend: Backend,
  op: OpName,
  parts: readonly Part[],
  memoryOf: (part: Part) => Memory | undefined,
  settings: object | undefined,
): Record<string, Memory | undefined> {
  const memories: Record<string, Memory | undefined> = {};
  for (let i = 0; i < parts.length; i++) {
    memories[parts[i].field] = memoryOf(parts[i]);
  }
  backend.run(op, memories as never, settings as never);
  return memories;
}

/** Gradients stop at a sequence's start; a carried state has none. */
export function assertNoStateInTraining(
  op: string,
  tape: Tape,
  state: Memory | undefined,
): void {
  if (tape.recording && state !== undefined) {
    throw new TypeError(
      `Cannot record ${op}: a state is given, and gradients cannot flow into it`,
    );
  }
}
