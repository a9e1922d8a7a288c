/**
 * Where an MPI library may be, and what the launcher of this program says of it.
 *
 * `mpirun`, `srun` and the MPI operator of Kubernetes tell each rank by
 * variables how many there are. They also tell whose launcher it was: ranks that
 * another library joins would each be alone.
 *
 * @module
 */

import { isGranted } from "../permissions.ts";

/** What launchers set: Open MPI's, MPICH's and its kin's, and Slurm's by PMIx. */
const VARIABLES = {
  openMpi: "OMPI_COMM_WORLD_SIZE",
  mpich: "PMI_SIZE",
  pmix: "PMIX_RANK",
} as const;

/** Environments of Python, whose `mpich` and `openmpi` bring a library. */
const PREFIXES = ["VIRTUAL_ENV", "CONDA_PREFIX"] as const;

/** How this program was started. */
export interface Launch {
  /** Whether by a launcher of ranks. */
  readonly isLaunched: boolean;
  /** How many ranks it has started, where it says. */
  readonly size?: number;
  /** Whose it is, where that is known. */
  readonly launcher?: "Open MPI" | "MPICH";
}

/** What the variables of a program say, as far as they may be read. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * How this program was started.
 *
 * @param variables Those of this program unless given.
 *
 * @example
 * ```ts
 * import { launchOf } from "./mpi_places.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(launchOf({}), { isLaunched: false });
 * assertEquals(launchOf({ PMI_SIZE: "4" }), {
 *   isLaunched: true,
 *   size: 4,
 *   launcher: "MPICH",
 * });
 * ```
 */
export function launchOf(variables: Variables = ownVariables()): Launch {
  const sizeIn = (name: string) => {
    const size = Number(variables[name]);
    return Number.isSafeInteger(size) && size >= 1 ? size : undefined;
  };
  const openMpi = sizeIn(VARIABLES.openMpi), mpich = sizeIn(VARIABLES.mpich);
  if (openMpi !== undefined) {
    return { isLaunched: true, size: openMpi, launcher: "Open MPI" };
  }
  if (mpich !== undefined) {
    return { isLaunched: true, size: mpich, launcher: "MPICH" };
  }
  return { isLaunched: variables[VARIABLES.pmix] !== undefined };
}

/** Names that the loader may know: the standard ABI of MPI 5, then each kind. */
const ABI = ["libmpi_abi.so.1", "libmpi_abi.so.0"];
const OPEN_MPI = ["libmpi.so.40"];
/** Debian's MPICH, then MPICH's own name, which its kin share (Intel's MPI). */
const MPICH = ["libmpich.so.12", "libmpi.so.12"];

/**
 * Where a library may be, best first: of the launcher's kind, else of any, the
 * standard ABI before others.
 *
 * @param launch How this program was started.
 * @param variables Those of this program unless given.
 * @param os This system's unless given.
 *
 * @example
 * ```ts
 * import { mpiPlaces } from "./mpi_places.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const launch = { isLaunched: true, size: 2, launcher: "Open MPI" } as const;
 * assertEquals(mpiPlaces(launch, {}, "linux")[0], "libmpi.so.40");
 * ```
 */
export function mpiPlaces(
  { launcher }: Launch,
  variables: Variables = ownVariables(),
  os: typeof Deno.build.os = Deno.build.os,
): string[] {
  if (os === "darwin") {
    return ["/opt/homebrew/lib", "/usr/local/lib"]
      .flatMap((folder) =>
        ["libmpi_abi", "libmpi"].map((name) => `${folder}/${name}.dylib`)
      );
  }
  if (os !== "linux") return [];
  const names = launcher === "Open MPI"
    ? [...OPEN_MPI, ...ABI, ...MPICH]
    : launcher === "MPICH"
    ? [...ABI, ...MPICH, ...OPEN_MPI]
    : [...ABI, ...OPEN_MPI, ...MPICH];
  const folders = PREFIXES.map((name) => variables[name])
    .filter((folder) => folder?.startsWith("/"));
  // The loader looks into a folder of its own choice first, so a name alone is
  // the system's library.
  return [
    ...names,
    "libmpi.so",
    ...folders.flatMap((folder) =>
      names.map((name) => `${folder}/lib/${name}`)
    ),
  ];
}

/** What this program may know of its variables. */
function ownVariables(): Variables {
  const names = [...Object.values(VARIABLES), ...PREFIXES];
  return Object.fromEntries(
    names.map((variable) => [
      variable,
      isGranted({ name: "env", variable }) ? Deno.env.get(variable) : undefined,
    ]),
  );
}
