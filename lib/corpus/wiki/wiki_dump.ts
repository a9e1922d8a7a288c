/**
 * The articles of a Wikimedia dump as finished documents, in the dump's order,
 * made on any number of threads and always the same.
 *
 * A dump in MediaWiki's own form is cut into pieces that threads read apart,
 * see `piece_reader.ts`; pages that lie in two pieces are put together here. As
 * soon as anything is not in that form, or damaged, the pieces from there on
 * are left and the stages of `dump_source.ts` read the rest of the dump, slower
 * and knowing every form of XML; what they say of an error is what is told.
 *
 * @module
 */

import {
  type ArticleBatch,
  ArticleBatcher,
  type ArticleOptions,
  type Site,
} from "./article_batch.ts";
import { Unscannable } from "../dump/block_scanner.ts";
import { DumpKernels } from "../dump/dump_kernels.ts";
import { type DumpItem, PageReader } from "../dump/dump_pages.ts";
import { cutDump, type DumpHeader, readHeader } from "../dump/dump_pieces.ts";
import {
  type DumpPlace,
  type DumpSource,
  pagesFrom,
  pagesOf,
} from "../dump/dump_source.ts";
import { readPieces, readSeam } from "./piece_reader.ts";
import { rulesOf } from "./projects.ts";
import { Works } from "./works.ts";
import type { WorkersOptions } from "../../workers.ts";

/** Longer pages between pieces, in bytes, are left to the stages. */
const MAX_SEAM = 16 << 20;
/** How much the stages' pages are gathered to, in UTF-16 units of wikitext. */
const STAGES_BATCH = 1 << 20;

/** Documents, and from where they are. */
export interface DumpBatch extends ArticleBatch {
  /** Where reading must start to make them again, if a place is known. */
  readonly place?: DumpPlace;
  /** How many bytes of XML they were made from, about. */
  readonly xml: number;
}

/**
 * A dump.
 *
 * @example
 * ```ts
 * import { WikiDump } from "./wiki_dump.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const xml = new TextEncoder().encode(
 *   "<mediawiki><page><title>Sol</title><ns>0</ns><revision>" +
 *     "<text>Uma [[estrela]].</text></revision></page></mediawiki>",
 * );
 * const dump = await WikiDump.open({
 *   read: (offset) => ReadableStream.from([xml.slice(offset)]),
 * });
 * let text = "";
 * const options = {
 *   site: dump.site,
 *   project: "wikipedia",
 *   format: "txt",
 *   minChars: 1,
 *   disambiguations: false,
 * } as const;
 * for await (const { bytes } of dump.documents(options)) {
 *   text += new TextDecoder().decode(bytes);
 * }
 * assertEquals(text, "Uma estrela.\n\n");
 * ```
 */
export class WikiDump {
  /** What the dump says of its wiki. */
  readonly site: Site;
  readonly #source: DumpSource;
  /** Undefined where the dump is for the stages from its start. */
  readonly #header?: DumpHeader;

  private constructor(source: DumpSource, site: Site, header?: DumpHeader) {
    this.#source = source;
    this.site = site;
    this.#header = header;
  }

  /**
   * Reads the header.
   *
   * @throws {SyntaxError} When it is no dump.
   */
  static async open(source: DumpSource): Promise<WikiDump> {
    const header = await readHeader(source);
    const site = header === undefined ? undefined : siteOf(header.text);
    if (site !== undefined) return new WikiDump(source, site, header);
    const items: DumpItem[] = [];
    for await (const item of pagesOf(source.read(0))) {
      if ("page" in item) break;
      items.push(item);
    }
    return new WikiDump(source, toSite(items));
  }

