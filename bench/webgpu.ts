/**
 * The WebGPU backend on this machine's GPU: what the device can do, matrix
 * products at the models' shapes, every other kernel beside the device's
 * bandwidth, optimizer steps, decoding, and the host's time for a call.
 *
 *     deno task bench-webgpu [--tune] [--peak 67] [--profile] [--json]
 *       [--only ceilings,products,kernels,training,decode,host]
 *       [--sizes micro,mini,85m] [--arch rwkv4] [--batch 16,64] [--time 256]
 *       [--vocabulary 32000] [--steps 5] [--tokens 512] [--milliseconds 300]
 *       [--software]
 *
 * Beside PyTorch on the same GPU, in one go (f32, no TF32; the same rows):
 *
 *     deno task bench-webgpu --tune && python bench/peers/torch_gpu.py
 *
 * `--tune` looks for the best tiles first, `--peak` is the adapter's peak in f32
 * TFLOP/s, of which products then give their share, `--batch` lists batches to
 * try. `--profile` measures each kernel of an optimizer step by the device's
 * clock instead. A software adapter is only taken with `--software`, gets small
 * shapes by default, and says nothing about a GPU.
 *
 * @module
 */

import { OutOfMemoryError } from "../lib/backend/out_of_memory.ts";
import type { Tuning } from "../lib/backend/webgpu/matmul.ts";
import { nameOf, tune } from "../lib/backend/webgpu/tuning.ts";
import { WebGpuBackend } from "../lib/backend/webgpu/webgpu_backend.ts";
import { type ModelSize, RWKVConfig } from "../lib/model/config.ts";
import { TrainingConfig } from "../lib/training_config.ts";
import { RWKV } from "../lib/model/rwkv.ts";
import { Tape } from "../lib/tensor/tape.ts";
import { Trainer } from "../lib/train/trainer.ts";
import { median, randomBatch, readOptions } from "./shared.ts";
import { kernelCalls } from "./webgpu/kernels.ts";
import { Report, timeOf } from "./webgpu/measure.ts";

const args = readOptions({
  only: "",
  sizes: "",
  arch: "rwkv4",
  batch: "",
  time: "",
  steps: "",
  tokens: "",
  milliseconds: "",
  peak: "",
  vocabulary: "",
  software: false,
  tune: false,
  profile: false,
  json: false,
});
const software = args.software, timestamps = args.profile;
const arch = args.arch as RWKVConfig["architecture"];
const sizes = (args.sizes || (software ? "micro" : "micro,mini,85m"))
  .split(",") as ModelSize[];
const shortest = Number(args.milliseconds || (software ? 20 : 300));
const steps = Number(args.steps || (software ? 1 : 5));
const vocabSize = Number(args.vocabulary || (software ? 1000 : 32000));
const report = new Report();

/** Tokens that the products and kernels are measured with. */
const TOKENS = software ? 64 : 16384;

/** Side of the square product; PyTorch's is measured at the same. */
const SQUARE = software ? 256 : 4096;

/** Bytes of a copy. */
const COPY_BYTES = software ? 2 ** 25 : 2 ** 28;

/** Tokens that are made between two reads, as the generator does. */
const AHEAD = 32;

/** Batches and context lengths of the optimizer steps, small to large. */
const STEPS: Record<ModelSize, { batches: number[]; time: number }> = software
  ? {
    micro: { batches: [1], time: 64 },
    mini: { batches: [1], time: 32 },
    "85m": { batches: [1], time: 8 },
  }
  : {
    micro: { batches: [32, 128], time: 256 },
    mini: { batches: [16, 64], time: 512 },
    "85m": { batches: [4, 16], time: 512 },
  };

/** The products of a layer y = x·wᵀ: y, dx = dy·w, dw += dyᵀ·x. */
const PRODUCTS = {
  forward: { transposeA: false, transposeB: true, accumulate: false },
  "to input": { transposeA: false, transposeB: false, accumulate: true },
  "to weight": { transposeA: true, transposeB: false, accumulate: true },
} as const;

