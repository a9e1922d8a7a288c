/**
 * A piece of a dump, cut anywhere, to documents: the pages that are whole in
 * it. What stands before the first and after the last of them is handed back,
 * to be joined with the pieces beside it.
 *
 * This is right where a dump is nothing but pages after its header, as
 * MediaWiki writes it. Whoever joins the pieces checks that it is; where it is
 * not (comments, CDATA, a carriage return), a `Fragment` says that it cannot
 * tell, and `dump_pages.ts` reads that dump.
 *
 * @module
 */

import type { ArticleBatch, ArticleBatcher } from "./article_batch.ts";
import type { DumpKernels, RawPage } from "../dump/dump_kernels.ts";
import { type Page, PageReader } from "../dump/dump_pages.ts";

/** What became of a piece. */
export interface Fragment {
  /** How many bytes of XML it had. */
  readonly length: number;
  /** Where the first whole page starts; the length where there is none. */
  readonly start: number;
  /** Where the last one ends; the length where there is none. */
  readonly end: number;
  /** What stands before `start`. */
  readonly head: Uint8Array<ArrayBuffer>;
  /** What stands after `end`. */
  readonly tail: Uint8Array<ArrayBuffer>;
  /** What the pages became; undefined where there are none. */
  readonly batch?: ArticleBatch;
}

/**
 * Reads the pages of what the kernels have opened.
 *
 * @param kernels With a piece of XML.
 * @param batcher What makes documents of pages.
 * @param from Where to start.
 * @returns What became of it; undefined where that cannot be told.
 */
export function readFragment(
  kernels: DumpKernels,
  batcher: ArticleBatcher,
  from: number,
): Fragment | undefined {
  const { length } = kernels;
  const start = kernels.findPage(from);
  let end = start;
  for (let at = start; at < length;) {
    const next = readPage(kernels, batcher, at);
    if (next === undefined) return undefined;
    if (next === "cut off") break;
    end = next;
    at = kernels.skipSpace(end);
    if (kernels.findPage(at, at + "<page>".length) !== at) break;
  }
  if (end === start) {
    const head = kernels.copy(from);
    return { length, start: length, end: length, head, tail: new Uint8Array() };
  }
  return {
    length,
    start,
    end,
    head: kernels.copy(from, start),
    tail: kernels.copy(end),
    batch: batcher.finish(),
  };
}

/**
 * Reads a seam: the pages that lie in more than one piece.
 *
 * @param kernels Where to open it.
 * @param batcher What makes documents of pages.
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

/** Reads one page as the parser of whole dumps does. */
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
    return undefined; // the reader of whole dumps will say what is wrong
  }
}
