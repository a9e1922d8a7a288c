/**
 * Text that is typed, of one line or several.
 *
 * @module
 */

/** What begins and ends several lines. */
const FENCE = '"""';

/**
 * Puts lines together: one that ends in a backslash goes on in the next, and
 * those between two `"""` are one text.
 *
 * @example
 * ```ts
 * import { TypedText } from "./typed_text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const typed = new TypedText();
 * assertEquals(typed.push("um\\"), undefined);
 * assertEquals(typed.push("dois"), "um\ndois");
 * ```
 */
export class TypedText {
  #lines: string[] = [];
  #fenced = false;

  /** Whether more lines belong to the text that was begun. */
  get isOpen(): boolean {
    return this.#fenced || this.#lines.length > 0;
  }

  /**
   * Takes a line.
   *
   * @returns The text that it ends; undefined where more belongs to it.
   */
  push(line: string): string | undefined {
    let rest = line;
    if (!this.isOpen && line.startsWith(FENCE)) {
      this.#fenced = true;
      rest = line.slice(FENCE.length);
      if (rest === "") return undefined; // the text begins on the next line
    }
    if (this.#fenced) {
      if (!rest.endsWith(FENCE)) {
        this.#lines.push(rest);
        return undefined;
      }
      const last = rest.slice(0, -FENCE.length);
      if (last !== "") this.#lines.push(last);
    } else if (rest.endsWith("\\")) {
      this.#lines.push(rest.slice(0, -1));
      return undefined;
    } else this.#lines.push(rest);
    const text = this.#lines.join("\n");
    this.drop();
    return text;
  }

  /** Forgets what was begun. */
  drop(): void {
    this.#lines = [];
    this.#fenced = false;
  }
}
