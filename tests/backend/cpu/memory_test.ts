import { assert, assertEquals, assertThrows } from "@std/assert";
import { CpuBackend } from "../../../lib/backend/cpu/cpu_backend.ts";
import { SharedMemory } from "../../../lib/backend/cpu/memory.ts";

const MIB = 2 ** 20;

Deno.test("SharedMemory reserve() aligns, grows and zeroes", () => {
  const shared = new SharedMemory();
  const addresses = [1, 300, 40 * MIB, 5].map((bytes) => shared.reserve(bytes));
  for (const address of addresses) {
    assertEquals(address % 256, 0);
    assertEquals(shared.u32[address / 4], 0);
  }
  assert(
    addresses.every((address, i) => i === 0 || address > addresses[i - 1]),
  );
  shared.f32[addresses[3] / 4] = 1;
  assertEquals(shared.u32[addresses[3] / 4], 0x3f800000);
});

Deno.test("SharedMemory reserve() says what would fit", () => {
  const shared = new SharedMemory(8 * MIB);
  shared.reserve(3 * MIB);
  assertThrows(
    () => shared.reserve(6 * MIB),
    RangeError,
    "Cannot allocate 6.0 MiB: 3.0 of 8.0 MiB are in use, so at most 5.0 MiB fit",
  );
  shared.reserve(4 * MIB); // a refusal takes nothing
});

Deno.test("CpuBackend workers see memory beyond what they started with", async () => {
  using backend = await CpuBackend.create({ threads: 2, blas: "none" });
  backend.run("fill", { out: backend.alloc(10000) }, { value: 1 });
  const length = 8 * MIB;
  const large = backend.alloc(length);
  backend.run("fill", { out: large }, { value: 2 });
  const values = await backend.read(large);
  assert(values.length === length && values.every((value) => value === 2));
});

Deno.test("CpuBackend computes beyond 2 GiB", async () => {
  using backend = await CpuBackend.create({ threads: 2, blas: "none" });
  backend.alloc(2 ** 29); // never touched, so it takes no memory
  const [a, b, out] = [64, 64, 64].map((length) => backend.alloc(length));
  backend.write(a, new Float32Array(64).fill(1));
  backend.write(b, new Float32Array(64).fill(2));
  backend.run("add", { out: a, x: b });
  backend.matmul(out, a, b, { m: 8, k: 8, n: 8 });
  assertEquals(await backend.read(out), new Float32Array(64).fill(48));
});
