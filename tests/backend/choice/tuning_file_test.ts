import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Device, openDevice } from "../../../lib/backend/webgpu/device.ts";
import { CANDIDATES, tune } from "../../../lib/backend/webgpu/tuning.ts";
import { WebGpuBackend } from "../../../lib/backend/webgpu/webgpu_backend.ts";
import {
  readTuning,
  tuningPath,
  writeTuning,
} from "../../../lib/backend/choice/tuning_file.ts";
import { gpuTest } from "../webgpu/adapter.ts";
import { succeeds } from "../../commands/run_cli.ts";

/** As much of a device as a tuning is kept by. */
function deviceOf(identity: string): Device {
  const limits = { maxBufferSize: 1, maxStorageBufferBindingSize: 2 };
  return { identity, gpu: { limits } } as unknown as Device;
}

const REPORT = {
  tuning: { tilings: CANDIDATES.slice(0, 2), busy: 64 },
  speeds: { some: 12.5 },
};

Deno.test("readTuning() gives back what writeTuning() kept, by adapter", async () => {
  const path = `${await Deno.makeTempDir()}/new/tuning.json`;
  const [first, second] = [deviceOf("A card"), deviceOf("Another")];
  assertEquals((await readTuning(first, path)).tuning, undefined);
  assertEquals(await writeTuning(first, REPORT, path), path);
  assertEquals((await readTuning(first, path)).tuning, REPORT.tuning);
  assertEquals((await readTuning(second, path)).tuning, undefined);
  const other = { ...REPORT, tuning: { tilings: [], busy: 1 } };
  await writeTuning(second, other, path);
  assertEquals((await readTuning(first, path)).tuning, REPORT.tuning);
  assertEquals((await readTuning(second, path)).tuning, other.tuning);
});

const entry = { key: "x", speeds: {}, tuning: { tilings: [], busy: 1 } };
const huge = { tile: 4096, depth: 16, side: 8, ahead: true };

const USELESS: readonly [string, string][] = [
  ["nothing", ""],
  ["another format", "[1, 2]"],
  ["something cut short", '{"entries": [{"key": "x", '],
  [
    "a tiling that is none of ours",
    JSON.stringify({
      entries: [{ ...entry, tuning: { tilings: [huge], busy: 1 } }],
    }),
  ],
  [
    "an impossible number",
    JSON.stringify({
      entries: [{ ...entry, tuning: { tilings: [], busy: 0 } }],
    }),
  ],
  ["too much", " ".repeat(2 ** 20 + 1)],
];

for (const [what, text] of USELESS) {
  Deno.test(`readTuning() says that a file holds ${what}, and goes on`, async () => {
    const path = `${await Deno.makeTempDir()}/tuning.json`;
    await Deno.writeTextFile(path, text);
    const device = deviceOf("A card");
    const { tuning, origin } = await readTuning(device, path);
    assertEquals(tuning, undefined);
    assertStringIncludes(origin, `not tuned: Cannot read "${path}": `);
    await writeTuning(device, REPORT, path);
    assertEquals((await readTuning(device, path)).tuning, REPORT.tuning);
  });
}

Deno.test("tuningPath() is in the user's cache folder", () => {
  const before = Deno.env.get("XDG_CACHE_HOME");
  if (Deno.build.os === "linux") {
    Deno.env.set("XDG_CACHE_HOME", "/some/where");
    assertEquals(tuningPath(), "/some/where/ptbr-slm/tuning.json");
    Deno.env.set("XDG_CACHE_HOME", "relative");
    assert(tuningPath()?.endsWith("/.cache/ptbr-slm/tuning.json"));
  }
  if (before === undefined) Deno.env.delete("XDG_CACHE_HOME");
  else Deno.env.set("XDG_CACHE_HOME", before);
  assert(tuningPath()?.endsWith("ptbr-slm/tuning.json"));
});

gpuTest("tune() measures every candidate and keeps the quickest", async () => {
  using backend = await WebGpuBackend.create({ software: true });
  const told: string[] = [];
  const only = CANDIDATES.slice(-1);
  const { tuning, speeds } = await tune(backend, {
    candidates: only,
    side: 64,
    onProgress: (name) => told.push(name),
  });
  assertEquals(Object.keys(speeds), told);
  assertEquals(told.length, 2);
  assert(Object.values(speeds).every((speed) => speed > 0));
  const [plain, tiled] = Object.values(speeds);
  assertEquals(tuning.tilings, tiled > plain ? only : []);
  assertEquals(backend.tuning, tuning);
});

gpuTest("doctor says what the adapter is, and what auto takes", async () => {
  const { result } = await succeeds(["doctor", "--json"]);
  const gpu = result.gpu as Record<string, unknown>;
  using device = await openDevice({ software: true });
  assertEquals(gpu.adapter, device.adapter);
  assertEquals(gpu.type, device.software ? "software" : "hardware");
  assert((gpu.gflops as number) > 0);
  const backend = (result.backend as string).split(":")[0];
  assertEquals(backend, device.software ? "cpu" : "webgpu");
  assert((result.backendReason as string).length > 0);
  const limits = gpu.limits as Record<string, { has: number; needed: number }>;
  assert(Object.values(limits).every(({ has, needed }) => has >= needed));
});
