/** What the CPU backend refuses; what it computes is in tests/contract. */

import { assertThrows } from "@std/assert";
import { CpuBackend } from "../../../lib/backend/cpu/cpu_backend.ts";
import { ReferenceBackend } from "../../../lib/backend/reference/reference_backend.ts";

Deno.test("CpuBackend refuses shapes that do not fit", async () => {
  using backend = await CpuBackend.create({ threads: 1, blas: "none" });
  const four = backend.alloc(4), six = backend.alloc(6);
  const ids = backend.allocIndices(2);
  backend.writeIndices(ids, [0, 9]);
  const rows = { rows: 2, width: 3 };
  const token = { batch: 1, time: 1, width: 6 };
  const attention = { y: six, r: six, input: six, v: six };
  const calls = [
    () => backend.run("add", { out: six, x: four }),
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
    () => backend.run("wkv7Forward", attention, { ...token, headSize: 4 }),
    () =>
      backend.run("wkv7Forward", { ...attention, state: four }, {
        ...token,
        width: 1,
        headSize: 1.5,
      }),
    ...[0, 7].map((count) => () => {
      const ys = new Array(count).fill(six);
      backend.run("tokenLerpForward", { ys, mixes: ys, x: six }, token);
    }),
    () => {
      const lists = { ys: [six, six], mixes: [six] };
      backend.run("tokenLerpForward", { ...lists, x: six }, token);
    },
    () => backend.alloc(-1),
    () => backend.alloc(2 ** 40),
  ];
  for (const call of calls) assertThrows(call, RangeError, "Cannot ");
});

Deno.test("CpuBackend refuses the memory of another backend", async () => {
  using backend = await CpuBackend.create({ threads: 1, blas: "none" });
  using other = await CpuBackend.create({ threads: 1, blas: "none" });
  for (const stranger of [other, new ReferenceBackend()]) {
    assertThrows(
      () => backend.run("fill", { out: stranger.alloc(3) }, { value: 1 }),
      TypeError,
      "Cannot compute fill: out is of another backend",
    );
  }
});

Deno.test("CpuBackend refuses what is no memory of values, or no ids", async () => {
  using backend = await CpuBackend.create({ threads: 1, blas: "none" });
  const six = backend.alloc(6), ids = backend.allocIndices(6);
  const shape = { rows: 2, width: 3 };
  const calls = [
    () => backend.run("fill", { out: ids }, { value: 1 }),
    () =>
      backend.run("embeddingForward", { y: six, weight: six, ids: six }, shape),
    () => backend.run("softmaxGateForward", { y: six, k: six }, shape),
  ];
  for (const call of calls) {
    assertThrows(call, TypeError, "is of another backend");
  }
});
