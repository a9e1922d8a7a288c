/**
 * State tuning: the state that every window begins with is what is trained.
 *
 * @module
 */

import type { Memory } from "../backend/backend.ts";
import type { RWKV } from "../model/rwkv.ts";
import type { RWKVState } from "../model/state.ts";

/** The states of a batch, all of which begin as the one that is trained. */
export class TunedState {
  readonly #model: RWKV;
  readonly #batch: number;
  readonly #state: RWKVState;
  /** A one a sequence: copies a state to all, and sums their gradients. */
  readonly #ones: Memory;

  /**
   * Reserves the states of a batch.
   *
   * @param model Made with an adapter of kind `state`.
   * @param batch Sequences.
   */
  constructor(model: RWKV, batch: number) {
    this.#model = model;
    this.#batch = batch;
    this.#state = model.newState(batch, { gradients: true });
    this.#ones = model.backend.alloc(batch);
    model.backend.run("fill", { out: this.#ones }, { value: 1 });
  }

  /** Before a pass: what each sequence begins with. */
  begin(): RWKVState {
    const { backend } = this.#model, m = this.#batch;
    for (const { time, channel, own, gradient } of this.#parts()) {
      backend.run("fill", { out: time.shift }, { value: 0 });
      backend.run("fill", { out: channel.shift }, { value: 0 });
      backend.run("fill", { out: gradient }, { value: 0 });
      const shape = { m, k: 1, n: own.length };
      backend.matmul(time.wkv!, this.#ones, own.data, shape);
    }
    return this.#state;
  }

  /** After the way back: adds the sequences' gradients to that of the state. */
  end(): void {
    const { backend } = this.#model, k = this.#batch;
    for (const { own, gradient } of this.#parts()) {
      const shape = { m: 1, k, n: own.length };
      backend.matmul(own.grad, this.#ones, gradient, shape, {
        accumulate: true,
      });
    }
  }

  *#parts() {
    const { gradients } = this.#state;
    for (const [i, { time, channel }] of this.#state.blocks.entries()) {
      const own = this.#model.adapterParameters[i];
      yield { time, channel, own, gradient: gradients![i] };
    }
  }
}

/**
 * Lets texts of a model begin with the state that is trained now.
 *
 * @param model Made with an adapter of kind `state`.
 */
export async function startFromTuned(model: RWKV): Promise<void> {
  const states = new Map<string, Float32Array>();
  for (const { name, data } of model.adapterParameters) {
    states.set(name, await model.backend.read(data));
  }
  model.startFrom(states);
}
