/**
 * The host's C BLAS, if it has one: `cblas_sgemm` and `cblas_sgemv` by
 * `Deno.dlopen`. Where one may be is known to `blas_places.ts`.
 *
 * Nothing is required: every library that cannot be used is listed with its
 * reason, and the backend has a matrix product of its own. A library is never
 * closed, as its threads may outlive any user of it.
 *
 * @module
 */

import { isGranted } from "../../permissions.ts";
import type {
  Blas,
  BlasChoice,
  BlasSearch,
  Sgemm,
  Sgemv,
} from "./blas_calls.ts";
import { type BlasPlace, blasPlaces } from "./blas_places.ts";

/** Why a library is not used that the system does not have. */
export const NOT_THERE = "it is not there";

/** Why a library is used only where there is no other. */
const NO_KERNELS = "it has no kernels for this processor";

/**
 * What goes around the names of cblas and OpenBLAS in a library, most particular
 * first: where the functions of 64-bit integers have names of their own, the
 * plain ones may be the same functions.
 */
const NAMINGS = [
  { prefix: "scipy_", suffix: "64_" },
  { prefix: "", suffix: "64_" },
  { prefix: "scipy_", suffix: "" },
  { prefix: "", suffix: "" },
] as const;

type Naming = typeof NAMINGS[number];

/** A C function; absent where a library has none of that name. */
type CFunction<T = unknown> = ((...values: number[]) => T) | null;

/** What is called of a library. */
interface Functions {
  readonly sgemm: CFunction;
  readonly sgemv: CFunction;
  /** The same, should the plain names take 64-bit integers. */
  readonly sgemmWide: CFunction;
  readonly sgemvWide: CFunction;
  readonly config: CFunction<Deno.PointerValue>;
  readonly core: CFunction<Deno.PointerValue>;
  readonly parallel: CFunction<number>;
  readonly setThreads: CFunction;
}

/** Names and types of {@linkcode Functions}. Enumerations are 32 bits wide. */
function functionsOf(
  { prefix, suffix }: Naming,
): Record<keyof Functions, Deno.ForeignFunction & { name: string }> {
  const gemm = (int: "i32" | "i64") => [
    ...["i32", "i32", "i32", int, int, int, "f32"] as const,
    ...["usize", int, "usize", int, "f32", "usize", int] as const,
  ];
  const gemv = (int: "i32" | "i64") => [
    ...["i32", "i32", int, int, "f32", "usize", int] as const,
    ...["usize", int, "f32", "usize", int] as const,
  ];
  const int = suffix === "" ? "i32" : "i64";
  const named = (
    name: string,
    parameters: readonly Deno.NativeType[],
    result: Deno.NativeResultType = "void",
  ) => ({ name: prefix + name + suffix, parameters, result, optional: true });
  return {
    sgemm: named("cblas_sgemm", gemm(int)),
    sgemv: named("cblas_sgemv", gemv(int)),
    sgemmWide: named("cblas_sgemm", gemm("i64")),
    sgemvWide: named("cblas_sgemv", gemv("i64")),
    config: named("openblas_get_config", [], "pointer"),
    core: named("openblas_get_corename", [], "pointer"),
    parallel: named("openblas_get_parallel", [], "i32"),
    setThreads: named("openblas_set_num_threads", ["i32"]),
  };
}

/** What says which of the others a library is, and keeps it to one thread. */
const OTHERS = {
  bli_thread_set_num_threads: {
    parameters: ["isize"],
    result: "void",
    optional: true,
  },
  MKL_Set_Interface_Layer: {
    parameters: ["i32"],
    result: "i32",
    optional: true,
  },
  MKL_Set_Threading_Layer: {
    parameters: ["i32"],
    result: "i32",
    optional: true,
  },
  MKL_Set_Num_Threads: { parameters: ["i32"], result: "void", optional: true },
  BLASSetThreading: { parameters: ["u32"], result: "i32", optional: true },
} as const satisfies Deno.ForeignLibraryInterface;

/** MKL's layers: 32-bit integers, no threads of its own. */
const MKL_INTERFACE_LP64 = 0, MKL_THREADING_SEQUENTIAL = 1;

