/**
 * The articles of a Wikimedia dump as finished documents, in the dump's order,
 * made on any number of threads and always the same.
 *
 * A dump in MediaWiki's own form is cut into pieces (two blocks of bzip2, or as
 * much XML) that threads read apart, see `fragment.ts`; pages that lie in two
 * pieces are put together here. At most two pieces a thread and one more are
 * held at once, and what threads have made of them until its turn comes. As
 * soon as anything is not in that form, or damaged, the pieces from there on
 * are left and `wiki_stream_parser.ts`' stages read the rest of the dump, slower
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
import { scanBlocks, Unscannable } from "../dump/block_scanner.ts";
import { decodeBzip2, isBzip2 } from "../dump/bzip2.ts";
import {
  BLOCKS_AT_ONCE,
  DumpKernels,
  type PackedBlock,
} from "../dump/dump_kernels.ts";
import { DecodeTextStream, DecompressStream } from "../dump/dump_input.ts";
import {
  type DumpItem,
  DumpPageStream,
  PageReader,
} from "../dump/dump_pages.ts";
import { readSeam } from "./fragment.ts";
import { type Piece, readPieces } from "./fragment_pool.ts";

/** A piece of a dump that is not compressed, in bytes. */
const XML_PIECE = 2 << 20;
/** A longer header, or page between pieces, is for the careful reader. */
const MAX_SEAM = 16 << 20;
/** How much the careful reader gathers, in UTF-16 units of wikitext. */
const CAREFUL_BATCH = 1 << 20;

