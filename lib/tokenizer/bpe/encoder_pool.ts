/**
 * Encodes many texts, or long ones, on several threads.
 *
 * This module is its own worker, as `word_counter.ts` is. A worker is given as
 * much text at a time as keeps it busy for some hundredths of a second; texts
 * longer than that are cut where no word can lie.
 *
 * @module
 */

import { BPETokenizer, type EncodeOptions } from "./bpe_tokenizer.ts";
import { BPEVocab } from "./bpe_vocab.ts";

/** How much text a worker gets at once, in UTF-16 units, or a little more. */
const JOB_LENGTH = 2 ** 18;

const WORKER_NAME = "ptbr-slm encoder";

/** How a pool works. */
export interface EncoderPoolOptions {
  /** How many Workers; one a core by itself. */
  readonly threads?: number;
}

/**
 * Workers that encode with one vocabulary. They start with the pool, which
 * takes a while, and stay until it is disposed of.
 *
 * @example
 * ```ts
 * import { EncoderPool } from "./encoder_pool.ts";
 * import { BPETrainer } from "./bpe_trainer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("sim e sim\n");
 * const { vocab } = await new BPETrainer().train([{ name: "a", bytes }]);
 * using pool = new EncoderPool(vocab, { threads: 2 });
 * const [first, second] = await pool.encodeBatch(["ae", "e"]);
 * assertEquals([...first].slice(1), [...second]);
 * ```
 */
export class EncoderPool implements Disposable {
  readonly #tokenizer: BPETokenizer;
  readonly #workers: Worker[];
  readonly #idle: Worker[];
  readonly #jobs = new Map<Worker, Job>();
  readonly #waiting: Job[] = [];
  #failure?: Error;

  /**
   * Starts the workers.
   *
   * @param vocab What to encode with.
   * @param options How many.
   * @throws {RangeError} When there shall be none.
   */
  constructor(
    vocab: BPEVocab,
    { threads = navigator.hardwareConcurrency }: EncoderPoolOptions = {},
  ) {
    if (!Number.isSafeInteger(threads) || threads < 1) {
      throw new RangeError(
        `Cannot make an encoder pool: it needs 1 thread or more, not ${threads}`,
      );
    }
    this.#tokenizer = new BPETokenizer(vocab);
    const file = vocab.toString();
    this.#workers = Array.from({ length: threads }, () => this.#start(file));
    this.#idle = [...this.#workers];
  }

  /**
   * Encodes texts.
   *
   * @param texts Any texts.
   * @param options As for {@linkcode BPETokenizer.encode}, for each of them.
   * @returns For each what {@linkcode BPETokenizer.encode} gives.
   * @throws {RangeError} As {@linkcode BPETokenizer.encode} does.
   * @throws {Error} When the pool is closed before it is done.
   */
  async encodeBatch(
    texts: readonly string[],
    options: EncodeOptions = {},
  ): Promise<Uint16Array[]> {
    this.#tokenizer.encode("", options); // for its errors
    const { allowedSpecial } = options;
    // The name of a special token could be cut as no word is.
    const pieces = texts.map((text) =>
      allowedSpecial === undefined ? piecesOf(text) : [text]
    );
    const jobs = batchesOf(pieces.flat()).map((texts) =>
      this.#encode({ texts, allowedSpecial })
    );
    const encoded = (await Promise.all(jobs)).flat();
    let next = 0;
    return pieces.map(({ length }) => {
      const parts = encoded.slice(next, next += length);
      return this.#tokenizer.fit(joined(parts), options);
    });
  }

  /** Ends the workers; what they have not done yet fails. */
  [Symbol.dispose](): void {
    this.#fail(new Error("Cannot encode: the encoder pool is closed"));
  }