/**
 * The kernels that OpenBLAS takes on an x86-64 that it does not know, or that is
 * twenty years old; the first of the names they share in its build.
 */
const CORES_OF_ANY: readonly (string | undefined)[] = ["Prescott", "Katmai"];

/** The variable by which OpenBLAS is told which kernels to use. */
const CORE_VARIABLE = "OPENBLAS_CORETYPE";

/**
 * What OpenBLAS calls processors, by the machines that have them; it reads the
 * names in any case. What is not here, it would leave out with a word of its own.
 */
const CORES: Readonly<Record<string, string>> = {
  x86_64: "Katmai Coppermine Northwood Prescott Banias Atom Core2 Penryn " +
    "Dunnington Nehalem Sandybridge Haswell SkylakeX Cooperlake SapphireRapids " +
    "Athlon Opteron Opteron_SSE3 Barcelona Bobcat Bulldozer Piledriver " +
    "Steamroller Excavator Zen Nano",
  aarch64: "armv8 armv8sve armv9sme cortexa53 cortexa55 cortexa57 cortexa72 " +
    "cortexa73 cortexa76 cortexa510 cortexa710 cortexx1 cortexx2 falkor " +
    "thunderx thunderx2t99 thunderx3t110 tsv110 emag8180 neoversen1 neoversev1 " +
    "neoversen2 neoversev2 vortex vortexm4 a64fx ft2000",
};

/**
 * Says which kernels OpenBLAS is to use, whatever the environment says. It must
 * be said before the library is first opened, as that is when it looks.
 *
 * @param core A processor as OpenBLAS names it, such as Haswell; "auto" for its
 * own choice.
 * @throws {RangeError} For a name that it does not know.
 * @throws {Error} Without the permission to change that variable.
 */
