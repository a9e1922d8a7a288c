/**
 * Works that stand page by page beside their scans, put together again: the
 * pages of a work that follow one another are one text, with its sentences and
 * words joined over their ends.
 *
 * @module
 */

import { jointOf, WordForms } from "../clean/hyphens.ts";
import { KEPT_HYPHEN } from "../wikitext/marks.ts";

/** A page of a work. */
export interface WorkPage {
  /** The work's name: the page's title without its number. */
  readonly work: string;
  /** The page's number. */
  readonly number: number;
  /** The wiki's number for the page. */
  readonly id?: number;
  /** The page's title. */
  readonly title: string;
  /** Its clean text, a paragraph a line; "" of an empty one. */
  readonly text: string;
}

/** Pages of a work that follow one another, as one text. */
export interface WorkText {
  /** The first page with text. */
  readonly first: WorkPage;
  /** A paragraph a line. */
  readonly text: string;
}

/** So much text is held at most, in UTF-16 units; then what there is goes out. */
const MAX_HELD = 1 << 27;

/**
 * Gathers pages in any order.
 *
 * @example
 * ```ts
 * import { Works } from "./works.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const works = new Works();
 * const work = "Livro.pdf";
 * works.add({ work, number: 2, title: "Livro.pdf/2", text: "guinte acaba." });
 * works.add({ work, number: 1, title: "Livro.pdf/1", text: "Na página se-" });
 * assertEquals(works.finish().map(({ text }) => text), [
 *   "Na página seguinte acaba.",
 * ]);
 * ```
 */
export class Works {
  #pages = new Map<string, WorkPage[]>();
  #held = 0;

  /** Whether so much is held that it has to be taken out. */
  get isFull(): boolean {
    return this.#held > MAX_HELD;
  }

  /** Takes a page. */
  add(page: WorkPage): void {
    const pages = this.#pages.get(page.work);
    if (pages === undefined) this.#pages.set(page.work, [page]);
    else pages.push(page);
    this.#held += page.text.length + page.title.length;
  }

  /** Hands over the texts of all pages, in the order of their works' names. */
  finish(): WorkText[] {
    const texts: WorkText[] = [];
    const names = [...this.#pages.keys()].sort();
    for (const name of names) texts.push(...textsOf(this.#pages.get(name)!));
    this.#pages = new Map();
    this.#held = 0;
    return texts;
  }
}

/** The pages that follow one another, put together. */
function textsOf(pages: WorkPage[]): WorkText[] {
  pages.sort((a, b) => a.number - b.number);
  const forms = new WordForms();
  const runs: WorkPage[][] = [];
  for (const page of pages) {
    const run = runs.at(-1);
    const last = run?.at(-1)?.number;
    if (last !== undefined && page.number <= last + 1) run!.push(page);
    else runs.push([page]);
  }
  const lines = runs.flatMap((run) =>
    run.map(({ text }) => text === "" ? [] : text.split("\n"))
  );
  for (const [i, page] of lines.entries()) {
    forms.note([page.at(-1) ?? "", lines[i + 1]?.[0] ?? ""]);
  }
  for (const page of lines) forms.count(page);
  return runs.flatMap((run) => {
    const first = run.find(({ text }) => text !== "");
    return first === undefined ? [] : [{ first, text: joinPages(run, forms) }];
  });
}

/** What no paragraph begins with. */
const CLOSING = /^[,;:!?)\]”»]/;

function joinPages(pages: readonly WorkPage[], forms: WordForms): string {
  const lines: string[] = [];
  for (const { text } of pages) {
    if (text === "") continue;
    const [first, ...more] = text.split("\n");
    const last = lines.at(-1);
    if (last?.endsWith(KEPT_HYPHEN)) {
      lines[lines.length - 1] = `${last.slice(0, -1)}-${first}`;
    } else if (last === undefined || !goesOn(last, first)) lines.push(first);
    else {
      const joint = CLOSING.test(first)
        ? "nothing"
        : jointOf(last, first, forms);
      lines[lines.length - 1] = joint === "cut"
        ? last.slice(0, -1) + first
        : joint === "nothing"
        ? last + first
        : `${last} ${first}`;
    }
    for (const line of more) lines.push(line);
  }
  return lines.join("\n");
}

/** Whether a paragraph goes on over the end of its page. */
function goesOn(last: string, first: string): boolean {
  if (CLOSING.test(first)) return true;
  if (/\p{L}-$/u.test(last)) return /^\p{L}/u.test(first);
  return /[\p{Ll},]$/u.test(last) && /^[\p{Ll}“"«(]/u.test(first) ||
    /[,;]$/.test(last) && /^[\p{L}\d]/u.test(first) && last.length > 60;
}
