/**
 * Muon (Jordan et al. 2024): the momentum of a matrix, made orthogonal, is what
 * the matrix is changed by, so that all its directions learn at one rate.
 *
 * The nearest orthogonal matrix comes from matrix products alone, five rounds of
 * Newton-Schulz with coefficients by Polar Express (Amsel et al. 2025, arXiv
 * 2505.16932). A round of a matrix with the sides s <= l is s² (4l + 2s)
 * multiply-adds times two, whatever the batch. What AdamW does for all else is in
 * `optimizer.ts`.
 *
 * @module
 */

import type {
  Backend,
  Memory,
  MuonUpdateOptions,
  PolynomialOptions,
} from "../backend/backend.ts";

/**
 * The best odd polynomials of the fifth degree one after the other, for singular
 * values from 1e-3 on and a margin of 2 %, by the method of Polar Express.
 */
const ROUNDS: readonly PolynomialOptions[] = [
  [8.156554524902461, -22.48329292557795, 15.878769915207462],
  [4.042929935166739, -2.808917465908714, 0.5000178451051316],
  [3.8916678022926607, -2.772484153217685, 0.5060648178503393],
  [3.285753657755655, -2.3681294933425376, 0.46449024233003106],
  [2.3465413258596377, -1.7097828382687081, 0.42323551169305323],
].map(([constant, linear, quadratic]) => ({ constant, linear, quadratic }));

/** The norm before the first round is at most 1 over it, as they suppose. */
const MARGIN = 1.02;
/** Keeps a direction of nothing but zeros what it is. */
const EPSILON = 1e-7;

/** As much as an update of AdamW has, whose values are about 0.2 (Moonlight). */
const UPDATE_SIZE = 0.2;

/** Matrices of one shape that are worked on at once, as many as a job list has. */
const MOST_AT_ONCE = 8;
/** Values from one norm to the next, as slices begin so far apart. */
const NORM_STEP = 64;

/** A matrix that Muon changes. */
export interface MuonMatrix {
  /** Rows and columns. */
  readonly shape: readonly [rows: number, columns: number];
  /** Its values. */
  readonly data: Memory;
  /** Their gradients. */
  readonly grad: Memory;
  /** The momentum. */
  readonly momentum: Memory;
}

/** What a step of Muon is made with. */
export interface MuonOptions extends Omit<MuonUpdateOptions, "scale"> {
  /** How much of the momentum stays. */
  readonly momentum: number;
  /** Gradients are scaled down to this global norm. */
  readonly clipNorm: number;
  /** The squared norm of all gradients of the model. */
  readonly squaredNorm: Memory;
}

/** Room for what comes up with one matrix. */
interface Room {
  /** Another matrix of that shape. */
  readonly other: Memory;
  /** Two square matrices of its smaller side. */
  readonly gram: Memory;
  readonly square: Memory;
  /** One value. */
  readonly squaredNorm: Memory;
}

/** Matrices of one shape, each with room for its work. */
interface Batch {
  readonly shape: readonly [rows: number, columns: number];
  readonly matrices: readonly MuonMatrix[];
  readonly rooms: readonly Room[];
}

/**
 * Changes matrices by Muon.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../backend/reference/reference_backend.ts";
 * import { Muon } from "./muon.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const backend = new ReferenceBackend();
 * const [data, grad, momentum, squaredNorm] = [4, 4, 4, 1]
 *   .map((length) => backend.alloc(length));
 * backend.write(grad, Float32Array.of(5, 0, 0, 0.1)); // one direction prevails
 * backend.write(squaredNorm, Float32Array.of(25.01));
 * new Muon(backend, [{ shape: [2, 2], data, grad, momentum }]).update({
 *   learningRate: 1,
 *   momentum: 0.95,
 *   clipNorm: 100,
 *   weightDecay: 0,
 *   squaredNorm,
 * });
 * const [a, , , d] = await backend.read(data);
 * assertAlmostEquals(a / d, 1, 0.3); // both are learnt alike
 * ```
 */
export class Muon {
  readonly #backend: Backend;
  readonly #batches: readonly Batch[];
  readonly #squaredNorms: Memory;

