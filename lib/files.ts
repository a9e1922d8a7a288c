/**
 * Files that are either whole or not there: write to a temporary name, sync,
 * rename, sync the folder. Also the words for what the system refuses.
 *
 * @module
 */

import { isAbsolute, relative, resolve } from "node:path";
import { crc32 } from "node:zlib";
import { placeOf } from "./placing.ts";
import {
  type PendingFile,
  providePlatform,
  type SignalOptions,
  type Staging,
  type WriteOptions,
} from "./platform.ts";

providePlatform({
  crc32,
  createFile: (path, options) => AtomicFile.create(path, options),
});

export type { SignalOptions, Staging, WriteOptions } from "./platform.ts";

/**
 * A file under construction. Nothing appears at `path` before
 * {@linkcode AtomicFile.commit}; a crash leaves the previous file untouched.
 *
 * @example
 * ```ts
 * import { AtomicFile } from "./files.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempDir() + "/greeting.txt";
 * {
 *   await using file = await AtomicFile.create(path);
 *   await file.write(new TextEncoder().encode("bom dia"));
 *   await file.commit();
 * }
 * assertEquals(await Deno.readTextFile(path), "bom dia");
 * ```
 */
export class AtomicFile implements PendingFile {
  /** Where the finished file will stand. */
  readonly path: string;
  readonly #temporary: string;
  readonly #file: Deno.FsFile;
  readonly #signal?: AbortSignal;
  readonly #staging?: Staging;
  #open = true;
  #taken = false;

  private constructor(
    path: string,
    temporary: string,
    file: Deno.FsFile,
    { signal, staging }: WriteOptions,
  ) {
    this.path = path;
    this.#temporary = temporary;
    this.#file = file;
    this.#signal = signal;
    this.#staging = staging;
  }

  /**
   * Opens a temporary file beside `path`, making its folder where needed.
   *
   * @param path Where the file shall stand once committed.
   * @param options A signal with whose reason writing ends when it is aborted,
   * and who moves the file where that is not to be done at once.
   * @returns The open file; dispose of it to drop what was not committed.
   */
  static async create(
    path: string,
    options: WriteOptions = {},
  ): Promise<AtomicFile> {
    options.signal?.throwIfAborted();
    // A name of its own, which nobody else has made or foreseen: neither does
    // another process write into this file, nor does a link lead elsewhere.
    const temporary = temporaryName(path);
    try {
      await Deno.mkdir(folderOf(path), { recursive: true });
      const file = await Deno.open(temporary, {
        createNew: true,
        write: true,
      });
      return new AtomicFile(path, temporary, file, options);
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }

  /** Appends all the bytes. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#signal?.throwIfAborted();
    try {
      for (let at = 0; at < bytes.length;) {
        at += await this.#file.write(bytes.subarray(at));
      }
    } catch (error) {
      throw cannotWrite(this.path, error);
    }
  }

  /**
   * Makes the file durable and moves it to its name, replacing any before; or
   * lets it be moved later, with others.
   */
  async commit(): Promise<void> {
    this.#signal?.throwIfAborted();
    try {
      await this.#file.sync();
      this.#close();
      if (this.#staging === undefined) {
        await renameDurably(this.#temporary, this.path);
      } else {
        this.#staging.take(this.path, this.#temporary);
        this.#taken = true;
      }
    } catch (error) {
      throw cannotWrite(this.path, error);
    }
  }

  /** Closes the file and, unless it was committed, removes what was written. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    if (this.#taken) return;
    await Deno.remove(this.#temporary).catch(() => {});
  }

  #close(): void {
    if (this.#open) this.#file.close();
    this.#open = false;
  }
}

/**
 * A name that nobody else has, for what shall be moved or removed again.
 *
 * @param name What it begins with.
 */
export function temporaryName(name: string): string {
  const random = crypto.getRandomValues(new Uint8Array(8)).toHex();
  return `${name}.${random}.tmp`;
}

/** Whether a name is such a one: then of a file that was not finished. */
export function isUnfinished(name: string): boolean {
  return /\.[0-9a-f]{16}\.tmp$/.test(name);
}

/**
 * Writes a whole file atomically.
 *
 * @param content Bytes, or text to be written as UTF-8.
 * @param options As {@linkcode AtomicFile.create} takes them.
 *
 * @example
 * ```ts
 * import { writeFileAtomic } from "./files.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempDir() + "/a/b.json";
 * await writeFileAtomic(path, "{}");
 * assertEquals(await Deno.readTextFile(path), "{}");
 * ```
 */
export async function writeFileAtomic(
  path: string,
  content: Uint8Array | string,
  options: WriteOptions = {},
): Promise<void> {
  await using file = await AtomicFile.create(path, options);
  await file.write(
    typeof content === "string" ? new TextEncoder().encode(content) : content,
  );
  await file.commit();
}

/**
 * Moves a file, whose content is already synced, to its name for good.
 *
 * @param from Where it is.
 * @param to Where it shall stand, in a folder that exists; replaced if there.
 *
 * @example
 * ```ts
 * import { renameDurably } from "./files.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/a.part`, "bom dia");
 * await renameDurably(`${folder}/a.part`, `${folder}/a`);
 * assertEquals(await Deno.readTextFile(`${folder}/a`), "bom dia");
 * ```
 */
export async function renameDurably(from: string, to: string): Promise<void> {
  await Deno.rename(from, to);
  await syncFolder(folderOf(to));
}

/**
 * Says in a few words why the system refused, without a path or a code.
 *
 * @example
 * ```ts
 * import { reasonOf } from "./files.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(reasonOf(new Deno.errors.NotFound()), "no such file or folder");
 * ```
 */
export function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "no such file or folder";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.NotCapable) {
    return `Deno was not given the permission (${error.message})`;
  }
  if (error instanceof Deno.errors.AlreadyExists) return "it exists already";
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder";
  if (error instanceof Deno.errors.NotADirectory) return "it is not a folder";
  if (error instanceof Error) {
    if (/os error 28\b|ENOSPC/.test(error.message)) return "the disk is full";
    if (/os error 27\b|EFBIG/.test(error.message)) {
      return "the file is larger than the system allows (see ulimit -f)";
    }
    if (/os error (?:122|69)\b|EDQUOT/.test(error.message)) {
      return "the disk quota is used up";
    }
    if (/os error 30\b|EROFS/.test(error.message)) {
      return "the file system is read-only";
    }
    return error.message;
  }
  return String(error);
}

/**
 * Removes a file or a folder; nothing where there is none.
 *
 * @param options With `recursive` a folder goes with all that is in it.
 * @throws {Error} When it cannot be removed.
 *
 * @example
 * ```ts
 * import { removeIfThere } from "./files.ts";
 *
 * await removeIfThere("there is no such file");
 * ```
 */
export async function removeIfThere(
  path: string,
  options: Deno.RemoveOptions = {},
): Promise<void> {
  await Deno.remove(path, options).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return;
    throw cannot("remove", path, error);
  });
}

