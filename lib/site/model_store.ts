/**
 * Models in the browser's private files (OPFS), a folder each: its files, whole
 * under their names, and `about.json`, which says what belongs to it and where
 * it comes from. What is not whole is told of as such, and can be gone on with.
 *
 * @module
 */

import type { ByteSource } from "../checkpoint/encoding/byte_source.ts";
import { download, type Part, writeAll } from "./download.ts";
import {
  type PrivateFile,
  type PrivateFolder,
  storage,
} from "./private_files.ts";
import {
  type ChosenFile,
  type Progress,
  type StoredModel,
  TroubleError,
} from "./protocol.ts";

const FOLDER = "models";
const ABOUT = "about.json";
/** Bytes that stay free beside a model. */
const MARGIN = 2 ** 20;
/** Bytes of a file that are copied at a time. */
const PIECE = 4 * 2 ** 20;

/** Names of folders and files are of these. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._ +()-]{0,99}$/u;

/** A file of a model. */
interface AboutFile extends Part {
  readonly name: string;
  /** Where it is to be had. */
  readonly url?: string;
  /** Whether the model is whole without it. */
  readonly isOptional?: boolean;
}

/** What belongs to a model. */
interface About {
  readonly url?: string;
  readonly files: readonly AboutFile[];
}

/** The files of a model that are there, by name. */
export type ModelFiles = ReadonlyMap<string, () => Promise<OpenFile>>;

/** A file of a model. */
export type OpenFile = ByteSource & Disposable;

/** Where a model is to be had. */
export interface Place {
  /** What it shall be called. */
  readonly name: string;
  /** What the person has given. */
  readonly url: string;
  /** The files that belong to it. */
  readonly files: readonly AboutFile[];
}

/** The models that are stored. */
export class ModelStore {
  readonly #folder: PrivateFolder;

  private constructor(folder: PrivateFolder) {
    this.#folder = folder;
  }

  /**
   * Opens the store.
   *
   * @throws {TroubleError} Where the browser has none.
   */
  static async open(): Promise<ModelStore> {
    try {
      const root = await storage.getDirectory();
      const create = true;
      return new ModelStore(await root.getDirectoryHandle(FOLDER, { create }));
    } catch (cause) {
      throw new TroubleError(
        "noStore",
        "Cannot open the store: the browser gives this page none",
        { cause },
      );
    }
  }

  /** Bytes that may still be stored; unknown where the browser does not say. */
  async free(): Promise<number | undefined> {
    const { quota, usage } = await storage.estimate();
    if (quota === undefined || usage === undefined) return undefined;
    return Math.max(0, quota - usage);
  }

  /** What is stored, by name. */
  async list(): Promise<StoredModel[]> {
    const models: StoredModel[] = [];
    for await (const [name, handle] of this.#folder.entries()) {
      if (handle.kind !== "directory") continue;
      const about = await readAbout(handle);
      if (about === undefined) continue; // its beginning was interrupted
      models.push(await stored(name, handle, about));
    }
    return models.sort((a, b) => a.name.localeCompare(b.name));
  }

  /**
   * Brings a model, or what is missing of it.
   *
   * @param place Where it is; a number is added to its name where there is
   * another model of that name.
   * @param signal Ends it; what is there stays.
   * @param onProgress Told how far it is.
   * @returns What it is called.
   * @throws {TroubleError} When it cannot be had, or not be stored.
   */
  async download(
    place: Place,
    signal: AbortSignal,
    onProgress: (progress: Progress) => void,
  ): Promise<string> {
    const { name: stored, folder, kept } = await this.#placeOf(place);
    let about: About = kept ?? place;
    if (kept === undefined) await clear(folder);
    await writeAbout(folder, about);
    for (const { name, url, isOptional } of about.files) {
      if (url === undefined || await fileIn(folder, name)) continue;
      const { version, total } = about.files.find((it) => it.name === name)!;
      const isBegun = await fileIn(folder, `${name}.part`) !== undefined;
      const others = await bytesIn(folder, `${name}.part`);
      try {
        await download(folder, name, url, {
          part: isBegun ? { version, total } : undefined,
          signal,
          assertRoom: (bytes) => this.#assertRoom(bytes),
          onPart: async (part) => {
            about = {
              ...about,
              files: about.files.map((it) =>
                it.name === name ? { ...it, ...part } : it
              ),
            };
            await writeAbout(folder, about);
          },
          onProgress: ({ done, total }) =>
            onProgress({
              done: others + done,
              total: total === undefined ? undefined : others + total,
            }),
        });
      } catch (error) {
        const isAbsent = error instanceof TroubleError &&
          error.trouble === "unreachable";
        if (!isOptional || !isAbsent) {
          // Of a wrong address nothing stays that one would have to delete.
          if (isAbsent && await bytesIn(folder) === 0) {
            await this.remove(stored);
          }
          throw error;
        }
        await folder.removeEntry(`${name}.part`).catch(() => {});
      }
    }
    return stored;
  }