type Shape = { readonly m: number; readonly k: number; readonly n: number };

function wants(section: string): boolean {
  return args.only === "" || args.only.split(",").includes(section);
}

/** Bytes a second of a plain copy, reading and writing counted. */
async function benchCeilings(backend: WebGpuBackend): Promise<number> {
  const { gpu } = backend.device;
  const { COPY_SRC, COPY_DST } = GPUBufferUsage;
  const [from, to] = [0, 1].map(() =>
    gpu.createBuffer({ size: COPY_BYTES, usage: COPY_SRC | COPY_DST })
  );
  const time = await timeOf(backend, () => {
    const encoder = gpu.createCommandEncoder();
    encoder.copyBufferToBuffer(from, 0, to, 0, COPY_BYTES);
    gpu.queue.submit([encoder.finish()]);
  }, shortest);
  for (const buffer of [from, to]) buffer.destroy();
  const speed = 2 * COPY_BYTES / time / 1e6;
  const name = `copy of ${COPY_BYTES / 2 ** 20} MiB`;
  report.add({ section: "ceilings", name, value: speed, unit: "GB/s" });
  const shape = { m: SQUARE, k: SQUARE, n: SQUARE };
  const label = `square ${SQUARE}`;
  await product(backend, "ceilings", label, PRODUCTS.forward, shape);
  return speed;
}

async function product(
  backend: WebGpuBackend,
  section: string,
  name: string,
  options: typeof PRODUCTS[keyof typeof PRODUCTS],
  { m, k, n }: Shape,
): Promise<void> {
  const [out, a, b] = [m * n, m * k, k * n].map((size) => backend.alloc(size));
  backend.run("fill", { out: a }, { value: 1e-3 });
  backend.run("fill", { out: b }, { value: 1e-3 });
  const time = await timeOf(
    backend,
    () => backend.matmul(out, a, b, { m, k, n }, options),
    shortest,
  );
  const value = 2 * m * k * n / time / 1e9;
  const note = args.peak === ""
    ? undefined
    : `${(100 * value / Number(args.peak)).toFixed(1)} % of the peak`;
  report.add({ section, name, value, unit: "TFLOP/s", note });
}

async function benchProducts(open: () => Promise<WebGpuBackend>) {
  for (const size of sizes) {
    using backend = await open();
    const { dModel: d, dFfn: f } = RWKVConfig.ofSize(size);
    for (const [outputs, inputs] of [[d, d], [f, d], [d, f]]) {
      const shapes: Record<keyof typeof PRODUCTS, Shape> = {
        forward: { m: TOKENS, k: inputs, n: outputs },
        "to input": { m: TOKENS, k: outputs, n: inputs },
        "to weight": { m: outputs, k: TOKENS, n: inputs },
      };
      for (const [name, shape] of Object.entries(shapes)) {
        const options = PRODUCTS[name as keyof typeof PRODUCTS];
        const label = `${size} ${outputs}x${inputs} ${name}`;
        await product(backend, "products", label, options, shape);
      }
    }
    // The head works on 256 tokens at a time; one token is what decoding does.
    for (const tokens of [256, 1]) {
      const label = `${size} head, ${tokens} token${tokens > 1 ? "s" : ""}`;
      const shape = { m: tokens, k: d, n: vocabSize };
      await product(backend, "products", label, PRODUCTS.forward, shape);
    }
  }
}

async function benchKernels(backend: WebGpuBackend, bandwidth: number) {
  const size = sizes.at(-1)!;
  const time = software ? 64 : 512;
  const shape = { batch: TOKENS / time, time };
  const config = RWKVConfig.ofSize(size, { vocabSize });
  for (const { name, bytes, call } of kernelCalls(backend, config, shape)) {
    const taken = await timeOf(backend, call, shortest);
    const value = bytes / taken / 1e6;
    const share = (100 * value / bandwidth).toFixed(0);
    report.add({
      section: "kernels",
      name: `${size} ${name}`,
      value,
      unit: "GB/s",
      note: `${(1000 * taken).toFixed(1)} µs, ${share} % of a copy`,
    });
  }
}

