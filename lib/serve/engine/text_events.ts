/**
 * What became known of a text and was not asked for yet. Who reads slowly finds
 * pieces joined, so that little is held for them.
 *
 * @module
 */

import type { TextEvent } from "../engine.ts";

/** Events of one text, from who writes to who reads. */
export class TextEvents {
  readonly #events: TextEvent[] = [];
  #failure?: { readonly reason: unknown };
  #waiting?: PromiseWithResolvers<TextEvent>;

  /** Tells what became known; nothing after a failure. */
  push(event: TextEvent): void {
    if (this.#failure !== undefined) return;
    if (this.#waiting !== undefined) {
      this.#waiting.resolve(event);
      this.#waiting = undefined;
      return;
    }
    const last = this.#events.at(-1);
    if (last?.kind === "piece" && event.kind === "piece") {
      this.#events[this.#events.length - 1] = {
        kind: "piece",
        text: last.text + event.text,
        tokens: [...last.tokens, ...event.tokens],
      };
    } else {
      this.#events.push(event);
    }
  }

  /** Ends it: who asks next, or waits, is given the reason. */
  fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.#waiting?.reject(this.#failure.reason);
    this.#waiting = undefined;
  }

  /**
   * The next event. To be asked for one after another, up to the last one.
   *
   * @throws What it failed with, at once, whatever was not asked for yet.
   */
  next(): Promise<TextEvent> {
    if (this.#failure !== undefined) {
      return Promise.reject(this.#failure.reason);
    }
    const event = this.#events.shift();
    if (event !== undefined) return Promise.resolve(event);
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }
}
