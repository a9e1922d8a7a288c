/**
 * Joins the ranks that this program was started as one of.
 *
 * @module
 */

import type { Communicator } from "./communicator.ts";
import { MpiCommunicator, TIME_LIMIT } from "./mpi_communicator.ts";
import { findMpi, type MpiChoice, NOT_THERE } from "./mpi_library.ts";
import { launchOf } from "./mpi_places.ts";
import { SingleProcess } from "./single_process.ts";

/** How ranks are joined. */
export interface JoinOptions {
  /**
   * The library; "auto" unless given: one that is found, if the program was
   * started by a launcher.
   */
  readonly mpi?: MpiChoice;
  /** Seconds that an operation may take; 1800 unless given. */
  readonly timeLimit?: number;
}

/**
 * Joins the other ranks, once in a program; where it was started alone it stays
 * alone.
 *
 * @param options The library, and for how long to wait for others.
 * @throws {Error} When the program is one of several ranks and there is no
 * library by which to join them.
 *
 * @example
 * ```ts
 * import { joinRanks } from "./join.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(joinRanks({ mpi: "none" }).size, 1);
 * ```
 */
export function joinRanks(
  { mpi: choice = "auto", timeLimit = TIME_LIMIT }: JoinOptions = {},
): Communicator {
  const launch = launchOf();
  const isAlone = choice === "none" || choice === "auto" && !launch.isLaunched;
  if (isAlone) return new SingleProcess();
  const { mpi, failures } = findMpi(choice, launch);
  if (mpi === undefined) {
    if (launch.size === 1) return new SingleProcess();
    const reasons = failures.filter(({ reason }) => reason !== NOT_THERE)
      .map(({ path, reason }) => `${path}: ${reason}`);
    throw new Error(
      `Cannot join the other ranks: no MPI library can be used` +
        (reasons.length === 0
          ? "; install openmpi-bin or mpich, or give --mpi"
          : ` (${reasons.join("; ")})`),
    );
  }
  const joined = new MpiCommunicator(mpi, { timeLimit });
  if (launch.size !== undefined && launch.size !== joined.size) {
    throw new Error(
      `Cannot join the other ranks: ${mpi.version} (${mpi.path}) knows ${joined.size} of the ${launch.size} that were started; give the launcher's own library with --mpi`,
    );
  }
  return joined;
}
