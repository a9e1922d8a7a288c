/**
 * A corpus of documents in numbered files, and a manifest beside them: the sink
 * at the end of every pipeline that makes documents one after another.
 *
 * Where the source can tell the place of its documents, the corpus survives its
 * making being cut short: after every file the journal says from which place to
 * go on, so that a crash costs the file that was being written, and the
 * finished corpus is the same bytes as if nothing had happened.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { AtomicFile } from "../../files.ts";
import { CorpusFolder, type CorpusFolderOptions } from "./corpus_folder.ts";
import {
  CORPUS_FORMATS,
  type CorpusFormat,
  type DocumentBatch,
  DocumentBatcher,
  type DocumentFields,
  type PageCounts,
} from "./document_batch.ts";

/** How much is gathered before it is written, in bytes. */
const BUFFER_BYTES = 4 << 20;

/** How to write. */
export interface CorpusOutputOptions
  extends Omit<CorpusFolderOptions, "writes"> {
  /** What the files' names begin with. */
  readonly prefix: string;
  /** What documents look like; text unless given. */
  readonly format?: CorpusFormat;
  /** Documents in a file; 10,000 unless given. */
  readonly documentsPerFile?: number;
}

/** What has been written. */
export interface CorpusTotals {
  /** Documents in all. */
  documents: number;
  /** UTF-16 units of text, without what separates documents. */
  characters: number;
  /** Bytes of all files. */
  bytes: number;
  /** The files, in order. */
  readonly files: {
    name: string;
    documents: number;
    bytes: number;
    /** SHA-256 of its bytes; known once it is complete. */
    sha256?: string;
  }[];
}

/** The state of the work at a place of the source. */
interface Checkpoint<Place> {
  /** Undefined at the source's start. */
  readonly place?: Place;
  /** What was counted before it. */
  readonly counts: PageCounts;
  readonly residue: PageCounts;
  /** How many documents came before it. */
  readonly documents: number;
}

/** What the journal holds. */
interface State<Place, Read> {
  readonly checkpoint: Checkpoint<Place>;
  readonly totals: CorpusTotals;
  /** How much of the source was read. */
  readonly read?: Read;
  /** Once all files are complete: what describes them. */
  readonly manifest?: Record<string, unknown>;
}

/**
 * A corpus being made: `wiki_000.txt` and so on, UTF-8, a paragraph a line, one
 * blank line between documents; or `wiki_000.jsonl`, an object a line.
 *
 * `Place` is where in the source documents come from, `Read` what the source
 * says of how much of it was read; both are plain data.
 *
 * @example
 * ```ts
 * import { CorpusOutput } from "./corpus_output.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * {
 *   await using output = await CorpusOutput.open(folder, {
 *     command: "a",
 *     prefix: "a",
 *   });
 *   await output.add("Um.\nDois.");
 *   await output.add("Três.");
 *   await output.finish(() => ({}));
 * }
 * assertEquals(
 *   await Deno.readTextFile(`${folder}/a_000.txt`),
 *   "Um.\nDois.\n\nTrês.\n",
 * );
 * ```
 */