function newModel(backend: WebGpuBackend, size: ModelSize): RWKV {
  const config = RWKVConfig.ofSize(size, { architecture: arch, vocabSize });
  const model = new RWKV(config, backend, { training: true });
  model.initialize(1);
  return model;
}

/** Takes optimizer steps of one micro-batch each. */
function stepper(
  backend: WebGpuBackend,
  size: ModelSize,
  { batch, time }: { batch: number; time: number },
) {
  const recipe = new TrainingConfig({ gradientAccumulation: 1 });
  const trainer = new Trainer(newModel(backend, size), recipe);
  const micro = randomBatch(batch, time, vocabSize);
  return () => trainer.trainStep(() => micro);
}

/** Optimizer steps at each batch; the first reserves and compiles. */
async function benchTraining(open: () => Promise<WebGpuBackend>) {
  for (const size of sizes) {
    const time = Number(args.time || STEPS[size].time);
    const batches = args.batch === ""
      ? STEPS[size].batches
      : args.batch.split(",").map(Number);
    for (const batch of batches) {
      try {
        await benchSteps(open, size, { batch, time });
      } catch (error) {
        if (!(error instanceof OutOfMemoryError)) throw error;
        console.log(`  ${arch} ${size} ${batch}x${time}: does not fit`);
      }
    }
  }
}

async function benchSteps(
  open: () => Promise<WebGpuBackend>,
  size: ModelSize,
  { batch, time }: { batch: number; time: number },
) {
  using backend = await open();
  const step = stepper(backend, size, { batch, time });
  await step();
  const { dispatches } = backend.counts;
  const taken: number[] = [];
  for (let turn = 0; turn < steps; turn++) {
    const start = performance.now();
    await step();
    taken.push(performance.now() - start);
  }
  const calls = (backend.counts.dispatches - dispatches) / steps;
  const mebibytes = Math.round(backend.bytesUsed / 2 ** 20);
  report.add({
    section: "training",
    name: `${arch} ${size} ${batch}x${time}`,
    value: 1000 * batch * time / median(taken),
    unit: "tokens/s",
    note: `${calls} calls a step, ${mebibytes} MiB`,
  });
}

/** Where the time of an optimizer step goes, by the device's clock. */
async function profileTraining(open: () => Promise<WebGpuBackend>) {
  for (const size of sizes) {
    using backend = await open();
    const time = Number(args.time || STEPS[size].time);
    const batch = Number(args.batch || STEPS[size].batches[0]);
    const step = stepper(backend, size, { batch, time });
    await step();
    await backend.profile();
    await step();
    const times = await backend.profile();
    const total = times.reduce((sum, each) => sum + each.milliseconds, 0);
    for (const { kernel, calls, milliseconds } of times) {
      report.add({
        section: `profile of ${arch} ${size} ${batch}x${time}`,
        name: kernel,
        value: milliseconds,
        unit: "ms",
        note: `${(100 * milliseconds / total).toFixed(1).padStart(5)} %, ` +
          `${calls} calls`,
      });
    }
  }
}

