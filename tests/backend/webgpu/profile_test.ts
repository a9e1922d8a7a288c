import { assert, assertEquals, assertRejects } from "@std/assert";
import { mapsEnded } from "../../../lib/backend/webgpu/sync.ts";
import { WebGpuBackend } from "../../../lib/backend/webgpu/webgpu_backend.ts";
import { gpuTest, noAdapter } from "./adapter.ts";

/** Why the adapter cannot be profiled; undefined when it can. */
const noTimestamps: string | undefined = noAdapter ??
  await WebGpuBackend.create({ software: true, timestamps: true }).then(
    (backend) => void backend[Symbol.dispose](),
    (error) => `skipped: ${(error as Error).message}`,
  );
await mapsEnded();

Deno.test({
  name: "WebGpuBackend profile() says what each kernel took" +
    (noTimestamps === undefined ? "" : ` (${noTimestamps})`),
  ignore: noTimestamps !== undefined,
  fn: async () => {
    using backend = await WebGpuBackend.create({
      software: true,
      timestamps: true,
    });
    const length = 2 ** 20;
    const x = backend.alloc(length), y = backend.alloc(length);
    backend.run("fill", { out: x }, { value: 2 });
    await backend.profile(); // compiles
    const start = performance.now();
    const out = backend.slice(y, 0, 100);
    for (let value = 0; value < 700; value++) {
      backend.run("fill", { out }, { value });
    }
    for (let i = 0; i < 20; i++) backend.run("squaredReluForward", { y, x });
    const times = await backend.profile();
    const elapsed = performance.now() - start;
    const calls = times.map(({ kernel, calls }) => `${calls} ${kernel}`);
    assertEquals(calls.sort(), ["20 squaredReluForward", "700 fill"]);
    const total = times.reduce(
      (sum, { milliseconds }) => sum + milliseconds,
      0,
    );
    assert(total > 0 && total < 1.1 * elapsed, `${total} ms of ${elapsed}`);
    assertEquals((await backend.read(y))[length - 1], 4);
    assertEquals(await backend.profile(), []);
    await mapsEnded();
  },
});

gpuTest("WebGpuBackend profile() needs timestamps", async () => {
  using backend = await WebGpuBackend.create({ software: true });
  await assertRejects(
    () => backend.profile(),
    TypeError,
    "Cannot profile: the option timestamps was not set",
  );
});

gpuTest("WebGpuBackend says that an adapter has no timestamps", async () => {
  const { gpu } = navigator;
  const requestAdapter = gpu.requestAdapter;
  gpu.requestAdapter = async (options) => {
    const adapter = (await requestAdapter.call(gpu, options))!;
    const { limits, info } = adapter;
    return { limits, info, features: new Set() } as unknown as GPUAdapter;
  };
  try {
    await assertRejects(
      () => WebGpuBackend.create({ software: true, timestamps: true }),
      Error,
      "has no timestamp queries, which a profile needs",
    );
  } finally {
    gpu.requestAdapter = requestAdapter;
  }
});