export class CorpusOutput<Place = never, Read = never>
  implements AsyncDisposable {
  /** What has been written, by this run and those before. */
  readonly totals: CorpusTotals;
  /** What became of the pages, in this run and those before. */
  readonly counts: PageCounts = {};
  /** What had to be stripped, in this run and those before. */
  readonly residue: PageCounts = {};
  /** What an earlier run that was cut short had read of the source. */
  readonly read?: Read;
  readonly #folder: CorpusFolder<State<Place, Read>>;
  readonly #prefix: string;
  readonly #format: CorpusFormat;
  readonly #documentsPerFile: number;
  readonly #resumable: boolean;
  readonly #batcher: DocumentBatcher;
  #checkpoint: Checkpoint<Place>;
  /** Documents that an earlier run wrote and that will come again. */
  #again: number;
  #manifest?: Record<string, unknown>;
  #file?: AtomicFile;
  #hash = createHash("sha256");
  #buffer: Uint8Array[] = [];
  #buffered = 0;

  private constructor(
    folder: CorpusFolder<State<Place, Read>>,
    options: CorpusOutputOptions,
  ) {
    this.#folder = folder;
    this.#prefix = options.prefix;
    this.#format = options.format ?? "txt";
    this.#documentsPerFile = options.documentsPerFile ?? 10_000;
    this.#resumable = options.identity !== undefined;
    this.#batcher = new DocumentBatcher(this.#format);
    const { checkpoint, totals, read, manifest } = folder.state ?? {
      checkpoint: { counts: {}, residue: {}, documents: 0 },
      totals: { documents: 0, characters: 0, bytes: 0, files: [] },
    };
    this.#checkpoint = checkpoint;
    this.totals = totals;
    this.read = read;
    this.#manifest = manifest;
    this.#again = totals.documents - checkpoint.documents;
    add(this.counts, checkpoint.counts);
    add(this.residue, checkpoint.residue);
  }

  /**
   * Makes the folder where needed, and finds what an earlier run has left.
   *
   * @throws {RangeError} For a format or a number of documents that is none.
   * @throws {Error} As {@linkcode CorpusFolder.open} does.
   */
  static async open<Place = never, Read = never>(
    folder: string,
    options: CorpusOutputOptions,
  ): Promise<CorpusOutput<Place, Read>> {
    const { documentsPerFile: most = 1, format = "txt" } = options;
    // Any other would begin files without end.
    if (!Number.isSafeInteger(most) || most < 1) {
      throw new RangeError(`Cannot write a corpus of ${most} documents a file`);
    }
    if (!CORPUS_FORMATS.includes(format)) {
      throw new RangeError(`Cannot write a corpus as ${format}`);
    }
    return new CorpusOutput(
      await CorpusFolder.open<State<Place, Read>>(folder, {
        ...options,
        writes: new RegExp(`^${options.prefix}_\\d{3,}\\.(?:txt|jsonl)$`),
      }),
      options,
    );
  }

  /** From where the source has to be read; undefined for its start. */
  get place(): Place | undefined {
    return this.#checkpoint.place;
  }

  /** Whether an earlier run had everything but the last move done. */
  get complete(): boolean {
    return this.#manifest !== undefined;
  }

  /**
   * Appends a document.
   *
   * @param text Lines without a blank one among them or at the end.
   * @param fields What a JSON object says before the text.
   */
  async add(text: string, fields?: DocumentFields): Promise<void> {
    this.#batcher.add(text, fields);
    await this.addBatch(this.#batcher.finish());
  }

  /**
   * Appends documents.
   *
   * @param place From where they could be made again, if a place is known.
   * @param read Tells how much of the source has been read.
   */
  async addBatch(
    batch: DocumentBatch,
    place?: Place,
    read?: () => Read,
  ): Promise<void> {
    if (place !== undefined) {
      this.#checkpoint = this.#checkpointAt(
        this.totals.documents - this.#again,
        place,
      );
    }
    add(this.counts, batch.counts);
    add(this.residue, batch.residue);
    let next = Math.min(this.#again, batch.ends.length);
    this.#again -= next;
    while (next < batch.ends.length) {
      next = await this.#append(batch, next);
      const { documents, files } = this.totals;
      if (documents % this.#documentsPerFile !== 0) continue;
      await this.#endFile();
      if (files.length > 0) await this.#save(read?.());
    }
  }

  /**
   * Puts the corpus in its place.
   *
   * @param describe What describes it; the totals are added.
   * @param read What the whole source is.
   */
  async finish(
    describe: () => Record<string, unknown>,
    read?: Read,
  ): Promise<void> {
    if (this.#manifest === undefined) {
      await this.#endFile();
      const { files, ...totals } = this.totals;
      this.#manifest = {
        ...describe(),
        documentsBy: this.#format === "jsonl" ? "jsonl" : "blank-lines",
        ...totals,
        files,
      };
      // What is left to do needs no place, only the counts.
      this.#checkpoint = this.#checkpointAt(totals.documents);
      await this.#save(read);
    }
    await this.#folder.publish(
      this.#manifest,
      this.totals.files.map(({ name }) => name),
    );
  }

  /** Throws away what was begun, as nothing can come of it. */
  discard(): void {
    this.#folder.discard();
  }

  /** Removes what cannot be continued. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }

  #checkpointAt(documents: number, place?: Place): Checkpoint<Place> {
    const counts = { ...this.counts }, residue = { ...this.residue };
    return { place, counts, residue, documents };
  }

  /** Writes documents from the given one to the file's last; says the next. */
  async #append(batch: DocumentBatch, first: number): Promise<number> {
    const { totals } = this;
    if (this.#file === undefined) {
      const number = String(totals.files.length).padStart(3, "0");
      const name = `${this.#prefix}_${number}.${this.#format}`;
      this.#file = await this.#folder.create(name);
      totals.files.push({ name, documents: 0, bytes: 0 });
    }
    const file = totals.files[totals.files.length - 1];
    const count = Math.min(
      batch.ends.length - first,
      this.#documentsPerFile - file.documents,
    );
    const next = first + count;
    for (let i = first; i < next; i++) totals.characters += batch.lengths[i];
    totals.documents += count;
    file.documents += count;
    const start = first === 0 ? 0 : batch.ends[first - 1];
    // What came last is kept: at a file's end it may have to be shortened.
    if (this.#buffered > BUFFER_BYTES) await this.#flush();
    this.#buffer.push(batch.bytes.subarray(start, batch.ends[next - 1]));
    this.#buffered += batch.ends[next - 1] - start;
    return next;
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#buffer);
    await this.#file!.write(bytes);
    this.#hash.update(bytes);
    this.totals.files.at(-1)!.bytes += bytes.length;
    this.totals.bytes += bytes.length;
    this.#buffer = [];
    this.#buffered = 0;
  }

  async #endFile(): Promise<void> {
    if (this.#file === undefined) return;
    // The blank line after a text stands only between two of them.
    if (this.#format === "txt") {
      this.#buffer.push(this.#buffer.pop()!.subarray(0, -1));
    }
    await this.#flush();
    await this.#file.commit();
    this.totals.files.at(-1)!.sha256 = this.#hash.digest("hex");
    this.#hash = createHash("sha256");
    await this.#file[Symbol.asyncDispose]();
    this.#file = undefined;
  }

  async #save(read?: Read): Promise<void> {
    if (!this.#resumable) return;
    await this.#folder.save({
      checkpoint: this.#checkpoint,
      totals: this.totals,
      read,
      manifest: this.#manifest,
    });
  }
}

/** Adds counts to others. */
function add(to: PageCounts, from: Readonly<PageCounts> = {}): void {
  for (const [name, count] of Object.entries(from)) {
    to[name] = (to[name] ?? 0) + count;
  }
}
