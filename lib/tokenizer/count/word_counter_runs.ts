/**
 * Counted words on the disk, where a corpus has more distinct ones than shall
 * be held while counting: sorted runs in one scratch file, and their merge.
 *
 * Memory: one buffer a run while merging, and then the distinct words
 * themselves, which the trainer needs together. The file is read and written
 * synchronously: a promise for each of millions of words would cost more than
 * the disk does.
 *
 * @module
 */

import { reasonOf } from "../../files.ts";
import {
  compareBytes,
  MAX_WORD_BYTES,
  MAX_WORDS,
  type PackedWords,
  type WordTable,
} from "./word_table.ts";

/** A word's record: its length in 2 bytes, its count in 8, its bytes. */
const HEADER = 10;
/** How much of a run is read at once, in bytes; a record always fits. */
const READ_SIZE = 2 ** 17;
/** How much is written at once, in bytes. */
const WRITE_SIZE = 2 ** 20;

/**
 * Runs of counted words. The scratch file is made with the first run and
 * removed on disposal.
 *
 * @example
 * ```ts
 * import { WordRuns } from "./word_counter_runs.ts";
 * import { WordTable } from "./word_table.ts";
 * import { assertEquals } from "@std/assert";
 *
 * using runs = new WordRuns(await Deno.makeTempDir() + "/words.runs");
 * for (const word of ["sim", "mar", "sim"]) {
 *   const table = new WordTable();
 *   table.add(new TextEncoder().encode(word), 2);
 *   runs.add(table);
 * }
 * const { bytes, counts } = runs.merge();
 * assertEquals(new TextDecoder().decode(bytes), "marsim");
 * assertEquals([...counts], [2, 4]);
 * ```
 */
export class WordRuns implements Disposable {
  readonly #path: string;
  readonly #starts: number[] = [];
  #file?: Deno.FsFile;
  #length = 0;

  /**
   * Prepares runs; nothing is written yet.
   *
   * @param path The scratch file, replaced where it exists.
   */
  constructor(path: string) {
    this.#path = path;
  }

  /** How many runs there are. */
  get size(): number {
    return this.#starts.length;
  }

  /**
   * Writes a table's words as a run.
   *
   * @param table Words of at most 65,535 bytes.
   * @throws {Error} When the file cannot be written.
   */
  add(table: WordTable): void {
    if (table.size === 0) return;
    this.#starts.push(this.#length);
    const { bytes, ends, counts } = table;
    let buffer = new Uint8Array(WRITE_SIZE);
    let view = new DataView(buffer.buffer);
    let filled = 0;
    for (const word of table.order()) {
      const start = word === 0 ? 0 : ends[word - 1];
      const record = HEADER + ends[word] - start;
      if (filled + record > buffer.length) {
        this.#write(buffer.subarray(0, filled));
        buffer = new Uint8Array(WRITE_SIZE);
        view = new DataView(buffer.buffer);
        filled = 0;
      }
      view.setUint16(filled, record - HEADER);
      view.setFloat64(filled + 2, counts[word]);
      buffer.set(bytes.subarray(start, ends[word]), filled + HEADER);
      filled += record;
    }
    this.#write(buffer.subarray(0, filled));
  }

