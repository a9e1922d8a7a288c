/**
 * A turn of the event loop after every step, in which requests, cancellations
 * and messages come in.
 *
 * @module
 */

import { setImmediate } from "node:timers";

/** Waits for what has happened meanwhile; takes microseconds, unlike a timer. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => resolve()));
}
