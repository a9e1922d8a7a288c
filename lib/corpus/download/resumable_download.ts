/**
 * One large file from a server: continued where it stopped, checked, and under
 * its own name only when it is whole.
 *
 * What has come is in `<name>.part`, and in `<name>.part.json` what it is a
 * part of. A server that has another file since, or cannot continue, makes it
 * start anew.
 *
 * @module
 */

import { createHash } from "node:crypto";
import {
  cannotRead,
  cannotWrite,
  removeIfThere,
  renameDurably,
  writeFileAtomic,
} from "../../files.ts";
import {
  type HttpAnswer,
  type HttpSource,
  TransientError,
} from "./http_source.ts";
import {
  ALGORITHM_NAMES,
  type Checksum,
  type RemoteFile,
} from "./wikimedia.ts";

/** How much is read at a time to compute a checksum. */
const HASH_BYTES = 1 << 20;

/** What has happened to a download. */
export interface Downloaded {
  /** Bytes of the whole file. */
  readonly bytes: number;
  /** Bytes that an earlier run had got already. */
  readonly resumedAt: number;
  /** How often it began anew, as what was there could not be continued. */
  readonly restarts: number;
  /** How often the connection failed and was made again. */
  readonly failures: number;
  /** Whether the file was whole before. */
  readonly wasThere: boolean;
}

/** What to tell about the work. */
export interface DownloadOptions {
  /** Is told how many bytes there are, of how many. */
  readonly onProgress?: (done: number, total?: number) => void;
  /** Is told how many bytes have been checked, of how many. */
  readonly onCheck?: (done: number, total: number) => void;
  /** Ends the computing of checksums when it is aborted, with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Downloads a file to a path.
 *
 * @throws {Error} When it cannot be had or its checksum is wrong; when it is
 * aborted, by the source's signal or this one, the reason, and what has come
 * stays for the next time.
 */
export async function download(
  source: HttpSource,
  file: RemoteFile,
  path: string,
  options: DownloadOptions = {},
): Promise<Downloaded> {
  const there = await sizeOf(path);
  if (there !== undefined && (file.bytes ?? there) === there) {
    const found = await hashOf(path, file.checksum, options);
    if (found === file.checksum.hex) {
      const nothing = { resumedAt: 0, restarts: 0, failures: 0 };
      return { bytes: there, ...nothing, wasThere: true };
    }
  }
  using part = await PartFile.open(path, file);
  const resumedAt = part.bytes;
  let failures = 0;
  for (;;) {
    const startedAt = part.bytes;
    let before = startedAt;
    await source.retry(async () => {
      before = part.bytes;
      try {
        await transfer(source, file, part, options);
      } catch (error) {
        if (error instanceof TransientError) failures++;
        throw error;
      }
    }, () => part.bytes > before);
    await part.sync();
    const found = await hashOf(part.path, file.checksum, options);
    if (found === file.checksum.hex) break;
    await part.restart();
    // What was continued may have been damaged; what came in one run was not.
    if (startedAt === 0) {
      await part.remove();
      const { algorithm, hex } = file.checksum;
      throw new Error(
        `Cannot download "${file.url}": the ${ALGORITHM_NAMES[algorithm]} of ` +
          `what came is ${found} and should be ${hex}`,
      );
    }
  }
  await part.finish();
  const { bytes, restarts } = part;
  return {
    bytes,
    resumedAt: restarts > 0 ? 0 : resumedAt,
    restarts,
    failures,
    wasThere: false,
  };
}

/** What the part is a part of. */
interface PartState {
  readonly url: string;
  readonly checksum: string;
  /** The server's name for this version of the file. */
  readonly etag?: string;
  readonly lastModified?: string;
}

/** A file that is not whole yet. */
class PartFile implements Disposable {
  /** Where it is. */
  readonly path: string;
  /** Bytes in it. */
  bytes = 0;
  /** How often it began anew. */
  restarts = 0;
  /** What is known of the server's file. */
  state: PartState;
  readonly #target: string;
  readonly #file: Deno.FsFile;
  #open = true;

  private constructor(target: string, file: Deno.FsFile, state: PartState) {
    this.#target = target;
    this.path = `${target}.part`;
    this.#file = file;
    this.state = state;
  }

  /** Opens what an earlier run left of the same file, or makes it. */
  static async open(target: string, file: RemoteFile): Promise<PartFile> {
    const path = `${target}.part`;
    const expected = { url: file.url, checksum: file.checksum.hex };
    try {
      const folder = target.slice(0, target.lastIndexOf("/"));
      if (folder !== "") await Deno.mkdir(folder, { recursive: true });
      const handle = await Deno.open(path, {
        create: true,
        read: true,
        write: true,
      });
      try {
        if (!await handle.tryLock(true)) {
          throw new Error("another download is writing it");
        }
        const state = await readState(`${path}.json`);
        const part = new PartFile(target, handle, state ?? expected);
        const { size } = await handle.stat();
        part.bytes = size;
        const isSame = state?.url === expected.url &&
          state.checksum === expected.checksum;
        if (size > 0 && !isSame || size > (file.bytes ?? Infinity)) {
          await part.restart();
        }
        part.state = isSame ? state : expected;
        return part;
      } catch (error) {
        handle.close();
        throw error;
      }
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }

  /** Notes what is being downloaded, before its first byte. */
  async describe(state: PartState): Promise<void> {
    this.state = state;
    await writeFileAtomic(`${this.path}.json`, JSON.stringify(state) + "\n");
  }

  async append(bytes: Uint8Array): Promise<void> {
    try {
      await this.#file.seek(this.bytes, Deno.SeekMode.Start);
      for (let at = 0; at < bytes.length;) {
        at += await this.#file.write(bytes.subarray(at));
      }
    } catch (error) {
      throw cannotWrite(this.path, error);
    }
    this.bytes += bytes.length;
  }

  /** Drops what has come. */
  async restart(): Promise<void> {
    if (this.bytes > 0) this.restarts++;
    await this.#file.truncate(0);
    this.bytes = 0;
    this.state = { url: this.state.url, checksum: this.state.checksum };
  }

  async sync(): Promise<void> {
    await this.#file.sync().catch((error) => {
      throw cannotWrite(this.path, error);
    });
  }

