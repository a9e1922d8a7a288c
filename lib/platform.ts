/**
 * What a runtime offers beyond the web's own interfaces, as far as rooms that
 * could run in a browser have a use for it. It is put in from outside, by the
 * modules that touch the outside world; those that ask do without, or say what
 * is missing.
 *
 * @module
 */

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
  /** Vocabularies in files; none where a program has no files. */
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
