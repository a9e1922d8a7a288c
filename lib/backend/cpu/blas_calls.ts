/**
 * A C BLAS as the kernels call it, and what is said of one, wherever it comes
 * from: `blas.ts` opens those of the machine, and a browser has none.
 *
 * @module
 */

/** cblas's constants. */
const ROW_MAJOR = 101, AS_IS = 111, TRANSPOSED = 112;

/** Which library to use: any, none, or the one with this name or path. */
export type BlasChoice = "auto" | "none" | (string & Record<never, never>);

/** An open library. */
export interface Blas {
  /** The name or path by which it was opened. */
  readonly path: string;
  /** OpenBLAS, BLIS, MKL or Accelerate; else its path. */
  readonly library: string;
  /** What it came with, such as numpy; absent of the system's. */
  readonly owner?: string;
  /** What processor its kernels are made for, where it says. */
  readonly core?: string;
  /** Its `cblas_sgemm`. */
  readonly sgemm: Sgemm;
  /** Its `cblas_sgemv`. */
  readonly sgemv: Sgemv;
}

/** `cblas_sgemm` with addresses as numbers, so that a call makes no garbage. */
export type Sgemm = (
  order: number,
  transposeA: number,
  transposeB: number,
  m: number,
  n: number,
  k: number,
  alpha: number,
  a: number,
  lda: number,
  b: number,
  ldb: number,
  beta: number,
  c: number,
  ldc: number,
) => void;

/** `cblas_sgemv` in the same way. */
export type Sgemv = (
  order: number,
  transposeA: number,
  m: number,
  n: number,
  alpha: number,
  a: number,
  lda: number,
  x: number,
  stepOfX: number,
  beta: number,
  y: number,
  stepOfY: number,
) => void;

/** What a search found. */
export interface BlasSearch {
  /** The first library that can be used. */
  readonly blas?: Blas;
  /** The others that were tried, each with why it is not used. */
  readonly failures: readonly { readonly path: string; reason: string }[];
}

/** c (m, n) = a (m, k) · b (k, n), added to c when `accumulate`, row-major. */
export interface Product {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** Address; `a` and `b` likewise. */
  readonly c: number;
  readonly a: number;
  readonly b: number;
  /** Values from one row of c to the next; `lda`, `ldb` likewise, as stored. */
  readonly ldc: number;
  readonly lda: number;
  readonly ldb: number;
  /** Whether a is stored (k, m); `transposeB` likewise. */
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly accumulate: boolean;
}

/**
 * Computes a product.
 *
 * @param base Machine address of what its addresses count from.
 */
export function sgemm(blas: Blas, base: number, product: Product): void {
  const { m, k, n, a, b, c, lda, ldb, ldc } = product;
  blas.sgemm(
    ROW_MAJOR,
    product.transposeA ? TRANSPOSED : AS_IS,
    product.transposeB ? TRANSPOSED : AS_IS,
    m,
    n,
    k,
    1,
    base + a,
    lda,
    base + b,
    ldb,
    product.accumulate ? 1 : 0,
    base + c,
    ldc,
  );
}

/**
 * y (m) += a (m, n) · x (n), row-major.
 *
 * @param y Machine address; `a` and `x` likewise.
 */
export function sgemv(
  blas: Blas,
  m: number,
  n: number,
  y: number,
  a: number,
  x: number,
): void {
  blas.sgemv(ROW_MAJOR, AS_IS, m, n, 1, a, n, x, 1, 1, y, 1);
}
