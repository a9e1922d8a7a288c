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

/** At the start of a line of code, which is text whatever it holds. */
export const CODE = "\ufdef";

/** Nothing, and no gap either; it goes with other invisible characters. */
export const NOTHING = "\u200b";
/** A hyphen at a page's end that stays when pages are joined. */
export const KEPT_HYPHEN = "\u2011";

/** Characters that mean something in wikitext, and are literal in nowiki. */
const LITERALS = "[]{}|<>'=*#:;!-_ \t";
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
  return text.replace(/[[\]{}|<>'=*:!\-_]|(?<=^|\n)[#;]/g, literal);
}

/** Hides brackets, braces and bars alone, as {@linkcode escape} does. */
export function escapeBrackets(text: string): string {
  return text.replace(/[[\]{}|]/g, literal);
}

/** Hides the meaning of all of a block of code, its indentation too. */
export function escapeCode(text: string): string {
  const lines = text.replace(/^\s*\n|\s+$/g, "").split("\n");
  return lines.filter((line) => line.trim() !== "").map((line) =>
    CODE + escape(line.trimEnd()).replace(/[ \t]/g, literal)
  ).join(BREAK);
}

/** Keeps how far lines are indented that a space marks as code. */
export function keepIndents(text: string): string {
  return text.replace(
    /^ ( {0,80})(?=[^\s|!{}=\ufdd0\ufdd1])/gm,
    (_, deeper: string) => " " + CODE + deeper.replace(/ /g, literal),
  );
}

function literal(char: string): string {
  return String.fromCharCode(FIRST_LITERAL + LITERALS.indexOf(char));
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
