/**
 * A corpus of documents in numbered text files with a manifest beside them,
 * which appears as a whole or not at all.
 *
 * The files are made in a folder of their own and moved when the last one is
 * complete, the manifest last: a folder with a manifest is a whole corpus. An
 * earlier corpus stays as it was until then, and nothing of it is left after.
 *
 * @module
 */

import type { CorpusFormat } from "../wiki/article_batch.ts";
import { AtomicFile, reasonOf, writeFileAtomic } from "../../files.ts";

/** How much text is gathered before it is written, in UTF-16 units. */
const BUFFER_CHARS = 1 << 20;

/** The name of the description beside the files. */
export const MANIFEST = "manifest.json";

/** How to write. */
export interface CorpusWriterOptions {
  /** Documents in a file. */
  readonly documentsPerFile?: number;
  /** What documents look like: text, or a JSON object a line. */
  readonly format?: CorpusFormat;
  /** What the files' names begin with, "wiki" unless given. */
  readonly prefix?: string;
}

/** What a JSON object says besides the text. */
export type DocumentFields = Readonly<Record<string, string | undefined>>;

/** What has been written. */
export interface CorpusTotals {
  /** Documents in all. */
  documents: number;
  /** UTF-16 units of text, without what separates documents. */
  characters: number;
  /** Bytes of all files. */
  bytes: number;
  /** The files, in order. */
  readonly files: { name: string; documents: number; bytes: number }[];
}

/**
 * Writes `wiki_000.txt` and so on: UTF-8, a paragraph a line, one blank line
 * between documents; or `wiki_000.jsonl`, each line an object whose `text` has
 * a paragraph a line.
 *
 * @example
 * ```ts
 * import { CorpusWriter } from "./corpus_writer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * {
 *   await using writer = await CorpusWriter.create(folder);
 *   await writer.add("Um.\nDois.");
 *   await writer.add("Três.");
 *   await writer.finish({});
 * }
 * assertEquals(
 *   await Deno.readTextFile(`${folder}/wiki_000.txt`),
 *   "Um.\nDois.\n\nTrês.\n",
 * );
 * ```
 */
export class CorpusWriter implements AsyncDisposable {
  /** What has been written so far. */
  readonly totals: CorpusTotals = {
    documents: 0,
    characters: 0,
    bytes: 0,
    files: [],
  };
  readonly #folder: string;
  readonly #staging: string;
  readonly #documentsPerFile: number;
  readonly #format: CorpusFormat;
  readonly #prefix: string;
  readonly #encoder = new TextEncoder();
  /** Whether the folder was not there before. */
  #made = false;
  #finished = false;
  #file?: AtomicFile;
  #buffer: string[] = [];
  #buffered = 0;

  private constructor(folder: string, options: CorpusWriterOptions) {
    this.#folder = folder;
    this.#staging = `${folder}/.unfinished`;
    this.#documentsPerFile = options.documentsPerFile ?? 10_000;
    this.#format = options.format ?? "txt";
    this.#prefix = options.prefix ?? "wiki";
  }

  /**
   * Makes the folder where needed, and removes what a run that was killed may
   * have left in it.
   *
   * @param folder Where the corpus shall stand.
   * @param options How to write.
   */
  static async create(
    folder: string,
    options: CorpusWriterOptions = {},
  ): Promise<CorpusWriter> {
    const writer = new CorpusWriter(folder, options);
    await writer.#attempt(async () => {
      writer.#made = await Deno.stat(folder).then(() => false, () => true);
      await Deno.mkdir(folder, { recursive: true });
      await writer.#removeStaging();
      await Deno.mkdir(writer.#staging);
    });
    return writer;
  }

  /**
   * Appends a document.
   *
   * @param text Lines without a blank one among them or at the end.
   * @param fields What a JSON object says before the text.
   */
  async add(text: string, fields: DocumentFields = {}): Promise<void> {
    const { totals } = this;
    const inFile = totals.documents % this.#documentsPerFile;
    if (inFile === 0) {
      await this.#endFile();
      const number = String(totals.files.length).padStart(3, "0");
      const name = `${this.#prefix}_${number}.${this.#format}`;
      totals.files.push({ name, documents: 0, bytes: 0 });
      this.#file = await AtomicFile.create(`${this.#staging}/${name}`);
    }
    this.#buffer.push(
      this.#format === "jsonl"
        ? JSON.stringify({ ...fields, text })
        : inFile === 0
        ? text
        : `\n${text}`,
    );
    this.#buffered += text.length;
    totals.documents++;
    totals.characters += text.length;
    totals.files.at(-1)!.documents++;
    if (this.#buffered > BUFFER_CHARS) await this.#flush();
  }

  /**
   * Puts the corpus in its place.
   *
   * @param manifest What describes it; the files are added.
   */
  async finish(manifest: Record<string, unknown>): Promise<void> {
    await this.#endFile();
    const { files, ...totals } = this.totals;
    await this.#attempt(async () => {
      await removeIfThere(`${this.#folder}/${MANIFEST}`);
      for (const { name } of files) {
        await Deno.rename(
          `${this.#staging}/${name}`,
          `${this.#folder}/${name}`,
        );
      }
      const current = new Set(files.map(({ name }) => name));
      for await (const { name } of Deno.readDir(this.#folder)) {
        const isOurs = name.startsWith(`${this.#prefix}_`) &&
          /_\d{3,}\.(?:txt|jsonl)$/.test(name);
        if (isOurs && !current.has(name)) {
          await Deno.remove(`${this.#folder}/${name}`);
        }
      }
    });
    await writeFileAtomic(
      `${this.#folder}/${MANIFEST}`,
      JSON.stringify({ ...manifest, ...totals, files }, null, 2) + "\n",
    );
    this.#finished = true;
  }

  /** Removes what was not finished. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.[Symbol.asyncDispose]();
    await this.#removeStaging();
    if (this.#made && !this.#finished) {
      // Not when somebody else has put something there.
      await Deno.remove(this.#folder).catch(() => {});
    }
  }

  async #endFile(): Promise<void> {
    if (this.#file === undefined) return;
    await this.#flush();
    await this.#file.commit();
    await this.#file[Symbol.asyncDispose]();
    this.#file = undefined;
  }

  async #flush(): Promise<void> {
    const text = this.#buffer.map((document) => `${document}\n`).join("");
    const bytes = this.#encoder.encode(text);
    this.#buffer = [];
    this.#buffered = 0;
    await this.#file!.write(bytes);
    this.totals.bytes += bytes.length;
    this.totals.files.at(-1)!.bytes += bytes.length;
  }

  async #removeStaging(): Promise<void> {
    await Deno.remove(this.#staging, { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw new Error(
        `Cannot write into "${this.#folder}": ${reasonOf(error)}`,
        { cause: error },
      );
    }
  }
}

async function removeIfThere(path: string): Promise<void> {
  await Deno.remove(path).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}
