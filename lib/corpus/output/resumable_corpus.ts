/**
 * A corpus that survives its making being cut short. Files are made in a folder
 * of their own, `.unfinished`, each whole or not there; a journal beside them
 * says after every file from where to go on. When the last one is complete
 * they are moved to their place, the manifest last. An earlier corpus stays as
 * it was until then. So a crash costs the file that was being written, and the
 * finished corpus is the same bytes as if nothing had happened.
 *
 * @module
 */

import type {
  ArticleBatch,
  CorpusFormat,
  PageCounts,
} from "../wiki/article_batch.ts";
import { type CorpusTotals, MANIFEST } from "./corpus_writer.ts";
import type { ReadMark } from "../dump/dump_file.ts";
import type { DumpPlace, Portion } from "../wiki/wiki_dump.ts";
import { AtomicFile, reasonOf, writeFileAtomic } from "../../files.ts";

const STAGING = ".unfinished";
const JOURNAL = "journal.json";
/** A later form of the journal is not understood. */
const VERSION = 1;
/** How much is gathered before it is written, in bytes. */
const BUFFER_BYTES = 4 << 20;

/** What has to be the same for work to go on. */
export type Identity = Readonly<Record<string, unknown>>;

/** How to write. */
export interface ResumableCorpusOptions {
  /** Documents in a file. */
  readonly documentsPerFile: number;
  /** What documents look like. */
  readonly format: CorpusFormat;
  /** The dump and the options: work on others is not continued. */
  readonly identity: Identity;
  /** Whether to throw away what was begun. */
  readonly restart?: boolean;
}

/** The state of the work at a place of the dump. */
interface Checkpoint {
  /** Undefined at the dump's start. */
  readonly place?: DumpPlace;
  /** What became of the pages before it. */
  readonly counts: PageCounts;
  /** What had to be stripped before it. */
  readonly residue: PageCounts;
  /** How many documents came before it. */
  readonly documents: number;
}

/** What the journal holds. */
interface Journal {
  readonly version: number;
  readonly identity: Identity;
  readonly checkpoint: Checkpoint;
  readonly totals: CorpusTotals;
  /** How much of the dump was read. */
  readonly read: ReadMark;
  /** Once all files are complete: what describes them. */
  readonly manifest?: Record<string, unknown>;
}

/** A corpus being made. */
export class ResumableCorpus implements AsyncDisposable {
  /** What has been written, by this run and those before. */
  totals: CorpusTotals = { documents: 0, characters: 0, bytes: 0, files: [] };
  /** What became of the pages, and what had to be stripped. */
  readonly counts: PageCounts = {};
  readonly residue: PageCounts = {};
  /** What the dump's beginning held, where an earlier run was cut short. */
  readonly read?: ReadMark;
  readonly #folder: string;
  readonly #options: ResumableCorpusOptions;
  #checkpoint: Checkpoint = { counts: {}, residue: {}, documents: 0 };
  /** Documents that an earlier run wrote and that will come again. */
  #again = 0;
  #manifest?: Record<string, unknown>;
  #file?: AtomicFile;
  #buffer: Uint8Array[] = [];
  #buffered = 0;
  #made: boolean;
  #keep = false;
  #finished = false;

  private constructor(
    folder: string,
    options: ResumableCorpusOptions,
    made: boolean,
    journal?: Journal,
  ) {
    this.#folder = folder;
    this.#options = options;
    this.#made = made;
    if (journal === undefined) return;
    const { checkpoint, totals, read, manifest } = journal;
    this.#checkpoint = checkpoint;
    this.totals = totals;
    this.read = read;
    this.#manifest = manifest;
    this.#keep = true;
    this.#again = totals.documents - checkpoint.documents;
    add(this.counts, checkpoint.counts);
    add(this.residue, checkpoint.residue);
  }

  /**
   * Makes the folder where needed, and finds what an earlier run has left.
   *
   * @param folder Where the corpus shall stand.
   * @param options How to write.
   * @throws {Error} When something was begun with other options or another
   * dump, and it shall not be thrown away.
   */
  static async open(
    folder: string,
    options: ResumableCorpusOptions,
  ): Promise<ResumableCorpus> {
    const staging = `${folder}/${STAGING}`;
    try {
      const made = await Deno.stat(folder).then(() => false, () => true);
      const journal = options.restart
        ? undefined
        : await readJournal(`${staging}/${JOURNAL}`);
      if (journal === undefined) {
        await removeAll(staging);
        await Deno.mkdir(staging, { recursive: true });
      } else if (!equal(journal.identity, options.identity)) {
        throw new Error(
          "work was begun there with other options or another dump: give " +
            "those again, or --restart to throw it away",
        );
      }
      return new ResumableCorpus(folder, options, made, journal);
    } catch (error) {
      throw new Error(`Cannot write into "${folder}": ${reasonOf(error)}`, {
        cause: error,
      });
    }
  }

  /** From where the dump has to be read; undefined for its start. */
  get place(): DumpPlace | undefined {
    return this.#checkpoint.place;
  }

  /** Whether an earlier run was cut short. */
  get resumed(): boolean {
    return this.read !== undefined;
  }

  /** Whether an earlier run had everything but the last move done. */
  get complete(): boolean {
    return this.#manifest !== undefined;
  }

