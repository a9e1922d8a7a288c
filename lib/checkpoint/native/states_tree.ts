/**
 * How a checkpoint holds the states that a run carries from step to step.
 *
 * @module
 */

import type { SavedBlockState, SavedState } from "../../model/state.ts";
import { Span } from "../encoding/byte_source.ts";
import { LazyBytes } from "../encoding/msgpack_writer.ts";
import { isRecord } from "./burn_layout.ts";

/** Where the state of one block stands in a file. */
export type StoredBlockState = Readonly<Record<keyof SavedBlockState, Span>>;

/** The parts of a block's state, in their order. */
const PARTS = ["timeShift", "wkv", "channelShift"] as const;

/**
 * `train.states` of a checkpoint.
 *
 * @param states A state a micro-batch.
 * @returns A tree for the MessagePack writer.
 */
export function statesTree(states: readonly SavedState[]): object {
  return states.map((blocks) =>
    blocks.map((block) =>
      Object.fromEntries(
        PARTS.map((part) => [
          part,
          LazyBytes.ofValues(
            block[part].length,
            () => Promise.resolve(block[part]),
          ),
        ]),
      )
    )
  );
}

/**
 * Reads `train.states` of a checkpoint.
 *
 * @param tree As the MessagePack reader gives it.
 * @throws {SyntaxError} When it is no list of states; the message is the reason
 * alone.
 */
export function readStatesTree(
  tree: unknown,
): readonly (readonly StoredBlockState[])[] {
  const isSpan = (value: unknown) =>
    value instanceof Span && value.length % 4 === 0;
  const isBlock = (value: unknown): value is StoredBlockState =>
    isRecord(value) && PARTS.every((part) => isSpan(value[part]));
  const isState = (value: unknown): value is StoredBlockState[] =>
    Array.isArray(value) && value.every(isBlock);
  if (Array.isArray(tree) && tree.every(isState)) return tree;
  throw new SyntaxError("train.states is no list of states");
}
