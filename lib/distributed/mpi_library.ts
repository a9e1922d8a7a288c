/**
 * An MPI library by `Deno.dlopen`: Open MPI 4 and 5, MPICH 4 and its kin, and
 * whatever has the standard ABI of MPI 5.
 *
 * Their functions are the same, their handles are not: Open MPI's are addresses
 * of objects in the library, MPICH's and those of the standard are constants.
 * All are passed as machine words. Nothing but bytes is sent, as this room adds
 * up by itself, so few names suffice.
 *
 * @module
 */

import { isGranted } from "../permissions.ts";
import { type Launch, launchOf, mpiPlaces } from "./mpi_places.ts";

/** Functions that return an error code, 0 for success. */
const FUNCTIONS = {
  MPI_Init_thread: {
    parameters: ["usize", "usize", "i32", "buffer"],
    result: "i32",
  },
  MPI_Finalize: { parameters: [], result: "i32" },
  MPI_Abort: { parameters: ["usize", "i32"], result: "i32" },
  MPI_Comm_rank: { parameters: ["usize", "buffer"], result: "i32" },
  MPI_Comm_size: { parameters: ["usize", "buffer"], result: "i32" },
  MPI_Get_library_version: { parameters: ["buffer", "buffer"], result: "i32" },
  MPI_Ibarrier: { parameters: ["usize", "buffer"], result: "i32" },
  // buffer, count, datatype, root, communicator, request
  MPI_Ibcast: {
    parameters: ["buffer", "i32", "usize", "i32", "usize", "buffer"],
    result: "i32",
  },
  // sent, counts, places, datatype, received, the same, communicator, request
  MPI_Ialltoallv: {
    parameters: [
      ...["buffer", "buffer", "buffer", "usize"] as const,
      ...["buffer", "buffer", "buffer", "usize"] as const,
      ...["usize", "buffer"] as const,
    ],
    result: "i32",
  },
  // sent, count, datatype, received, counts, places, datatype, communicator, request
  MPI_Iallgatherv: {
    parameters: [
      ...["buffer", "i32", "usize"] as const,
      ...["buffer", "buffer", "buffer", "usize"] as const,
      ...["usize", "buffer"] as const,
    ],
    result: "i32",
  },
  MPI_Test: { parameters: ["buffer", "buffer", "usize"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** What Open MPI has in place of constants. */
const OPEN_MPI_OBJECTS = {
  ompi_mpi_comm_world: { type: "pointer" },
  ompi_mpi_byte: { type: "pointer" },
} as const;

/** Constants of a library, as machine words. */
interface Constants {
  readonly world: number | bigint;
  readonly byte: number | bigint;
  /** In the place of a status that nobody reads. */
  readonly statusIgnore: number;
  /** Only the thread that begins calls MPI. */
  readonly funneled: number;
}

/** mpi.h of MPICH 4. */
const MPICH: Constants = {
  world: 0x44000000,
  byte: 0x4c00010d,
  statusIgnore: 1,
  funneled: 1,
};

/** Appendix A of MPI 5.0. */
const STANDARD: Constants = {
  world: 0x101,
  byte: 0x247,
  statusIgnore: 0,
  funneled: 1024,
};

/** MPI_MAX_LIBRARY_VERSION_STRING is 8192 at most. */
const LONGEST_VERSION = 8192;

/** An open library, not begun with. */
export interface MpiLibrary {
  /** The name or path by which it was opened. */
  readonly path: string;
  /** What it calls itself. */
  readonly version: string;
  /** Its functions. */
  readonly functions: Deno.DynamicLibrary<typeof FUNCTIONS>["symbols"];
  /** What it calls things. */
  readonly constants: Constants;
}

/** Which library to use: any, none, or the one with this name or path. */
export type MpiChoice = "auto" | "none" | (string & Record<never, never>);

/** Why a library is not used that the system does not have. */
export const NOT_THERE = "it is not there";

/** What a search found. */
export interface MpiSearch {
  /** The first library that can be used. */
  readonly mpi?: MpiLibrary;
  /** The others that were tried, each with why it is not used. */
  readonly failures: readonly { readonly path: string; reason: string }[];
}

/**
 * Looks for a library. None is begun with.
 *
 * @param choice "auto" tries the known places, "none" nothing, anything else is
 * the one name or path to use.
 * @param launch How this program was started.
 * @throws {Error} When the library asked for by name cannot be used.
 *
 * @example
 * ```ts
 * import { findMpi } from "./mpi_library.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(findMpi("none"), { failures: [] });
 * ```
 */
export function findMpi(
  choice: MpiChoice = "auto",
  launch: Launch = launchOf(),
): MpiSearch {
  if (choice === "none") return { failures: [] };
  if (choice !== "auto") return { mpi: openMpi(choice), failures: [] };
  const failures: { path: string; reason: string }[] = [];
  for (const path of mpiPlaces(launch)) {
    try {
      return { mpi: openMpi(path), failures };
    } catch (error) {
      const { message } = error as Error;
      failures.push({ path, reason: message.slice(message.indexOf(": ") + 2) });
    }
    if (!isGranted({ name: "ffi" })) break; // nor can any other be opened
  }
  return { failures };
}

/**
 * Opens a library for as long as the program runs.
 *
 * @param path Where it is, or a name that the system's loader knows.
 * @throws {Error} Saying why it cannot be used.
 */
export function openMpi(path: string): MpiLibrary {
  if (!isGranted({ name: "ffi" })) {
    throw refusal(path, "no permission for foreign code (--allow-ffi)");
  }
  pin(path);
  let functions: MpiLibrary["functions"];
  try {
    functions = Deno.dlopen(path, FUNCTIONS).symbols;
  } catch (error) {
    throw refusal(path, (error as Error).message, error);
  }
  return {
    path,
    version: versionOf(functions),
    functions,
    constants: constantsOf(path),
  };
}

/** What `dlopen` of C is told: now, for all libraries, and never to unload it. */
const PINNED: Partial<Record<typeof Deno.build.os, readonly [string, number]>> =
  {
    linux: ["libc.so.6", 0x2 | 0x100 | 0x1000],
    darwin: ["libSystem.B.dylib", 0x2 | 0x8 | 0x80],
  };

/**
 * Keeps a library in memory beyond Deno's own closing, as threads of MPI may
 * still run then; its plugins find its names only if these are for all.
 */
function pin(path: string): void {
  const pinned = PINNED[Deno.build.os];
  if (pinned === undefined) {
    throw refusal(path, `MPI is not used on ${Deno.build.os}`);
  }
  const [libc, flags] = pinned;
  const loader = Deno.dlopen(libc, {
    dlopen: { parameters: ["buffer", "i32"], result: "pointer" },
    dlerror: { parameters: [], result: "pointer" },
  });
  const { symbols } = loader;
  const name = new TextEncoder().encode(`${path}\0`);
  let reason = "the loader does not say why";
  try {
    if (symbols.dlopen(name, flags) !== null) return;
    const error = symbols.dlerror();
    if (error !== null) reason = Deno.UnsafePointerView.getCString(error);
  } finally {
    loader.close();
  }
  const isMissing = reason.startsWith(`${path}: cannot open shared object`) ||
    reason.includes("no such file");
  throw refusal(path, isMissing ? NOT_THERE : reason);
}

/** Its first line, or what comes before the first comma of one long line. */
function versionOf({ MPI_Get_library_version }: MpiLibrary["functions"]) {
  const text = new Uint8Array(LONGEST_VERSION), length = words(1);
  MPI_Get_library_version(text, length);
  const [line] = new TextDecoder().decode(text.subarray(0, length[0]))
    .split(/[\n,\0]/);
  return line.replace(/\s+/g, " ").replace(/^MPICH Version: ?/, "MPICH ")
    .trim();
}

function constantsOf(path: string): Constants {
  if (/libmpi_abi\./.test(path)) return STANDARD;
  let symbols;
  try {
    ({ symbols } = Deno.dlopen(path, OPEN_MPI_OBJECTS));
  } catch {
    return MPICH;
  }
  const { ompi_mpi_comm_world: world, ompi_mpi_byte: byte } = symbols;
  return {
    world: Deno.UnsafePointer.value(world),
    byte: Deno.UnsafePointer.value(byte),
    statusIgnore: 0,
    funneled: 1,
  };
}

/**
 * Whole numbers of 32 bits for C to write to. Small ones of JavaScript's own
 * heap may be moved while C has their address; these are not on it.
 */
export function words(length: number): Int32Array<ArrayBuffer> {
  return new Int32Array(new ArrayBuffer(4 * Math.max(1, length)), 0, length);
}

function refusal(path: string, reason: string, cause?: unknown): Error {
  return new Error(`Cannot use the MPI library "${path}": ${reason}`, {
    cause,
  });
}
