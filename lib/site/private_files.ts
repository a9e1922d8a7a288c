/**
 * The browser's private files (OPFS), as far as they are used here: Deno, which
 * checks these modules, has no types for them.
 *
 * @module
 */

/** A file that is open: its worker alone reads and writes it. */
export interface FileAccess {
  getSize(): number;
  /** Reads as much as fits; returns how many bytes. */
  read(into: Uint8Array, options: { readonly at: number }): number;
  /** Writes; returns how many bytes. */
  write(bytes: Uint8Array, options: { readonly at: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}

/** A file. */
export interface PrivateFile {
  readonly kind: "file";
  readonly name: string;
  getFile(): Promise<File>;
  createSyncAccessHandle(): Promise<FileAccess>;
  move(folder: PrivateFolder, name: string): Promise<void>;
}

/** A folder. */
export interface PrivateFolder {
  readonly kind: "directory";
  readonly name: string;
  entries(): AsyncIterable<[name: string, entry: PrivateFile | PrivateFolder]>;
  getFileHandle(
    name: string,
    options?: { readonly create: boolean },
  ): Promise<PrivateFile>;
  getDirectoryHandle(
    name: string,
    options?: { readonly create: boolean },
  ): Promise<PrivateFolder>;
  removeEntry(
    name: string,
    options?: { readonly recursive: boolean },
  ): Promise<void>;
}

/** Where they are. */
interface StorageManager {
  getDirectory(): Promise<PrivateFolder>;
  estimate(): Promise<{ readonly quota?: number; readonly usage?: number }>;
}

/** The private files of this origin. */
export const storage: StorageManager =
  (navigator as unknown as { readonly storage: StorageManager }).storage;