  /** The folder that has a place's model, or is free for it. */
  async #placeOf(
    place: Place,
  ): Promise<
    {
      readonly name: string;
      readonly folder: PrivateFolder;
      readonly kept?: About;
    }
  > {
    for (let number = 1;; number++) {
      const name = numbered(place.name, number);
      const folder = await this.#makeFolder(name);
      const kept = await readAbout(folder);
      if (kept === undefined) return { name, folder };
      if (kept.url === place.url) return { name, folder, kept };
    }
  }

  /**
   * Stores files.
   *
   * @param wanted What the model shall be called; a number is added where there
   * is one of that name.
   * @param files What belongs to it.
   * @returns What it is called.
   * @throws {TroubleError} When there is no room; nothing is left then.
   */
  async keep(wanted: string, files: readonly ChosenFile[]): Promise<string> {
    const bytes = files.reduce((sum, { blob }) => sum + blob.size, 0);
    await this.#assertRoom(bytes);
    const name = await this.#freeName(wanted);
    const folder = await this.#makeFolder(name);
    try {
      for (const file of files) await copy(folder, file);
      const about = files.map(({ name, blob }) => ({ name, total: blob.size }));
      await writeAbout(folder, { files: about });
    } catch (error) {
      await this.remove(name);
      throw error;
    }
    return name;
  }

  /** Deletes a model. */
  async remove(name: string): Promise<void> {
    await this.#folder.removeEntry(name, { recursive: true });
  }

  /**
   * The files of a model, to be opened one by one.
   *
   * @throws {TroubleError} When it is not there.
   */
  async files(name: string): Promise<ModelFiles> {
    const files = new Map<string, () => Promise<OpenFile>>();
    const handles = await this.#handles(name);
    for (const handle of handles) {
      files.set(handle.name, () => openFile(handle));
    }
    return files;
  }

  /** The files of a model, as they are to be had for an archive. */
  async blobs(name: string): Promise<ChosenFile[]> {
    return await Promise.all(
      (await this.#handles(name)).map(async (handle) => ({
        name: handle.name,
        blob: await handle.getFile(),
      })),
    );
  }

  async #handles(name: string): Promise<PrivateFile[]> {
    let folder;
    try {
      folder = await this.#folder.getDirectoryHandle(name);
    } catch (cause) {
      throw new TroubleError("other", `Cannot find the model "${name}"`, {
        cause,
      });
    }
    const handles: PrivateFile[] = [];
    for await (const [file, handle] of folder.entries()) {
      if (handle.kind !== "file" || file === ABOUT) continue;
      if (!file.endsWith(".part")) handles.push(handle);
    }
    return handles;
  }

  async #freeName(wanted: string): Promise<string> {
    const base = folderName(wanted);
    for (let number = 1;; number++) {
      const name = numbered(base, number);
      const isTaken = await this.#folder.getDirectoryHandle(name)
        .then(() => true, () => false);
      if (!isTaken) return name;
    }
  }

  async #makeFolder(name: string): Promise<PrivateFolder> {
    return await this.#folder.getDirectoryHandle(name, { create: true });
  }

  async #assertRoom(bytes: number): Promise<void> {
    const free = await this.free();
    if (free === undefined || bytes + MARGIN <= free) return;
    throw new TroubleError(
      "full",
      `Cannot store ${megabytes(bytes)}: there is room for ${megabytes(free)}`,
    );
  }
}

