/**
 * What every answer of the project's servers to a browser says: a page takes
 * nothing from elsewhere, and nobody else's page takes anything from it.
 *
 * @module
 */

/** Headers of a page, its parts and its data. */
export const PAGE_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

/**
 * What does not change while a server runs: type and text, by path. A page's
 * own parts are at the root, and what pages have in common is under `/page/`:
 * so `../../page/x.js` is right in the folders and, as there is nothing above
 * the root, in the browser.
 */
export type PageParts = Readonly<
  Record<string, readonly [type: string, text: string]>
>;

/** The types of parts. */
export const PART_TYPES = {
  page: "text/html; charset=utf-8",
  script: "text/javascript; charset=utf-8",
  style: "text/css; charset=utf-8",
} as const;
