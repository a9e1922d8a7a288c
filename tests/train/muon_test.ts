import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { Backend } from "../../lib/backend/backend.ts";
import { CpuBackend } from "../../lib/backend/cpu/cpu_backend.ts";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { Random } from "../../lib/random.ts";
import { Muon, orthogonalize } from "../../lib/train/muon.ts";

type Shape = readonly [rows: number, columns: number];
type Matrix = number[][];

/** Square, tall, wide, those of few rows, and a vector. */
const SHAPES: readonly Shape[] = [
  [24, 24],
  [96, 24],
  [24, 96],
  [70, 40],
  [5, 7],
  [1, 9],
];

const SETTINGS = {
  learningRate: 0.02,
  momentum: 0.95,
  clipNorm: 1e6,
  weightDecay: 0.1,
};

function normal(length: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length }, () => random.normal());
}

/** Runs orthogonalize() on some matrices of a shape at once. */
async function orthogonal(
  backend: Backend,
  given: readonly Float32Array[],
  shape: Shape,
): Promise<Float32Array[]> {
  const square = Math.min(...shape) ** 2;
  const rooms = given.map((values) => {
    const x = backend.alloc(values.length);
    backend.write(x, values);
    const other = backend.alloc(values.length);
    const gram = backend.alloc(square);
    return { x, other, gram, square: backend.alloc(square) };
  });
  const found = orthogonalize(backend, rooms, shape);
  return await Promise.all(found.map((memory) => backend.read(memory)));
}

/** Values whose norm is just below 1. */
function normalized(values: Float32Array): Float32Array {
  const norm = Math.hypot(...values);
  return values.map((value) => value / norm / 1.02);
}