  /**
   * Joins the runs, a word of several of them with the sum of its counts.
   *
   * @returns The distinct words, sorted by their bytes.
   * @throws {RangeError} When they are too many for a trainer.
   * @throws {Error} When the file cannot be read.
   */
  merge(): PackedWords {
    // Twice through the files: an array that grows would need twice the room.
    let words = 0, length = 0;
    this.#forEach((_bytes, start, end) => {
      words++;
      length += end - start;
    });
    if (words > MAX_WORDS || length > MAX_WORD_BYTES) {
      throw new RangeError(
        `Cannot count words: there are ${words} distinct ones of ${length} bytes; use a part of the corpus`,
      );
    }
    const packed = {
      bytes: new Uint8Array(length),
      ends: new Uint32Array(words),
      counts: new Float64Array(words),
    };
    let word = 0, at = 0;
    this.#forEach((bytes, start, end, count) => {
      for (let i = start; i < end; i++) packed.bytes[at++] = bytes[i];
      packed.ends[word] = at;
      packed.counts[word++] = count;
    });
    return packed;
  }

  /** Closes and removes the scratch file. */
  [Symbol.dispose](): void {
    if (this.#file === undefined) return;
    this.#file.close();
    this.#file = undefined;
    Deno.removeSync(this.#path);
  }

  #forEach(
    visit: (
      bytes: Uint8Array,
      start: number,
      end: number,
      count: number,
    ) => void,
  ): void {
    const heap = new RunHeap(this.#starts.map((start, i) =>
      new Run(
        (buffer, at) => this.#read(buffer, at),
        start,
        this.#starts[i + 1] ?? this.#length,
      )
    ));
    const word = new Uint8Array(READ_SIZE);
    while (heap.first !== undefined) {
      const { bytes, start, end } = heap.first;
      word.set(bytes.subarray(start, end));
      const length = end - start;
      let count = 0;
      let run: Run | undefined = heap.first;
      while (
        run !== undefined &&
        compareBytes(word, 0, length, run.bytes, run.start, run.end) === 0
      ) {
        count += run.count;
        heap.advance();
        run = heap.first;
      }
      visit(word, 0, length, count);
    }
  }

  #write(bytes: Uint8Array): void {
    try {
      this.#file ??= Deno.openSync(this.#path, {
        create: true,
        read: true,
        truncate: true,
        write: true,
      });
      this.#file.seekSync(this.#length, Deno.SeekMode.Start);
      for (let at = 0; at < bytes.length;) {
        at += this.#file.writeSync(bytes.subarray(at));
      }
      this.#length += bytes.length;
    } catch (error) {
      throw new Error(`Cannot write "${this.#path}": ${reasonOf(error)}`, {
        cause: error,
      });
    }
  }

  /** Fills the buffer with what stands at `at`. */
  #read(buffer: Uint8Array, at: number): void {
    try {
      this.#file!.seekSync(at, Deno.SeekMode.Start);
      for (let filled = 0; filled < buffer.length;) {
        const read = this.#file!.readSync(buffer.subarray(filled));
        if (read === null) throw new Error("it was cut short");
        filled += read;
      }
    } catch (error) {
      throw new Error(`Cannot read "${this.#path}": ${reasonOf(error)}`, {
        cause: error,
      });
    }
  }
}

/** A run that is being read: always at one word. */
class Run {
  /** The word is `bytes[start]` … `bytes[end - 1]`. */
  readonly bytes = new Uint8Array(READ_SIZE);
  start = 0;
  end = 0;
  count = 0;
  readonly #view = new DataView(this.bytes.buffer);
  readonly #read: (buffer: Uint8Array, at: number) => void;
  #filled = 0;
  #at: number;
  readonly #end: number;

  constructor(
    read: (buffer: Uint8Array, at: number) => void,
    start: number,
    end: number,
  ) {
    this.#read = read;
    this.#at = start;
    this.#end = end;
    this.next();
  }

  /** Goes on to the next word; false at the end. */
  next(): boolean {
    if (!this.#has(HEADER)) return false;
    const length = this.#view.getUint16(this.end);
    this.#has(HEADER + length);
    this.count = this.#view.getFloat64(this.end + 2);
    this.start = this.end + HEADER;
    this.end = this.start + length;
    return true;
  }

  /** Makes room for and reads so many bytes after the word, if there are. */
  #has(bytes: number): boolean {
    if (this.#filled - this.end >= bytes) return true;
    this.bytes.copyWithin(0, this.end, this.#filled);
    this.#filled -= this.end;
    this.end = 0;
    const more = Math.min(
      this.bytes.length - this.#filled,
      this.#end - this.#at,
    );
    this.#read(
      this.bytes.subarray(this.#filled, this.#filled + more),
      this.#at,
    );
    this.#at += more;
    this.#filled += more;
    return this.#filled >= bytes;
  }
}

/** A binary heap of runs, that of the first word at the top. */
class RunHeap {
  readonly #runs: Run[];

  constructor(runs: Run[]) {
    this.#runs = runs;
    for (let place = runs.length >> 1; place >= 0; place--) this.#sink(place);
  }

  /** The run of the first word. */
  get first(): Run | undefined {
    return this.#runs[0];
  }

  /** Moves the first run on by a word. */
  advance(): void {
    if (!this.#runs[0].next()) {
      const last = this.#runs.pop()!;
      if (this.#runs.length === 0) return;
      this.#runs[0] = last;
    }
    this.#sink(0);
  }

  #sink(place: number): void {
    const runs = this.#runs;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= runs.length) return;
      if (child + 1 < runs.length && before(runs[child + 1], runs[child])) {
        child++;
      }
      if (!before(runs[child], runs[place])) return;
      [runs[child], runs[place]] = [runs[place], runs[child]];
      place = child;
    }
  }
}

function before(a: Run, b: Run): boolean {
  return compareBytes(a.bytes, a.start, a.end, b.bytes, b.start, b.end) < 0;
}