/** A name that a folder may have, as near to what is wanted as may be. */
export function folderName(wanted: string): string {
  const name = wanted.normalize().replaceAll(/[^\p{L}\p{N}._ +()-]+/gu, "-")
    .replace(/^[^\p{L}\p{N}]+/u, "").slice(0, 80);
  return NAME.test(name) ? name : "model";
}

/** A name, with a number from the second of it on. */
function numbered(name: string, number: number): string {
  return number === 1 ? name : `${name} ${number}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

async function stored(
  name: string,
  folder: PrivateFolder,
  { url, files }: About,
): Promise<StoredModel> {
  let done = 0, isWhole = true, total: number | undefined = 0;
  for (const { name, isOptional, total: bytes } of files) {
    const file = await fileIn(folder, name);
    const part = file ?? await fileIn(folder, `${name}.part`);
    done += part?.size ?? 0;
    if (file !== undefined) total = total && total + file.size;
    else if (!isOptional) {
      isWhole = false;
      total = bytes === undefined || total === undefined
        ? undefined
        : total + bytes;
    }
  }
  return { name, url, done, total: total || undefined, isWhole };
}

async function fileIn(
  folder: PrivateFolder,
  name: string,
): Promise<File | undefined> {
  try {
    return await (await folder.getFileHandle(name)).getFile();
  } catch (error) {
    if ((error as Error).name === "NotFoundError") return undefined;
    throw error;
  }
}

/** Bytes of a model's files, those of one left out. */
async function bytesIn(
  folder: PrivateFolder,
  without?: string,
): Promise<number> {
  let bytes = 0;
  for await (const [name, handle] of folder.entries()) {
    if (name === ABOUT || name === without || handle.kind !== "file") continue;
    bytes += (await handle.getFile()).size;
  }
  return bytes;
}

async function clear(folder: PrivateFolder): Promise<void> {
  for await (const [name] of folder.entries()) await folder.removeEntry(name);
}

async function readAbout(
  folder: PrivateFolder,
): Promise<About | undefined> {
  const file = await fileIn(folder, ABOUT);
  if (file === undefined) return undefined;
  try {
    const about = JSON.parse(await file.text());
    return Array.isArray(about?.files) ? about : undefined;
  } catch {
    return undefined; // of a write that did not end
  }
}

async function writeAbout(
  folder: PrivateFolder,
  { url, files }: About,
): Promise<void> {
  const blob = new Blob([JSON.stringify({ url, files })]);
  await copy(folder, { name: ABOUT, blob });
}

/** Writes a file to `.part`, and gives it its name when it is whole. */
async function copy(
  folder: PrivateFolder,
  { name, blob }: ChosenFile,
): Promise<void> {
  const handle = await folder.getFileHandle(`${name}.part`, { create: true });
  const file = await handle.createSyncAccessHandle();
  try {
    file.truncate(0);
    for (let at = 0; at < blob.size; at += PIECE) {
      const piece = await blob.slice(at, at + PIECE).arrayBuffer();
      writeAll(file, new Uint8Array(piece), at);
    }
    file.flush();
  } finally {
    file.close();
  }
  await handle.move(folder, name);
}

/** A stored file, which is read where it is and never whole in memory. */
async function openFile(handle: PrivateFile): Promise<OpenFile> {
  const file = await handle.createSyncAccessHandle();
  return {
    name: `"${handle.name}"`,
    length: file.getSize(),
    read(into, offset) {
      if (file.read(into, { at: offset }) === into.length) return;
      throw new Error(`Cannot read "${handle.name}": it became shorter`);
    },
    [Symbol.dispose]: () => file.close(),
  };
}

/** The reader of workers; the types that come with Deno do not know of it. */
declare class FileReaderSync {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}

/** A chosen file, which is read where it is. */
export function openBlob(name: string, blob: Blob): OpenFile {
  const reader = new FileReaderSync();
  return {
    name: `"${name}"`,
    length: blob.size,
    read(into: Uint8Array, offset: number) {
      const piece = blob.slice(offset, offset + into.length);
      into.set(new Uint8Array(reader.readAsArrayBuffer(piece)));
    },
    [Symbol.dispose]: () => {},
  };
}

/** Chosen files, to be opened one by one. */
export function chosenFiles(files: readonly ChosenFile[]): ModelFiles {
  return new Map(
    files.map((
      { name, blob },
    ) => [name, () => Promise.resolve(openBlob(name, blob))]),
  );
}