export function chooseCore(core: string): void {
  const names = CORES[Deno.build.arch]?.split(" ") ?? [];
  const isKnown = names.length === 0 || ["auto", ...names]
    .some((name) => name.toLowerCase() === core.toLowerCase());
  if (!isKnown) {
    throw new RangeError(
      `Cannot choose OpenBLAS's kernels: it knows no "${core}", but auto, ${
        names.join(", ")
      }`,
    );
  }
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

/** Whether somebody has said which, as far as the program may know. */
export function isCoreChosen(): boolean {
  return isGranted({ name: "env", variable: CORE_VARIABLE }) &&
    Deno.env.has(CORE_VARIABLE);
}

/**
 * Looks for a library. One whose kernels are for any processor is used only
 * where there is no other.
 *
 * @param choice "auto" tries the known places, "none" nothing, anything else is
 * the one name or path to use.
 * @param places Where "auto" looks.
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
export function findBlas(
  choice: BlasChoice = "auto",
  places: Iterable<BlasPlace> = blasPlaces(),
): BlasSearch {
  const failures: { path: string; reason: string }[] = [];
  if (choice === "none") return { failures };
  if (choice !== "auto") return { blas: openBlas(choice), failures };
  let slow: Blas | undefined;
  for (const { path, owner } of places) {
    try {
      const blas = openBlas(path, owner);
      if (!hasKernelsOfAny(blas)) return { blas, failures };
      slow ??= blas;
      failures.push({ path, reason: NO_KERNELS });
    } catch (error) {
      const { message } = error as Error;
      failures.push({ path, reason: message.slice(message.indexOf(": ") + 2) });
    }
    if (!isGranted({ name: "ffi" })) break; // nor can any other be opened
  }
  if (slow === undefined) return { failures };
  return {
    blas: slow,
    failures: failures.filter(({ path }) => path !== slow.path),
  };
}

/** Whether a library has no kernels for this processor in particular. */
export function hasKernelsOfAny({ core }: Blas): boolean {
  return CORES_OF_ANY.includes(core);
}

/**
 * Opens a library and has it use one thread, as the backend brings its own.
 *
 * @param path Where it is, or a name that the system's loader knows.
 * @param owner What it came with, for people.
 * @throws {Error} Saying why it cannot be used.
 */
export function openBlas(path: string, owner?: string): Blas {
  if (!isGranted({ name: "ffi" })) {
    throw refusal(path, "no permission for foreign code (--allow-ffi)");
  }
  const { symbols, functions } = load(path);
  const config = textAt(functions.config?.());
  if (functions.parallel?.() === 0 && !config?.includes("USE_LOCKING")) {
    // Calls from several threads would share its buffers.
    throw refusal(path, "it is built without threads, so not safe for ours");
  }
  let library;
  if (functions.setThreads !== null) {
    functions.setThreads(1);
    library = "OpenBLAS";
  } else if (symbols.bli_thread_set_num_threads !== null) {
    symbols.bli_thread_set_num_threads(1n);
    library = "BLIS";
  } else if (symbols.MKL_Set_Num_Threads !== null) {
    // The environment may ask for 64-bit integers under the same names.
    symbols.MKL_Set_Interface_Layer?.(MKL_INTERFACE_LP64);
    symbols.MKL_Set_Threading_Layer?.(MKL_THREADING_SEQUENTIAL);
    symbols.MKL_Set_Num_Threads(1);
    library = "MKL";
  } else if (Deno.build.os === "darwin" && path.includes("Accelerate")) {
    symbols.BLASSetThreading?.(1); // BLAS_THREADING_SINGLE_THREADED
    library = "Accelerate";
  } else {
    // The reference BLAS, for one, is slower than our own kernel.
    throw refusal(path, "it is not OpenBLAS, BLIS, MKL or Accelerate");
  }
  const core = textAt(functions.core?.());
  const isWide = config?.includes("USE64BITINT") ?? false;
  return {
    path,
    library,
    sgemm: (isWide ? functions.sgemmWide : functions.sgemm) as Sgemm,
    sgemv: (isWide ? functions.sgemvWide : functions.sgemv) as Sgemv,
    ...core === undefined ? {} : { core },
    ...owner === undefined ? {} : { owner },
  };
}

/** Opens a library, and finds what it calls its functions. */
function load(path: string) {
  const named = Object.assign(
    {},
    ...NAMINGS.map((naming, number) =>
      Object.fromEntries(
        Object.entries(functionsOf(naming))
          .map(([name, definition]) => [name + number, definition]),
      )
    ),
  );
  let library;
  try {
    library = Deno.dlopen(path, { ...named, ...OTHERS } as typeof OTHERS);
  } catch (error) {
    const reason = (error as Error).message
      .replace(/^(Could not open library: )+/, "");
    throw refusal(path, isMissing(path, reason) ? NOT_THERE : reason, error);
  }
  const { symbols } = library;
  for (const number of NAMINGS.keys()) {
    // Deno takes numbers for addresses and 64-bit integers too; its types know
    // only bigint.
    const functions = Object.fromEntries(
      Object.keys(functionsOf(NAMINGS[number]))
        .map((name) => [name, Reflect.get(symbols, name + number)]),
    ) as unknown as Functions;
    if (functions.sgemm !== null && functions.sgemv !== null) {
      return { symbols, functions };
    }
  }
  library.close(); // so it is no BLAS, and has no threads
  throw refusal(path, "it does not export cblas_sgemm and cblas_sgemv");
}

/** Whether the loader says that there is no such library. */
function isMissing(path: string, reason: string): boolean {
  return reason.startsWith(`${path}: cannot open shared object file`) ||
    reason.includes("(no such file)") || reason.includes("os error 126");
}

/** Where a WebAssembly memory starts, as a machine address. */
export function baseAddress(memory: WebAssembly.Memory): number {
  const pointer = Deno.UnsafePointer.of(
    new Uint8Array(memory.buffer) as Uint8Array<ArrayBuffer>,
  );
  return Number(Deno.UnsafePointer.value(pointer));
}

function textAt(pointer: Deno.PointerValue | undefined): string | undefined {
  return pointer === null || pointer === undefined
    ? undefined
    : Deno.UnsafePointerView.getCString(pointer);
}

function refusal(path: string, reason: string, cause?: unknown): Error {
  return new Error(`Cannot use the BLAS "${path}": ${reason}`, { cause });
}
