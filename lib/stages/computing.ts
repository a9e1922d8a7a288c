/**
 * What the stages that compute have in common: where they do.
 *
 * @module
 */

import type { Backend } from "../backend/backend.ts";
import type { Progress, StageOptions } from "./stage.ts";
import {
  type BackendName,
  openBackend,
} from "../backend/choice/open_backend.ts";

/** What every stage that computes takes. */
export interface ComputingOptions<P extends Progress = Progress>
  extends StageOptions<P> {
  /**
   * Where to compute: a backend, which stays open; the name of one, or a
   * function that opens one, which is closed at the end. `auto` unless given: a
   * GPU where one answers, else the CPU.
   */
  readonly backend?: Backend | BackendName | (() => Promise<Backend>);
}

/** A backend for as long as it is needed. */
export interface BackendInUse extends Disposable {
  /** Where to compute. */
  readonly backend: Backend;
}

/**
 * Opens the backend of a stage.
 *
 * @param choice What its options say.
 * @returns The backend; dispose of it to close what was opened here.
 */
export async function useBackend(
  choice: ComputingOptions["backend"] = "auto",
): Promise<BackendInUse> {
  if (typeof choice === "object") {
    return { backend: choice, [Symbol.dispose]: () => {} };
  }
  const backend = typeof choice === "string"
    ? await openBackend(choice)
    : await choice();
  return { backend, [Symbol.dispose]: () => backend[Symbol.dispose]() };
}
