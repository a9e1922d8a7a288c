/**
 * Which pages of a dump are articles: not redirects, pages of other namespaces,
 * code and data, or lists of what a name may mean.
 *
 * @module
 */

import type { Page } from "../dump/dump_pages.ts";
import { MAIN_NAMESPACE, type Namespaces } from "../wikitext/namespaces.ts";

/** An article of a dump. */
export interface Article {
  /** The page's number, where the dump gives it. */
  readonly id?: number;
  /** Full title. */
  readonly title: string;
  /** Its namespace: 0 unless others were asked for. */
  readonly namespace: number;
  /** Where it leads, when it is a redirect (kept only when asked for). */
  readonly redirect?: string;
  /** Whether it only lists what a name may mean. */
  readonly disambiguation: boolean;
  /** The wikitext of the latest revision. */
  readonly text: string;
}

/** What to keep of a dump. */
export interface WikiStreamOptions {
  /** Namespaces to keep; articles alone unless given. */
  readonly namespaces?: readonly number[];
  /** Content models to keep; `wikitext` alone unless given. */
  readonly models?: readonly string[];
  /** Whether to keep redirects; their target is told. */
  readonly redirects?: boolean;
  /** Whether to keep disambiguation pages. */
  readonly disambiguations?: boolean;
}

/** What became of the pages so far. */
export interface WikiStreamStats {
  /** How many pages there were. */
  pages: number;
  /** How many of them were handed out as articles. */
  articles: number;
  /** Redirects that were skipped, whatever their namespace. */
  redirects: number;
  /** Pages of other namespaces that were skipped. */
  otherNamespaces: number;
  /** Pages that are no wikitext (code, data), skipped. */
  otherModels: number;
  /** Disambiguation pages that were skipped. */
  disambiguations: number;
}

/**
 * Which pages are articles; it counts the others by the reason. A page's text
 * is looked at only where something depends on it.
 */
export class PageSelector {
  /** What became of the pages so far. */
  readonly stats: WikiStreamStats = {
    pages: 0,
    articles: 0,
    redirects: 0,
    otherNamespaces: 0,
    otherModels: 0,
    disambiguations: 0,
  };
  readonly #namespaces: Namespaces;
  readonly #kept: ReadonlySet<number>;
  readonly #models: ReadonlySet<string>;
  readonly #options: WikiStreamOptions;

  /**
   * Makes a selector.
   *
   * @param namespaces The wiki's; they may become known later.
   */
  constructor(namespaces: Namespaces, options: WikiStreamOptions = {}) {
    this.#namespaces = namespaces;
    this.#kept = new Set(options.namespaces ?? [MAIN_NAMESPACE]);
    this.#models = new Set(options.models ?? ["wikitext"]);
    this.#options = options;
  }

  /**
   * Selects or counts a page.
   *
   * @param mayRedirect False where its text is known not to start as a
   * redirect does.
   * @returns The article, or undefined where it is none.
   */
  select(page: Page, mayRedirect: boolean = true): Article | undefined {
    this.stats.pages++;
    const { id, title, model } = page;
    const redirect = page.redirect ??
      (mayRedirect ? redirectTarget(page.text) : undefined);
    if (redirect !== undefined && !this.#options.redirects) {
      return this.#skip("redirects");
    }
    const namespace = page.namespace ?? this.#namespaces.of(title);
    if (!this.#kept.has(namespace)) return this.#skip("otherNamespaces");
    if (model !== undefined && !this.#models.has(model)) {
      return this.#skip("otherModels");
    }
    const { text } = page;
    const disambiguation = isDisambiguation(title, text);
    if (disambiguation && !this.#options.disambiguations) {
      return this.#skip("disambiguations");
    }
    this.stats.articles++;
    return {
      ...(id === undefined ? {} : { id }),
      title,
      namespace,
      ...(redirect === undefined ? {} : { redirect }),
      disambiguation,
      text,
    };
  }

  #skip(reason: keyof WikiStreamStats): undefined {
    this.stats[reason]++;
  }
}

/**
 * Where a page's wikitext redirects to.
 *
 * @returns The target, or undefined when it is no redirect.
 *
 * @example
 * ```ts
 * import { redirectTarget } from "./page_selector.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(redirectTarget("#REDIRECIONAMENTO [[Sol]]"), "Sol");
 * assertEquals(redirectTarget("O Sol"), undefined);
 * ```
 */
export function redirectTarget(text: string): string | undefined {
  const head = text.trimStart().slice(0, 1000);
  return /^#(?:redirect|redirecionamento)\s{0,9}:?\s{0,9}\[\[:?([^\[\]|\n]+)/i
    .exec(head)?.[1].trim();
}

const DISAMBIGUATION_TITLE = /\((?:desambigua[cç][aã]o|disambiguation)\)$/i;
const DISAMBIGUATION_SWITCH = /__(?:DISAMBIG|DESAMBIG)__/;
const DISAMBIGUATION_TEMPLATES: ReadonlySet<string> = new Set(
  ("desambiguação desambiguacao desambiguação-indiv desambig desambig-ini " +
    "desambigini disambig disambiguation dab geodis hndis numberdis")
    .split(" "),
);
/** What the names of those templates start with, or the spaces before them. */
const FIRST_LETTERS = /[dghn\s]/i;
/** The most characters of a name with the spaces around it and its end. */
const MAX_NAME = 60;
const TEMPLATE_NAME = /^\s{0,9}([^{}|\n]{1,40}?)\s{0,9}(?=[|}\n])/;

/** Whether a page only lists what a name may mean. */
export function isDisambiguation(title: string, text: string): boolean {
  if (DISAMBIGUATION_TITLE.test(title)) return true;
  if (text.includes("__") && DISAMBIGUATION_SWITCH.test(text)) return true;
  for (
    let open = text.indexOf("{{");
    open >= 0;
    open = text.indexOf("{{", open)
  ) {
    while (text[open] === "{") open++;
    if (!FIRST_LETTERS.test(text[open] ?? "")) continue;
    const name = TEMPLATE_NAME.exec(text.slice(open, open + MAX_NAME));
    if (
      name !== null &&
      DISAMBIGUATION_TEMPLATES.has(name[1].replaceAll("_", " ").toLowerCase())
    ) return true;
  }
  return false;
}