/**
 * Whether there is something at a path that may be looked at.
 *
 * @example
 * ```ts
 * import { isThere } from "./files.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([await isThere("."), await isThere("none")], [true, false]);
 * ```
 */
export async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** What to throw when a path, as it was given, cannot be read. */
export function cannotRead(path: string, error: unknown): Error {
  return cannot("read", path, error);
}

/** What to throw when a path, as it was given, cannot be written. */
export function cannotWrite(path: string, error: unknown): Error {
  return cannot("write", path, error);
}

function cannot(act: string, path: string, cause: unknown): Error {
  return new Error(`Cannot ${act} "${path}": ${reasonOf(cause)}`, { cause });
}

/** No settings, recipe or description comes near this, in bytes. */
export const MOST_TEXT: number = 2 ** 24;

/**
 * Reads a short file of text.
 *
 * @throws {Error} When it cannot be read, is no plain file or longer than 16 MiB.
 */
export async function readText(path: string): Promise<string> {
  try {
    return await readTextOf(path);
  } catch (error) {
    throw cannotRead(path, error);
  }
}

/**
 * As {@linkcode readText}, its errors for whoever has words of his own.
 *
 * @param maxBytes A longer one is refused.
 * @throws {Error} When it cannot be read, with the reason alone.
 */
export async function readTextOf(
  path: string,
  maxBytes: number = MOST_TEXT,
): Promise<string> {
  return new TextDecoder().decode(await readBounded(path, maxBytes));
}

/**
 * The lines of a UTF-8 text as they come, without what ends them.
 *
 * @param stream The text's bytes; closed at the end, or when it is left early.
 *
 * @example
 * ```ts
 * import { linesOf } from "./files.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { body } = new Response("um\r\n\ndois");
 * assertEquals(await Array.fromAsync(linesOf(body!)), ["um", "", "dois"]);
 * ```
 */
export async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string> {
  let open = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (open + part).split("\n");
    open = lines.pop()!;
    for (const line of lines) yield line.replace(/\r$/, "");
  }
  if (open !== "") yield open;
}

/**
 * Opens a file to read, also while it is being put in place with others. What is no file, such as a device or a pipe, may have no
 * end or wait for ever, and is refused before it is opened.
 *
 * @throws {Error} When it cannot be opened, with the reason alone.
 *
 * @example
 * ```ts
 * import { openPlain } from "./files.ts";
 * import { assertRejects } from "@std/assert";
 *
 * if (Deno.build.os !== "windows") {
 *   await assertRejects(() => openPlain("/dev/zero"), Error, "not a plain file");
 * }
 * ```
 */