  /** Gives the whole file its name. */
  async finish(): Promise<void> {
    try {
      this[Symbol.dispose]();
      await renameDurably(this.path, this.#target);
    } catch (error) {
      throw cannotWrite(this.#target, error);
    }
    await removeIfThere(`${this.path}.json`);
  }

  async remove(): Promise<void> {
    this[Symbol.dispose]();
    await removeIfThere(this.path);
    await removeIfThere(`${this.path}.json`);
  }

  [Symbol.dispose](): void {
    if (this.#open) this.#file.close();
    this.#open = false;
  }
}

/** Brings a part nearer to its end, over one connection. */
async function transfer(
  source: HttpSource,
  { url, bytes, checksum }: RemoteFile,
  part: PartFile,
  { onProgress }: DownloadOptions,
): Promise<void> {
  if (part.bytes > 0 && part.bytes === bytes) return;
  const answer = await source.get(url, headersFor(part));
  try {
    if (answer.status === 416) return await refusePastEnd(answer, url, part);
    const said = await lengthOf(answer, { url, checksum: checksum.hex }, part);
    if (bytes !== undefined && said !== undefined && said !== bytes) {
      throw new Error(
        `Cannot download "${url}": it has ${said} bytes there and should ` +
          `have ${bytes}`,
      );
    }
    const total = bytes ?? said;
    for await (const chunk of answer.body) {
      if (part.bytes + chunk.length > (total ?? Infinity)) {
        throw new Error(
          `Cannot download "${url}": more than the ${total} bytes ` +
            "announced came",
        );
      }
      await part.append(chunk);
      onProgress?.(part.bytes, total);
    }
    if (part.bytes < (total ?? 0)) {
      throw new TransientError(
        `Cannot download "${url}": the connection ended at byte ` +
          `${part.bytes} of ${total}`,
      );
    }
  } finally {
    answer.close();
  }
}

/** What asks for the rest, of the same version of the file. */
function headersFor({ bytes, state }: PartFile): Record<string, string> {
  if (bytes === 0) return {};
  const strong = state.etag?.startsWith("W/") ? undefined : state.etag;
  const version = strong ?? state.lastModified;
  return {
    range: `bytes=${bytes}-`,
    ...(version === undefined ? {} : { "if-range": version }),
  };
}

/**
 * Looks at what the answer holds: the rest, or all of it.
 *
 * @returns How many bytes the file has there, where that is known.
 */
async function lengthOf(
  { status, headers }: HttpAnswer,
  { url, checksum }: PartState,
  part: PartFile,
): Promise<number | undefined> {
  const etag = headers.get("etag") ?? undefined;
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/
    .exec(headers.get("content-range") ?? "");
  if (status === 206) {
    const isOther = part.state.etag !== undefined && etag !== undefined &&
      etag !== part.state.etag;
    if (isOther || Number(range?.[1] ?? NaN) !== part.bytes) {
      await part.restart();
      throw new TransientError(
        `Cannot download "${url}": the server does not continue where the ` +
          "file stopped",
      );
    }
  } else {
    await part.restart();
    const lastModified = headers.get("last-modified") ?? undefined;
    await part.describe({ url, checksum, etag, lastModified });
  }
  const said = status === 206 ? range![2] : headers.get("content-length");
  return /^\d+$/.test(said ?? "") ? Number(said) : undefined;
}

/** The server has nothing after what is here: it is whole, or another. */
async function refusePastEnd(
  { headers }: HttpAnswer,
  url: string,
  part: PartFile,
): Promise<void> {
  const total = /^bytes \*\/(\d+)$/
    .exec(headers.get("content-range") ?? "")?.[1];
  if (Number(total ?? NaN) === part.bytes) return;
  await part.restart();
  throw new TransientError(
    `Cannot download "${url}": the server has less of it than is here`,
  );
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await Deno.stat(path)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw cannotRead(path, error);
  }
}

async function hashOf(
  path: string,
  { algorithm }: Checksum,
  { onCheck, signal }: DownloadOptions,
): Promise<string> {
  try {
    using file = await Deno.open(path);
    const { size } = await file.stat();
    const hash = createHash(algorithm === "git" ? "sha1" : algorithm);
    if (algorithm === "git") hash.update(`blob ${size}\0`);
    const buffer = new Uint8Array(HASH_BYTES);
    for (let done = 0;;) {
      const read = await file.read(buffer);
      if (read === null) return hash.digest("hex");
      hash.update(buffer.subarray(0, read));
      onCheck?.(done += read, size);
      signal?.throwIfAborted();
    }
  } catch (error) {
    throw signal?.aborted ? signal.reason : cannotRead(path, error);
  }
}

async function readState(path: string): Promise<PartState | undefined> {
  try {
    const state = JSON.parse(await Deno.readTextFile(path));
    const isState = typeof state?.url === "string" &&
      typeof state.checksum === "string" &&
      ["string", "undefined"].includes(typeof state.etag) &&
      ["string", "undefined"].includes(typeof state.lastModified);
    return isState ? state : undefined;
  } catch (error) {
    const isUseless = error instanceof SyntaxError ||
      error instanceof Deno.errors.NotFound;
    if (isUseless) return undefined; // then it starts anew
    throw error;
  }
}
