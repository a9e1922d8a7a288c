import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { CpuBackend } from "../../../lib/backend/cpu/cpu_backend.ts";
import { KERNEL } from "../../../lib/backend/cpu/jobs.ts";
import { SharedMemory } from "../../../lib/backend/cpu/memory.ts";
import { DENO_HOST } from "../../../lib/backend/cpu/deno_host.ts";
import { Pool } from "../../../lib/backend/cpu/pool.ts";

/** What `fill` reads: an address, a length that it does not use, a value. */
function filling(address: number, value: number): Uint32Array {
  const words = Uint32Array.of(address, 0, 0);
  new Float32Array(words.buffer)[2] = value;
  return words;
}

Deno.test("Pool run() throws what a worker threw and goes on", async () => {
  const shared = new SharedMemory();
  using pool = await Pool.start(shared, 3, undefined, DENO_HOST);
  const length = 3 * 4096;
  const out = shared.reserve(4 * length);
  // The main thread's slice is the last that there is memory for.
  const beyond = shared.f32.byteLength - 4 * 4096;
  assertThrows(
    () => pool.run(KERNEL.fill, length, 4096, filling(beyond, 1)),
    Error,
    "Cannot run fill: thread ",
  );
  pool.run(KERNEL.fill, length, 4096, filling(out, 7));
  const values = shared.f32.subarray(out / 4, out / 4 + length);
  assert(values.every((value) => value === 7));
});

Deno.test("Pool run() works with more threads than cores and after a sleep", async () => {
  using backend = await CpuBackend.create({ threads: 9, blas: "none" });
  const x = backend.alloc(9 * 4096), one = backend.alloc(9 * 4096);
  backend.run("fill", { out: one }, { value: 1 });
  for (let i = 0; i < 300; i++) {
    backend.run("add", { out: x, x: one });
    if (i % 100 === 0) await new Promise((done) => setTimeout(done, 20));
  }
  assert((await backend.read(x)).every((value) => value === 300));
});

for (const threads of [1, 2, 3, 5, 16, 64]) {
  Deno.test(`Pool run() does every item once with ${threads} threads`, async () => {
    const shared = new SharedMemory();
    const limit = 500;
    const out = shared.reserve(4 * limit), one = shared.reserve(4 * limit);
    shared.f32.fill(1, one / 4, one / 4 + limit);
    using pool = await Pool.start(shared, threads, undefined, DENO_HOST);
    for (const grain of [4, 64]) {
      // Fewer items than threads, uneven shares, an odd rest.
      for (const items of [1, 4, 5, 63, 64, 65, 4 * threads + 3, limit]) {
        const values = shared.f32.subarray(out / 4, out / 4 + limit);
        values.fill(0);
        const words = Uint32Array.of(out, one);
        for (let i = 0; i < 3; i++) pool.run(KERNEL.add, items, grain, words);
        const want = values.map((_, i) => i < items ? 3 : 0);
        assertEquals(values, want, `${items} items by ${grain}`);
      }
    }
  });
}

Deno.test("Pool flush() does the jobs that wait, and names the one that failed", async () => {
  const shared = new SharedMemory();
  using pool = await Pool.start(shared, 3, undefined, DENO_HOST);
  const length = 3 * 4096;
  const outs = Array.from({ length: 11 }, () => shared.reserve(4 * length));
  const valuesOf = (out: number) =>
    shared.f32.subarray(out / 4, out / 4 + length);
  // More than wait at most; small ones, which one thread does, among them.
  for (const [i, out] of outs.entries()) {
    const items = i % 2 === 0 ? length : 9;
    pool.add(KERNEL.fill, items, 4096, filling(out, 1 + i));
  }
  pool.flush();
  pool.flush();
  for (const [i, out] of outs.entries()) {
    const count = valuesOf(out).filter((value) => value === 1 + i).length;
    assertEquals(count, i % 2 === 0 ? length : 9);
  }
  const beyond = shared.f32.byteLength - 4 * 4096;
  pool.add(KERNEL.fill, length, 4096, filling(outs[0], 5));
  pool.add(KERNEL.add, length, 4096, Uint32Array.of(beyond, outs[0]));
  assertThrows(() => pool.flush(), Error, "Cannot run add: thread ");
  pool.run(KERNEL.fill, length, 4096, filling(outs[1], 6));
  assert(valuesOf(outs[1]).every((value) => value === 6));
});

Deno.test("CpuBackend multiplies with 64 threads as with one", async () => {
  const m = 301, k = 70, n = 1503;
  const product = async (threads: number) => {
    using backend = await CpuBackend.create({ threads, blas: "none" });
    const [out, a, b] = [m * n, m * k, k * n].map((l) => backend.alloc(l));
    backend.write(a, Float32Array.from({ length: m * k }, (_, i) => i % 7 - 3));
    backend.write(b, Float32Array.from({ length: k * n }, (_, i) => i % 11));
    backend.matmul(out, a, b, { m, k, n });
    return await backend.read(out);
  };
  assertEquals(await product(64), await product(1));
});

Deno.test("Pool run() refuses after disposal", async () => {
  const backend = await CpuBackend.create({ threads: 2, blas: "none" });
  const x = backend.alloc(1);
  backend[Symbol.dispose]();
  backend[Symbol.dispose]();
  assertThrows(
    () => backend.run("fill", { out: x }, { value: 1 }),
    Error,
    "Cannot run fill: the backend is disposed",
  );
});

Deno.test("CpuBackend.create() checks the number of threads", async () => {
  for (const threads of [0, 65, 1.5]) {
    await assertRejects(
      () => CpuBackend.create({ threads, blas: "none" }),
      RangeError,
      `threads must be from 1 to 64, not ${threads}`,
    );
  }
  using backend = await CpuBackend.create({ threads: 1, blas: "none" });
  assertEquals(backend.description, "cpu: 1 thread, SIMD kernels");
});