/** Rows, or columns where the matrix is taller than wide. */
function linesOf(values: ArrayLike<number>, [rows, columns]: Shape): Matrix {
  const at = (i: number, j: number) => values[i * columns + j];
  return rows <= columns
    ? Array.from(
      { length: rows },
      (_, i) => Array.from({ length: columns }, (_, j) => at(i, j)),
    )
    : Array.from(
      { length: columns },
      (_, j) => Array.from({ length: rows }, (_, i) => at(i, j)),
    );
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

/** Singular values, by Jacobi's rotations of the lines against each other. */
function singularValues(values: ArrayLike<number>, shape: Shape): number[] {
  const lines = linesOf(values, shape);
  for (let sweep = 0; sweep < 12; sweep++) {
    for (let p = 0; p < lines.length; p++) {
      for (let q = p + 1; q < lines.length; q++) {
        const both = dot(lines[p], lines[q]);
        if (Math.abs(both) < 1e-15) continue;
        const z = (dot(lines[q], lines[q]) - dot(lines[p], lines[p])) /
          (2 * both);
        const t = Math.sign(z || 1) / (Math.abs(z) + Math.sqrt(1 + z * z));
        const c = 1 / Math.sqrt(1 + t * t), s = c * t;
        [lines[p], lines[q]] = [
          lines[p].map((value, i) => c * value - s * lines[q][i]),
          lines[q].map((value, i) => c * value + s * lines[p][i]),
        ];
      }
    }
  }
  return lines.map((line) => Math.sqrt(dot(line, line)));
}

function product(a: Matrix, b: Matrix): Matrix {
  return a.map((row) =>
    b[0].map((_, j) => row.reduce((sum, value, p) => sum + value * b[p][j], 0))
  );
}

function transposed(a: Matrix): Matrix {
  return a[0].map((_, j) => a.map((row) => row[j]));
}

/** The coefficients of lib/train/muon.ts, written once more. */
const POLAR_EXPRESS = [
  [8.156554524902461, -22.48329292557795, 15.878769915207462],
  [4.042929935166739, -2.808917465908714, 0.5000178451051316],
  [3.8916678022926607, -2.772484153217685, 0.5060648178503393],
  [3.285753657755655, -2.3681294933425376, 0.46449024233003106],
  [2.3465413258596377, -1.7097828382687081, 0.42323551169305323],
];

/** Newton-Schulz in f64, in the plainest form: a x + b (xxᵀ) x + c (xxᵀ)² x. */
function plainly(x: Matrix): Matrix {
  for (const [a, b, c] of POLAR_EXPRESS) {
    const gram = product(x, transposed(x));
    const once = product(gram, x), twice = product(gram, once);
    x = x.map((row, i) =>
      row.map((value, j) => a * value + b * once[i][j] + c * twice[i][j])
    );
  }
  return x;
}

/** One step of Muon in f64 on a weight and its momentum. */
function plainStep(
  weight: Matrix,
  momentum: Matrix,
  gradient: Matrix,
  { learningRate: rate, momentum: keep, weightDecay }: typeof SETTINGS,
): void {
  for (const [i, row] of momentum.entries()) {
    for (const j of row.keys()) {
      row[j] = keep * row[j] + (1 - keep) * gradient[i][j];
    }
  }
  const nesterov = momentum.map((row, i) =>
    row.map((value, j) => keep * value + (1 - keep) * gradient[i][j])
  );
  const norm = 1.02 * Math.hypot(...nesterov.flat()) + 1e-7;
  const scaled = nesterov.map((row) => row.map((value) => value / norm));
  const direction = plainly(scaled);
  const scale = 0.2 * Math.sqrt(Math.max(weight.length, weight[0].length));
  for (const [i, row] of weight.entries()) {
    for (const j of row.keys()) {
      row[j] -= rate * (scale * direction[i][j] + weightDecay * row[j]);
    }
  }
}

function matrixOf(values: ArrayLike<number>, [rows, columns]: Shape): Matrix {
  return Array.from(
    { length: rows },
    (_, i) =>
      Array.from({ length: columns }, (_, j) => values[i * columns + j]),
  );
}

async function backends(): Promise<(Backend & Disposable)[]> {
  return [
    new ReferenceBackend(),
    await CpuBackend.create({ threads: 2, blas: "none" }),
  ];
}

Deno.test("orthogonalize() brings singular values from 1/1000 to 1 near 1", async () => {
  for (const backend of await backends()) {
    using _backend = backend;
    for (const shape of SHAPES) {
      const length = shape[0] * shape[1];
      const given = [1, 2, 3].map((seed) => normalized(normal(length, seed)));
      const found = await orthogonal(backend, given, shape);
      for (const [i, values] of found.entries()) {
        const before = singularValues(given[i], shape);
        for (const [j, value] of singularValues(values, shape).entries()) {
          assert(value > 0.84, `${shape}: ${before[j]} to ${value}`);
          assert(value < 1.15, `${shape}: ${value}`);
        }
      }
    }
  }
});

Deno.test("orthogonalize() keeps singular vectors, and a direction that is not there is not made up", async () => {
  const backend = new ReferenceBackend();
  const shape = [16, 16] as const;
  // Two of 16 directions: those of the first two axes.
  const values = new Float32Array(256);
  values[0] = 0.9;
  values[17] = -0.02;
  const [found] = await orthogonal(backend, [values], shape);
  for (const [i, value] of found.entries()) {
    const expected = i === 0 ? 1 : i === 17 ? -1 : 0;
    assertAlmostEquals(value, expected, 0.15, `${i}`);
  }
  const [zeros] = await orthogonal(backend, [new Float32Array(256)], shape);
  assert(zeros.every((value) => value === 0));
});

Deno.test("Muon.update() is what a plain f64 implementation does", async () => {
  for (const backend of await backends()) {
    using _backend = backend;
    // More of a shape than are worked on at once.
    const shapes: Shape[] = [...SHAPES, ...Array(9).fill([12, 30])];
    const squaredNorm = backend.alloc(1);
    backend.write(squaredNorm, Float32Array.of(4));
    const matrices = shapes.map((shape, i) => {
      const length = shape[0] * shape[1];
      const data = backend.alloc(length), grad = backend.alloc(length);
      const momentum = backend.alloc(length);
      backend.write(data, normal(length, 100 + i));
      return { shape, data, grad, momentum };
    });
    const muon = new Muon(backend, matrices);
    const weights = await Promise.all(
      matrices.map(async ({ shape, data }) =>
        matrixOf(await backend.read(data), shape)
      ),
    );
    const momenta = shapes.map(([rows, columns]) =>
      matrixOf(new Float32Array(rows * columns), [rows, columns])
    );
    for (let step = 0; step < 3; step++) {
      for (const [i, { shape, grad }] of matrices.entries()) {
        const gradient = normal(grad.length, 1000 * step + i);
        backend.write(grad, gradient);
        const plain = matrixOf(gradient, shape);
        plainStep(weights[i], momenta[i], plain, SETTINGS);
      }
      muon.update({ ...SETTINGS, squaredNorm });
    }
    for (const [i, { data, grad, momentum }] of matrices.entries()) {
      const found = await backend.read(data);
      for (const [j, expected] of weights[i].flat().entries()) {
        assertAlmostEquals(found[j], expected, 1e-4, `${shapes[i]}`);
      }
      const kept = await backend.read(momentum);
      assertAlmostEquals(kept[0], momenta[i][0][0], 1e-5);
      assert((await backend.read(grad)).every((value) => value === 0));
    }
  }
});

Deno.test("Muon.update() changes nothing where the norm is not finite, but clears", async () => {
  const backend = new ReferenceBackend();
  const [data, grad, momentum, squaredNorm] = [64, 64, 64, 1]
    .map((length) => backend.alloc(length));
  backend.write(data, normal(64, 1));
  backend.write(momentum, normal(64, 2));
  backend.write(grad, normal(64, 3).fill(NaN, 5, 6));
  backend.write(squaredNorm, Float32Array.of(NaN));
  const muon = new Muon(backend, [{ shape: [8, 8], data, grad, momentum }]);
  muon.update({ ...SETTINGS, squaredNorm });
  assertEquals(await backend.read(data), normal(64, 1));
  assertEquals(await backend.read(momentum), normal(64, 2));
  assertEquals(await backend.read(grad), new Float32Array(64));
});

Deno.test("Muon.update() gives the same bits with any number of threads", async () => {
  const results: Float32Array[] = [];
  for (const threads of [1, 2, 3]) {
    using backend = await CpuBackend.create({ threads, blas: "none" });
    const length = 130 * 300;
    const squaredNorm = backend.alloc(1);
    backend.write(squaredNorm, Float32Array.of(1));
    const matrices = Array.from({ length: 3 }, (_, i) => {
      const [data, grad, momentum] = [length, length, length]
        .map((length) => backend.alloc(length));
      backend.write(data, normal(length, 10 + i));
      backend.write(grad, normal(length, 20 + i));
      return { shape: [130, 300], data, grad, momentum } as const;
    });
    new Muon(backend, matrices).update({ ...SETTINGS, squaredNorm });
    results.push(await backend.read(matrices[2].data));
  }
  assertEquals(results[1], results[0]);
  assertEquals(results[2], results[0]);
});
