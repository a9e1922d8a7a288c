/**
 * The texts of one model: those whose prompt is read, and those that are
 * written, a row each of one batch.
 *
 * A step reads a piece of the prompts and then writes a token of every text.
 * No pass has more than {@linkcode MOST_ROWS} rows, which the cpu backend
 * multiplies so that each has the bits that it has alone: a text is the same
 * whoever else is in the batch, however its prompt was cut, and whether a part
 * of it was read before. (A GPU sums in an order that depends on the shape.)
 *
 * @module
 */

import type { Indices } from "../../backend/backend.ts";
import type { RWKV } from "../../model/rwkv.ts";
import type { RWKVState, SavedState } from "../../model/state.ts";
import { Tape } from "../../tensor/tape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Tokenizer } from "../../tokenizer/tokenizer.ts";
import type { ServedModel } from "../engine.ts";
import type { KeptStates } from "./kept_states.ts";
import type { KnownState, StateCache } from "./state_cache.ts";
import type { Text } from "./text.ts";

/** Most rows of a pass, and most tokens of prompts that a step reads. */
export const MOST_ROWS = 64;

/** A state of a long prompt is remembered every so many tokens. */
const CHECKPOINT = 256;

/** So few tokens of a prompt are read with those that others write. */
const FEW_LEFT = 3;

/** Rows of passes: few numbers, so that little memory is kept for them. */
const SIZES = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, MOST_ROWS] as const;

/** What has been done since the start. */
export interface Counts {
  /** Tokens of prompts that were read. */
  promptTokens: number;
  /** Tokens of prompts that did not have to be. */
  cachedTokens: number;
  /** Tokens written. */
  completionTokens: number;
  /** Steps. */
  steps: number;
}

/** A model that is asked by name. */
export interface NamedModel {
  /** Its name. */
  readonly name: string;
  /** When its file was written, in seconds since 1970. */
  readonly created: number;
  /** The model. */
  readonly model: RWKV;
  /** What its ids stand for. */
  readonly tokenizer: Tokenizer;
  /** The file of the adapter that it has; absent without. */
  readonly adapter?: string;
}

/** What the models of an engine share. */
export interface SharedStates {
  /** States of beginnings. */
  readonly cache: StateCache;
  /** States of ends. */
  readonly kept: KeptStates;
  /** What has been done. */
  readonly counts: Counts;
}

/** The texts of a model. */
export class ModelStreams {
  /** What users see of it. */
  readonly served: ServedModel;
  /** What its ids stand for. */
  readonly tokenizer: Tokenizer;
  readonly #model: RWKV;
  readonly #shared: SharedStates;
  readonly #tape: Tape;
  readonly #ids: Indices;
  /**
   * Of the texts that are written, or have next to nothing to read, a row each,
   * no row between them free.
   */
  readonly #rows: RWKVState;
  readonly #writing: Text[] = [];
  /** What may follow each of them, used again in every step. */
  readonly #logits: Float32Array;
  /** Of the prompt that was read last. */
  readonly #reader: RWKVState;
  readonly #empty: Promise<SavedState>;
  /** Whose turn it is comes first. */
  readonly #reading: Text[] = [];
  /** Whose state the reader has. */
  #atReader?: Text;

