/**
 * What a runtime offers beyond the web's own interfaces, as far as rooms that
 * could run in a browser have a use for it. It is put in from outside, by the
 * modules that touch the outside world; those that ask do without, or say what
 * is missing.
 *
 * @module
 */

/** What may end long work. */
export interface SignalOptions {
  /** Ends the work; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Takes files that are whole and durable, to move them together later. */
export interface Staging {
  /**
   * Takes one.
   *
   * @param path Where it shall stand.
   * @param temporary Where it is, in the same folder.
   */
  take(path: string, temporary: string): void;
}

/** How a file is written. */
export interface WriteOptions extends SignalOptions {
  /** Who moves the file to its name; it is done at once unless given. */
  readonly staging?: Staging;
}

/** A file under construction, of which nothing is seen before it is whole. */
export interface PendingFile extends AsyncDisposable {
  /** Appends bytes. */
  write(bytes: Uint8Array): Promise<void>;
  /** Puts it in its place. */
  commit(): Promise<void>;
}

/** Vocabularies in files. */
export interface VocabFiles {
  /** Reads one; see `readVocabText()`. */
  read<V>(path: string, parse: (text: string) => V): Promise<V>;
  /** Writes one, whole or not at all. */
  write(path: string, vocab: { toString(): string }): Promise<void>;
}

/** What may be put in. */
export interface Platform {
  /** The CRC-32 of bytes, going on from that of those before. */
  readonly crc32?: (bytes: Uint8Array, before: number) => number;
  /** Begins a file; see `AtomicFile`. None where a program has no files. */
  readonly createFile?: (
    path: string,
    options: WriteOptions,
  ) => Promise<PendingFile>;
  /** Vocabularies in files; likewise. */
  readonly vocabFiles?: VocabFiles;
}

/** What there is. */
export const platform: Platform = {};

/**
 * Puts something in.
 *
 * @param parts What it does not name stays as it is.
 */
export function providePlatform(parts: Platform): void {
  Object.assign(platform, parts);
}