/** Tokens made one after the other, as the generator does. */
async function benchDecode(open: () => Promise<WebGpuBackend>) {
  const tokens = Number(args.tokens || (software ? 8 : 512));
  const ways = {
    greedy: { temperature: 0 },
    "top-p 0.9": { temperature: 0.8, topP: 0.9 },
  };
  for (const size of sizes) {
    using backend = await open();
    const model = newModel(backend, size);
    const tape = new Tape(backend, { recording: false });
    const state = model.newState(1);
    const places = Array.from({ length: AHEAD }, () => backend.allocIndices(1));
    backend.writeIndices(places[0], [1]);
    const keys = backend.allocIndices(1);
    const decode = async (count: number, options: { temperature: number }) => {
      for (let n = 0; n < count; n++) {
        tape.reset();
        const ids = places[n % AHEAD];
        const hidden = model.forward(tape, ids, { batch: 1, time: 1, state });
        const { data } = model.logits(tape, hidden);
        const shape = { rows: 1, width: vocabSize };
        const how = { ...shape, position: n, ...options };
        backend.sample(places[(n + 1) % AHEAD], data, keys, how);
        if ((n + 1) % AHEAD === 0) await backend.readIndices(places);
      }
      await backend.readIndices(places);
    };
    for (const [name, options] of Object.entries(ways)) {
      await decode(Math.min(AHEAD, tokens), options);
      const start = performance.now();
      await decode(tokens, options);
      const taken = performance.now() - start;
      report.add({
        section: "decode",
        name: `${arch} ${size} ${name}`,
        value: 1000 * tokens / taken,
        unit: "tokens/s",
      });
    }
  }
}

/** The host's time for a call, without and with the submission of many. */
async function benchHost(backend: WebGpuBackend) {
  const calls = 400, turns = software ? 40 : 200;
  const small = backend.alloc(64), marker = backend.allocIndices(1);
  const encoded: number[] = [], submitted: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const start = performance.now();
    for (let i = 0; i < calls; i++) {
      backend.run("fill", { out: small }, { value: i });
    }
    encoded.push(1000 * (performance.now() - start) / calls);
    backend.writeIndices(marker, [turn]); // submits
    submitted.push(1000 * (performance.now() - start) / calls);
    await backend.read(small);
  }
  const add = (name: string, times: readonly number[]) =>
    report.add({ section: "host", name, value: median(times), unit: "µs" });
  add("a call, encoded", encoded);
  add("a call, submitted too", submitted);

  const model = newModel(backend, "micro");
  const tape = new Tape(backend);
  const { inputs, targets } = randomBatch(1, 8, vocabSize);
  const [ids, wanted] = [0, 1].map(() => backend.allocIndices(8));
  backend.writeIndices(ids, inputs);
  backend.writeIndices(wanted, targets);
  const loss = backend.alloc(1);
  const step = () => {
    const hidden = model.forward(tape, ids, { batch: 1, time: 8 });
    model.loss(tape, hidden, wanted, { scale: 1, loss });
    tape.backward();
  };
  const times: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const { dispatches } = backend.counts;
    const start = performance.now();
    step();
    const taken = performance.now() - start;
    times.push(1000 * taken / (backend.counts.dispatches - dispatches));
    await backend.read(loss);
  }
  add("a call of a training step", times.slice(turns / 2)); // warm
}

let tuning: Tuning | undefined;
const open = () => WebGpuBackend.create({ software, tuning, timestamps });
let device: string;
{
  using backend = await open();
  device = backend.device.adapter;
  console.log(backend.description);
  if (args.tune) ({ tuning } = await tune(backend));
  console.log(`products: ${nameOf(backend.tuning)}`);
  if (software) console.log("a software adapter: nothing here is of a GPU");
}
if (args.profile) {
  await profileTraining(open);
} else {
  let bandwidth = NaN;
  if (wants("ceilings") || wants("kernels")) {
    using backend = await open();
    bandwidth = await benchCeilings(backend);
  }
  if (wants("products")) await benchProducts(open);
  if (wants("kernels")) {
    using backend = await open();
    await benchKernels(backend, bandwidth);
  }
  if (wants("training")) await benchTraining(open);
  if (wants("decode")) await benchDecode(open);
  if (wants("host")) {
    using backend = await open();
    await benchHost(backend);
  }
}
if (args.json) {
  const { rows } = report;
  console.log(JSON.stringify({ device, deno: Deno.version.deno, arch, rows }));
}
