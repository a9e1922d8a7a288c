/**
 * Where texts are written: a state for each, and the memory of a pass. What a
 * backend reserves stays reserved, so places that are done with are kept by
 * their model for whoever writes next.
 *
 * @module
 */

import type { Indices, Memory } from "../backend/backend.ts";
import type { RWKV } from "../model/rwkv.ts";
import type { RWKVState } from "../model/state.ts";
import { Tape } from "../tensor/tape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Most tokens fed at a time; bounds the memory of a long prompt. */
const PREFILL = 256;

/** The places of a model that nobody uses. */
const FREE = new WeakMap<RWKV, Place[]>();

/** Where some texts are written, a row each; nobody else writes there. */
export class Place implements Disposable {
  /** What the model remembers of each text. */
  readonly state: RWKVState;
  /** What chooses each text's random numbers. */
  readonly keys: Indices;
  readonly #model: RWKV;
  readonly #rows: number;
  readonly #tape: Tape;
  readonly #ids: Indices;
  readonly #chosen: Indices[] = [];
  #logits?: Memory;

  private constructor(model: RWKV, rows: number) {
    const { backend } = model;
    this.#model = model;
    this.#rows = rows;
    this.#tape = new Tape(backend, { recording: false });
    this.#ids = backend.allocIndices(rows === 1 ? PREFILL : rows);
    this.state = model.newState(rows);
    this.keys = backend.allocIndices(rows);
  }

  /**
   * Takes a place for some texts, each before its first token.
   *
   * @param model Any model.
   * @param rows How many texts.
   * @returns The place; dispose of it to leave it to others.
   */
  static take(model: RWKV, rows: number): Place {
    const free = FREE.get(model) ?? [];
    const at = free.findIndex((place) => place.#rows === rows);
    if (at < 0) return new Place(model, rows);
    const [place] = free.splice(at, 1);
    place.state.reset();
    return place;
  }

  /** Leaves the place to others. */
  [Symbol.dispose](): void {
    this.#tape.reset();
    const free = FREE.get(this.#model);
    if (free === undefined) FREE.set(this.#model, [this]);
    else if (!free.includes(this)) free.push(this);
  }

  /** So many rooms for chosen tokens, for each of the texts one in each. */
  chosen(count: number): readonly Indices[] {
    const { backend } = this.#model;
    while (this.#chosen.length < count) {
      this.#chosen.push(backend.allocIndices(this.#rows));
    }
    return this.#chosen.slice(0, count);
  }

  /** Room for (rows, vocabulary) logits that come from elsewhere. */
  get logits(): Memory {
    const { backend, config: { vocabSize } } = this.#model;
    return this.#logits ??= backend.alloc(this.#rows * vocabSize);
  }

  /**
   * Advances every text by tokens that are on the device.
   *
   * @param ids (rows, time).
   * @param time Tokens of each.
   * @returns (rows, 1, width): the last hidden states, good until the next call.
   */
  advance(ids: Indices, time = 1): Tensor {
    this.#tape.reset();
    const shape = { batch: this.#rows, time, state: this.state };
    return this.#model.forward(this.#tape, ids, shape);
  }

  /** (rows, vocabulary): what may follow, good until the next `advance`. */
  logitsOf(hidden: Tensor): Memory {
    return this.#model.logits(this.#tape, hidden).data;
  }

  /**
   * Advances the one text by tokens, piece by piece.
   *
   * @param ids One or more.
   * @returns After each piece: the last hidden state, good until the next.
   */
  *feed(ids: ArrayLike<number>): Generator<Tensor, void> {
    for (let at = 0; at < ids.length;) {
      const length = pieceOf(ids.length - at);
      const piece = Array.from({ length }, (_, i) => ids[at + i]);
      this.#model.backend.writeIndices(this.#ids, piece);
      at += length;
      yield this.advance(this.#ids, length);
    }
  }
}

/** The largest power of two that fits: few shapes, so little memory is kept. */
function pieceOf(left: number): number {
  return Math.min(PREFILL, 2 ** Math.floor(Math.log2(left)));
}