  /**
   * Makes documents of the articles. Where works stand page by page, their texts
   * come last, and there are no places: all of the dump belongs to them.
   *
   * @param settings How many threads, from where, and what may end it.
   * @returns Documents in order, some at a time.
   * @throws {SyntaxError} At damaged data; the message is one line.
   * @throws The reason of the signal, when that is aborted.
   */
  async *documents(
    options: ArticleOptions,
    settings: Partial<WorkersOptions> & { readonly from?: DumpPlace } = {},
  ): AsyncGenerator<DumpBatch> {
    if (rulesOf(options.project).qualities === undefined) {
      yield* this.#batches(options, settings);
      return;
    }
    const works = new Works(), batcher = new ArticleBatcher(options);
    const finish = () => {
      batcher.takeWorks(works.finish());
      return { ...batcher.finish(), xml: 0 };
    };
    for await (const batch of this.#batches(options, settings)) {
      const { pages = [], place: _, ...documents } = batch;
      yield documents;
      for (const page of pages) {
        works.add(page);
        if (works.isFull) yield finish();
      }
    }
    yield finish();
  }

  /** The documents, and the pages of works, as they come. */
  async *#batches(
    options: ArticleOptions,
    { threads = 1, signal, from }: Partial<WorkersOptions> & {
      readonly from?: DumpPlace;
    },
  ): AsyncGenerator<DumpBatch> {
    const place = from ?? this.#header?.place;
    if (place === undefined) {
      const items = pagesOf(this.#source.read(0));
      yield* this.#inStages(options, items, { signal });
      return;
    }
    const reached = { place };
    try {
      yield* this.#inPieces(options, { threads, signal }, reached);
    } catch (error) {
      if (!(error instanceof Unscannable)) throw error;
      const header = this.#header?.text ?? "";
      const items = pagesFrom(this.#source, reached.place, header);
      yield* this.#inStages(options, items, { signal, ...reached });
    }
  }

  /**
   * Reads pieces on several threads. `reached` is kept at the place after what
   * was handed out last.
   */
  async *#inPieces(
    options: ArticleOptions,
    shared: WorkersOptions,
    reached: { place: DumpPlace },
  ): AsyncGenerator<DumpBatch> {
    const kernels = new DumpKernels(), batcher = new ArticleBatcher(options);
    let seam: Uint8Array[] = [];
    const pieces = cutDump(this.#source, reached.place);
    for await (const piece of readPieces(pieces, options, shared)) {
      if (piece === undefined) throw new Unscannable();
      const { at, start, end, head, tail, batch } = piece;
      seam.push(head);
      const size = seam.reduce((sum, { length }) => sum + length, 0);
      if (size > MAX_SEAM) throw new Unscannable();
      if (batch === undefined) continue;
      const between = readSeam(kernels, batcher, seam, false);
      if (between === undefined) throw new Unscannable();
      yield { ...between, place: reached.place, xml: size };
      yield { ...batch, place: { ...at, skip: start }, xml: end - start };
      seam = [tail];
      reached.place = { ...at, skip: end };
    }
    const batch = readSeam(kernels, batcher, seam, true);
    if (batch === undefined) throw new Unscannable();
    yield { ...batch, place: reached.place, xml: 0 };
  }

  /** Reads one page after another, in this thread. */
  async *#inStages(
    options: ArticleOptions,
    items: AsyncIterable<DumpItem>,
    { place, signal }: {
      readonly place?: DumpPlace;
      readonly signal?: AbortSignal;
    },
  ): AsyncGenerator<DumpBatch> {
    const batcher = new ArticleBatcher(options);
    let size = 0, from = place;
    for await (const item of items) {
      signal?.throwIfAborted();
      if (!("page" in item)) continue;
      batcher.take(item.page);
      size += item.page.text.length + 500;
      if (size < STAGES_BATCH) continue;
      yield { ...batcher.finish(), place: from, xml: size };
      size = 0;
      from = undefined;
    }
    yield { ...batcher.finish(), place: from, xml: size };
  }
}

/** What a header says; undefined where it is not well formed. */
function siteOf(header: string): Site | undefined {
  try {
    const reader = new PageReader();
    return toSite([...reader.write(`${header}</mediawiki>`), ...reader.end()]);
  } catch {
    return undefined;
  }
}

function toSite(items: readonly DumpItem[]): Site {
  const namespaces: (readonly [string, number])[] = [];
  let site: Pick<Site, "database" | "base"> = {};
  for (const item of items) {
    if ("namespace" in item) {
      namespaces.push([item.namespace.name, item.namespace.key]);
    } else if ("site" in item) site = { ...site, ...item.site };
  }
  return { namespaces, ...site };
}
