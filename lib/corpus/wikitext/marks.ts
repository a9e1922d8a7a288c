/**
 * Marks that the stages of the cleaner leave in the text for later ones. They
 * are Unicode noncharacters, which no text may hold; those that a page does
 * hold are removed first.
 *
 * @module
 */

/** Where something was dropped; it becomes a space where one is needed. */
export const GONE = "\ufdd0";
/** A line end that must stay one, as in a poem. */
export const BREAK = "\ufdd1";

/** Characters that mean something in wikitext, and are literal in nowiki. */
const LITERALS = "[]{}|<>'=*#:;!-_ ";
const FIRST_LITERAL = 0xfdd2;

/** Removes what looks like a mark, and settles line ends. */
export function withoutMarks(text: string): string {
  const plain = text.replace(/[\ufdd0-\ufdef]/g, "");
  return plain.includes("\r") ? plain.replace(/\r\n?/g, "\n") : plain;
}

/**
 * Hides the meaning of wikitext's characters until {@linkcode unescape}. Those
 * of entities stay, as entities do mean something in nowiki.
 */
export function escape(text: string): string {
  return text.replace(
    /[[\]{}|<>'=*:!\-_ ]|(?<=^|\n)[#;]/g,
    (char) => String.fromCharCode(FIRST_LITERAL + LITERALS.indexOf(char)),
  );
}

/** Gives back what {@linkcode escape} hid. */
export function unescape(text: string): string {
  return text.replace(
    /[\ufdd2-\ufdef]/g,
    (char) => LITERALS[char.charCodeAt(0) - FIRST_LITERAL] ?? "",
  );
}

/**
 * What had to be stripped because it made no sense, by kind: a figure of how
 * sound the wikitext was and how well it was understood.
 */
export class Residue {
  readonly #counts = new Map<string, number>();

  /** Counts one or more. */
  add(kind: string, count = 1): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + count);
  }

  /** The counts so far, by kind in alphabetical order. */
  toObject(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort());
  }
}
