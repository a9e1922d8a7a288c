/** Reads with and without awaiting, and what happens where the latter fails. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Commands } from "../../../lib/backend/webgpu/commands.ts";
import { openDevice } from "../../../lib/backend/webgpu/device.ts";
import { Arena } from "../../../lib/backend/webgpu/memory.ts";
import { Readback, takeRange } from "../../../lib/backend/webgpu/sync.ts";
import { WebGpuBackend } from "../../../lib/backend/webgpu/webgpu_backend.ts";
import { gpuTest } from "./adapter.ts";

/** A buffer that is mapped some turns of the event loop after it was asked. */
function slowBuffer(log: string[]) {
  let ready = false;
  return {
    async mapAsync() {
      log.push("map");
      await new Promise((resolve) => setTimeout(resolve));
      ready = true;
      return undefined;
    },
    getMappedRange() {
      log.push(ready ? "range" : "too early");
      if (!ready) throw new DOMException("not mapped", "OperationError");
      return Uint8Array.of(1, 2, 3, 4).buffer;
    },
    unmap() {
      log.push("unmap");
      return undefined;
    },
  };
}

Deno.test("takeRange() awaits the first map of a buffer", async () => {
  const log: string[] = [];
  const staging = { gpu: slowBuffer(log), awaited: false };
  const range = await takeRange(staging, 4, true);
  assertEquals(new Uint8Array(range), Uint8Array.of(1, 2, 3, 4));
  assertEquals(log, ["map", "range", "unmap"]);
  assert(staging.awaited);
});

Deno.test("takeRange() awaits a map that is not there at once", async () => {
  const log: string[] = [];
  const range = await takeRange(
    { gpu: slowBuffer(log), awaited: true },
    4,
    true,
  );
  assertEquals(new Uint8Array(range), Uint8Array.of(1, 2, 3, 4));
  assertEquals(log, ["map", "too early", "range", "unmap"]);
});

Deno.test("takeRange() awaits every map when told to", async () => {
  const log: string[] = [];
  await takeRange({ gpu: slowBuffer(log), awaited: true }, 4, false);
  assertEquals(log, ["map", "range", "unmap"]);
});

Deno.test("takeRange() says that a map failed", async () => {
  const gpu = {
    mapAsync: () => Promise.reject(new Error("gone")),
    getMappedRange: () => {
      throw new Error("not mapped");
    },
    unmap: () => undefined,
  };
  for (const atOnce of [true, false]) {
    await assertRejects(
      () => takeRange({ gpu, awaited: true }, 4, atOnce),
      Error,
      "gone",
    );
  }
});

gpuTest("Readback probe() trusts only runtimes that were tried", async () => {
  using device = await openDevice({ software: true });
  const readback = new Readback(device, new Commands(device, 2 ** 20));
  const scratch = new Arena(device).reserve(64);
  assertEquals(readback.atOnce, false);
  await readback.probe(scratch, "Deno/2.9.6");
  assertEquals(readback.atOnce, true);
  for (const runtime of ["Deno/2.8.0", "Deno/3.2.9", "Mozilla/5.0", ""]) {
    await readback.probe(scratch, runtime);
    assertEquals(readback.atOnce, false, runtime);
  }
});

gpuTest("Readback probe() awaits where the values are wrong", async () => {
  using device = await openDevice({ software: true });
  const { queue } = device.gpu;
  const write = queue.writeBuffer.bind(queue);
  let writes = 0;
  // The device gets something else than it is asked to hold.
  queue.writeBuffer = (buffer, offset, data) => {
    const values = Float32Array.from(data as Float32Array);
    if (++writes === 5) values[3]++;
    write(buffer, offset, values);
    return undefined;
  };
  const readback = new Readback(device, new Commands(device, 2 ** 20));
  await readback.probe(new Arena(device).reserve(64), "Deno/2.9.6");
  assertEquals(writes, 5);
  assertEquals(readback.atOnce, false);
});

gpuTest("a buffer that is not mapped has no range, but an error", async () => {
  using device = await openDevice({ software: true });
  const buffer = device.gpu.createBuffer({
    size: 16,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  for (let turn = 0; turn < 3; turn++) {
    await buffer.mapAsync(GPUMapMode.READ);
    buffer.unmap();
    assertThrows(() => buffer.getMappedRange(0, 16), DOMException);
  }
});

for (const awaitReads of [true, false]) {
  const name = awaitReads ? "awaiting" : "without awaiting";
  gpuTest(`WebGpuBackend reads what is there, ${name}`, async () => {
    using backend = await WebGpuBackend.create({ software: true, awaitReads });
    const x = backend.alloc(3000), one = backend.alloc(3000);
    backend.run("fill", { out: one }, { value: 1 });
    const rounds = awaitReads ? 10 : 200;
    for (let i = 1; i <= rounds; i++) {
      backend.run("add", { out: x, x: one });
      const values = await backend.read(x);
      assert(values.every((value) => value === i), `round ${i}`);
      // Also while and after the maps before end by themselves.
      if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 7));
    }
    const { buffers } = backend.counts;
    const both = [x, one].map((memory) => backend.read(memory));
    const [many, ones] = await Promise.all(both);
    assertEquals([many[2999], ones[0]], [rounds, 1]);
    assert(backend.counts.buffers <= buffers + 1);
  });
}
