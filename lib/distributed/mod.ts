/**
 * Programs that work together: one interface, for a process alone and for the
 * ranks of MPI.
 *
 * @module
 */

export type { Communicator, Values } from "./communicator.ts";
export { type JoinOptions, joinRanks } from "./join.ts";
export type { MpiChoice } from "./mpi_library.ts";
export { shareJson } from "./share.ts";
export { SharedSignal } from "./shared_signal.ts";
export { SingleProcess } from "./single_process.ts";
