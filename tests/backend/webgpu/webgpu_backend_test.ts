/** What the contract does not cover: refusals, order, parts, equal bits. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { ReferenceBackend } from "../../../lib/backend/reference/reference_backend.ts";
import { WebGpuBackend } from "../../../lib/backend/webgpu/webgpu_backend.ts";
import { assertClose, type Case, run, sameBits } from "../../contract/case.ts";
import { assertRefusesStrangers, misfits } from "../refusals.ts";
import { gpuTest } from "./adapter.ts";
import { MATMUL_CASES, PARTS_CASES } from "./parts.ts";

gpuTest("WebGpuBackend refuses shapes that do not fit", async () => {
  using backend = await WebGpuBackend.create({ software: true });
  for (const call of misfits(backend)) {
    assertThrows(call, RangeError, "Cannot ");
  }
});

gpuTest("WebGpuBackend refuses the memory of another backend", async () => {
  using backend = await WebGpuBackend.create({ software: true });
  using other = await WebGpuBackend.create({ software: true });
  assertRefusesStrangers(backend, other);
});

gpuTest(
  "WebGpuBackend keeps the order of calls, writes and reads",
  async () => {
    using backend = await WebGpuBackend.create({ software: true });
    const x = backend.alloc(300), y = backend.alloc(300);
    const all = (value: number) => new Float32Array(300).fill(value);
    backend.write(x, all(1));
    backend.run("add", { out: y, x });
    backend.write(x, all(2));
    backend.run("add", { out: y, x });
    const early = backend.read(y);
    for (let i = 0; i < 2000; i++) backend.run("add", { out: y, x }); // several submissions
    assertEquals(await early, all(3));
    assertEquals(await backend.read(y), all(4003));
  },
);

gpuTest("WebGpuBackend takes one memory for several operands", async () => {
  using backend = await WebGpuBackend.create({ software: true });
  const x = backend.alloc(100), y = backend.alloc(100);
  backend.run("fill", { out: x }, { value: 3 });
  backend.run("sigmoidGateForward", { y, r: x, v: x });
  backend.run("add", { out: x, x });
  assertEquals(await backend.read(x), new Float32Array(100).fill(6));
  const want = new Float32Array(100).fill(3 / (1 + Math.exp(-3)));
  assertClose(await backend.read(y), want, 1e-6, "y");
});

gpuTest("WebGpuBackend makes in parts what cannot be bound", async () => {
  const made = async (cases: readonly Case[], values: number) => {
    using backend = await WebGpuBackend.create({
      software: true,
      bindingLimit: 4 * values,
    });
    for (const one of cases) {
      const want = await run(new ReferenceBackend("f64"), one);
      const got = await run(backend, one);
      for (const output of one.outputs) {
        const name = `${one.name}: ${output}`;
        assertClose(got[output], want[output], one.tolerance, name);
      }
    }
  };
  await made(PARTS_CASES, 4096);
  await made(MATMUL_CASES, 12_288);
});

gpuTest("WebGpuBackend says what it cannot make in parts", async () => {
  using backend = await WebGpuBackend.create({
    software: true,
    bindingLimit: 4 * 4096,
  });
  const wide = backend.alloc(100 * 5000);
  assertThrows(
    () =>
      backend.run("softmaxGateForward", { y: wide, k: wide, v: wide }, {
        rows: 9,
        width: 5000,
      }),
    RangeError,
    "8 rows of 5000 values are more than the 4096 that the adapter takes",
  );
  assertThrows(
    () => backend.matmul(wide, wide, wide, { m: 100, k: 100, n: 100 }),
    RangeError,
    "64 rows of a matrix are more than the 4096 values",
  );
  const ids = backend.allocIndices(100);
  assertThrows(
    () =>
      backend.run("embeddingForward", { y: wide, weight: wide, ids }, {
        rows: 90,
        width: 64,
      }),
    RangeError,
    "a call takes 0.022 MiB at once and the adapter at most 0.016 MiB",
  );
});

gpuTest("WebGpuBackend gives the same bits twice", async () => {
  const results: Record<string, Float32Array>[][] = [[], []];
  for (const result of results) {
    using backend = await WebGpuBackend.create({ software: true });
    for (const one of PARTS_CASES) result.push(await run(backend, one));
  }
  for (const [i, first] of results[0].entries()) {
    for (const [name, values] of Object.entries(first)) {
      assert(sameBits(values, results[1][i][name]), PARTS_CASES[i].name);
    }
  }
});
