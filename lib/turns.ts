/**
 * Turns of the event loop during long work, in which signals and timers act.
 *
 * @module
 */

/** Longest time without a turn, in ms, a piece of work apart. */
const INTERVAL = 50;

/** Lets events in from time to time. */
export class EventTurns {
  #last = 0;

  /** Waits for a turn, when the last one is long ago. */
  async next(): Promise<void> {
    if (performance.now() - this.#last < INTERVAL) return;
    await new Promise((resolve) => setTimeout(resolve));
    this.#last = performance.now();
  }
}
