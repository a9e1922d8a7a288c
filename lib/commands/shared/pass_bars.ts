/**
 * The progress of work in several passes, each of which counts something else.
 *
 * @module
 */

import type { Output, Progress } from "./output.ts";

/** One bar after the other, so that no estimate is made over two passes. */
export class PassBars implements Disposable {
  readonly #output: Output;
  #label?: string;
  #bar?: Progress;

  /** @param output Where the bars are shown. */
  constructor(output: Output) {
    this.#output = output;
  }

  /**
   * @param label The pass; another one than before begins a bar of its own.
   * @param done How much of it is done, and the rest as a bar is told.
   */
  update(label: string, ...done: Parameters<Progress["update"]>): void {
    if (label !== this.#label) {
      this[Symbol.dispose]();
      this.#label = label;
      this.#bar = this.#output.progress(label);
    }
    this.#bar!.update(...done);
  }

  /** Clears the bar that stands; what is told after it has one of its own. */
  [Symbol.dispose](): void {
    this.#bar?.[Symbol.dispose]();
    this.#bar = undefined;
    this.#label = undefined;
  }
}
