/** Which backend `--backend auto` takes, on adapters of every kind. */

import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { findBlas } from "../../../lib/backend/cpu/blas.ts";
import { CANDIDATES } from "../../../lib/backend/webgpu/tuning.ts";
import { WebGpuBackend } from "../../../lib/backend/webgpu/webgpu_backend.ts";
import {
  type BackendName,
  chooseBackend,
  NO_OWN_KERNELS,
  openBackend,
} from "../../../lib/backend/choice/open_backend.ts";
import { writeTuning } from "../../../lib/backend/choice/tuning_file.ts";
import { useBackend } from "../../../lib/stages/computing.ts";
import { gpuTest } from "../webgpu/adapter.ts";

/** Lets every request for an adapter be answered by another. */
function answering(adapter: unknown): Disposable {
  const { gpu } = navigator;
  Object.defineProperty(gpu, "requestAdapter", {
    value: () => Promise.resolve(adapter),
    configurable: true,
  });
  return {
    [Symbol.dispose]: () => Reflect.deleteProperty(gpu, "requestAdapter"),
  };
}

/** The name of the backend that is chosen, why, and with which tiles. */
async function choose(hasGpu = true) {
  const { backend, reason, hint } = await chooseBackend("auto", {
    threads: 1,
    blas: "none",
    hasGpu,
  });
  using _ = backend;
  const tuning = backend instanceof WebGpuBackend ? backend.tuning : undefined;
  return { name: backend.name, reason, hint, tuning };
}

/** What is there, as if it were a card. */
async function card(changed: Record<string, number> = {}) {
  const real = (await navigator.gpu.requestAdapter())!;
  const limits = new Proxy(real.limits, {
    get: (target, name) =>
      changed[name as string] ?? Reflect.get(target, name, target),
  });
  return {
    info: {
      vendor: "4318",
      architecture: "",
      device: "1",
      description: "Card",
    },
    limits,
    requestDevice: (descriptor: GPUDeviceDescriptor) =>
      real.requestDevice(descriptor),
  };
}

gpuTest(
  "chooseBackend() takes a hardware adapter, and its tuning",
  async () => {
    const adapter = await card();
    using _ = answering(adapter);
    const untuned = await choose();
    assertEquals(untuned.name, "webgpu");
    assertEquals(untuned.reason, "a hardware adapter answered");

    const before = Deno.env.get("XDG_CACHE_HOME");
    Deno.env.set("XDG_CACHE_HOME", await Deno.makeTempDir());
    try {
      using backend = await WebGpuBackend.create();
      const tuning = { tilings: CANDIDATES.slice(3, 5), busy: 77 };
      await writeTuning(backend.device, { tuning, speeds: {} });
      const tuned = await choose();
      assertEquals(tuned.tuning, tuning);
      assertEquals(tuned.hint, undefined);
    } finally {
      if (before === undefined) Deno.env.delete("XDG_CACHE_HOME");
      else Deno.env.set("XDG_CACHE_HOME", before);
    }
  },
);

gpuTest("chooseBackend() takes the CPU where the adapter is poor", async () => {
  using _ = answering(await card({ maxStorageBuffersPerShaderStage: 4 }));
  const { name, reason } = await choose();
  assertEquals(name, "cpu");
  assertEquals(
    reason,
    "Card has a maxStorageBuffersPerShaderStage of 4, and 8 are needed",
  );
});

gpuTest(
  "chooseBackend() takes the CPU rather than a software adapter",
  async () => {
    const { info, ...rest } = await card();
    using _ = answering({
      ...rest,
      info: { ...info, isFallbackAdapter: true },
    });
    const { name, reason } = await choose();
    assertEquals(name, "cpu");
    assertStringIncludes(reason, "Card, is a CPU");
  },
);

Deno.test("chooseBackend() takes the CPU where there is no adapter", async () => {
  using _ = answering(null);
  const { name, reason } = await choose();
  assertEquals(name, "cpu");
  assertStringIncludes(reason, "no adapter was found");
});

Deno.test("chooseBackend() does not even ask where there is no GPU", async () => {
  using _ = answering({});
  const { name, reason } = await choose(false);
  assertEquals([name, reason], ["cpu", "the system shows no GPU"]);
});

Deno.test("openBackend() and stages refuse a backend that there is not", async () => {
  for (const name of ["gpu", "GPU", "webgp", null]) {
    const reason =
      `Cannot open backend "${name}": there are auto, cpu, webgpu, `;
    for (const open of [openBackend, useBackend]) {
      await assertRejects(() => open(name as BackendName), RangeError, reason);
    }
  }
});

Deno.test("openBackend() starts the backend that is asked for", async () => {
  using cpu = await openBackend("cpu", { threads: 2, blas: "none" });
  assertEquals(cpu.description, "cpu: 2 threads, SIMD kernels");
  using reference = await openBackend("reference");
  assertEquals(reference.name, "reference");
  using auto = await openBackend("auto", {
    threads: 1,
    blas: "none",
    hasGpu: false,
  });
  assertEquals(auto.name, "cpu");
});

gpuTest(
  "openBackend() takes a software adapter asked for by name",
  async () => {
    const tuning = { tilings: CANDIDATES.slice(3, 5), busy: 77 };
    using backend = await openBackend("webgpu", { tuning });
    assertEquals((backend as WebGpuBackend).tuning, tuning);
  },
);

const { blas } = findBlas();

Deno.test({
  name: "chooseBackend() hints at an OpenBLAS that does not know the processor",
  ignore: blas?.core === undefined || Deno.build.arch !== "x86_64",
  fn: async () => {
    const module = new URL(
      "../../../lib/backend/choice/open_backend.ts",
      import.meta.url,
    );
    const script = `
      import { chooseBackend } from "${module}";
      const { backend, hint } = await chooseBackend("cpu", { threads: 1 });
      backend[Symbol.dispose]();
      console.log(JSON.stringify(hint ?? null));
    `;
    const hint = async (core: string, ...args: string[]) => {
      const url = "data:application/typescript," + encodeURIComponent(script);
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "--no-prompt",
          "--allow-read",
          "--allow-ffi",
          ...args,
          url,
        ],
        env: { OPENBLAS_CORETYPE: core },
      }).output();
      return JSON.parse(new TextDecoder().decode(stdout));
    };
    // As where it finds it out by itself: the variable cannot be asked.
    const { adapter, reason } = await hint("Prescott");
    assertMatch(adapter, /^OpenBLAS \((?:Prescott|Katmai)\)$/);
    assertEquals(reason, NO_OWN_KERNELS);
    assertEquals(await hint("Sandybridge"), null);
    const chosen = "--allow-env=OPENBLAS_CORETYPE";
    assertEquals(await hint("Prescott", chosen), null);
  },
});
