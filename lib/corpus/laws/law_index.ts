/**
 * Which pages that were saved an index page of laws leads to. Its links may be
 * as the site has them or as whoever saved the pages changed them, so a link is
 * followed by the end of its path.
 *
 * @module
 */

import { Parser } from "npm:htmlparser2@12.0.0";

/** Where an index leads. */
export interface IndexLinks {
  /** The names of pages that are there, in the order of the links. */
  readonly pages: readonly string[];
  /** Links to pages that are not, as the index has them, each once. */
  readonly missing: readonly string[];
}

/** Longer links lead nowhere. */
const MOST_LINK = 2000;
const PAGE_NAME = /\.x?html?$/i;

/**
 * Finds the pages that an index links to.
 *
 * @param html The index.
 * @param names The names of all pages that are there, relative to the folder of
 * the index, with `/`; none outside it is ever meant.
 *
 * @example
 * ```ts
 * import { followIndex } from "./law_index.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const html = '<a href="https://example.org/leis/L8112.htm#art1">8.112</a>' +
 *   '<a href="L1.htm">1</a>';
 * assertEquals(followIndex(html, ["leis/l8112.htm", "x.htm"]), {
 *   pages: ["leis/l8112.htm"],
 *   missing: ["L1.htm"],
 * });
 * ```
 */
export function followIndex(
  html: string,
  names: readonly string[],
): IndexLinks {
  const byName = new Map(names.map((name) => [name, name]));
  const folded = new Map(names.map((name) => [name.toLowerCase(), name]));
  const pages = new Set<string>(), missing = new Set<string>();
  for (const link of linksOf(html)) {
    const path = pathOf(link);
    if (path === undefined) continue;
    let found: string | undefined;
    // From "host/leis/l8112.htm" on, each time without the first part.
    for (let rest = path; found === undefined && rest !== "";) {
      found = byName.get(rest) ?? folded.get(rest.toLowerCase());
      rest = rest.includes("/") ? rest.slice(rest.indexOf("/") + 1) : "";
    }
    if (found === undefined) missing.add(link);
    else pages.add(found);
  }
  return { pages: [...pages], missing: [...missing] };
}

/** The links of a page, in order. */
function linksOf(html: string): string[] {
  const links: string[] = [];
  const parser = new Parser({
    onopentag(name, { href }) {
      const isLink = name === "a" || name === "area";
      if (isLink && href && href.length <= MOST_LINK) links.push(href.trim());
    },
  });
  parser.write(html);
  parser.end();
  return links;
}

/** A link's path, host first where it has one; undefined of what is no page. */
function pathOf(link: string): string | undefined {
  const url = URL.parse(link.replaceAll("\\", "/"), "page://here/");
  if (url === null || !/^(?:page|https?|file):$/.test(url.protocol)) {
    return undefined;
  }
  let path = url.pathname.replace(/^\/+/, "");
  try {
    path = decodeURIComponent(path);
  } catch {
    // As it stands there.
  }
  if (!PAGE_NAME.test(path)) return undefined;
  return url.protocol === "page:" || url.host === ""
    ? path
    : `${url.host}/${path}`;
}
