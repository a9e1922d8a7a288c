/**
 * The host's C BLAS, if it has one: `cblas_sgemm` and `cblas_sgemv` by
 * `Deno.dlopen`.
 *
 * Nothing is required: every library that cannot be used is listed with its
 * reason, and the backend has a matrix product of its own. A library is never
 * closed, as its threads may outlive any user of it.
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
  /** The libraries tried before it, each with why it is not used. */
  readonly failures: readonly { readonly path: string; reason: string }[];
}

/**
 * Names to try, best first. Fedora's `libopenblas.so.0` has no threads; its `p`
 * has them and its `o` has OpenMP's, either of which FlexiBLAS there calls:
 * that is a switch in front of a library, of which it cannot be said which.
 */
const CANDIDATES: Partial<Record<typeof Deno.build.os, readonly string[]>> = {
  linux: [
    "libopenblas.so.0",
    "libopenblasp.so.0",
    "libopenblaso.so.0",
    "libopenblas.so.3",
    "libopenblas.so",
    "libblis.so.4",
    "libblis.so",
    "libmkl_rt.so.2",
    "libmkl_rt.so",
    "libblas.so.3",
    "libcblas.so.3",
  ],
  darwin: [
    "/System/Library/Frameworks/Accelerate.framework/Accelerate",
    "/opt/homebrew/opt/openblas/lib/libopenblas.dylib",
    "/usr/local/opt/openblas/lib/libopenblas.dylib",
  ],
  windows: [
    "libopenblas.dll",
    "openblas.dll",
    "mkl_rt.2.dll",
    "mkl_rt.dll",
    "libblis.dll",
  ],
};

const SYMBOLS = {
  cblas_sgemm: {
    parameters: [
      ...["i32", "i32", "i32", "i32", "i32", "i32", "f32"] as const,
      ...["usize", "i32", "usize", "i32", "f32", "usize", "i32"] as const,
    ],
    result: "void",
  },
  cblas_sgemv: {
    parameters: [
      ...["i32", "i32", "i32", "i32", "f32", "usize", "i32"] as const,
      ...["usize", "i32", "f32", "usize", "i32"] as const,
    ],
    result: "void",
  },
  openblas_get_config: { parameters: [], result: "pointer", optional: true },
  openblas_get_corename: { parameters: [], result: "pointer", optional: true },
  openblas_get_parallel: { parameters: [], result: "i32", optional: true },
  openblas_set_num_threads: {
    parameters: ["i32"],
    result: "void",
    optional: true,
  },
  bli_thread_set_num_threads: {
    parameters: ["isize"],
    result: "void",
    optional: true,
  },
  MKL_Set_Num_Threads: { parameters: ["i32"], result: "void", optional: true },
  BLASSetThreading: { parameters: ["u32"], result: "i32", optional: true },
} as const satisfies Deno.ForeignLibraryInterface;

/** The variable by which OpenBLAS is told which kernels to use. */
const CORE_VARIABLE = "OPENBLAS_CORETYPE";

/**
 * Says which kernels OpenBLAS is to use, whatever the environment says. It must
 * be said before the library is first opened, as that is when it looks.
 *
 * @param core A processor as OpenBLAS names it, such as Haswell; "auto" for its
 * own choice.
 * @throws {Error} Without the permission to change that variable.
 */
export function chooseCore(core: string): void {
  try {
    if (core === "auto") Deno.env.delete(CORE_VARIABLE);
    else Deno.env.set(CORE_VARIABLE, core);
  } catch {
    throw new Error(
      `Cannot choose OpenBLAS's kernels: no permission to set ` +
        `${CORE_VARIABLE} (--allow-env=${CORE_VARIABLE})`,
    );
  }
}

/**
 * Looks for a library.
 *
 * @param choice "auto" tries the known names, "none" nothing, anything else is
 * the one name or path to use.
 * @throws {Error} When the library asked for by name cannot be used.
 *
 * @example
 * ```ts
 * import { findBlas } from "./blas.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(findBlas("none"), { failures: [] });
 * ```
 */
export function findBlas(choice: BlasChoice = "auto"): BlasSearch {
  const failures: { path: string; reason: string }[] = [];
  if (choice === "none") return { failures };
  if (choice !== "auto") return { blas: openBlas(choice), failures };
  for (const path of CANDIDATES[Deno.build.os] ?? []) {
    try {
      return { blas: openBlas(path), failures };
    } catch (error) {
      const { message } = error as Error;
      failures.push({ path, reason: message.slice(message.indexOf(": ") + 2) });
    }
  }
  return { failures };
}

/**
 * Opens a library and has it use one thread, as the backend brings its own.
 *
 * @throws {Error} Saying why it cannot be used.
 */
export function openBlas(path: string): Blas {
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") {
    throw refusal(path, "no permission for foreign code (--allow-ffi)");
  }
  let symbols;
  try {
    ({ symbols } = Deno.dlopen(path, SYMBOLS));
  } catch (error) {
    const { message } = error as Error;
    throw refusal(
      path,
      message.replace(/^(Could not open library: )+/, ""),
      error,
    );
  }
  const config = textAt(symbols.openblas_get_config?.() ?? null);
  if (config?.includes("USE64BITINT")) {
    throw refusal(path, "it is built for 64-bit integers");
  }
  if (
    symbols.openblas_get_parallel?.() === 0 && !config?.includes("USE_LOCKING")
  ) {
    // Calls from several threads would share its buffers.
    throw refusal(path, "it is built without threads, so not safe for ours");
  }
  let library;
  if (symbols.openblas_set_num_threads !== null) {
    symbols.openblas_set_num_threads(1);
    library = "OpenBLAS";
  } else if (symbols.bli_thread_set_num_threads !== null) {
    symbols.bli_thread_set_num_threads(1n);
    library = "BLIS";
  } else if (symbols.MKL_Set_Num_Threads !== null) {
    symbols.MKL_Set_Num_Threads(1);
    library = "MKL";
  } else if (Deno.build.os === "darwin" && path.includes("Accelerate")) {
    symbols.BLASSetThreading?.(1); // BLAS_THREADING_SINGLE_THREADED
    library = "Accelerate";
  } else {
    // The reference BLAS, for one, is slower than our own kernel.
    throw refusal(path, "it is not OpenBLAS, BLIS, MKL or Accelerate");
  }
  const core = textAt(symbols.openblas_get_corename?.() ?? null);
  // Deno takes numbers for addresses too; its types know only bigint.
  const sgemm = symbols.cblas_sgemm as unknown as Sgemm;
  const sgemv = symbols.cblas_sgemv as unknown as Sgemv;
  return { path, library, sgemm, sgemv, ...core === undefined ? {} : { core } };
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

/** Where a WebAssembly memory starts, as a machine address. */
export function baseAddress(memory: WebAssembly.Memory): number {
  const pointer = Deno.UnsafePointer.of(
    new Uint8Array(memory.buffer) as Uint8Array<ArrayBuffer>,
  );
  return Number(Deno.UnsafePointer.value(pointer));
}

function textAt(pointer: Deno.PointerValue): string | undefined {
  return pointer === null
    ? undefined
    : Deno.UnsafePointerView.getCString(pointer);
}

function refusal(path: string, reason: string, cause?: unknown): Error {
  return new Error(`Cannot use the BLAS "${path}": ${reason}`, { cause });
}
