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
  /**
   * Opens another in place of one whose device is gone.
   *
   * @returns Whether there is one of the same kind; never for what was given.
   */
  renew(): Promise<boolean>;
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
  if (typeof choice === "object" && choice !== null) {
    return {
      backend: choice,
      renew: () => Promise.resolve(false),
      [Symbol.dispose]: () => {},
    };
  }
  const open = typeof choice === "function"
    ? choice
    : () => openBackend(choice);
  return new OpenedBackend(open, await open());
}

/** A backend that was opened here. */
class OpenedBackend implements BackendInUse {
  readonly #open: () => Promise<Backend>;
  #backend: Backend;

  constructor(open: () => Promise<Backend>, backend: Backend) {
    this.#open = open;
    this.#backend = backend;
  }

  get backend(): Backend {
    return this.#backend;
  }

  async renew(): Promise<boolean> {
    const { name } = this.#backend;
    this.#backend[Symbol.dispose]();
    let another: Backend;
    try {
      another = await this.#open();
    } catch {
      return false; // the failure of the first is what there is to say
    }
    // Another kind would give other bits, and may be slower by far.
    if (another.name !== name) {
      another[Symbol.dispose]();
      return false;
    }
    this.#backend = another;
    return true;
  }

  [Symbol.dispose](): void {
    this.#backend[Symbol.dispose]();
  }
}
