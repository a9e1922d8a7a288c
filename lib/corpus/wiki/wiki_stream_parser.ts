/**
 * The articles of a Wikimedia dump, lazily: bytes, bzip2, text, XML, pages,
 * articles, each a stage that works only when the next one asks. A dump of any
 * size takes the memory of a bzip2 block and a page.
 *
 * @module
 */

import type { DumpItem } from "../dump/dump_pages.ts";
import { pagesOf } from "../dump/dump_source.ts";
import { Namespaces } from "../wikitext/namespaces.ts";
import {
  type Article,
  PageSelector,
  type WikiStreamOptions,
  type WikiStreamStats,
} from "./page_selector.ts";

/**
 * Reads a dump: `.xml` or `.xml.bz2`, one stream or many, UTF-8 or UTF-16.
 * Errors of the data are `SyntaxError`s of one line.
 *
 * @example
 * ```ts
 * import { WikiStreamParser } from "./wiki_stream_parser.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const xml = "<mediawiki>" +
 *   "<page><title>Sol</title><ns>0</ns><id>7</id><revision>" +
 *   "<text>Uma [[estrela]].</text></revision></page>" +
 *   "<page><title>Ajuda:Sol</title><revision><text/></revision></page>" +
 *   "</mediawiki>";
 * const parser = new WikiStreamParser(new Blob([xml]).stream());
 * const titles = [];
 * for await (const article of parser) titles.push(article.title);
 * assertEquals(titles, ["Sol"]);
 * assertEquals(parser.stats.otherNamespaces, 1);
 * ```
 */
export class WikiStreamParser implements AsyncIterable<Article> {
  /** The wiki's namespaces, as far as they have been read. */
  readonly namespaces: Namespaces = new Namespaces();
  readonly #items: AsyncIterable<DumpItem>;
  readonly #selector: PageSelector;

  /**
   * Makes a parser; it reads nothing before it is iterated.
   *
   * @param bytes The dump; it is read as the articles are.
   */
  constructor(
    bytes: ReadableStream<Uint8Array>,
    options: WikiStreamOptions = {},
  ) {
    this.#items = pagesOf(bytes);
    this.#selector = new PageSelector(this.namespaces, options);
  }

  /** What became of the pages so far. */
  get stats(): WikiStreamStats {
    return this.#selector.stats;
  }

  /** The articles, once, in the dump's order. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Article> {
    for await (const item of this.#items) {
      if ("namespace" in item) {
        this.namespaces.add(item.namespace.name, item.namespace.key);
        continue;
      }
      if (!("page" in item)) continue;
      const article = this.#selector.select(item.page);
      if (article !== undefined) yield article;
    }
  }
}
