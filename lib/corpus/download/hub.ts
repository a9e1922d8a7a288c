/**
 * Data sets of a hub as Hugging Face's public API lays them out: what a data set
 * says of its configurations, the files of one of them with their checksums.
 *
 * @module
 */

import { isTextName } from "../../input_files.ts";
import type { HttpSource } from "./http_source.ts";
import type { Checksum, RemoteFile } from "./wikimedia.ts";

/** Which files of which data set. */
export interface HubRequest {
  /** Its name, "ORGANISATION/NAME". */
  readonly dataset: string;
  /** Which of its configurations; the only one, or the default, unless given. */
  readonly configuration?: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
}

/** A file of a data set. */
export interface HubFile extends RemoteFile {
  /** Its path in the data set. */
  readonly path: string;
  readonly bytes: number;
}

/** What was found. */
export interface HubDataset {
  /** The commit that all files are of. */
  readonly commit: string;
  /** Which configuration it is, where the data set has some. */
  readonly configuration?: string;
  /** What its card says of its licence. */
  readonly licence?: string;
  /** The files of text, sorted by their paths. */
  readonly files: readonly HubFile[];
}

/** No data set has more files, or pages of lists of them. */
const MOST_FILES = 100_000;
const MOST_PAGES = 1000;
/** How many names are told, at most. */
const MOST_NAMES = 20;

/**
 * Finds the files of text of a configuration.
 *
 * @throws {RangeError} When the name is none, or there is no such configuration.
 * @throws {SyntaxError} When the hub answers something else than it should.
 * @throws {Error} When it cannot be asked, or there is no file of text.
 */
export async function findDataset(
  source: HttpSource,
  { dataset, configuration, revision }: HubRequest,
): Promise<HubDataset> {
  if (!/^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(dataset)) {
    throw new RangeError(
      `Cannot download data set "${dataset}": a name is ORGANISATION/NAME`,
    );
  }
  const api = `api/datasets/${dataset}`;
  const about = parse(
    await source.text(`${api}/revision/${encodeURIComponent(revision)}`),
    source,
  );
  const commit = fieldOf(about, "sha");
  if (typeof commit !== "string" || !/^[0-9a-f]{40}$/.test(commit)) {
    throw nonsense(source);
  }
  const card = fieldOf(about, "cardData");
  const chosen = chooseConfiguration(
    configurationsOf(card),
    dataset,
    configuration,
  );
  const files = new Map<string, HubFile>();
  for (const pattern of chosen.patterns) {
    const matches = patternOf(pattern);
    const start = `${api}/tree/${commit}${folderOf(pattern)}?recursive=true`;
    for await (const entry of entriesOf(source, start)) {
      const path = fieldOf(entry, "path");
      if (fieldOf(entry, "type") !== "file" || typeof path !== "string") {
        continue;
      }
      if (!matches.test(path) || !isTextName(path)) continue;
      files.set(path, fileOf(source, dataset, commit, path, entry));
      if (files.size > MOST_FILES) throw nonsense(source);
    }
  }
  if (files.size === 0) {
    throw new Error(
      `Cannot download data set "${dataset}": it has no file of text there`,
    );
  }
  const licence = fieldOf(card, "license");
  return {
    commit,
    configuration: chosen.name,
    licence: typeof licence === "string" ? licence : undefined,
    files: [...files.values()].sort((a, b) => a.path < b.path ? -1 : 1),
  };
}

/** A configuration: its name and what the paths of its files are like. */
interface Configuration {
  readonly name: string;
  readonly patterns: readonly string[];
  readonly isDefault: boolean;
}

/** The configurations that a card lists. */
function configurationsOf(card: unknown): Configuration[] {
  const configs = fieldOf(card, "configs");
  if (!Array.isArray(configs)) return [];
  return configs.flatMap((config) => {
    const name = fieldOf(config, "config_name");
    const patterns = pathsOf(fieldOf(config, "data_files"));
    const isDefault = name === "default" || fieldOf(config, "default") === true;
    return typeof name === "string" && patterns.length > 0
      ? [{ name, patterns, isDefault }]
      : [];
  });
}

/** Paths as a card has them: one, some, or some for each split. */
function pathsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(pathsOf);
  return typeof value === "object" && value !== null
    ? pathsOf(fieldOf(value, "path"))
    : [];
}

