/**
 * Pages of HTML as text: a paragraph, or a row of a table, a line.
 *
 * @module
 */

import { htmlBlocks } from "../laws/html_blocks.ts";
import { decodeHtml } from "../laws/html_encoding.ts";

/** As much as a page may have, in bytes: all of it is in memory. */
export const MOST_PAGE_BYTES: number = 2 ** 26;

/** A page's text. */
export interface PageText {
  /** Its paragraphs in order; none is blank, nor has it line breaks. */
  readonly paragraphs: readonly string[];
  /** In which encoding it was read, as the Encoding standard names it. */
  readonly encoding: string;
}

/**
 * Reads a page.
 *
 * @param bytes The page, in any encoding.
 *
 * @example
 * ```ts
 * import { readPage } from "./html_text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const page = new TextEncoder().encode("<h1>Oi</h1><p>Bom\ndia.");
 * assertEquals(readPage(page).paragraphs, ["Oi", "Bom dia."]);
 * ```
 */
export function readPage(bytes: Uint8Array): PageText {
  const { text, encoding } = decodeHtml(bytes);
  const paragraphs = htmlBlocks(text).blocks.map(({ cells }) =>
    cells.map((cell) =>
      cell.replace(/[\ufdd0-\ufdef]/g, "").replace(/\s+/g, " ")
    )
      .join(" | ").trim()
  ).filter((paragraph) => paragraph !== "");
  return { paragraphs, encoding };
}
