/**
 * Where Wikimedia's dumps are and what their checksums are, as
 * dumps.wikimedia.org and its mirrors lay them out:
 * `ptwiki/20260101/ptwiki-20260101-pages-articles-multistream.xml.bz2`, and
 * `dumpstatus.json` or lists of checksums beside it.
 *
 * @module
 */

import { type HttpSource, MissingError } from "./http_source.ts";

/** A file on a server. */
export interface RemoteFile {
  /** Where it is, as a whole URL. */
  readonly url: string;
  /** Its size in bytes, where the server says. */
  readonly bytes?: number;
  /** The checksum that it must have. */
  readonly checksum: Checksum;
}

/** A file of a dump. */
export interface DumpFile extends RemoteFile {
  /** The wiki, "ptwiki". */
  readonly wiki: string;
  /** When the dump was begun, YYYYMMDD. */
  readonly date: string;
  /** The name of the file. */
  readonly name: string;
}

/** A checksum. */
export interface Checksum {
  /** How it is computed; git's has the file's length in it. */
  readonly algorithm: "sha1" | "md5" | "sha256" | "git";
  /** The value in lower case. */
  readonly hex: string;
}

/** What people call a way of computing checksums. */
export const ALGORITHM_NAMES: Readonly<Record<Checksum["algorithm"], string>> =
  {
    sha1: "SHA-1",
    md5: "MD5",
    sha256: "SHA-256",
    git: "git's SHA-1",
  };

/** How many dumps to look at for one that is complete. */
const MAX_DATES = 8;

/**
 * Finds the articles of the dump of a wiki, such as `ptwiki`.
 *
 * @param date YYYYMMDD, or "latest" for the newest that is complete.
 */
export async function findDump(
  source: HttpSource,
  wiki: string,
  date: string,
): Promise<DumpFile> {
  if (date !== "latest") {
    const file = await fileOf(source, wiki, date);
    if (file !== undefined) return file;
    throw new Error(
      `Cannot download ${wiki} of ${date}: its articles are not complete yet`,
    );
  }
  const dates = await datesOf(source, wiki);
  for (const date of dates.slice(0, MAX_DATES)) {
    try {
      const file = await fileOf(source, wiki, date);
      if (file !== undefined) return file;
    } catch (error) {
      // A folder may be there before anything is in it.
      if (!(error instanceof MissingError)) throw error;
    }
  }
  throw new Error(
    `Cannot download ${wiki}: none of its newest ` +
      `${Math.min(dates.length, MAX_DATES)} dumps at "${source.base}" is ` +
      "complete",
  );
}

/** The dates that a wiki's folder lists, newest first. */
async function datesOf(source: HttpSource, wiki: string): Promise<string[]> {
  const page = await source.text(`${wiki}/`);
  const found = page.matchAll(/href="(?:[^"<>]{0,200}\/)?(2\d{7})\/?"/g);
  const dates = [...new Set([...found].map(([, date]) => date))];
  if (dates.length === 0) {
    throw new Error(
      `Cannot download ${wiki}: "${source.base}/${wiki}/" lists no dump`,
    );
  }
  return dates.sort().reverse();
}

/** The file of one date; undefined while it is still being made. */
async function fileOf(
  source: HttpSource,
  wiki: string,
  date: string,
): Promise<DumpFile | undefined> {
  const name = `${wiki}-${date}-pages-articles-multistream.xml.bz2`;
  const folder = `${wiki}/${date}`;
  const file = { wiki, date, name, url: `${source.base}/${folder}/${name}` };
  let status;
  try {
    status = await source.text(`${folder}/dumpstatus.json`);
  } catch (error) {
    if (!(error instanceof MissingError)) throw error;
    const checksum = await listed(source, `${folder}/${wiki}-${date}`, name);
    return { ...file, checksum };
  }
  const entry = entryOf(status, name, `${source.base}/${folder}`);
  return entry && { ...file, ...entry };
}

/** What `dumpstatus.json` says about a file, once its job is done. */
function entryOf(
  json: string,
  name: string,
  place: string,
): { bytes?: number; checksum: Checksum } | undefined {
  const jobs = field(parse(json, place), "jobs");
  for (const job of Object.values(jobs ?? {})) {
    const entry = field(field(job, "files"), name);
    if (entry === undefined || field(job, "status") !== "done") continue;
    const { size, sha1, md5 } = entry as Record<string, unknown>;
    const checksum = checksumOf("sha1", sha1) ?? checksumOf("md5", md5);
    if (checksum === undefined) {
      throw new SyntaxError(
        `Cannot download "${place}/${name}": dumpstatus.json has no checksum ` +
          "for it",
      );
    }
    const bytes = Number.isSafeInteger(size) && (size as number) > 0
      ? size as number
      : undefined;
    return { bytes, checksum };
  }
  return undefined;
}

function parse(json: string, place: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new SyntaxError(
      `Cannot read "${place}/dumpstatus.json": it is not JSON`,
      { cause: error },
    );
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null &&
      Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function checksumOf(
  algorithm: Checksum["algorithm"],
  hex: unknown,
): Checksum | undefined {
  const length = algorithm === "sha1" ? 40 : 32;
  if (typeof hex !== "string" || hex.length !== length) return undefined;
  if (!/^[0-9a-f]+$/i.test(hex)) return undefined;
  return { algorithm, hex: hex.toLowerCase() };
}

/** The checksum in `ptwiki-20260101-sha1sums.txt`, or in that of MD5. */
async function listed(
  source: HttpSource,
  prefix: string,
  name: string,
): Promise<Checksum> {
  let missing: unknown;
  for (const algorithm of ["sha1", "md5"] as const) {
    let list;
    try {
      list = await source.text(`${prefix}-${algorithm}sums.txt`);
    } catch (error) {
      if (!(error instanceof MissingError)) throw error;
      missing ??= error;
      continue;
    }
    for (const line of list.split("\n")) {
      const [hex, of] = line.trim().split(/\s+[*]?/);
      const checksum = checksumOf(algorithm, hex);
      if (of === name && checksum !== undefined) return checksum;
    }
  }
  throw missing ?? new MissingError(
    `Cannot download "${name}": the server lists no checksum for it`,
  );
}
