/**
 * Wikitext to prose. The work is done by the stages in `wikitext/`, each one
 * linear pass: raw tags, templates and links, tables, HTML, lines, sections.
 *
 * @module
 */

import { Namespaces } from "./namespaces.ts";
import { normalizeName } from "./names.ts";
import type { OwnTemplate } from "./templates.ts";
import { expand } from "./expand.ts";
import { toBlocks } from "./lines.ts";
import { keepIndents, Residue, withoutMarks } from "./marks.ts";
import {
  dropEmptySections,
  DROPPED_SECTIONS,
  dropSections,
} from "./sections.ts";
import { dropTables } from "./tables.ts";
import { dropRaw, stripTags } from "./tags.ts";
import {
  assertKind,
  assertOptions,
  instanceOf,
  type OptionKinds,
  wholeFrom,
} from "../../option_kinds.ts";

/** How to clean. */
export interface WikiCleanerOptions {
  /** The wiki's namespaces; the Portuguese and English ones unless given. */
  readonly namespaces?: Namespaces;
  /** Headings of sections to drop; notes, links and the like unless given. */
  readonly dropSections?: readonly string[];
  /** Whether to keep headings that nothing follows. */
  readonly keepEmptySections?: boolean;
  /**
   * Lines of fewer characters are dropped, headings apart; then headings that
   * nothing follows any more. None unless given.
   */
  readonly minSentenceLength?: number;
  /** Whether blocks of code are kept, their lines as they are. */
  readonly keepCode?: boolean;
  /** Templates that stand for one of their arguments, by name: for which. */
  readonly templates?: Readonly<Record<string, number>>;
  /** Of these, the ones that are a paragraph of their own. */
  readonly blocks?: readonly string[];
}

/** What its options are. */
const OPTIONS: OptionKinds<WikiCleanerOptions> = {
  namespaces: instanceOf(Namespaces, "a Namespaces"),
  dropSections: "texts?",
  keepEmptySections: "flag?",
  minSentenceLength: wholeFrom(0),
  keepCode: "flag?",
  templates: "object?",
  blocks: "texts?",
};

/**
 * Cleans wikitext: a paragraph, list item or heading a line, no markup left,
 * numbers kept. It never fails, whatever the text.
 *
 * @example
 * ```ts
 * import { WikiCleaner } from "./wiki_cleaner.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const cleaner = new WikiCleaner();
 * const text = cleaner.clean(
 *   "O '''Brasil''' tem {{unidade|8515767|km2}}.<ref>IBGE</ref>\n" +
 *     "== Clima ==\n* [[Clima tropical|Tropical]]\n== Referências ==\n{{ref}}",
 * );
 * assertEquals(text, "O Brasil tem 8.515.767 km².\nClima\nTropical");
 * assertEquals(cleaner.residue, {});
 * ```
 */
export class WikiCleaner {
  readonly #namespaces: Namespaces;
  readonly #dropped: readonly string[];
  readonly #keepEmpty: boolean;
  readonly #shortest: number;
  readonly #keepCode: boolean;
  readonly #templates: ReadonlyMap<string, OwnTemplate>;
  readonly #residue = new Residue();

  /**
   * Makes a cleaner; one can clean any number of pages.
   *
   * @throws {TypeError} For an option that is unknown or of another kind.
   * @throws {RangeError} For one out of bounds.
   */
  constructor(options: WikiCleanerOptions = {}) {
    assertOptions("clean wikitext", options, OPTIONS);
    this.#namespaces = options.namespaces ?? new Namespaces();
    this.#dropped = options.dropSections ?? DROPPED_SECTIONS;
    this.#keepEmpty = options.keepEmptySections ?? false;
    this.#shortest = options.minSentenceLength ?? 0;
    this.#keepCode = options.keepCode ?? false;
    const blocks = new Set(options.blocks?.map(normalizeName));
    this.#templates = new Map(
      Object.entries(options.templates ?? {}).map(([name, which]) => {
        const normal = normalizeName(name);
        return [normal, { which, isBlock: blocks.has(normal) }];
      }),
    );
  }

  /** What had to be stripped as unbalanced or unknown so far, by kind. */
  get residue(): Record<string, number> {
    return this.#residue.toObject();
  }

  /**
   * Cleans one page.
   *
   * @param wikitext As in the dump, the XML decoded.
   * @param title The page's title, for `{{PAGENAME}}`.
   * @returns Lines of text without blank ones; "" where no prose is left.
   */
  clean(wikitext: string, title = ""): string {
    assertKind("clean wikitext", "the text", wikitext, "text");
    const residue = this.#residue;
    let text = withoutMarks(wikitext);
    text = dropRaw(text, residue, this.#keepCode);
    text = expand(text, {
      title,
      namespaces: this.#namespaces,
      templates: this.#templates,
      residue,
    });
    text = dropTables(text, residue);
    if (this.#keepCode) text = keepIndents(text);
    text = stripTags(text, residue);
    let blocks = dropSections(toBlocks(text, residue), this.#dropped);
    if (this.#shortest > 0) {
      blocks = blocks.filter(({ level, text }) =>
        level > 0 || text.length >= this.#shortest
      );
    }
    if (!this.#keepEmpty) blocks = dropEmptySections(blocks);
    return blocks.map((block) => block.text).join("\n");
  }
}
