/** Joined calls do what their members do alone. */

import { assert, assertEquals, assertLess } from "@std/assert";
import type { Backend, Memory } from "../../../lib/backend/backend.ts";
import { ReferenceBackend } from "../../../lib/backend/reference/reference_backend.ts";
import { joinedSource } from "../../../lib/backend/webgpu/joined.ts";
import { Group } from "../../../lib/backend/webgpu/joining.ts";
import {
  Arena,
  type WebGpuMemory,
} from "../../../lib/backend/webgpu/memory.ts";
import type { RecordedCall } from "../../../lib/backend/webgpu/recording.ts";
import { WebGpuBackend } from "../../../lib/backend/webgpu/webgpu_backend.ts";
import { ARCHITECTURES } from "../../../lib/model/architecture.ts";
import { RWKVConfig } from "../../../lib/model/config.ts";
import { RWKV } from "../../../lib/model/rwkv.ts";
import { Random } from "../../../lib/random.ts";
import { Tape } from "../../../lib/tensor/tape.ts";
import { assertClose } from "../../contract/case.ts";
import { gpuTest } from "./adapter.ts";

/** Odd extents: rows that are no whole fours, last workgroups that are not full. */
const SHAPE = {
  vocabSize: 77,
  dModel: 64,
  nLayers: 2,
  dFfn: 130,
  headSize: 32,
};

const TOKENS = [3, 41, 7, 76, 3];

/** The logits of each token, fed one by one. */
async function logitsOn(
  backend: Backend,
  architecture: RWKVConfig["architecture"],
): Promise<Float32Array[]> {
  const model = new RWKV(new RWKVConfig({ ...SHAPE, architecture }), backend);
  const random = new Random(5);
  for (const { data, length } of model.parameters) {
    const values = () => 0.5 * random.uniform() - 0.25;
    backend.write(data, Float32Array.from({ length }, values));
  }
  const tape = new Tape(backend, { recording: false });
  const state = model.newState(1);
  const ids = backend.allocIndices(1);
  const all: Float32Array[] = [];
  for (const id of TOKENS) {
    tape.reset();
    backend.writeIndices(ids, [id]);
    const hidden = model.forward(tape, ids, { batch: 1, time: 1, state });
    const { data } = model.logits(tape, hidden);
    all.push((await backend.read(data)).slice(0, SHAPE.vocabSize));
  }
  return all;
}

for (const architecture of ARCHITECTURES) {
  gpuTest(
    `joined calls of ${architecture} give the logits of single ones`,
    async () => {
      const names: string[] = [];
      const recorder = ({ kernel }: RecordedCall) => void names.push(kernel);
      using joined = await WebGpuBackend.create({ software: true, recorder });
      using single = await WebGpuBackend.create({
        software: true,
        joining: false,
      });
      const got = await logitsOn(joined, architecture);
      const alone = await logitsOn(single, architecture);
      const want = await logitsOn(new ReferenceBackend("f64"), architecture);
      assert(names.some((name) => name.includes("+")));
      assertLess(joined.counts.dispatches, single.counts.dispatches / 1.5);
      for (const [t, logits] of want.entries()) {
        const name = `${architecture}, token ${t}`;
        assertClose(got[t], logits, 2e-5, `${name}, joined`);
        assertClose(alone[t], logits, 2e-5, `${name}, single`);
      }
      assertEquals(await logitsOn(joined, architecture), got, "other bits");
    },
  );
}

/** The names of the calls that some ops are made by, on paper. */
function callsOf(
  make: (backend: WebGpuBackend, alloc: (length: number) => Memory) => void,
  options: { readonly bindingLimit?: number } = {},
): string[] {
  const names: string[] = [];
  using backend = WebGpuBackend.onPaper({
    ...options,
    recorder: ({ kernel }) => void names.push(kernel),
  });
  make(backend, (length) => backend.alloc(length));
  assertEquals(backend.counts.dispatches, names.length);
  return names;
}

const ROW = { m: 1, k: 64, n: 64 }, BY_ROWS = { transposeB: true };