/** Where a dump is read from, as often as needed. */
export interface DumpSource {
  /**
   * Reads to the end.
   *
   * @param offset The first byte.
   */
  read(offset: number): AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** A place between two pages, from which reading can go on. */
export interface DumpPlace {
  /** The bit of the file from which to decode. */
  readonly bit: number;
  /** The level of the stream of bzip2 there. */
  readonly level?: number;
  /** The combined CRC of the blocks before in that stream. */
  readonly combined?: number;
  /** How many bytes of XML from there come before the place. */
  readonly skip: number;
}

/** Some documents. */
export interface Portion {
  /** They, in order. */
  readonly batch: ArticleBatch;
  /** From where they could be made again; undefined: not from here. */
  readonly place?: DumpPlace;
  /** How many bytes of XML they were made from, about. */
  readonly xml: number;
}

/** What a dump begins with. */
interface Header {
  readonly text: string;
  readonly place: DumpPlace;
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
 * for await (const { batch } of dump.documents(options)) {
 *   text += new TextDecoder().decode(batch.bytes);
 * }
 * assertEquals(text, "Uma estrela.\n\n");
 * ```
 */
export class WikiDump {
  /** What the dump says of its wiki. */
  readonly site: Site;
  readonly #source: DumpSource;
  /** Undefined where the dump is for the careful reader from its start. */
  readonly #header?: Header;

  private constructor(source: DumpSource, site: Site, header?: Header) {
    this.#source = source;
    this.site = site;
    this.#header = header;
  }

  /**
   * Reads the header.
   *
   * @param source Where the dump is.
   * @throws {SyntaxError} When it is no dump.
   */
  static async open(source: DumpSource): Promise<WikiDump> {
    const header = await readHeader(source);
    const site = header === undefined ? undefined : siteOf(header.text);
    if (site !== undefined) return new WikiDump(source, site, header);
    const items: DumpItem[] = [];
    for await (const item of itemsOf(source)) {
      if ("page" in item) break;
      items.push(item);
    }
    return new WikiDump(source, toSite(items));
  }

  /**
   * Makes documents of the articles.
   *
   * @param options How.
   * @param settings How many threads, and from where.
   * @returns Documents in order, some at a time.
   * @throws {SyntaxError} At damaged data; the message is one line.
   */
  async *documents(
    options: ArticleOptions,
    { threads = 1, from }: { threads?: number; from?: DumpPlace } = {},
  ): AsyncGenerator<Portion> {
    let place = from ?? this.#header?.place;
    if (place !== undefined && this.#header !== undefined) {
      try {
        for await (const portion of this.#quick(options, threads, place)) {
          // What follows the portion last handed out is where to go on.
          if ("next" in portion) place = portion.next;
          else yield portion;
        }
        return;
      } catch (error) {
        if (!(error instanceof Unscannable)) throw error;
      }
    }
    yield* this.#careful(options, place);
  }

  async *#quick(
    options: ArticleOptions,
    threads: number,
    from: DumpPlace,
  ): AsyncGenerator<Portion | { next: DumpPlace }> {
    const kernels = new DumpKernels(), batcher = new ArticleBatcher(options);
    let seam: Uint8Array[] = [], place = from;
    const pieces = readPieces(this.#pieces(from), options, threads);
    for await (const { at, fragment } of pieces) {
      if (fragment === undefined) throw new Unscannable();
      seam.push(fragment.head);
      const size = seam.reduce((sum, { length }) => sum + length, 0);
      if (size > MAX_SEAM) throw new Unscannable();
      if (fragment.batch === undefined) continue;
      const between = readSeam(kernels, batcher, seam, false);
      if (between === undefined) throw new Unscannable();
      yield { batch: between, place, xml: size };
      yield {
        batch: fragment.batch,
        place: { ...at, skip: fragment.start },
        xml: fragment.end - fragment.start,
      };
      seam = [fragment.tail];
      place = { ...at, skip: fragment.end };
      yield { next: place };
    }
    const batch = readSeam(kernels, batcher, seam, true);
    if (batch === undefined) throw new Unscannable();
    yield { batch, place, xml: 0 };
  }

  /** Cuts the dump, without looking into it. */
  async *#pieces(
    from: DumpPlace,
  ): AsyncGenerator<Piece> {
    const { level, combined } = from;
    const chunks = this.#source.read(Math.floor(from.bit / 8));
    let { skip } = from;
    if (level === undefined || combined === undefined) {
      let byte = from.bit / 8;
      for await (const xml of regroup(chunks)) {
        yield { at: { bit: byte * 8 }, xml, skip };
        byte += xml.length;
        skip = 0;
      }
      return;
    }
    let blocks: PackedBlock[] = [];
    let at: Omit<DumpPlace, "skip"> = from;
    for await (
      const block of scanBlocks(chunks, { bit: from.bit, level, combined })
    ) {
      if (blocks.length === 0) at = block.place;
      const { place: _, ...packed } = block;
      blocks.push(packed);
      if (blocks.length < BLOCKS_AT_ONCE) continue;
      yield { at, blocks, skip };
      blocks = [];
      skip = 0;
    }
    if (blocks.length > 0) yield { at, blocks, skip };
  }

  /** One thread, one page after another. */
  async *#careful(
    options: ArticleOptions,
    from?: DumpPlace,
  ): AsyncGenerator<Portion> {
    const batcher = new ArticleBatcher(options);
    let size = 0, place = from;
    const header = from === undefined ? undefined : this.#header;
    for await (const item of itemsOf(this.#source, from, header?.text)) {
      if (!("page" in item)) continue;
      batcher.take(item.page);
      size += item.page.text.length + 500;
      if (size < CAREFUL_BATCH) continue;
      yield { batch: batcher.finish(), place, xml: size };
      size = 0;
      place = undefined;
    }
    yield { batch: batcher.finish(), place, xml: size };
  }
}

/** The careful reader: from the start, or from a place after a header. */
function itemsOf(
  source: DumpSource,
  from?: DumpPlace,
  header = "",
): ReadableStream<DumpItem> {
  if (from === undefined) {
    return ReadableStream.from(source.read(0))
      .pipeThrough(new DecompressStream())
      .pipeThrough(new DecodeTextStream())
      .pipeThrough(new DumpPageStream());
  }
  const { bit, level, combined, skip } = from;
  const chunks = source.read(Math.floor(bit / 8));
  const bytes = level === undefined || combined === undefined
    ? chunks
    : decodeBzip2(chunks, { bit, level, combined });
  return ReadableStream.from(after(bytes, skip, header))
    .pipeThrough(new DecodeTextStream())
    .pipeThrough(new DumpPageStream());
}

/** What follows the first bytes, with something else before it. */
async function* after(
  chunks: AsyncIterable<Uint8Array>,
  skip: number,
  before: string,
): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(before);
  for await (const chunk of chunks) {
    const skipped = Math.min(skip, chunk.length);
    skip -= skipped;
    if (skipped < chunk.length) yield chunk.subarray(skipped);
  }
}

/** Everything before the first page; undefined where that is not soon. */
async function readHeader(source: DumpSource): Promise<Header | undefined> {
  const kernels = new DumpKernels();
  const read: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const { bytes, at } of decodedPieces(source, kernels)) {
      // The tag may lie across the border.
      const before = read.at(-1)?.slice(-5) ?? new Uint8Array();
      kernels.open([before, bytes]);
      const found = kernels.findPage(0);
      read.push(bytes);
      if (found < kernels.length) {
        const inPiece = found - before.length;
        if (inPiece < 0) return undefined; // as good as never
        const all = joined(read).subarray(0, length + inPiece);
        return {
          text: new TextDecoder("utf-8", { fatal: true }).decode(all),
          place: { ...at, skip: inPiece },
        };
      }
      length += bytes.length;
      if (length > MAX_SEAM) return undefined;
    }
  } catch (error) {
    // Neither UTF-8 nor sound: the careful reader says what it is.
    if (!(error instanceof Unscannable || error instanceof TypeError)) {
      throw error;
    }
  }
  return undefined;
}

/** The XML from the start, with the places from which it was decoded. */
async function* decodedPieces(
  source: DumpSource,
  kernels: DumpKernels,
): AsyncGenerator<{ bytes: Uint8Array; at: Omit<DumpPlace, "skip"> }> {
  let head: Uint8Array = new Uint8Array();
  for await (const chunk of source.read(0)) {
    head = joined([head, chunk]);
    if (head.length >= 4) break;
  }
  if (!isBzip2(head)) {
    let byte = 0;
    for await (const bytes of source.read(0)) {
      yield { bytes, at: { bit: byte * 8 } };
      byte += bytes.length;
    }
    return;
  }
  for await (const block of scanBlocks(source.read(0))) {
    if (!kernels.openBlocks([block])) return;
    yield { bytes: kernels.copy(0), at: block.place };
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

/** The same bytes in pieces of one size. */
async function* regroup(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let piece = new Uint8Array(XML_PIECE), length = 0;
  for await (let chunk of chunks) {
    while (chunk.length > 0) {
      const part = chunk.subarray(0, XML_PIECE - length);
      piece.set(part, length);
      length += part.length;
      chunk = chunk.subarray(part.length);
      if (length < XML_PIECE) continue;
      yield piece;
      piece = new Uint8Array(XML_PIECE);
      length = 0;
    }
  }
  if (length > 0) yield piece.slice(0, length);
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
