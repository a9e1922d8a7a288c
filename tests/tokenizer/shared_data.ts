/**
 * What the tokenizer's tests read from `../shared/data`, where it is there.
 *
 * @module
 */

/** The folder of all data. */
export const DATA = new URL("../../../shared/data/", import.meta.url).pathname;

/** Whether a file or folder of {@linkcode DATA} exists. */
export function has(path: string): boolean {
  try {
    Deno.statSync(DATA + path);
    return true;
  } catch {
    return false;
  }
}

/** The content of a file of {@linkcode DATA}. */
export function read(path: string): string {
  return Deno.readTextFileSync(DATA + path);
}
