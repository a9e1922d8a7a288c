/**
 * Raw logits after given ids, for whoever wants to check a model against
 * another program.
 *
 * @module
 */

import type { RWKV } from "../model/rwkv.ts";
import { Tape } from "../tensor/tape.ts";
import { EventTurns } from "../turns.ts";

/** Ids fed at a time; bounds the memory of many. */
const PIECE = 256;

/**
 * What a model says may follow some ids, which are fed to a fresh state just as
 * they are.
 *
 * @param model Any model.
 * @param ids One or more ids of its vocabulary.
 * @param options What may end the work early.
 * @returns A number for each id, unnormalised.
 * @throws {RangeError} When there is no id, or one is not of its vocabulary.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../backend/reference/reference_backend.ts";
 * import { RWKVConfig } from "../model/config.ts";
 * import { RWKV } from "../model/rwkv.ts";
 * import { logitsAfter } from "./logits.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const config = new RWKVConfig({ vocabSize: 10, dModel: 8, dFfn: 16 });
 * const model = new RWKV(config, new ReferenceBackend());
 * model.initialize(42);
 * assertEquals((await logitsAfter(model, [3, 1, 4])).length, 10);
 * ```
 */
export async function logitsAfter(
  model: RWKV,
  ids: readonly number[],
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<Float32Array> {
  const { backend, config: { vocabSize } } = model;
  if (ids.length === 0) throw new RangeError("Cannot compute: no id is given");
  for (const id of ids) {
    if (!Number.isInteger(id) || id < 0 || id >= vocabSize) {
      throw new RangeError(
        `Cannot compute: the model has ${vocabSize} ids, none is ${id}`,
      );
    }
  }
  const tape = new Tape(backend, { recording: false });
  const state = model.newState(1);
  const turns = new EventTurns();
  const indices = backend.allocIndices(Math.min(PIECE, ids.length));
  for (let at = 0;; at += PIECE) {
    await turns.next();
    signal?.throwIfAborted();
    const piece = ids.slice(at, at + PIECE);
    backend.writeIndices(indices, piece);
    const hidden = model.forward(tape, indices, {
      batch: 1,
      time: piece.length,
      state,
    });
    if (at + PIECE >= ids.length) {
      return await backend.read(model.logits(tape, hidden).data);
    }
    tape.reset();
  }
}
