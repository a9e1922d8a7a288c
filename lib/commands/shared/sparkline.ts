/**
 * A curve as wide as a few letters, for a terminal.
 *
 * @module
 */

/** From low to high. */
const HEIGHTS = [..."▁▂▃▄▅▆▇█"];
/** Columns of a curve. */
const WIDTH = 16;

/**
 * The course of a value from its beginning, in constant memory: where it has
 * become too long, two neighbours become their mean.
 *
 * @example
 * ```ts
 * import { Sparkline } from "./sparkline.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const losses = new Sparkline();
 * for (const loss of [8, 6, 4, 2, 1]) losses.add(loss);
 * assertEquals(`${losses}`, "█▆▄▂▁");
 * ```
 */
export class Sparkline {
  readonly #means: number[] = [];
  /** How many values each mean stands for. */
  #each = 1;
  #sum = 0;
  #count = 0;

  /** Adds the next value; one that is not finite is left out. */
  add(value: number): void {
    if (!Number.isFinite(value)) return;
    this.#sum += value;
    if (++this.#count < this.#each) return;
    const means = this.#means;
    means.push(this.#sum / this.#count);
    this.#sum = this.#count = 0;
    if (means.length < 2 * WIDTH) return;
    for (let i = 0; i < WIDTH; i++) {
      means[i] = (means[2 * i] + means[2 * i + 1]) / 2;
    }
    means.length = WIDTH;
    this.#each *= 2;
  }

  /** At most sixteen characters; none before there are two values. */
  toString(): string {
    const all = this.#means;
    if (all.length < 2) return "";
    const columns = Math.min(WIDTH, all.length);
    const shown = Array.from({ length: columns }, (_, i) => {
      const from = Math.floor(i * all.length / columns);
      const to = Math.floor((i + 1) * all.length / columns);
      return all.slice(from, to).reduce((a, b) => a + b) / (to - from);
    });
    const low = Math.min(...shown), range = Math.max(...shown) - low;
    return shown.map((value) => {
      const share = range > 0 ? (value - low) / range : 0;
      return HEIGHTS[Math.round(share * (HEIGHTS.length - 1))];
    }).join("");
  }
}
