/**
 * Every op that is no matrix product, at a model's shapes, with the bytes that it
 * cannot do without: each input read once, each output written once, what it adds
 * to read and written.
 *
 * @module
 */

import type { Memory } from "../../lib/backend/backend.ts";
import type { WebGpuBackend } from "../../lib/backend/webgpu/webgpu_backend.ts";
import type { RWKVConfig } from "../../lib/model/config.ts";

/** A call and what it moves. */
export interface KernelCall {
  readonly name: string;
  /** Bytes that must be moved. */
  readonly bytes: number;
  readonly call: () => void;
}

/** Rows of the head's logits that exist at a time, as in lib/ops. */
const HEAD_ROWS = 256;

/** The calls, their memories reserved and filled. */
export function kernelCalls(
  backend: WebGpuBackend,
  { dModel: width, vocabSize }: RWKVConfig,
  { batch, time }: { batch: number; time: number },
): KernelCall[] {
  const rows = batch * time, values = rows * width;
  const [a, b, c, d, e, f] = Array.from(
    { length: 6 },
    () => filled(backend, values),
  );
  const [w, u, dw, du] = [-1, 0.1, 0, 0].map((value) =>
    filled(backend, width, value)
  );
  const scratch = backend.alloc(2 * values), stats = backend.alloc(2 * rows);
  const table = filled(backend, vocabSize * width);
  const headRows = Math.min(HEAD_ROWS, rows);
  const logits = filled(backend, headRows * vocabSize);
  const losses = backend.alloc(headRows);
  const flag = backend.alloc(1);
  const ids = backend.allocIndices(rows), chosen = backend.allocIndices(1);
  const keys = backend.allocIndices(1);
  backend.writeIndices(
    ids,
    Array.from({ length: rows }, (_, i) => (i * 7919) % vocabSize),
  );
  const row = { rows, width }, shape = { batch, time, width };
  const kept = { rate: 0.1, key: 1 };
  const one = { rows: 1, width: vocabSize, position: 0 };
  const adam = {
    learningRate: 0,
    beta1: 0.9,
    beta2: 0.99,
    epsilon: 1e-8,
    weightDecay: 0,
    step: 1,
  };
  /** A call, and how many memories of (rows, width) it moves. */
  const moving = (name: string, memories: number, call: () => void) => ({
    name,
    bytes: 4 * values * memories,
    call,
  });
  return [
    moving("fill", 1, () => backend.fill(a, 0.1)),
    moving("add", 3, () => backend.add(a, b)),
    moving("sum", 1, () => backend.sum(flag, a, 1)),
    moving("sumOfSquares", 1, () => backend.sumOfSquares(flag, a)),
    moving(
      "embeddingForward",
      2,
      () => backend.embeddingForward(a, table, ids, row),
    ),
    moving(
      "embeddingBackward",
      3,
      () => backend.embeddingBackward(table, b, ids, row),
    ),
    moving(
      "layerNormForward",
      2,
      () => backend.layerNormForward(a, stats, b, w, u, row),
    ),
    moving(
      "layerNormBackward",
      4,
      () => backend.layerNormBackward(a, dw, du, b, c, stats, w, row),
    ),
    moving(
      "tokenShiftForward",
      2,
      () => backend.tokenShiftForward(a, b, u, undefined, shape),
    ),
    moving(
      "tokenShiftBackward",
      4,
      () => backend.tokenShiftBackward(a, du, b, c, u, shape),
    ),
    moving(
      "wkvForward",
      3,
      () => backend.wkvForward(a, b, c, w, u, undefined, shape),
    ),
    moving(
      "wkvBackward",
      8,
      () => backend.wkvBackward(a, b, dw, du, c, d, e, f, w, u, scratch, shape),
    ),
    moving("squaredReluForward", 2, () => backend.squaredReluForward(a, b)),
    moving(
      "squaredReluBackward",
      4,
      () => backend.squaredReluBackward(a, b, c),
    ),
    moving("sigmoidGateForward", 3, () => backend.sigmoidGateForward(a, b, c)),
    moving(
      "sigmoidGateBackward",
      7,
      () => backend.sigmoidGateBackward(a, b, c, d, e),
    ),
    moving(
      "softmaxGateForward",
      3,
      () => backend.softmaxGateForward(a, b, c, row),
    ),
    moving(
      "softmaxGateBackward",
      7,
      () => backend.softmaxGateBackward(a, b, c, d, e, row),
    ),
    moving(
      "residualForward",
      3,
      () => backend.residualForward(a, b, c, kept),
    ),
    moving(
      "residualBackward",
      5,
      () => backend.residualBackward(a, b, c, kept),
    ),
    moving("adamW", 8, () => backend.adamW(a, b, c, d, flag, adam)),
    {
      name: "crossEntropy",
      bytes: 8 * headRows * vocabSize,
      call: () =>
        backend.crossEntropy(losses, logits, ids, {
          rows: headRows,
          width: vocabSize,
          firstTarget: 0,
          gradientScale: 1,
        }),
    },
    ...Object.entries({
      "sample, greedy": { temperature: 0 },
      "sample": { temperature: 1 },
      "sample, top-k 40": { temperature: 1, topK: 40 },
      "sample, top-p 0.9": { temperature: 1, topP: 0.9 },
    }).map(([name, options]) => ({
      name,
      bytes: 4 * vocabSize,
      call: () => backend.sample(chosen, logits, keys, { ...one, ...options }),
    })),
  ];
}

function filled(backend: WebGpuBackend, length: number, value = 0.01): Memory {
  const memory = backend.alloc(length);
  backend.fill(memory, value);
  return memory;
}
