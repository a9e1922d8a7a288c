/**
 * A file of another place into the browser's private files: to `.part`, from
 * where an earlier attempt ended, and under its own name when it is whole.
 *
 * @module
 */

import type { FileAccess, PrivateFolder } from "./private_files.ts";
import type { Progress } from "./protocol.ts";
import { TroubleError } from "./protocol.ts";

/** What is written is safe from an end of the page after so many bytes. */
const SAFE_EVERY = 4 * 2 ** 20;
/** Progress is told every so many bytes. */
const TOLD_EVERY = 2 ** 18;

/** What is known of a file that is not whole. */
export interface Part {
  /** When the server last changed it, so that no two files are joined. */
  readonly version?: string;
  /** Bytes in all. */
  readonly total?: number;
}

/** How a file is brought. */
export interface DownloadOptions {
  /** What is known of the part that is there. */
  readonly part?: Part;
  /** Ends it; what is there stays. */
  readonly signal: AbortSignal;
  /** Told what is known before the first byte is written. */
  readonly onPart: (part: Part) => Promise<void>;
  /** Told how far it is. */
  readonly onProgress: (progress: Progress) => void;
  /** Throws where there is no room for so many bytes more. */
  readonly assertRoom: (bytes: number) => Promise<void>;
}

/**
 * Brings a file.
 *
 * @param folder Where it shall stand.
 * @param name What it shall be called.
 * @param url Where it is.
 * @param options How.
 * @throws {TroubleError} When it cannot be had, or there is no room; what is
 * there of it stays, to go on from.
 */
export async function download(
  folder: PrivateFolder,
  name: string,
  url: string,
  options: DownloadOptions,
): Promise<void> {
  const handle = await folder.getFileHandle(`${name}.part`, { create: true });
  const file = await handle.createSyncAccessHandle();
  try {
    await fill(file, url, options);
  } finally {
    file.close();
  }
  await handle.move(folder, name);
}

async function fill(
  file: FileAccess,
  url: string,
  options: DownloadOptions,
): Promise<void> {
  const { part, signal } = options;
  let at = part === undefined ? 0 : file.getSize();
  if (part?.total !== undefined && at === part.total && at > 0) return;
  let response = await ask(url, at, signal);
  const isOther = part?.version !== versionOf(response);
  if (at > 0 && (response.status === 416 || isOther)) {
    await response.body?.cancel();
    response = await ask(url, at = 0, signal);
  }
  if (response.status === 200) at = 0;
  file.truncate(at);
  const length = response.headers.get("content-length");
  const total = length === null ? undefined : at + Number(length);
  if (total !== undefined) await options.assertRoom(total - at);
  await options.onPart({ version: versionOf(response), total });
  await write(file, response, { ...options, at, total });
}

async function write(
  file: FileAccess,
  response: Response,
  { at, total, onProgress }: DownloadOptions & {
    at: number;
    readonly total?: number;
  },
): Promise<void> {
  const reader = response.body!.getReader();
  let safe = at, told = at;
  onProgress({ done: at, total });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      writeAll(file, value, at);
      at += value.length;
      if (at - safe >= SAFE_EVERY) {
        file.flush();
        safe = at;
      }
      if (at - told >= TOLD_EVERY) onProgress({ done: told = at, total });
    }
    onProgress({ done: at, total });
  } finally {
    file.flush();
    await reader.cancel().catch(() => {});
  }
}

/**
 * Writes all of some bytes at the end of a file.
 *
 * @throws {TroubleError} When there is no room. Browsers do not all say so: some
 * take what they then do not have.
 */
export function writeAll(
  file: FileAccess,
  bytes: Uint8Array,
  at: number,
): void {
  const written = file.write(bytes, { at });
  if (written === bytes.length && file.getSize() === at + written) return;
  file.truncate(Math.min(at, file.getSize()));
  throw new TroubleError(
    "full",
    "Cannot store the file: there is no room left",
  );
}

/**
 * Asks for a file from a byte on. A range is always asked for, since browsers
 * then ask for the bytes as they are, without compression.
 */
async function ask(
  url: string,
  start: number,
  signal: AbortSignal,
): Promise<Response> {
  const headers = { range: `bytes=${start}-` };
  let response;
  try {
    response = await fetch(url, { headers, signal, credentials: "omit" });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw new TroubleError(
      "unreachable",
      `Cannot get ${url}: there is no answer, or it may not be read from here`,
      { cause: error },
    );
  }
  if (response.ok || response.status === 416) return response;
  await response.body?.cancel();
  throw new TroubleError(
    "unreachable",
    `Cannot get ${url}: the server says ${response.status}`,
  );
}

/** When it was changed; one of few headers that other sites let be read. */
function versionOf({ headers }: Response): string | undefined {
  return headers.get("last-modified") ?? undefined;
}
