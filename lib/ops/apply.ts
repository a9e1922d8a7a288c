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
import { lengthBy, PLANS, type Size } from "../backend/plan.ts";
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
  & { readonly state?: Memory | CarriedState };

/**
 * A state that a pass goes on from and leaves, each where it is asked for: in
 * training what was before is still to be read on the way back.
 */
export interface CarriedState {
  /** What the pass begins with; not changed. */
  readonly before: Memory;
  /** What it leaves; overwritten. */
  readonly after: Memory;
  /** Independent sequences. */
  readonly batch: number;
  /** dLoss/d`before`, added to; absent where nobody wants it. */
  readonly grad?: Memory;
}

/** Memories by the names of a row. */
type Memories = Record<string, Memory | undefined>;

/** Where a memory of a row comes from; what is saved, in training only. */
type Source =
  | "data"
  | "grad"
  | "y"
  | "dy"
  | "state"
  | "carried"
  | "kept"
  | "saved"
  | "scratch"
  | "forward";

/** A memory of a row. */
interface Part {
  readonly field: string;
  readonly source: Source;
  readonly size: Size;
  /** The operand whose gradient it is. */
  readonly operand: string;
}

/** The rows of a differentiable op, read once. */
interface Rows {
  readonly forward: OpName;
  readonly backward: OpName;
  readonly forwardParts: readonly Part[];
  readonly backwardParts: readonly Part[];
  /** What the forward leaves for the backward. */
  readonly kept: readonly string[];
  /**
   * The memories of the call under way, one object for all calls: to fill a new
   * one each time takes as long as the smallest ops.
   */
  readonly memories: Memories;
  /** The same of the way back. */
  readonly back: Memories;
}

const ROWS = new Map<Differentiable, Rows>();

function rowsFor(name: Differentiable): Rows {
  const [forward, backward] = [`${name}Forward`, `${name}Backward`] as OpName[];
  const { fields } = PLANS[forward];
  const forwardParts = fields.map(({ name, access, optional, size }): Part => ({
    field: name,
    size,
    operand: name,
    source: name === "y"
      ? "y"
      : name === "state"
      ? access === "update" ? "carried" : "state"
      : access !== "write"
      ? "data"
      : optional
      ? "saved"
      : "kept",
  }));
  const gradients = new Map(fields.map(({ name }) => [gradientOf(name), name]));
  gradients.delete("dy"); // of the output, which is no operand
  const backwardParts = PLANS[backward].fields.map(({ name, size }): Part => {
    const operand = gradients.get(name);
    const source = operand !== undefined
      ? "grad"
      : name === "dy" || name === "scratch"
      ? name
      : "forward";
    return { field: name, size, operand: operand ?? name, source };
  });
  const kept = forwardParts.filter(({ source }) =>
    source === "kept" || source === "saved"
  ).map(({ field }) => field);
  const empty = (parts: readonly Part[]) =>
    Object.fromEntries(parts.map(({ field }) => [field, undefined]));
  return {
    forward,
    backward,
    forwardParts,
    backwardParts,
    kept,
    memories: empty(forwardParts),
    back: empty(backwardParts),
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
 * that is only read is one too; one that is advanced is a memory in inference,
 * and a {@linkcode CarriedState} in training.
 * @param like What has the shape of y.
 * @param settings Extents and other numbers of the op.
 * @returns y.
 * @throws {TypeError} When a state would be advanced in place in training: the
 * way back begins with what it was.
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
  const given = operands as Record<string, Operand> & { state?: Memory };
  const carried = carriedOf(operands.state);
  const y = tape.tensor(...like.shape);
  const { forward, backward, memories, back } = rows;
  for (let i = 0; i < rows.forwardParts.length; i++) {
    const { field, source, size } = rows.forwardParts[i];
    if (source === "data") memories[field] = given[field].data;
    else if (source === "y") memories[field] = y.data;
    else if (source === "state") memories[field] = given.state;
    else if (source === "carried") {
      if (tape.recording) assertKept(op, operands.state);
      if (carried !== undefined) begin(tape.backend, carried);
      memories[field] = carried?.after ?? given.state;
    } else {
      memories[field] = source === "kept" || tape.recording
        ? tape.take(lengthBy(PLANS[forward], size, settings!))
        : undefined;
    }
  }
  tape.backend.run(forward, memories as never, settings as never);
  if (!tape.recording) {
    for (const field of rows.kept) {
      if (memories[field] !== undefined) tape.give(memories[field]);
    }
    return y;
  }
  const made = { ...memories };
  if (carried !== undefined) made.state = carried.before;
  tape.record(y, () => {
    for (const { field, source, size, operand } of rows.backwardParts) {
      if (source === "grad") {
        back[field] = operand === "state" ? carried?.grad : given[operand].grad;
      } else if (source === "dy") back[field] = y.grad;
      else if (source === "scratch") {
        back[field] = tape.take(lengthBy(PLANS[backward], size, settings!));
      } else back[field] = made[field];
    }
    tape.backend.run(backward, back as never, settings as never);
    if (back.scratch !== undefined) tape.give(back.scratch);
  }, rows.kept.map((field) => made[field]!));
  return y;
}

function carriedOf(
  state: Memory | CarriedState | undefined,
): CarriedState | undefined {
  return state !== undefined && "before" in state ? state : undefined;
}

/** What a pass leaves is first what it begins with. */
function begin(backend: Backend, { before, after, batch }: CarriedState): void {
  copyRows(backend, { to: after, from: before, batch });
}

/**
 * Copies a memory of so many sequences to another.
 *
 * @param copy Where to and from.
 */
export function copyRows(
  backend: Backend,
  { to, from, batch }: { to: Memory; from: Memory; batch: number },
): void {
  // A sequence of one token is all last token.
  const shape = { batch, time: 1, width: from.length / batch };
  backend.run("lastToken", { state: to, x: from }, shape);
}

/** The way back begins with the state that there was. */
function assertKept(
  op: string,
  state: Memory | CarriedState | undefined,
): void {
  if (state !== undefined && carriedOf(state) === undefined) {
    throw new TypeError(
      `Cannot record ${op}: its state is advanced in place, and gradients need what it was`,
    );
  }
}
