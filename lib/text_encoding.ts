/**
 * In which encoding a text is, as far as its first bytes tell.
 *
 * @module
 */

/** The encoding that a text's first bytes tell by a byte order mark: UTF-8 else. */
export function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  return "utf-8";
}