  #start(vocab: string): Worker {
    const worker = new Worker(import.meta.url, {
      type: "module",
      name: WORKER_NAME,
    });
    worker.onmessage = ({ data: { ids, ends } }: MessageEvent<Reply>) => {
      const job = this.#jobs.get(worker)!;
      this.#jobs.delete(worker);
      this.#idle.push(worker);
      this.#assign();
      job.resolve(Array.from(
        ends,
        (end, i) => ids.subarray(i === 0 ? 0 : ends[i - 1], end),
      ));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(new Error(`Cannot encode: ${event.message}`));
    };
    worker.postMessage({ vocab } satisfies Request);
    return worker;
  }

  #encode(request: Batch): Promise<Uint16Array[]> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      this.#assign();
    });
  }

  #assign(): void {
    while (this.#idle.length > 0 && this.#waiting.length > 0) {
      const worker = this.#idle.pop()!, job = this.#waiting.shift()!;
      this.#jobs.set(worker, job);
      worker.postMessage(job.request satisfies Request);
    }
  }

  #fail(failure: Error): void {
    this.#failure ??= failure;
    for (const worker of this.#workers) worker.terminate();
    const jobs = [...this.#jobs.values(), ...this.#waiting.splice(0)];
    this.#jobs.clear();
    for (const { reject } of jobs) reject(failure);
  }
}

/** Some texts to encode. */
interface Batch {
  readonly texts: readonly string[];
  readonly allowedSpecial: EncodeOptions["allowedSpecial"];
}

/** What a worker is sent: its vocabulary, then batches. */
type Request = { readonly vocab: string } | Batch;

/** What it answers to a batch: all the ids, and where each text's end. */
interface Reply {
  readonly ids: Uint16Array<ArrayBuffer>;
  readonly ends: Uint32Array<ArrayBuffer>;
}

interface Job {
  readonly request: Batch;
  readonly resolve: (ids: Uint16Array[]) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Cuts a long text where no word and no rule of the normaliser crosses: at a
 * blank between two letters of ASCII.
 */
function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  while (text.length - start > 2 * JOB_LENGTH) {
    let end = start + JOB_LENGTH;
    while (end < text.length && !isSafeCut(text, end)) end++;
    pieces.push(text.slice(start, end));
    start = end;
  }
  pieces.push(text.slice(start));
  return pieces;
}

function isSafeCut(text: string, at: number): boolean {
  return text[at] === " " && isLetter(text.charCodeAt(at - 1)) &&
    isLetter(text.charCodeAt(at + 1));
}

function isLetter(code: number): boolean {
  return (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
}

/** Groups texts so that each group is long enough to be worth sending. */
function batchesOf(texts: readonly string[]): string[][] {
  const batches: string[][] = [];
  let length = Infinity;
  for (const text of texts) {
    if (length >= JOB_LENGTH) {
      batches.push([]);
      length = 0;
    }
    batches[batches.length - 1].push(text);
    // A text without a letter costs something too.
    length += text.length + 16;
  }
  return batches;
}

/** The parts one after another, in an array of its own. */
function joined(parts: readonly Uint16Array[]): Uint16Array<ArrayBuffer> {
  const ids = new Uint16Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    ids.set(part, at);
    at += part.length;
  }
  return ids;
}

/** The worker's side. */
function serve(port: DedicatedWorkerGlobalScope): void {
  let tokenizer: BPETokenizer | undefined;
  port.onmessage = ({ data }: MessageEvent<Request>) => {
    if ("vocab" in data) {
      tokenizer = new BPETokenizer(BPEVocab.parse(data.vocab));
      return;
    }
    if (tokenizer === undefined) throw new Error("a vocabulary comes first");
    const parts: Uint16Array[] = [];
    for (const text of data.texts) parts.push(tokenizer.encode(text, data));
    const ids = joined(parts);
    let end = 0;
    const ends = Uint32Array.from(parts, ({ length }) => end += length);
    port.postMessage(
      { ids, ends } satisfies Reply,
      [ids.buffer, ends.buffer],
    );
  };
}

if (
  typeof WorkerGlobalScope !== "undefined" &&
  self instanceof WorkerGlobalScope && self.name === WORKER_NAME
) {
  serve(self as unknown as DedicatedWorkerGlobalScope);
}
