/**
 * By what texts are known again without being kept.
 *
 * @module
 */

import { hash32 } from "./random.ts";

/**
 * A 64-bit hash of a text that comes in pieces.
 *
 * @example
 * ```ts
 * import { TextHash } from "./text_hash.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const whole = new TextHash(), pieces = new TextHash();
 * whole.update("bom dia");
 * for (const piece of ["bom ", "dia"]) pieces.update(piece);
 * assertEquals(whole.digest(), pieces.digest());
 * ```
 */
export class TextHash {
  /** UTF-16 units so far. */
  length = 0;
  #low = 0x811c9dc5;
  #high = 0x9e3779b9;

  /** Adds a piece. */
  update(text: string): void {
    let low = this.#low, high = this.#high;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      low = Math.imul(low ^ unit, 0x01000193); // FNV-1a's prime
      high = Math.imul(high, 0x9e3779b1) + unit ^ high >>> 15;
    }
    this.#low = low;
    this.#high = high;
    this.length += text.length;
  }

  /** The hash as two unsigned 32-bit numbers. */
  digest(): [number, number] {
    return [hash32(this.#low ^ this.length), hash32(this.#high)];
  }
}
