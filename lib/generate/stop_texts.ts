/**
 * Ends a text before one of some texts, wherever the borders of its tokens are.
 *
 * @module
 */

/** A text looked for, one code unit after another. */
class Search {
  readonly text: string;
  /** For each prefix, the longest shorter prefix that it ends with. */
  readonly #shorter: Uint32Array;
  /** How much of the text's beginning the end of what was read is. */
  matched = 0;

  constructor(text: string) {
    this.text = text;
    this.#shorter = new Uint32Array(text.length + 1);
    for (let i = 1, size = 0; i < text.length; i++) {
      size = this.#grown(size, text[i]);
      this.#shorter[i + 1] = size;
    }
  }

  /** Reads a code unit. @returns Whether the text ends here. */
  read(unit: string): boolean {
    this.matched = this.#grown(this.matched, unit);
    return this.matched === this.text.length;
  }

  #grown(size: number, unit: string): number {
    while (size > 0 && this.text[size] !== unit) size = this.#shorter[size];
    return this.text[size] === unit ? size + 1 : 0;
  }
}

/** What may be shown of a text. */
export interface ShownText {
  /** What is certainly before any of the texts to stop at. */
  readonly text: string;
  /** Whether one was found; nothing comes after it. */
  readonly stopped: boolean;
}

/**
 * Looks for texts in one that comes in pieces. It ends before the one that is
 * complete first, the longest where several are; what might be the beginning of
 * one is held back. Each text is looked for as by Knuth, Morris and Pratt
 * (1977), so that the time does not depend on what is written.
 *
 * @example
 * ```ts
 * import { StopTexts } from "./stop_texts.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const stops = new StopTexts(["\nFim"]);
 * assertEquals(stops.push("Era uma vez\nF"), {
 *   text: "Era uma vez",
 *   stopped: false,
 * });
 * assertEquals(stops.push("im."), { text: "", stopped: true });
 * assertEquals(stops.flush(), "");
 * ```
 */
export class StopTexts {
  readonly #searches: readonly Search[];
  #held = "";
  #stopped = false;

  /**
   * Begins a text.
   *
   * @param stops What it ends at; none: nothing is held back.
   * @throws {RangeError} When one is empty.
   */
  constructor(stops: readonly string[]) {
    if (stops.includes("")) {
      throw new RangeError("Cannot stop at a text: it is empty");
    }
    this.#searches = stops.map((text) => new Search(text));
  }

  /**
   * Reads what comes next.
   *
   * @param text Whole characters.
   */
  push(text: string): ShownText {
    if (this.#stopped) return { text: "", stopped: true };
    const all = this.#held + text;
    for (let i = this.#held.length; i < all.length; i++) {
      let longest = 0;
      for (const search of this.#searches) {
        if (search.read(all[i])) longest = Math.max(longest, search.matched);
      }
      if (longest === 0) continue;
      this.#held = "";
      this.#stopped = true;
      return { text: all.slice(0, i + 1 - longest), stopped: true };
    }
    const held = Math.max(0, ...this.#searches.map(({ matched }) => matched));
    this.#held = all.slice(all.length - held);
    return { text: all.slice(0, all.length - held), stopped: false };
  }

  /** Ends the text. @returns What was held back, if it was not stopped. */
  flush(): string {
    const held = this.#held;
    this.#held = "";
    return held;
  }
}
