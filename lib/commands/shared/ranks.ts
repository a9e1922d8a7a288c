/**
 * What the commands have in common that several processes may do together: their
 * flags, and how they join.
 *
 * @module
 */

import type { Communicator } from "../../distributed/communicator.ts";
import { joinRanks } from "../../distributed/join.ts";
import { TIME_LIMIT } from "../../distributed/mpi_communicator.ts";
import type { Command } from "./command.ts";
import { integer, text } from "./options.ts";
import { type Output, processOutput, silentOutput } from "./output.ts";

/** The flags of the commands that several processes may do together. */
export const RANK_OPTIONS = {
  mpi: text(
    "auto|none|PATH",
    "MPI library by which mpirun's processes work together, or each alone",
    { default: "auto" },
  ),
  "rank-timeout": integer("seconds to wait for another process at most", {
    default: TIME_LIMIT,
    min: 1,
    max: 1e6,
  }),
} as const;

/** Milliseconds in which the first rank says what all would say. */
const FIRST_WORD = 1000;

/**
 * Joins the other ranks, for a command that does so.
 *
 * @param command Which one.
 * @param values Its options.
 */
export function ranksOf(
  { joinsRanks = false }: Pick<Command, "joinsRanks">,
  values: Readonly<Record<string, unknown>>,
): Communicator | undefined {
  if (!joinsRanks) return undefined;
  return joinRanks({
    mpi: values.mpi as string,
    timeLimit: values["rank-timeout"] as number,
  });
}

/** Where a rank says what it does: the first one tells of all. */
export function outputOf(
  ranks: Communicator | undefined,
  quiet: boolean,
): Output {
  const isFirst = (ranks?.rank ?? 0) === 0;
  return isFirst ? processOutput(quiet) : silentOutput();
}

/**
 * Gives the first rank time to end all with a message that others have too.
 *
 * @param ranks Who works together.
 * @returns What this rank's message begins with; nothing where it is alone.
 */
export async function turnToSpeak(
  ranks: Communicator | undefined,
): Promise<string> {
  if (ranks === undefined || ranks.size === 1) return "";
  if (ranks.rank > 0) {
    await new Promise((resolve) => setTimeout(resolve, FIRST_WORD));
  }
  return `[${ranks.rank}/${ranks.size}] `;
}
