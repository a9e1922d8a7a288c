import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { openDevice } from "../../../lib/backend/webgpu/device.ts";
import { Arena } from "../../../lib/backend/webgpu/memory.ts";
import { WebGpuBackend } from "../../../lib/backend/webgpu/webgpu_backend.ts";
import { gpuTest } from "./adapter.ts";

gpuTest("Arena reserve() shares buffers among small allocations", async () => {
  using device = await openDevice({ software: true });
  const arena = new Arena(device);
  const small = [1, 100, 3, 0].map((length) => arena.reserve(length));
  assertEquals(small.map(({ offset }) => offset), [0, 256, 768, 1024]);
  assertEquals(arena.buffers, 1);
  const large = [20_000, 20_000].map((length) => arena.reserve(length));
  assertEquals(large.map(({ offset }) => offset), [0, 0]);
  assertEquals(arena.buffers, 3);
  assertEquals(arena.bytes, 2 ** 20 + 2 * 80_128);
  const many = Array.from({ length: 100 }, () => arena.reserve(10_000));
  const places = many.map(({ buffer, offset }) => `${buffer.number} ${offset}`);
  assertEquals(new Set(places).size, 100);
  assert(many.every(({ offset }) => offset + 40_000 <= 2 ** 20));
});

gpuTest("Arena reserve() says what would fit", async () => {
  using device = await openDevice({ software: true });
  const arena = new Arena(device);
  const most = device.gpu.limits.maxBufferSize / 2 ** 20;
  assertThrows(
    () => arena.reserve(2 ** 40),
    RangeError,
    `Cannot allocate 4194304 MiB: the adapter allows buffers of at most ` +
      `${most.toFixed(0)} MiB`,
  );
  assertThrows(() => arena.reserve(-1), RangeError, "not a size");
  assertEquals(arena.buffers, 0);
});

gpuTest("WebGpuMemory part() names equal parts alike", async () => {
  using device = await openDevice({ software: true });
  const memory = new Arena(device).reserve(1000);
  assertEquals(memory.part(0, 1000), memory);
  assertEquals(memory.part(64, 5).offset, memory.offset + 256);
  assertStrictEquals(memory.part(64, 5), memory.part(64, 9).part(0, 5));
  assertEquals(memory.part(64, 5).length, 5);
  assert(memory.part(64, 5).id !== memory.part(128, 5).id);
});

gpuTest("WebGpuBackend computes in a memory of 256 MiB", async () => {
  using backend = await WebGpuBackend.create({ software: true });
  const length = 2 ** 26;
  const large = backend.alloc(length); // twice what lavapipe can bind
  const total = backend.alloc(1);
  backend.run("fill", { out: large }, { value: 0.5 });
  backend.run("sum", { out: total, x: large }, { scale: 1 });
  assertEquals(await backend.read(total), Float32Array.of(2 ** 25));
});
