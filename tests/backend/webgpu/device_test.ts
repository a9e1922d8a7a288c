import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { OutOfMemoryError } from "../../../lib/backend/out_of_memory.ts";
import {
  checkAdapter,
  openDevice,
  reportAdapter,
} from "../../../lib/backend/webgpu/device.ts";
import { WebGpuBackend } from "../../../lib/backend/webgpu/webgpu_backend.ts";
import { gpuTest } from "./adapter.ts";

const limits = {
  maxStorageBuffersPerShaderStage: 8,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
  maxComputeWorkgroupStorageSize: 16384,
  maxComputeWorkgroupsPerDimension: 65535,
  maxStorageBufferBindingSize: 2 ** 27,
  maxBufferSize: 2 ** 28,
  minStorageBufferOffsetAlignment: 256,
} as GPUSupportedLimits;

const info = {
  vendor: "4318",
  device: "1",
  description: "A card",
} as GPUAdapterInfo;

Deno.test("checkAdapter() takes the baseline and names what is below it", () => {
  checkAdapter({ limits, info });
  for (const name of Object.keys(limits) as (keyof GPUSupportedLimits)[]) {
    const worse = name.startsWith("min") ? 512 : 4;
    assertThrows(
      () => checkAdapter({ limits: { ...limits, [name]: worse }, info }),
      Error,
      `Cannot start the webgpu backend: A card has a ${name} of ${worse}`,
    );
  }
});

Deno.test("checkAdapter() takes a software adapter only when asked", () => {
  const llvmpipe = { ...info, description: "llvmpipe (LLVM 15, 256 bits)" };
  const fallback = { ...info, isFallbackAdapter: true };
  for (const software of [llvmpipe, fallback] as GPUAdapterInfo[]) {
    checkAdapter({ limits, info: software }, { software: true });
    assertThrows(
      () => checkAdapter({ limits, info: software }),
      Error,
      `the only adapter, ${software.description}, is a CPU`,
    );
  }
});

gpuTest("openDevice() says what it opened", async () => {
  using device = await openDevice({ software: true });
  assert(device.adapter.length > 0);
  device.check();
  await device.settle();
});

gpuTest("Device guarded() is found out by settle()", async () => {
  using device = await openDevice({ software: true });
  device.guarded(
    "a buffer of no use",
    () => device.gpu.createBuffer({ size: 16, usage: 0 }),
  );
  await assertRejects(
    () => device.settle(),
    Error,
    "Cannot compute: a buffer of no use: ",
  );
  assertThrows(() => device.check(), Error, "Cannot compute: a buffer of no");
});

gpuTest(
  "Device settle() puts want of memory before what follows from it",
  async () => {
    using device = await openDevice({ software: true });
    // Refused for another reason; where memory is reserved that is the likely one.
    const refused = () => device.gpu.createBuffer({ size: 16, usage: 0 });
    device.guarded("a kernel", refused);
    device.guarded("no room", refused, 123);
    const error = await assertRejects(
      () => device.settle(),
      OutOfMemoryError,
      "Cannot compute: no room: ",
    );
    assertEquals((error as OutOfMemoryError).bytes, 123);
  },
);

gpuTest("WebGpuBackend alloc() stops at its limit", async () => {
  const memoryLimit = 4 * 2 ** 20;
  using backend = await WebGpuBackend.create({ software: true, memoryLimit });
  backend.alloc(2 ** 18);
  const { bytesUsed } = backend;
  const error = assertThrows(
    () => backend.alloc(2 ** 20),
    OutOfMemoryError,
    "Cannot compute: the device cannot hold 4.0 MiB more than the ",
  );
  assertEquals((error as OutOfMemoryError).bytes, bytesUsed);
  backend.alloc(2 ** 18); // there is room for less
});

gpuTest("reportAdapter() compares the limits with what is needed", async () => {
  const report = await reportAdapter();
  using device = await openDevice({ software: true });
  assertEquals(report?.name, device.adapter);
  assertEquals(report?.software, device.software);
  assertEquals(report?.refusal, undefined);
  const adapter = await navigator.gpu.requestAdapter();
  const features = ["shader-f16", "subgroups"] as const;
  assertEquals(
    report!.unused,
    features.filter((feature) => adapter!.features.has(feature)),
  );
  const { maxBufferSize } = report!.limits;
  assertEquals(maxBufferSize.needed, 2 ** 28);
  assert(maxBufferSize.has >= maxBufferSize.needed);
});

gpuTest("WebGpuBackend says that the device was lost", async () => {
  using backend = await WebGpuBackend.create({ software: true });
  const x = backend.alloc(100);
  backend.run("fill", { out: x }, { value: 1 });
  assertEquals((await backend.read(x))[99], 1);
  backend.device.gpu.destroy();
  const lost = "Cannot compute: the device was lost";
  await assertRejects(() => backend.read(x), Error, lost);
  assertThrows(
    () => backend.run("fill", { out: x }, { value: 2 }),
    Error,
    lost,
  );
  assertThrows(() => backend.write(x, new Float32Array(1)), Error, lost);
  assertThrows(() => backend.alloc(1), Error, lost);
});

gpuTest("WebGpuBackend refuses work after it was disposed of", async () => {
  const backend = await WebGpuBackend.create({ software: true });
  const x = backend.alloc(100);
  backend[Symbol.dispose]();
  assertThrows(
    () => backend.run("fill", { out: x }, { value: 1 }),
    Error,
    "Cannot compute: the backend was disposed of",
  );
});