export async function openPlain(path: string): Promise<Deno.FsFile> {
  const place = placeOf(path);
  assertPlain(await Deno.stat(place));
  return await Deno.open(place);
}

/**
 * Refuses folders, devices and pipes.
 *
 * @throws {Error} With the reason alone.
 */
export function assertPlain({ isFile, isDirectory }: Deno.FileInfo): void {
  if (isDirectory) throw new Deno.errors.IsADirectory();
  if (!isFile) throw new Error("it is not a plain file");
}

/**
 * The first bytes of a file.
 *
 * @param file One that is open, where its reading stands.
 * @param maxBytes As many as that, fewer where it ends before.
 * @throws {Error} When it cannot be read, with the reason alone.
 */
export async function readHead(
  file: Deno.FsFile,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const head = new Uint8Array(maxBytes);
  let length = 0;
  while (length < head.length) {
    const read = await file.read(head.subarray(length));
    if (read === null) break;
    length += read;
  }
  return head.subarray(0, length);
}

/**
 * A file's bytes, as many as there are, whatever the system says of its size.
 *
 * @param maxBytes A longer one is refused.
 * @throws {Error} When it cannot be read, with the reason alone.
 */
export async function readBounded(
  path: string,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  using file = await openPlain(path);
  const { size } = await file.stat();
  const refuse = () => {
    throw new RangeError(`it has more than ${maxBytes} bytes`);
  };
  if (size > maxBytes) refuse();
  let bytes = new Uint8Array(size + 1);
  let length = 0;
  while (true) {
    const read = await file.read(bytes.subarray(length));
    if (read === null) return bytes.subarray(0, length);
    length += read;
    if (length > maxBytes) refuse();
    if (length === bytes.length) { // it grows, or has not told its size
      const more = new Uint8Array(Math.min(2 * length + 4096, maxBytes + 1));
      more.set(bytes);
      bytes = more;
    }
  }
}

/**
 * Reads a file that has to be in memory as a whole.
 *
 * @param maxBytes A larger one is refused.
 * @throws {Error} When it cannot be read.
 */
export async function readWhole(
  path: string,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await readBounded(path, maxBytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw cannotRead(path, error);
    const reason = `it has more than ${maxBytes} bytes, so it has to be split`;
    throw cannotRead(path, new RangeError(reason));
  }
}

/** How much of a file is read at once to know it again, in bytes. */
const PIECE = 2 ** 20;

/**
 * A number by which a file's content is known again; not proof against forgery.
 *
 * @param options A signal that ends the reading; and who is told of every piece.
 * @returns The CRC-32 of its bytes.
 * @throws {Error} When it cannot be read.
 *
 * @example
 * ```ts
 * import { crcOf } from "./files.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, "123456789");
 * assertEquals(await crcOf(path), 0xcbf43926);
 * ```
 */
export async function crcOf(
  path: string,
  { signal, onBytes }: SignalOptions & {
    readonly onBytes?: (bytes: number) => void;
  } = {},
): Promise<number> {
  const piece = new Uint8Array(PIECE);
  let crc = 0;
  try {
    using file = await openPlain(path);
    for (let read; (read = await file.read(piece)) !== null;) {
      crc = crc32(piece.subarray(0, read), crc);
      onBytes?.(read);
      signal?.throwIfAborted();
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw cannotRead(path, error);
  }
  return crc;
}

/**
 * A folder's path without the slashes at its end.
 *
 * @example
 * ```ts
 * import { withoutSlash } from "./files.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([withoutSlash("data/"), withoutSlash("/")], ["data", "/"]);
 * ```
 */
export function withoutSlash(folder: string): string {
  return folder.replace(/(?<=.)[/\\]+$/, "");
}

/**
 * Whether a path, as it is written, leads out of the working folder. Links are
 * not followed: who has put one there has meant it.
 *
 * @param path A path or a pattern.
 *
 * @example
 * ```ts
 * import { leadsOutside } from "./files.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["data/../a", "..a", Deno.cwd()].some(leadsOutside), false);
 * assertEquals(["/etc/hosts", "../a", "a/../../b"].every(leadsOutside), true);
 * ```
 */
export function leadsOutside(path: string): boolean {
  const way = relative(Deno.cwd(), resolve(path));
  return isAbsolute(way) || /^\.\.(?:[/\\]|$)/.test(way);
}

/**
 * The folder that a file stands in.
 *
 * @example
 * ```ts
 * import { folderOf } from "./files.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["a/b.bin", "b.bin", "/b.bin"].map(folderOf), ["a", ".", "/"]);
 * ```
 */
export function folderOf(path: string): string {
  const end = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return end < 0 ? "." : end === 0 ? "/" : path.slice(0, end);
}

/** A rename is durable only once its folder is; Windows cannot sync one. */
export async function syncFolder(path: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  using folder = await Deno.open(path);
  await folder.sync();
}
