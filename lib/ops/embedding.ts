/**
 * Token ids to vectors.
 *
 * @module
 */

import type { Indices } from "../backend/backend.ts";
import type { Tape } from "../tensor/tape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * y = weight[ids].
 *
 * @param weight (vocabulary, width).
 * @param ids batch · time token ids.
 * @returns (batch, time, width).
 */
export function embedding(
  tape: Tape,
  weight: Tensor,
  ids: Indices,
  { batch, time }: { batch: number; time: number },
): Tensor {
  const { backend } = tape;
  const width = weight.shape[1];
  const shape = { rows: batch * time, width };
  const y = tape.tensor(batch, time, width);
  backend.run(
    "embeddingForward",
    { y: y.data, weight: weight.data, ids },
    shape,
  );
  // y_i = weight[id_i]  ⇒  dweight[id_i] += dy_i
  tape.record(
    y,
    () => {
      if (weight.isFrozen) return;
      backend.run("embeddingBackward", {
        dWeight: weight.grad,
        dy: y.grad,
        ids,
      }, shape);
    },
  );
  return y;
}