  /**
   * Appends documents.
   *
   * @param portion They, and from where they were made.
   * @param mark Tells how much of the dump has been read.
   */
  async add(portion: Portion, mark: () => ReadMark): Promise<void> {
    const { batch, place } = portion;
    if (place !== undefined) {
      this.#checkpoint = {
        place,
        counts: { ...this.counts },
        residue: { ...this.residue },
        documents: this.totals.documents - this.#again,
      };
    }
    add(this.counts, batch.counts);
    add(this.residue, batch.residue);
    let next = Math.min(this.#again, batch.ends.length);
    this.#again -= next;
    while (next < batch.ends.length) {
      next = await this.#append(batch, next);
      const { documents, files } = this.totals;
      if (documents % this.#options.documentsPerFile !== 0) continue;
      await this.#endFile();
      if (files.length > 0) await this.#writeJournal(mark());
    }
  }

  /**
   * Puts the corpus in its place.
   *
   * @param describe What describes it; the totals are added.
   * @param read The whole dump.
   */
  async finish(
    describe: () => Record<string, unknown>,
    read: ReadMark,
  ): Promise<void> {
    if (this.#manifest === undefined) {
      await this.#endFile();
      const { files, ...totals } = this.totals;
      this.#manifest = { ...describe(), ...totals, files };
      // What is left to do needs no place, only the counts.
      this.#checkpoint = {
        counts: { ...this.counts },
        residue: { ...this.residue },
        documents: totals.documents,
      };
      await this.#writeJournal(read);
    }
    await this.#place(this.#manifest);
    this.#finished = true;
  }

  /** Throws away what was begun, as nothing can come of it. */
  discard(): void {
    this.#keep = false;
  }

  /** Removes what cannot be continued. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.[Symbol.asyncDispose]();
    if (this.#finished || !this.#keep) {
      await removeAll(`${this.#folder}/${STAGING}`).catch(() => {});
    }
    if (this.#made && !this.#finished) {
      // Not when it holds something.
      await Deno.remove(this.#folder).catch(() => {});
    }
  }

  /** Writes documents from the given one to the file's last; says the next. */
  async #append(batch: ArticleBatch, first: number): Promise<number> {
    const { totals } = this;
    const { documentsPerFile, format } = this.#options;
    if (this.#file === undefined) {
      const number = String(totals.files.length).padStart(3, "0");
      const name = `wiki_${number}.${format}`;
      this.#file = await AtomicFile.create(
        `${this.#folder}/${STAGING}/${name}`,
      );
      totals.files.push({ name, documents: 0, bytes: 0 });
    }
    const file = totals.files[totals.files.length - 1];
    const count = Math.min(
      batch.ends.length - first,
      documentsPerFile - file.documents,
    );
    const next = first + count;
    for (let i = first; i < next; i++) totals.characters += batch.lengths[i];
    totals.documents += count;
    file.documents += count;
    const start = first === 0 ? 0 : batch.ends[first - 1];
    // The last piece is kept: at a file's end it may have to be shortened.
    if (this.#buffered > BUFFER_BYTES) await this.#flush();
    this.#buffer.push(batch.bytes.subarray(start, batch.ends[next - 1]));
    this.#buffered += batch.ends[next - 1] - start;
    return next;
  }

  async #flush(): Promise<void> {
    const file = this.totals.files[this.totals.files.length - 1];
    for (const bytes of this.#buffer) {
      await this.#file!.write(bytes);
      file.bytes += bytes.length;
      this.totals.bytes += bytes.length;
    }
    this.#buffer = [];
    this.#buffered = 0;
  }

  async #endFile(): Promise<void> {
    if (this.#file === undefined) return;
    // The blank line after a text stands only between two of them.
    if (this.#options.format === "txt") {
      this.#buffer.push(this.#buffer.pop()!.subarray(0, -1));
    }
    await this.#flush();
    await this.#file.commit();
    await this.#file[Symbol.asyncDispose]();
    this.#file = undefined;
  }

  async #writeJournal(read: ReadMark): Promise<void> {
    const journal: Journal = {
      version: VERSION,
      identity: this.#options.identity,
      checkpoint: this.#checkpoint,
      totals: this.totals,
      read,
      ...(this.#manifest === undefined ? {} : { manifest: this.#manifest }),
    };
    await writeFileAtomic(
      `${this.#folder}/${STAGING}/${JOURNAL}`,
      JSON.stringify(journal) + "\n",
    );
    this.#keep = true;
  }

  /** Moves the files; what was moved already by a run cut short stays. */
  async #place(manifest: Record<string, unknown>): Promise<void> {
    const folder = this.#folder;
    const current = new Set(this.totals.files.map(({ name }) => name));
    try {
      await Deno.remove(`${folder}/${MANIFEST}`).catch(unlessMissing);
      for (const name of current) {
        await Deno.rename(`${folder}/${STAGING}/${name}`, `${folder}/${name}`)
          .catch(unlessMissing);
      }
      for await (const { name } of Deno.readDir(folder)) {
        if (/^wiki_\d{3,}\.(?:txt|jsonl)$/.test(name) && !current.has(name)) {
          await Deno.remove(`${folder}/${name}`);
        }
      }
    } catch (error) {
      throw new Error(`Cannot write into "${folder}": ${reasonOf(error)}`, {
        cause: error,
      });
    }
    await writeFileAtomic(
      `${folder}/${MANIFEST}`,
      JSON.stringify(manifest, null, 2) + "\n",
    );
  }
}

/** The journal of a run that was cut short, where there is one. */
async function readJournal(path: string): Promise<Journal | undefined> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (
      error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory
    ) return undefined;
    throw error;
  }
  try {
    const journal: Journal = JSON.parse(text);
    if (journal.version === VERSION) return journal;
  } catch {
    // as below
  }
  throw new Error(
    "the journal of work that was begun there cannot be read: --restart " +
      "throws that work away",
  );
}

/** Adds counts to others. */
function add(to: PageCounts, from: PageCounts): void {
  for (const [name, count] of Object.entries(from)) {
    to[name] = (to[name] ?? 0) + count;
  }
}

/** Whether two plain values are the same. */
function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

async function removeAll(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch(unlessMissing);
}

function unlessMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
