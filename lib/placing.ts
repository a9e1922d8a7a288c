/**
 * What is known of files that are being put in place together, and where a
 * reader finds them meanwhile.
 *
 * Files can be renamed only one after another. Before the first of a set is, a
 * record in their folder says which file shall have which name; it goes when the
 * last one has it. So from the moment the record is there the set is the new
 * one, for everyone who asks {@linkcode placeOf}. Writing records, and finishing
 * what a crash has cut short, is the job of `output_set.ts`.
 *
 * @module
 */

import { isGranted } from "./permissions.ts";

/** The file of the record. */
export const PLACING = ".placing.json";
/** A record of another form is not understood. */
const VERSION = 1;
/** That of a corpus of 100,000 files has a tenth of it, in bytes. */
const MAX_SIZE = 2 ** 26;

/** What is done to a folder at once; all names are relative to it. */
export interface Placing {
  /** Where each file is, and where it shall be; in their order. */
  readonly moves: readonly (readonly [from: string, to: string])[];
  /** Files that are no longer to be there. */
  readonly removed: readonly string[];
}

/** The text of a record. */
export function placingText({ moves, removed }: Placing): string {
  return `${JSON.stringify({ version: VERSION, moves, removed })}\n`;
}

/**
 * Reads the record of a folder.
 *
 * @returns Undefined where nothing is being put in place.
 * @throws {SyntaxError} When it is none that was written here.
 */
export function readPlacing(folder: string): Placing | undefined {
  const path = `${folder}/${PLACING}`;
  // Nobody is asked for a file that is hardly ever there.
  if (!isGranted({ name: "read", path })) return undefined;
  let text: string;
  try {
    const { isFile, size } = Deno.lstatSync(path);
    if (!isFile || size > MAX_SIZE) throw malformed(path);
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof SyntaxError) throw error;
    return undefined; // not there, or no longer
  }
  return parse(text) ?? raise(malformed(path));
}

/**
 * Where the content of a file is: at its path, or, as long as it is being put
 * in place with others, where it was made.
 *
 * @param path The file's path once all is in place.
 * @throws {SyntaxError} When the folder's record cannot be understood.
 *
 * @example
 * ```ts
 * import { placeOf, PLACING, placingText } from "./placing.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/a.tmp`, "new");
 * await Deno.writeTextFile(`${folder}/a`, "old");
 * assertEquals(placeOf(`${folder}/a`), `${folder}/a`);
 * const record = placingText({ moves: [["a.tmp", "a"]], removed: [] });
 * await Deno.writeTextFile(`${folder}/${PLACING}`, record);
 * assertEquals(placeOf(`${folder}/a`), `${folder}/a.tmp`);
 * ```
 */
export function placeOf(path: string): string {
  const [, before, name] = /^(.*[/\\])?([^/\\]*)$/s.exec(path)!;
  const folder = before ?? "";
  const moves = readPlacing(folder === "" ? "." : folder)?.moves ?? [];
  const from = moves.find(([, to]) => to === name)?.[0];
  if (from === undefined) return path;
  try {
    Deno.lstatSync(folder + from);
    return folder + from;
  } catch {
    return path; // where it has been moved
  }
}

function parse(text: string): Placing | undefined {
  try {
    const { version, moves, removed } = JSON.parse(text);
    const isPair = (move: unknown) =>
      Array.isArray(move) && move.length === 2 && move.every(isInside);
    return version === VERSION && moves.every(isPair) && removed.every(isInside)
      ? { moves, removed }
      : undefined;
  } catch {
    return undefined;
  }
}

/** What is a part of no name, besides the folder itself and the one above. */
const NO_PART = Deno.build.os === "windows"
  ? /^\.{0,2}$|[\\:\0]/
  : /^\.{0,2}$|\0/;

/** Whether a name leads nowhere but into the folder, whoever has written it. */
function isInside(name: unknown): boolean {
  return typeof name === "string" &&
    name.split("/").every((part) => !NO_PART.test(part));
}

function malformed(path: string): SyntaxError {
  return new SyntaxError(
    `Cannot read "${path}": it is no record of files being put in place; remove it`,
  );
}

function raise(error: Error): never {
  throw error;
}
