/**
 * Writes a dataset: token files of 16-bit little-endian ids without a header,
 * documents framed by [BOS] and [EOS], and their description.
 *
 * @module
 */

import { crc32 } from "node:zlib";
import { checkedJson, inHex } from "../checked_json.ts";
import { AtomicFile } from "../files.ts";
import { lockFolder } from "../folder_lock.ts";
import { OutputSet } from "../output_set.ts";
import { identityOf, type Tokenizer } from "../tokenizer/tokenizer.ts";
import {
  type DatasetInfo,
  INFO_NAME,
  maskName,
  type SplitInfo,
  splitName,
  splitPath,
} from "./dataset_info.ts";
import type { SplitName } from "./split.ts";

/** How many tokens are gathered before they are written. */
const BUFFER_TOKENS = 2 ** 19;

/**
 * A dataset under construction. Nothing appears in the folder before
 * {@linkcode TokenizedDatasetWriter.finish}; dispose of the writer to drop what
 * was not finished.
 *
 * @example
 * ```ts
 * import { TokenizedDatasetWriter } from "./dataset_writer.ts";
 * import { BPETokenizer } from "../tokenizer/bpe/bpe_tokenizer.ts";
 * import { BPETrainer } from "../tokenizer/bpe/bpe_trainer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("a\n");
 * const { vocab } = await new BPETrainer().train([{ name: "a", bytes }]);
 * const tokenizer = new BPETokenizer(vocab);
 *
 * const folder = await Deno.makeTempDir();
 * await using writer = await TokenizedDatasetWriter.create(folder, tokenizer);
 * await writer.write("train", tokenizer.encode("oi"), 2);
 * const info = await writer.finish();
 * assertEquals(info.train, {
 *   tokens: 4,
 *   documents: 1,
 *   bytes: 2,
 *   sourceBytes: 2,
 *   crc32: "47604430",
 * });
 * ```
 */
export class TokenizedDatasetWriter implements AsyncDisposable {
  readonly #folder: string;
  readonly #tokenizer: Tokenizer;
  readonly #frame: readonly [bos: number, eos: number];
  readonly #byteLengths: Uint32Array;
  readonly #splits = new Map<SplitName, SplitWriter>();
  readonly #lock: AsyncDisposable;
  readonly #set: OutputSet;

