/**
 * Pages to finished documents, some at a time: selected, cleaned, encoded and
 * counted. Each thread that cleans has one; see `piece_reader.ts`.
 *
 * @module
 */

import {
  type CorpusFormat,
  type DocumentBatch,
  DocumentBatcher,
  type PageCounts,
} from "../output/document_batch.ts";
import type { Page } from "../dump/dump_pages.ts";
import { Namespaces } from "../wikitext/namespaces.ts";
import {
  type Project,
  qualityOf,
  rulesOf,
  textNamespaces,
  withoutNoinclude,
  workOf,
} from "./projects.ts";
import { WikiCleaner } from "../wikitext/wiki_cleaner.ts";
import { PageSelector } from "./page_selector.ts";
import type { WorkPage, WorkText } from "./works.ts";

/** What a dump says of its wiki. */
export interface Site {
  /** Names of namespaces, and their numbers. */
  readonly namespaces: readonly (readonly [name: string, id: number])[];
  /** The name of its database, such as `ptwiki`. */
  readonly database?: string;
  /** The address of the main page. */
  readonly base?: string;
}

/** How articles become documents; it can be sent to Workers. */
export interface ArticleOptions {
  /** The wiki. */
  readonly site: Site;
  /** The project whose rules are followed. */
  readonly project: Project;
  /** What documents look like. */
  readonly format: CorpusFormat;
  /** The shortest text to keep, in UTF-16 units. */
  readonly minChars: number;
  /** Whether to keep disambiguation pages. */
  readonly disambiguations: boolean;
}

/** Documents, in order, and what became of the pages they were made from. */
export interface ArticleBatch extends DocumentBatch {
  /** Pages, and those that were not kept by the reason. */
  readonly counts: Readonly<PageCounts>;
  /** What had to be stripped as unbalanced or unknown, by kind. */
  readonly residue: Readonly<PageCounts>;
  /** Pages of works, which are documents only together. */
  readonly pages?: readonly WorkPage[];
}

/** Gathers articles into batches. */
export class ArticleBatcher {
  readonly #options: ArticleOptions;
  readonly #namespaces = new Namespaces();
  readonly #qualities?: readonly number[];
  /** What stands before a title in the address of its page. */
  readonly #pageBase: string;
  readonly #documents: DocumentBatcher;
  #selector!: PageSelector;
  #cleaner!: WikiCleaner;
  #tooShort = 0;
  #uncorrected = 0;
  #pages: WorkPage[] = [];

  /** @param options How articles become documents. */
  constructor(options: ArticleOptions) {
    this.#options = options;
    this.#documents = new DocumentBatcher(options.format);
    for (const [name, id] of options.site.namespaces) {
      this.#namespaces.add(name, id);
    }
    this.#qualities = rulesOf(options.project).qualities;
    const { base = "" } = options.site;
    this.#pageBase = base.slice(0, base.lastIndexOf("/") + 1);
    this.#reset();
  }

  /**
   * Makes a document of a page, or counts why not.
   *
   * @param page The next one.
   * @param mayRedirect False where its text is known not to start as a
   * redirect does.
   */
  take(page: Page, mayRedirect?: boolean): void {
    const article = this.#selector.select(page, mayRedirect);
    if (article === undefined) return;
    const { id, title } = article;
    let { text } = article;
    const quality = this.#qualities === undefined ? undefined : qualityOf(text);
    const work = quality === undefined ? undefined : workOf(title);
    if (quality !== undefined) {
      if (!this.#qualities!.includes(quality)) {
        this.#uncorrected++;
        // An empty page is no gap in its work.
        if (quality === 0 && work !== undefined) {
          this.#pages.push({ ...work, title, text: "" });
        }
        return;
      }
      text = withoutNoinclude(text);
    }
    const clean = this.#cleaner.clean(text, title);
    if (work !== undefined) {
      this.#pages.push({
        ...work,
        ...(id === undefined ? {} : { id }),
        title,
        text: clean,
      });
      return;
    }
    if (clean === "" || clean.length < this.#options.minChars) {
      this.#tooShort++;
      return;
    }
    this.#add(clean, { id, title });
  }

  #add(text: string, { id, title }: { readonly id?: number; title: string }) {
    if (this.#options.format === "txt") this.#documents.add(text);
    else {
      const url = this.#pageBase + encodeTitle(title);
      this.#documents.add(text, { id, title, url });
    }
  }

  /** Makes documents of the texts of works. */
  takeWorks(texts: readonly WorkText[]): void {
    for (const { first, text } of texts) {
      if (text.length < this.#options.minChars) this.#tooShort++;
      else this.#add(text, first);
    }
  }

  /** Hands over what was gathered, and starts anew. */
  finish(): ArticleBatch {
    const { pages, articles: _, ...dropped } = this.#selector.stats;
    const batch = {
      ...this.#documents.finish(),
      counts: {
        pages,
        ...dropped,
        tooShort: this.#tooShort,
        ...(this.#qualities === undefined
          ? {}
          : { uncorrected: this.#uncorrected }),
      },
      residue: this.#cleaner.residue,
      ...(this.#pages.length === 0 ? {} : { pages: this.#pages }),
    };
    this.#reset();
    return batch;
  }

  #reset(): void {
    const { project, disambiguations } = this.#options;
    const rules = rulesOf(project);
    this.#selector = new PageSelector(this.#namespaces, {
      namespaces: textNamespaces(rules, this.#namespaces),
      models: rules.models,
      disambiguations,
    });
    this.#cleaner = new WikiCleaner({
      namespaces: this.#namespaces,
      dropSections: rules.dropSections,
      templates: rules.templates,
      blocks: rules.blocks,
      keepCode: rules.keepCode,
    });
    this.#tooShort = 0;
    this.#uncorrected = 0;
    this.#pages = [];
  }
}

/** A title as it stands in an address. */
function encodeTitle(title: string): string {
  return encodeURIComponent(title.replaceAll(" ", "_"))
    .replace(/%(?:2F|3A|2C)/g, decodeURIComponent);
}
