/** What the CPU backend refuses; what it computes is in tests/contract. */

import { assertThrows } from "@std/assert";
import { CpuBackend } from "../../../lib/backend/cpu/cpu_backend.ts";
import { assertRefusesStrangers, misfits } from "../refusals.ts";

Deno.test("CpuBackend refuses shapes that do not fit", async () => {
  using backend = await CpuBackend.create({ threads: 1, blas: "none" });
  const four = backend.alloc(4), six = backend.alloc(6);
  const token = { batch: 1, time: 1, width: 6 };
  const attention = { y: six, r: six, input: six, v: six };
  const calls = [
    ...misfits(backend),
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
  ];
  for (const call of calls) assertThrows(call, RangeError, "Cannot ");
});

Deno.test("CpuBackend refuses the memory of another backend", async () => {
  using backend = await CpuBackend.create({ threads: 1, blas: "none" });
  using other = await CpuBackend.create({ threads: 1, blas: "none" });
  assertRefusesStrangers(backend, other);
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
