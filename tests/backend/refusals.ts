/**
 * What every backend that computes fast refuses.
 *
 * @module
 */

import { assertThrows } from "@std/assert";
import type { Backend } from "../../lib/backend/backend.ts";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";

/** Calls whose shapes do not fit what they name. */
export function misfits(backend: Backend): (() => unknown)[] {
  const four = backend.alloc(4), six = backend.alloc(6);
  const ids = backend.allocIndices(2);
  backend.writeIndices(ids, [0, 9]);
  const rows = { rows: 2, width: 3 };
  return [
    () => backend.run("add", { out: six, x: four }),
    ...[-1, 0.5, 2].map((head) => () =>
      backend.run("sliceHeadForward", { y: four, x: six }, {
        rows: 1,
        width: 6,
        headSize: 3,
        head,
      })
    ),
    () => backend.write(four, new Float32Array(5)),
    () => backend.writeIndices(ids, [1, 2, 3]),
    () => backend.slice(six, 0, 7),
    () => backend.slice(backend.alloc(100), 3, 1),
    () => backend.matmul(four, six, six, { m: 2, k: 3, n: 3 }),
    () => backend.matmul(four, six, six, { m: 2, k: 0, n: 2 }),
    () => backend.matmul(four, six, six, { m: 2, k: 1.5, n: 2 }),
    () => backend.run("embeddingForward", { y: six, weight: six, ids }, rows),
    () =>
      backend.run("embeddingBackward", { dWeight: six, dy: six, ids }, rows),
    () =>
      backend.run("crossEntropy", { losses: four, logits: six, targets: ids }, {
        ...rows,
        firstTarget: 0,
      }),
    () =>
      backend.run("crossEntropy", { losses: four, logits: six, targets: ids }, {
        rows: 1,
        width: 6,
        firstTarget: 2,
      }),
    () =>
      backend.run("residualForward", { y: four, x: four, branch: four }, {
        rate: 1,
        key: 0,
      }),
    () => backend.alloc(-1),
    () => backend.alloc(2 ** 40),
  ];
}

/** Throws unless a backend refuses memory of others, also of its own kind. */
export function assertRefusesStrangers(backend: Backend, other: Backend): void {
  for (const stranger of [other, new ReferenceBackend()]) {
    assertThrows(
      () => backend.run("fill", { out: stranger.alloc(3) }, { value: 1 }),
      TypeError,
      "Cannot compute fill: out is of another backend",
    );
  }
}