function chooseConfiguration(
  known: readonly Configuration[],
  dataset: string,
  asked: string | undefined,
): { readonly name?: string; readonly patterns: readonly string[] } {
  if (asked === undefined) {
    if (known.length === 0) return { patterns: ["**"] };
    const chosen = known.length === 1
      ? known[0]
      : known.find(({ isDefault }) => isDefault);
    if (chosen !== undefined) return chosen;
  } else {
    const chosen = known.find(({ name }) => name === asked);
    if (chosen !== undefined) return chosen;
    // Without a list, a configuration has a folder of its name.
    if (known.length === 0) {
      return { name: asked, patterns: [`${asked}/**`, `data/${asked}/**`] };
    }
  }
  const names = known.slice(0, MOST_NAMES).map(({ name }) => name)
    .concat(known.length > MOST_NAMES ? ["…"] : []).join(", ");
  throw new RangeError(
    `Cannot download data set "${dataset}": --configuration is one of ${names}`,
  );
}

/** The folder that all paths of a pattern are in, as a part of an address. */
function folderOf(pattern: string): string {
  const fixed = pattern.split(/[*?]/, 1)[0];
  const parts = fixed.slice(0, fixed.lastIndexOf("/") + 1).split("/")
    .filter((part) => part !== "" && part !== ".");
  return parts.map((part) => `/${encodeURIComponent(part)}`).join("");
}

/** A path, a folder, or a pattern with `*`, `**` and `?`. */
function patternOf(pattern: string): RegExp {
  const body = pattern.replace(/^\.\//, "").replace(
    /\*\*\/|\*\*|[*?]|[^*?]+/g,
    (part) => {
      if (part === "**/") return "(?:[^/]+/){0,64}";
      if (part === "**") return "[^]*";
      if (part === "*") return "[^/]*";
      return part === "?" ? "[^/]" : RegExp.escape(part);
    },
  );
  return new RegExp(`^${body}(?:/[^]*)?$`);
}

/** The entries of a folder, list after list. */
async function* entriesOf(
  source: HttpSource,
  start: string,
): AsyncGenerator<unknown> {
  let path: string | undefined = start;
  for (let pages = 0; path !== undefined; pages++) {
    if (pages === MOST_PAGES) throw nonsense(source);
    const { text, headers } = await source.page(path);
    const entries = parse(text, source);
    if (!Array.isArray(entries)) throw nonsense(source);
    yield* entries;
    const next = /<([^<>]+)>\s*;\s*rel="?next"?/.exec(
      headers.get("link") ?? "",
    )?.[1];
    if (next === undefined) return;
    const url = new URL(next, `${source.base}/`).href;
    if (!url.startsWith(`${source.base}/`)) throw nonsense(source);
    path = url.slice(source.base.length + 1);
  }
}

function fileOf(
  source: HttpSource,
  dataset: string,
  commit: string,
  path: string,
  entry: unknown,
): HubFile {
  const lfs = fieldOf(entry, "lfs");
  const bytes = fieldOf(lfs, "size") ?? fieldOf(entry, "size");
  const checksum = checksumOf("sha256", fieldOf(lfs, "oid"), 64) ??
    checksumOf("git", fieldOf(entry, "oid"), 40);
  const parts = path.split("/");
  const isSafe = parts.every((part) => /^(?!\.{1,2}$)[^\\\0:]+$/.test(part));
  const isSize = Number.isSafeInteger(bytes) && (bytes as number) >= 0;
  if (checksum === undefined || !isSafe || !isSize) throw nonsense(source);
  const place = parts.map(encodeURIComponent).join("/");
  const url = `${source.base}/datasets/${dataset}/resolve/${commit}/${place}`;
  return { path, url, bytes: bytes as number, checksum };
}

function checksumOf(
  algorithm: Checksum["algorithm"],
  value: unknown,
  length: number,
): Checksum | undefined {
  if (typeof value !== "string") return undefined;
  const hex = value.replace(/^sha256:/, "").toLowerCase();
  return hex.length === length && /^[0-9a-f]+$/.test(hex)
    ? { algorithm, hex }
    : undefined;
}

function parse(json: string, source: HttpSource): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw nonsense(source);
  }
}

function nonsense({ base }: HttpSource): SyntaxError {
  return new SyntaxError(
    `Cannot read "${base}": it does not answer as a hub of data sets does`,
  );
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null &&
      Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
