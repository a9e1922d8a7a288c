/**
 * What the CPU backend has of the machine that it runs on. The backend itself
 * knows nothing of files, libraries or how threads are started: `deno_host.ts`
 * has all of it, `web_host.ts` what a browser gives.
 *
 * @module
 */

import type { Blas, BlasChoice, BlasSearch } from "./blas_calls.ts";
import type { FileIdentity } from "../backend.ts";
import type { ThreadSettings } from "./thread.ts";

/** A thread of the pool. */
export interface HostThread {
  /** Ends it. */
  terminate(): unknown;
}

/** A BLAS in the thread that calls it. */
export interface OpenedBlas {
  /** Its functions. */
  readonly blas: Blas;
  /** Where the shared memory starts, as a machine address. */
  readonly base: number;
}

/** What a mapped file is put over. */
export interface MappingPlace {
  /** The shared memory. */
  readonly memory: WebAssembly.Memory;
  /** Reserves bytes of it, once the file may be mapped. */
  readonly reserve: (bytes: number) => number;
}

/** What a machine offers. */
export interface CpuHost {
  /** How many threads are worth while. */
  readonly cores: number;
  /** Whether there can be more than one. */
  readonly hasThreads: boolean;
  /**
   * Looks for a BLAS.
   *
   * @param choice Which.
   * @param core OpenBLAS's kernels; its own choice unless given.
   * @throws {Error} When the one that is asked for cannot be used.
   */
  findBlas(choice: BlasChoice, core?: string): BlasSearch;
  /** Opens for the calling thread what the search has found. */
  openBlas(path: string, memory: WebAssembly.Memory): OpenedBlas;
  /** Asks for large pages for a memory, where there are any. */
  adviseHugePages(memory: WebAssembly.Memory, capacity: number): void;
  /**
   * Puts a file over a part of the shared memory; absent where none can be.
   *
   * @returns The address of its first byte; undefined where it has to be read.
   */
  mapFile?(
    path: string,
    identity: FileIdentity,
    place: MappingPlace,
  ): number | undefined;
  /**
   * Starts a thread and waits until it is ready for jobs.
   *
   * @throws {Error} When it cannot start.
   */
  startThread(settings: ThreadSettings): Promise<HostThread>;
}

/** What cannot be had, and why. */
export function cannotStart({ index }: ThreadSettings, reason: string): Error {
  return new Error(`Cannot start CPU thread ${index}: ${reason}`);
}
