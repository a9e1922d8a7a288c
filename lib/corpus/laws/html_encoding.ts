/**
 * What characters the bytes of an HTML page stand for. Pages of legislation
 * were written over three decades and many say nothing, or the wrong thing.
 *
 * @module
 */

/** How far browsers look into a page for its character set, in bytes. */
const HEAD_BYTES = 4096;

/** A page as text. */
export interface DecodedHtml {
  /** The page without its byte order mark. */
  readonly text: string;
  /** The character set it was read in, as the Encoding standard names it. */
  readonly encoding: string;
}

/**
 * Reads a page's bytes: by its byte order mark, else as UTF-8 where it is
 * valid UTF-8 with something beyond ASCII in it (which no other character set
 * is by chance, so this comes before a declaration), else as it declares, else
 * as Windows-1252.
 *
 * @example
 * ```ts
 * import { decodeHtml } from "./html_encoding.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(decodeHtml(Uint8Array.fromHex("c1ba")).text, "Áº");
 * assertEquals(decodeHtml(Uint8Array.fromHex("c3a3")).text, "ã");
 * ```
 */
export function decodeHtml(bytes: Uint8Array): DecodedHtml {
  const marked = byMark(bytes);
  if (marked !== undefined) return decode(bytes, marked);
  if (bytes.some((byte) => byte > 0x7f)) {
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      return { text, encoding: "utf-8" };
    } catch {
      // Not UTF-8: the page's declaration decides.
    }
  }
  const declared = declaredBy(bytes);
  // A page that says UTF-8 and is not valid UTF-8 is not UTF-8, and one that
  // can be read as ASCII is not UTF-16.
  const usable = declared !== undefined && !declared.startsWith("utf-");
  return decode(bytes, usable ? declared : "windows-1252");
}

function decode(bytes: Uint8Array, encoding: string): DecodedHtml {
  return { text: new TextDecoder(encoding).decode(bytes), encoding };
}

function byMark([a, b, c]: Uint8Array): string | undefined {
  if (a === 0xef && b === 0xbb && c === 0xbf) return "utf-8";
  if (a === 0xff && b === 0xfe) return "utf-16le";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  return undefined;
}

/** The character set that a `<meta>` names, where it is one. */
function declaredBy(bytes: Uint8Array): string | undefined {
  const head = new TextDecoder("windows-1252")
    .decode(bytes.subarray(0, HEAD_BYTES));
  const label = /<meta\b[^<>]*\bcharset\s*=\s*["']?\s*([\w:.-]{1,40})/i
    .exec(head)?.[1];
  if (label === undefined) return undefined;
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined; // an invented name
  }
}