  /**
   * Reserves room for the work, for as many matrices as are worked on at once.
   *
   * @param backend Where they are.
   * @param matrices Of any shapes.
   */
  constructor(backend: Backend, matrices: readonly MuonMatrix[]) {
    this.#backend = backend;
    const groups = [
      ...Map.groupBy(matrices, ({ shape }) => shape.join()).values(),
    ].flatMap(chunked);
    const most = (sizeOf: (matrix: MuonMatrix) => number) =>
      Math.max(1, ...matrices.map(sizeOf));
    const lengths = {
      other: most(({ shape: [rows, columns] }) => rows * columns),
      square: most(({ shape }) => Math.min(...shape) ** 2),
    };
    const count = Math.max(0, ...groups.map(({ length }) => length));
    this.#squaredNorms = backend.alloc(NORM_STEP * Math.max(1, count));
    const rooms = Array.from({ length: count }, (_, i): Room => ({
      other: backend.alloc(lengths.other),
      gram: backend.alloc(lengths.square),
      square: backend.alloc(lengths.square),
      squaredNorm: backend.slice(this.#squaredNorms, NORM_STEP * i, 1),
    }));
    this.#batches = groups.map((matrices) => {
      const [{ shape }] = matrices;
      const area = shape[0] * shape[1], square = Math.min(...shape) ** 2;
      return {
        shape,
        matrices,
        rooms: rooms.slice(0, matrices.length).map((room) => ({
          other: backend.slice(room.other, 0, area),
          gram: backend.slice(room.gram, 0, square),
          square: backend.slice(room.square, 0, square),
          squaredNorm: room.squaredNorm,
        })),
      };
    });
  }

  /** Makes a step, and clears the gradients. */
  update({ momentum, clipNorm, squaredNorm, ...step }: MuonOptions): void {
    const backend = this.#backend;
    for (const { shape, matrices, rooms } of this.#batches) {
      backend.run("fill", { out: this.#squaredNorms }, { value: 0 });
      for (const [i, matrix] of matrices.entries()) {
        const { grad, momentum: kept } = matrix, own = rooms[i].squaredNorm;
        const clipped = { gradients: grad, momentum: kept, squaredNorm };
        backend.run("muonDirection", clipped, { momentum, clipNorm });
        backend.run("sumOfSquares", { out: own, x: grad });
        const settings = { margin: MARGIN, epsilon: EPSILON };
        backend.run("divideByNorm", { x: grad, squaredNorm: own }, settings);
      }
      const given = matrices.map(({ grad }, i) => ({ x: grad, ...rooms[i] }));
      const directions = orthogonalize(backend, given, shape);
      const scale = UPDATE_SIZE * Math.sqrt(Math.max(...shape));
      for (const [i, { data, grad }] of matrices.entries()) {
        backend.run("muonUpdate", {
          parameters: data,
          gradients: grad,
          direction: directions[i],
          squaredNorm,
        }, { ...step, scale });
      }
    }
  }
}

/**
 * Makes matrices orthogonal: each becomes the product of its singular vectors,
 * with singular values near 1. All are of one shape and have norms below 1.
 *
 * @param backend Where they are.
 * @param given Each matrix x, which is overwritten, and room.
 * @param shape Rows and columns of each.
 * @returns Where the results stand: the `other` of each.
 */
export function orthogonalize(
  backend: Backend,
  given: readonly (Omit<Room, "squaredNorm"> & { readonly x: Memory })[],
  [rows, columns]: readonly [rows: number, columns: number],
): readonly Memory[] {
  const isWide = rows <= columns, side = Math.min(rows, columns);
  const overlap = { m: side, k: Math.max(rows, columns), n: side };
  const squared = { m: side, k: side, n: side };
  const whole = { m: rows, k: side, n: columns };
  let now = given.map(({ x }) => x), next = given.map(({ other }) => other);
  // p(x) = (constant · I + linear · xxᵀ + quadratic · (xxᵀ)²) x, or x (…xᵀx…)
  for (const coefficients of ROUNDS) {
    backend.together(() => {
      for (const [i, { gram }] of given.entries()) {
        const side = isWide ? { transposeB: true } : { transposeA: true };
        backend.matmul(gram, now[i], now[i], overlap, side);
      }
    });
    backend.together(() => {
      for (const { gram, square } of given) {
        backend.matmul(square, gram, gram, squared);
      }
    });
    for (const { gram, square } of given) {
      const settings = { rows: side, width: side, ...coefficients };
      backend.run("matrixPolynomial", { y: square, x: gram }, settings);
    }
    backend.together(() => {
      for (const [i, { square }] of given.entries()) {
        if (isWide) backend.matmul(next[i], square, now[i], whole);
        else backend.matmul(next[i], now[i], square, whole);
      }
    });
    [now, next] = [next, now];
  }
  return now;
}

/** In parts of so many that are worked on at once. */
function chunked(matrices: MuonMatrix[]): MuonMatrix[][] {
  const chunks: MuonMatrix[][] = [];
  for (let i = 0; i < matrices.length; i += MOST_AT_ONCE) {
    chunks.push(matrices.slice(i, i + MOST_AT_ONCE));
  }
  return chunks;
}
