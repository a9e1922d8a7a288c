/**
 * Pieces of a dump, cut anywhere, to documents: the pages that are whole in
 * them. What stands before the first and after the last of these is handed
 * back, to be joined with the pieces beside it.
 *
 * This is right where a dump is nothing but pages after its header, as
 * MediaWiki writes it. Whoever joins the pieces checks that it is; a piece that
 * has anything else (comments, CDATA, a carriage return) becomes undefined, and
 * the stages of `dump_source.ts` have to read that dump.
 *
 * This module is its own worker, see `workers.ts`. A thread decodes the bzip2
 * blocks of a piece, finds its pages, cleans them, and hands over bytes as they
 * stand in a file.
 *
 * @module
 */

import {
  mapInWorkers,
  type WorkersOptions,
  workerTask,
} from "../../workers.ts";
import {
  type ArticleBatch,
  ArticleBatcher,
  type ArticleOptions,
} from "./article_batch.ts";
import { DumpKernels, type RawPage } from "../dump/dump_kernels.ts";
import { type Page, PageReader } from "../dump/dump_pages.ts";
import type { DumpPiece, PiecePlace } from "../dump/dump_pieces.ts";

/** What became of a piece. */
export interface ReadPiece {
  /** Where it started. */
  readonly at: PiecePlace;
  /** Where the first whole page starts; its end where there is none. */
  readonly start: number;
  /** Where the last whole page ends; its end where there is none. */
  readonly end: number;
  /** What stands before `start`. */
  readonly head: Uint8Array<ArrayBuffer>;
  /** What stands after `end`. */
  readonly tail: Uint8Array<ArrayBuffer>;
  /** What the pages became; undefined where there are none. */
  readonly batch?: ArticleBatch;
}

/**
 * Reads the pieces of a dump.
 *
 * @param pieces The pieces; their bytes are taken away.
 * @param shared How many threads, with one no Workers; and what may end it.
 * @returns What became of each, in order; undefined where that cannot be told.
 */
export function readPieces(
  pieces: AsyncIterable<DumpPiece>,
  options: ArticleOptions,
  shared: WorkersOptions,
): AsyncGenerator<ReadPiece | undefined> {
  return mapInWorkers(reading, options, pieces, shared);
}

const reading = workerTask({
  url: import.meta.url,
  name: "pieces of dumps",
  start: (options: ArticleOptions) => {
    const kernels = new DumpKernels();
    const batcher = new ArticleBatcher(options);
    return {
      run: (piece: DumpPiece) => readPiece(kernels, batcher, piece),
    };
  },
  batchBuffers: ({ blocks = [], xml }) => [
    ...blocks.map(({ bytes }) => bytes.buffer as ArrayBuffer),
    ...xml === undefined ? [] : [xml.buffer],
  ],
  resultBuffers: (piece) => {
    if (piece === undefined) return [];
    const { head, tail, batch } = piece;
    const arrays = batch === undefined
      ? [head, tail]
      : [head, tail, batch.bytes, batch.ends, batch.lengths];
    return arrays.map(({ buffer }) => buffer);
  },
});

function readPiece(
  kernels: DumpKernels,
  batcher: ArticleBatcher,
  { at, blocks, xml, skip }: DumpPiece,
): ReadPiece | undefined {
  if (xml !== undefined) kernels.open([xml]);
  else if (!kernels.openBlocks(blocks ?? [])) return undefined;
  const { length } = kernels;
  const start = kernels.findPage(skip);
  let end = start;
  for (let next = start; next < length;) {
    const after = readPage(kernels, batcher, next);
    if (after === undefined) return undefined;
    if (after === "cut off") break;
    end = after;
    next = kernels.skipSpace(end);
    if (kernels.findPage(next, next + "<page>".length) !== next) break;
  }
  if (end === start) {
    const head = kernels.copy(skip);
    return { at, start: length, end: length, head, tail: new Uint8Array() };
  }
  return {
    at,
    start,
    end,
    head: kernels.copy(skip, start),
    tail: kernels.copy(end),
    batch: batcher.finish(),
  };
}

/**
 * Reads a seam: the pages that lie in more than one piece.
 *
 * @param pieces What stands between the whole pages, in order.
 * @param last Whether the dump ends here.
 * @returns What its pages became; undefined where it is not what it should be.
 */
export function readSeam(
  kernels: DumpKernels,
  batcher: ArticleBatcher,
  pieces: readonly Uint8Array[],
  last: boolean,
): ArticleBatch | undefined {
  kernels.open(pieces);
  const { length } = kernels;
  let at = kernels.skipSpace(0);
  while (kernels.findPage(at, at + "<page>".length) === at && at < length) {
    const next = readPage(kernels, batcher, at);
    if (typeof next !== "number") return undefined;
    at = kernels.skipSpace(next);
  }
  if (last) {
    const rest = new TextDecoder().decode(kernels.copy(at));
    if (!/^<\/mediawiki>[ \t\n]*$/.test(rest)) return undefined;
  } else if (at < length) return undefined;
  return batcher.finish();
}

/** Reads the page at a place and says where it ends. */
function readPage(
  kernels: DumpKernels,
  batcher: ArticleBatcher,
  at: number,
): number | "cut off" | undefined {
  const raw = kernels.readPage(at);
  if (raw === undefined || raw === "cut off") return raw;
  if (!kernels.isPlain(raw.start, raw.end)) return undefined;
  const page = raw.unusual ? undefined : pageOf(kernels, raw);
  if (page === undefined) {
    const parsed = parsePage(kernels.copy(raw.start, raw.end));
    if (parsed === undefined) return undefined;
    batcher.take(parsed);
    return raw.end;
  }
  const first = kernels.firstOfText();
  // "#", an entity, or one of the spaces that are no ASCII.
  const mayRedirect = first === 0x23 || first === 0x26 ||
    first !== undefined && first >= 0x80;
  batcher.take(page, mayRedirect);
  return raw.end;
}

/**
 * A page whose text is decoded when it is asked for; undefined where its
 * numbers are none.
 */
function pageOf(kernels: DumpKernels, raw: RawPage): Page | undefined {
  const id = numberOf(kernels, "id");
  const namespace = numberOf(kernels, "namespace");
  if (Number.isNaN(id) || Number.isNaN(namespace)) return undefined;
  const model = kernels.has("model") ? kernels.textOf("model") : undefined;
  let text: string | undefined;
  return {
    title: kernels.textOf("title"),
    ...(id === undefined ? {} : { id }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(raw.redirect ? { redirect: "" } : {}),
    ...(model === undefined ? {} : { model }),
    get text() {
      return text ??= kernels.textOf("text");
    },
  };
}

/** A part that is a whole number; NaN where it is something else. */
function numberOf(
  kernels: DumpKernels,
  part: "id" | "namespace",
): number | undefined {
  if (!kernels.has(part)) return undefined;
  const text = kernels.textOf(part);
  return /^-?\d{1,15}$/.test(text) ? Number(text) : NaN;
}

/** Reads one page as the stages read a whole dump. */
function parsePage(bytes: Uint8Array): Page | undefined {
  try {
    const xml = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes);
    const reader = new PageReader();
    const items = [
      ...reader.write(`<mediawiki>${xml}</mediawiki>`),
      ...reader.end(),
    ];
    const item = items.length === 1 ? items[0] : undefined;
    return item !== undefined && "page" in item ? item.page : undefined;
  } catch {
    return undefined; // the stages will say what is wrong
  }
}