  /**
   * Reserves the memory of the states.
   *
   * @param named The model.
   * @param options Most texts written at once, and what models share.
   */
  constructor(
    { model, tokenizer, name, created, adapter }: NamedModel,
    { streams, ...shared }: SharedStates & { readonly streams: number },
  ) {
    const { backend, config } = model;
    this.#model = model;
    this.tokenizer = tokenizer;
    this.#shared = shared;
    this.#tape = new Tape(backend, { recording: false });
    this.#ids = backend.allocIndices(MOST_ROWS);
    this.#rows = model.newState(sizeFrom(streams));
    this.#logits = new Float32Array(streams * config.vocabSize);
    this.#reader = model.newState(1);
    this.#empty = this.#reader.save();
    const values = this.#reader.blocks.reduce(
      (sum, { time, channel }) =>
        sum + time.shift.length + time.wkv!.length + channel.shift.length,
      0,
    );
    this.served = {
      name,
      created,
      architecture: config.architecture,
      parameters: model.numParameters(),
      vocabSize: config.vocabSize,
      dModel: config.dModel,
      layers: config.nLayers,
      stateBytes: 4 * values,
      backend: backend.description,
      adapter,
    };
  }

  /** Texts that are read or written. */
  get running(): number {
    return this.#reading.length + this.#writing.length;
  }

  /** Begins to work on a text, from what of it is known. */
  async begin(text: Text): Promise<void> {
    const { counts, cache } = this.#shared;
    const found = cache.find(this.served.name, text.ids);
    if (found !== undefined && found.read > text.read) text.goOnFrom(found);
    const [promptTokens, cachedTokens] = [text.ids.length, text.read];
    if (!text.isAhead) counts.cachedTokens += cachedTokens;
    text.events.push({ kind: "begun", promptTokens, cachedTokens });
    if (text.read < text.ids.length) this.#reading.push(text);
    else await this.#write(text, text.state!, text.logits!);
  }

  /** Reads a piece of the prompts, and writes a token of every text. */
  async step(): Promise<void> {
    await this.#leave();
    await this.#read();
    await this.#advance();
    this.#shared.counts.steps++;
  }

  /** Ends all texts. */
  fail(reason: unknown): void {
    for (const text of [...this.#reading, ...this.#writing]) {
      text.events.fail(reason);
    }
    this.#reading.length = this.#writing.length = 0;
    this.#atReader = undefined;
  }

  /** Lets go of texts that nobody waits for. */
  async #leave(): Promise<void> {
    const staying = this.#reading.filter(({ isGone }) => !isGone);
    this.#reading.splice(0, this.#reading.length, ...staying);
    for (let row = this.#writing.length - 1; row >= 0; row--) {
      if (this.#writing[row].isGone) await this.#free(row);
    }
  }

  /** Reads pieces of prompts in turn, as many tokens as a pass has rows. */
  async #read(): Promise<void> {
    for (let left = MOST_ROWS; left > 0 && this.#reading.length > 0;) {
      const text = this.#reading.shift()!;
      try {
        left -= await this.#readSome(text, left);
      } catch (error) {
        text.events.fail(error); // it stands nowhere where it would be told
        throw error;
      }
    }
  }

  /** Reads a piece of a prompt; returns how many tokens it had. */
  async #readSome(text: Text, left: number): Promise<number> {
    if (this.#hasFewLeft(text)) {
      await this.#seat(text);
      return 0;
    }
    const length = lengthOfPiece(text, left);
    const hidden = await this.#readPiece(text, length);
    const isRead = text.read === text.ids.length;
    if (!isRead) this.#reading.push(text);
    if (!isRead && text.read % CHECKPOINT !== 0) return length;
    const state = await this.#reader.save();
    const logits = isRead ? await this.#logitsOf(hidden, 1) : undefined;
    this.#remember(text, { state, logits });
    if (isRead) await this.#write(text, state, logits!);
    return length;
  }

  /** Whether what is left to read costs less beside what others write. */
  #hasFewLeft({ ids, read }: Text): boolean {
    const left = ids.length - read;
    return left === 1 || left <= FEW_LEFT && this.#writing.length > 0;
  }

  /** Gives a text a row, whose last tokens are yet to be read. */
  async #seat(text: Text): Promise<void> {
    let { state } = text;
    if (this.#atReader === text) {
      state = await this.#reader.save();
      this.#atReader = undefined;
    }
    this.#rows.restoreRow(this.#writing.length, state ?? await this.#empty);
    this.#writing.push(text);
    text.state = undefined;
  }

  async #readPiece(text: Text, length: number): Promise<Tensor> {
    if (this.#atReader !== text) {
      // The one before goes on later, from a copy.
      const before = this.#atReader;
      if (before !== undefined) before.state = await this.#reader.save();
      this.#reader.restore(text.state ?? await this.#empty);
      text.state = undefined;
    }
    const ids = text.ids.slice(text.read, text.read + length);
    const hidden = this.#pass(ids, this.#reader, { batch: 1, time: length });
    text.read += length;
    this.#shared.counts.promptTokens += length;
    this.#atReader = text.read < text.ids.length ? text : undefined;
    return hidden;
  }

  /** Gives a text that is read a row, and chooses its first token. */
  async #write(
    text: Text,
    state: SavedState,
    logits: Float32Array,
  ): Promise<void> {
    const row = this.#writing.length;
    text.state = text.logits = undefined;
    this.#rows.restoreRow(row, state);
    this.#writing.push(text);
    await this.#choose(row, logits);
    if (text.isGone || text.ending !== undefined) await this.#free(row);
  }

  /** Reads a token of every text that has a row, and chooses the next one. */
  async #advance(): Promise<void> {
    const count = this.#writing.length;
    if (count === 0) return;
    const batch = sizeFrom(count);
    const ids = new Uint32Array(batch); // rows that are nobody's read token 0
    for (const [row, text] of this.#writing.entries()) {
      ids[row] = text.ids[text.read++];
      if (text.read <= text.promptLength) this.#shared.counts.promptTokens++;
    }
    const hidden = this.#pass(ids, this.#rows, { batch, time: 1 });
    const { vocabSize } = this.#model.config;
    const into = this.#logits.subarray(0, count * vocabSize);
    const logits = await this.#logitsOf(hidden, count, into);
    for (let row = 0; row < count; row++) {
      const text = this.#writing[row];
      if (text.read < text.ids.length) continue;
      const own = logits.subarray(row * vocabSize, (row + 1) * vocabSize);
      if (text.read === text.promptLength) {
        const state = await this.#rows.saveRow(row);
        this.#remember(text, { state, logits: own.slice() });
      }
      await this.#choose(row, own);
    }
    for (let row = count - 1; row >= 0; row--) {
      const { isGone, ending } = this.#writing[row];
      if (isGone || ending !== undefined) await this.#free(row);
    }
  }

  /** Chooses the next token of a row, and ends the text where it is the last. */
  async #choose(row: number, logits: Float32Array): Promise<void> {
    const text = this.#writing[row], before = text.chosen;
    const { read } = text;
    try {
      text.choose(logits);
    } catch (error) {
      text.events.fail(error);
      text.isGone = true;
      return;
    }
    this.#shared.counts.completionTokens += text.chosen - before;
    if (text.wantsCopy) {
      const state = await this.#rows.saveRow(row);
      text.beforeOpen = { state, read, logits: logits.slice() };
    }
    if (text.ending === undefined) return;
    await this.#keep(text, row, logits);
    text.tellEnd();
  }

  /** Keeps where a text ended, for whoever goes on with it. */
  async #keep(text: Text, row: number, logits: Float32Array): Promise<void> {
    const { kept } = this.#shared, { keepAs } = text.request;
    const state = await this.#rows.saveRow(row);
    this.#remember(text, { state });
    if (keepAs === undefined) return;
    const end = text.endsBeforeOpen
      ? text.beforeOpen!
      : { state, read: text.read, logits };
    const ids = text.idsToEnd, isRead = end.read === ids.length;
    kept.put(keepAs, {
      model: this.served.name,
      ids,
      read: end.read,
      state: end.state,
      // Only where nothing is left to be read they say what may follow.
      logits: isRead ? end.logits!.slice() : undefined,
    });
  }

  /** Frees a row; the last one moves there. */
  async #free(row: number): Promise<void> {
    const last = this.#writing.pop()!, from = this.#writing.length;
    if (row === from) return;
    this.#rows.restoreRow(row, await this.#rows.saveRow(from));
    this.#writing[row] = last;
  }

  /** Keeps a state for prompts that begin with the same ids. */
  #remember({ ids, read }: Text, known: KnownState): void {
    this.#shared.cache.put(this.served.name, ids.slice(0, read), known);
  }

  #pass(
    ids: ArrayLike<number>,
    state: RWKVState,
    shape: { readonly batch: number; readonly time: number },
  ): Tensor {
    this.#tape.reset();
    this.#model.backend.writeIndices(this.#ids, ids);
    return this.#model.forward(this.#tape, this.#ids, { ...shape, state });
  }

  /** The logits of the first rows. */
  async #logitsOf(
    hidden: Tensor,
    rows: number,
    into?: Float32Array,
  ): Promise<Float32Array> {
    const { data } = this.#model.logits(this.#tape, hidden);
    const length = rows * this.#model.config.vocabSize;
    return await this.#model.backend.read(data, { start: 0, length, into });
  }
}

/** How many tokens of a prompt to read: not beyond a checkpoint. */
function lengthOfPiece({ ids, read }: Text, most: number): number {
  const border = CHECKPOINT - read % CHECKPOINT;
  const length = Math.min(most, ids.length - read, border);
  return SIZES.findLast((size) => size <= length)!;
}

/** The rows of a pass for so many texts. */
function sizeFrom(count: number): number {
  return SIZES.find((size) => size >= count)!;
}
