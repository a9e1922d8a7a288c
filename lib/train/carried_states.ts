/**
 * The states that the rows of a step leave for the next one, where a run carries
 * them on: one for each micro-batch.
 *
 * @module
 */

import type { Communicator } from "../distributed/communicator.ts";
import type { RWKV } from "../model/rwkv.ts";
import type { RWKVState, SavedState } from "../model/state.ts";
import type { TrainingFields } from "../training_config.ts";

/** Two states a micro-batch: of the last step that counts, and of the one under way. */
export class CarriedStates {
  #last: readonly RWKVState[];
  #next: readonly RWKVState[];

  /**
   * Makes states that remember nothing.
   *
   * @param model Whose.
   * @param shape Rows of a micro-batch, micro-batches of a step.
   */
  constructor(
    model: RWKV,
    { batchSize, gradientAccumulation }: Pick<
      TrainingFields,
      "batchSize" | "gradientAccumulation"
    >,
  ) {
    const states = () =>
      Array.from(
        { length: gradientAccumulation },
        () => model.newState(batchSize),
      );
    this.#last = states();
    this.#next = states();
  }

  /**
   * The state that a micro-batch goes on from, to be advanced by its pass.
   *
   * @param micro Its number in the step.
   * @param anew Which rows begin anew; all of them unless given.
   */
  begin(micro: number, anew: readonly boolean[] | undefined): RWKVState {
    const state = this.#next[micro];
    state.copyFrom(this.#last[micro]);
    for (let row = 0; row < state.batch; row++) {
      if (anew?.[row] ?? true) state.resetRow(row);
    }
    return state;
  }

  /** Takes what the passes of a step have left for the next one. */
  keep(): void {
    [this.#last, this.#next] = [this.#next, this.#last];
  }

  /** Remembers nothing, in any row. */
  reset(): void {
    for (const state of this.#last) state.reset();
  }

  /** Copies all of it out. */
  async save(): Promise<SavedState[]> {
    const saved: SavedState[] = [];
    for (const state of this.#last) saved.push(await state.save());
    return saved;
  }

  /**
   * Takes over from the other ranks what their micro-batches have left.
   *
   * @param ranks All of them.
   * @param rankOf Whose a micro-batch is.
   */
  async share(
    ranks: Communicator,
    rankOf: (micro: number) => number,
  ): Promise<void> {
    if (ranks.size === 1) return;
    for (const [micro, state] of this.#last.entries()) {
      const saved = await state.save();
      for (const { timeShift, wkv, channelShift } of saved) {
        for (const values of [timeShift, wkv, channelShift]) {
          await ranks.broadcast(values, rankOf(micro));
        }
      }
      state.restore(saved);
    }
  }

  /**
   * Goes back to what was saved.
   *
   * @param saved A state a micro-batch.
   * @throws {RangeError} When they are of another shape.
   */
  restore(saved: readonly SavedState[]): void {
    if (saved.length !== this.#last.length) {
      throw new RangeError("Cannot restore a state: it is of another shape");
    }
    saved.forEach((state, i) => this.#last[i].restore(state));
  }
}