  private constructor(
    folder: string,
    tokenizer: Tokenizer,
    lock: AsyncDisposable,
  ) {
    this.#folder = folder;
    this.#lock = lock;
    this.#set = new OutputSet(folder);
    this.#tokenizer = tokenizer;
    this.#frame = [
      tokenizer.vocab.specialId("[BOS]"),
      tokenizer.vocab.specialId("[EOS]"),
    ];
    this.#byteLengths = tokenizer.byteLengths();
  }

  /**
   * Starts a dataset.
   *
   * @param folder Where it shall stand; made where needed.
   * @param tokenizer What makes its tokens.
   * @throws {RangeError} When the tokenizer has no [BOS] or [EOS].
   * @throws {Error} When the folder cannot be written to, or another process
   * writes into it.
   */
  static async create(
    folder: string,
    tokenizer: Tokenizer,
  ): Promise<TokenizedDatasetWriter> {
    await using held = new AsyncDisposableStack();
    const lock = held.use(await lockFolder(folder));
    const writer = new TokenizedDatasetWriter(folder, tokenizer, lock);
    await writer.#split("train");
    held.move();
    return writer;
  }

  /**
   * Adds a document.
   *
   * @param split Where it belongs.
   * @param tokens Its ids, without a frame.
   * @param sourceBytes Its length as it was read.
   * @param mask For each id 1 where it is to be predicted, else 0; all are unless
   * given, and where it is, so is the document's end.
   * @throws {RangeError} When an id is beyond the vocabulary.
   */
  async write(
    split: SplitName,
    tokens: Uint16Array,
    sourceBytes: number,
    mask?: Uint8Array,
  ): Promise<void> {
    let bytes = 0;
    for (const id of tokens) {
      if (id >= this.#byteLengths.length) {
        throw new RangeError(
          `Cannot write token ${id}: the vocabulary has ${this.#byteLengths.length}`,
        );
      }
      bytes += this.#byteLengths[id];
    }
    const to = await this.#split(split);
    const [bos, eos] = this.#frame;
    // Where one token is both, it stands once between two documents.
    if (bos !== eos || to.tokens === 0) {
      await to.write(Uint16Array.of(bos), mask && Uint8Array.of(0));
    }
    await to.write(tokens, mask);
    await to.write(Uint16Array.of(eos), mask && Uint8Array.of(1));
    to.documents++;
    to.bytes += bytes;
    to.sourceBytes += sourceBytes;
  }

  /**
   * Puts the dataset in its place, all of it at once. A `val.bin` that was there
   * before goes when this dataset has none.
   *
   * @param about What `dataset.json` says besides, of how the parts were made.
   * @param beside Other files that belong to it: their content by their names.
   * @returns What `dataset.json` says.
   */
  async finish(
    about: Pick<DatasetInfo, "documentsBy" | "heldOut"> = {},
    beside: Readonly<Record<string, string>> = {},
  ): Promise<DatasetInfo> {
    const train = await this.#split("train");
    const val = this.#splits.get("val");
    await train.flush();
    await val?.flush();
    const info: DatasetInfo = {
      tokenizer: await identityOf(this.#tokenizer.vocab),
      vocabSize: this.#tokenizer.vocab.size,
      ...about,
      train: train.info(),
      ...(val === undefined ? {} : { val: val.info() }),
    };
    await train.commit();
    await val?.commit();
    const gone = val === undefined ? [splitName("val")] : [];
    for (const name of ["train", "val"] as const) {
      const mask = this.#splits.get(name)?.mask;
      if (mask === undefined) gone.push(maskName(name));
      else await this.#set.write(maskName(name), mask);
    }
    for (const [name, content] of Object.entries(beside)) {
      await this.#set.write(name, content);
    }
    await this.#set.write(INFO_NAME, checkedJson(info));
    await this.#set.commit(gone);
    return info;
  }

  /** Drops what was not finished. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const split of this.#splits.values()) {
      await split.file[Symbol.asyncDispose]();
    }
    await this.#set[Symbol.asyncDispose]();
    await this.#lock[Symbol.asyncDispose]();
  }

  async #split(name: SplitName): Promise<SplitWriter> {
    let split = this.#splits.get(name);
    if (split === undefined) {
      split = new SplitWriter(
        await AtomicFile.create(splitPath(this.#folder, name), {
          staging: this.#set,
        }),
      );
      this.#splits.set(name, split);
    }
    return split;
  }
}

/** One token file and its figures. */
class SplitWriter {
  readonly file: AtomicFile;
  // DataView, so that the file is little-endian on any machine.
  readonly #buffer = new Uint8Array(BUFFER_TOKENS * 2);
  readonly #view = new DataView(this.#buffer.buffer);
  #mask?: Uint8Array;
  #filled = 0;
  #sum = 0;
  tokens = 0;
  documents = 0;
  bytes = 0;
  sourceBytes = 0;

  constructor(file: AtomicFile) {
    this.file = file;
  }

  info(): SplitInfo {
    const { tokens, documents, bytes, sourceBytes, mask } = this;
    return {
      ...{ tokens, documents, bytes, sourceBytes, crc32: inHex(this.#sum) },
      ...mask !== undefined && { maskCrc32: inHex(crc32(mask)) },
    };
  }

  /** Which tokens are to be predicted; undefined where all are. */
  get mask(): Uint8Array | undefined {
    return this.#mask?.subarray(0, this.tokens);
  }

  async write(tokens: Uint16Array, mask?: Uint8Array): Promise<void> {
    this.#keep(tokens.length, mask);
    for (let at = 0; at < tokens.length;) {
      const end = Math.min(
        tokens.length,
        at + BUFFER_TOKENS - this.#filled,
      );
      for (; at < end; at++) {
        this.#view.setUint16(this.#filled++ * 2, tokens[at], true);
      }
      if (this.#filled === BUFFER_TOKENS) await this.flush();
    }
    this.tokens += tokens.length;
  }

  /** Takes note of which of the next tokens are to be predicted. */
  #keep(count: number, mask: Uint8Array | undefined): void {
    if (mask === undefined && this.#mask === undefined) return;
    const end = this.tokens + count;
    if (end > (this.#mask?.length ?? 0)) {
      const larger = new Uint8Array(Math.max(2 * end, 1024)).fill(1);
      if (this.#mask !== undefined) larger.set(this.#mask);
      this.#mask = larger;
    }
    if (mask !== undefined) this.#mask!.set(mask, this.tokens);
  }

  async commit(): Promise<void> {
    await this.flush();
    await this.file.commit();
  }

  /** Writes what is gathered; then the figures are of the whole file. */
  async flush(): Promise<void> {
    const bytes = this.#buffer.subarray(0, this.#filled * 2);
    this.#sum = crc32(bytes, this.#sum);
    await this.file.write(bytes);
    this.#filled = 0;
  }
}