Deno.test("products are joined that need nothing of each other", () => {
  const names = callsOf((backend, alloc) => {
    const [a, b, c, d] = [64, 64, 64, 64].map(alloc), weight = alloc(4096);
    backend.matmul(b, a, weight, ROW, BY_ROWS);
    backend.matmul(c, a, weight, ROW);
    backend.matmul(d, c, weight, ROW); // of what the last one makes
    backend.matmul(a, b, weight, ROW);
    backend.matmul(d, b, weight, ROW); // to where another puts its own
    backend.matmul(c, a, weight, ROW, { accumulate: true });
  });
  assertEquals(names, ["matvec+vecmat", "vecmat+vecmat", "vecmat+vecmat"]);
});

Deno.test("what is done to a product's values is joined to it alone", () => {
  const names = callsOf((backend, alloc) => {
    const [a, b, c, d] = [64, 64, 64, 64].map(alloc), weight = alloc(4096);
    backend.matmul(b, a, weight, ROW);
    backend.run("tanhForward", { y: c, x: b });
    backend.matmul(b, a, weight, ROW);
    backend.matmul(c, a, weight, ROW);
    backend.run("sigmoidGateForward", { y: d, r: b, v: c }); // of two
    backend.matmul(b, a, weight, ROW);
    backend.run("tanhForward", { y: a, x: b }); // over what is multiplied
    backend.matmul(b, a, weight, ROW);
    const half = backend.slice(b, 0, 32);
    backend.run("tanhForward", { y: half, x: half }); // of half of it
  });
  assertEquals(names, [
    "vecmat+tanhForward",
    "vecmat+vecmat",
    "sigmoidGateForward",
    "vecmat",
    "tanhForward",
    "vecmat",
    "tanhForward",
  ]);
});

Deno.test("nothing is joined that cannot be bound, or has several rows", () => {
  const names = callsOf((backend, alloc) => {
    const [a, b, c] = [128, 128, 128].map(alloc), weight = alloc(4096);
    backend.matmul(b, a, weight, { ...ROW, m: 2 });
    backend.matmul(c, a, weight, { ...ROW, m: 2 });
    backend.matmul(c, a, weight, ROW);
    backend.run("add", { out: c, x: b });
  });
  assertEquals(names, ["vecmat", "vecmat", "vecmat", "add"]);
  const limited = callsOf((backend, alloc) => {
    const [a, b, c] = [64, 64, 64].map(alloc), weight = alloc(4096);
    backend.matmul(b, a, weight, ROW);
    backend.matmul(c, a, weight, ROW);
  }, { bindingLimit: 2 ** 19 });
  assertEquals(limited, ["vecmat", "vecmat"]); // small memories share 2²⁰ bytes
});

Deno.test("Group waits where a member reads what another wrote, or writes what it read", () => {
  using backend = WebGpuBackend.onPaper({});
  const arena = new Arena(backend.device);
  const [x, y, z, weight, stats] = Array.from(
    { length: 5 },
    () => arena.reserve(64),
  );
  const group = new Group();
  const add = (kernel: string, memories: WebGpuMemory[], numbers: number[]) => {
    const written = kernel === "layerNormForward" ? 2 : 1;
    const writes = memories.map((_, i) => i < written);
    const grid = [1, 1, 1] as const;
    const call = { kernel, memories, parameters: numbers, grid };
    return group.add(call, { writes, floats: [] }, Infinity);
  };
  assert(add("layerNormForward", [y, stats, x, weight, weight], [1, 64]));
  assert(add("lastToken", [z, weight], [64, 0, 64, 1])); // needs nothing of it
  assert(add("lastToken", [x, y], [64, 0, 64, 1])); // y was written
  assert(add("lastToken", [weight, z], [64, 0, 64, 1])); // z was, before
  assert(add("lastToken", [y, weight], [64, 0, 64, 1]));
  assert(!add("squaredReluForward", [x, y], [64]));
  const { module, grid } = group.plan();
  const waits = module.members.map(({ waits }) => waits);
  assertEquals(waits, [false, false, true, false, true]);
  assertEquals(grid, [1, 1, 1]);
  const barriers = joinedSource(module).code.split("storageBarrier();").length;
  assertEquals(barriers - 1, 2);
});
