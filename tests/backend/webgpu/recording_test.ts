/** What is counted on paper is what a device is asked to do. */

import { assert, assertEquals, assertGreater } from "@std/assert";
import {
  callsOfStep,
  callsOfToken,
  callsPerLayer,
} from "../../../bench/webgpu/count.ts";
import { UNTUNED } from "../../../lib/backend/webgpu/matmul.ts";
import type { RecordedCall } from "../../../lib/backend/webgpu/recording.ts";
import { WebGpuBackend } from "../../../lib/backend/webgpu/webgpu_backend.ts";
import { ARCHITECTURES } from "../../../lib/model/architecture.ts";
import { RWKVConfig } from "../../../lib/model/config.ts";
import { RWKV } from "../../../lib/model/rwkv.ts";
import { Tape } from "../../../lib/tensor/tape.ts";
import { gpuTest } from "./adapter.ts";

const SHAPE = { vocabSize: 64, dModel: 64, nLayers: 2, dFfn: 128 };

/** Most calls a layer of a decoded token; lower them when calls are joined. */
const MOST_PER_LAYER = { classic: 7, rwkv4: 7, rwkv6: 23, rwkv7: 8 };

/** Most calls a layer of a training step; lower them, too. */
const MOST_OF_STEP = { classic: 49, rwkv4: 62, rwkv6: 116, rwkv7: 95 };

/** Calls of a model's pass over a token, on a backend. */
function callsOn(
  backend: WebGpuBackend,
  calls: readonly RecordedCall[],
): readonly RecordedCall[] {
  const config = new RWKVConfig({ ...SHAPE, architecture: "rwkv7" });
  const model = new RWKV(config, backend);
  const tape = new Tape(backend, { recording: false });
  const state = model.newState(1);
  const ids = backend.allocIndices(1);
  const before = calls.length;
  model.logits(
    tape,
    model.forward(tape, ids, { batch: 1, time: 1, state }),
  );
  return calls.slice(before);
}

gpuTest("WebGpuBackend.onPaper() records what a device is given", async () => {
  const drawn: RecordedCall[] = [], given: RecordedCall[] = [];
  using paper = WebGpuBackend.onPaper({
    recorder: (call) => void drawn.push(call),
  });
  using device = await WebGpuBackend.create({
    software: true,
    tuning: UNTUNED,
    recorder: (call) => void given.push(call),
  });
  const expected = callsOn(paper, drawn);
  assertGreater(expected.length, 15);
  assertEquals(callsOn(device, given), expected);
  await device.read(device.alloc(1)); // fails where a kernel did not compile
});

Deno.test("WebGpuBackend.onPaper() counts a product's bytes and operations", () => {
  const calls: RecordedCall[] = [];
  using backend = WebGpuBackend.onPaper({
    recorder: (call) => void calls.push(call),
  });
  const [out, a, b] = [64, 256, 1024].map((length) => backend.alloc(length));
  backend.matmul(out, a, b, { m: 4, k: 64, n: 16 }, { transposeB: true });
  assertEquals(calls, [{
    kernel: "matvec",
    read: 4 * (256 + 1024),
    written: 4 * 64,
    operations: 2 * 4 * 64 * 16,
  }]);
});

Deno.test("WebGpuBackend.onPaper() counts what is added to as read, too", () => {
  const calls: RecordedCall[] = [];
  using backend = WebGpuBackend.onPaper({
    recorder: (call) => void calls.push(call),
  });
  const [out, x] = [64, 64].map((length) => backend.alloc(length));
  backend.run("add", { out, x });
  backend.run("tanhForward", { y: out, x });
  assertEquals(
    calls.map(({ read, written }) => [read, written]),
    [[512, 256], [256, 256]],
  );
});

for (const architecture of ARCHITECTURES) {
  Deno.test(`a decoded token of ${architecture} is no more calls than it was`, async () => {
    const config = RWKVConfig.ofSize("micro", { architecture });
    const calls = await callsPerLayer(config, callsOfToken);
    const most = MOST_PER_LAYER[architecture as keyof typeof MOST_PER_LAYER];
    assert(calls <= most, `${calls} calls a layer, not at most ${most}`);
    // Every weight of the blocks and the head is read once.
    const model = new RWKV(config, WebGpuBackend.onPaper({}));
    const least = 4 *
      (model.numParameters() - config.vocabSize * config.dModel);
    const read = callsOfToken(config).reduce((sum, { read }) => sum + read, 0);
    assert(read >= least && read < 1.1 * least, `${read} bytes of ${least}`);
  });
}

for (const architecture of ARCHITECTURES) {
  Deno.test(`a training step of ${architecture} is no more calls than it was`, async () => {
    const config = RWKVConfig.ofSize("micro", { architecture });
    const calls = await callsPerLayer(
      config,
      (config) => callsOfStep(config, { batch: 2, time: 64 }),
    );
    const most = MOST_OF_STEP[architecture as keyof typeof MOST_OF_STEP];
    assert(calls <= most, `${calls} calls a layer, not at most ${most}`);
  });
}

Deno.test("callsOfStep() counts the products of a training step", async () => {
  const config = new RWKVConfig({ ...SHAPE, architecture: "rwkv4" });
  const calls = await callsOfStep(config, { batch: 2, time: 8 });
  const operations = calls
    .filter(({ kernel }) => kernel.startsWith("mat"))
    .reduce((sum, call) => sum + call.operations, 0);
  const { dModel: d, dFfn: f, nLayers, vocabSize } = config;
  const weights = nLayers * (5 * d * d + 2 * d * f) + vocabSize * d;
  assertEquals(operations, 6 * weights * 16); // forward, to input, to weight
});
