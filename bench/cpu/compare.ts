/**
 * Tokens per second of whole optimizer steps on the CPU, ours beside PyTorch
 * and Burn: every side is a process of its own that takes a step when asked, so
 * that a busy machine hurts all alike. Prints medians and ratios, the peak of
 * memory, and the share of our step in each op beside the machine's ceilings.
 *
 *     deno task bench-cpu --size micro --arch classic --rounds 5
 *       [--python VENV/bin/python] [--compile] [--burn BINARY]
 *       [--core Haswell] [--accumulation 16] [--time 256] [--threads 2]
 *       [--figures FILE]
 *
 * `--python` needs `pip install torch==2.13.0`; `--burn` what `cargo build
 * --release` makes of `bench/peers/burn_train` (classic alone); `--core` runs
 * OpenBLAS once more with those kernels (OPENBLAS_CORETYPE).
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";
import { CpuBackend } from "../../lib/backend/cpu/cpu_backend.ts";
import { DENO_HOST } from "../../lib/backend/cpu/deno_host.ts";
import type { ArchitectureName } from "../../lib/model/architecture.ts";
import { type ModelSize, RWKVConfig } from "../../lib/model/config.ts";
import { keepFigures } from "../report/figures.ts";
import { median, readOptions } from "../shared.ts";
import { MemoryReader } from "./memory_reader.ts";

const options = readOptions({
  size: "micro",
  arch: "classic",
  rounds: "5",
  batch: "2",
  time: "",
  accumulation: "16",
  threads: String(navigator.hardwareConcurrency),
  python: "",
  compile: false,
  burn: "",
  core: "",
  figures: "",
});
const { batch, accumulation, python, core } = options;
const size = options.size as ModelSize, arch = options.arch as ArchitectureName;
const rounds = Number(options.rounds), threads = Number(options.threads);
const config = RWKVConfig.ofSize(size, { architecture: arch });
const time = options.time || String(config.maxSeqLen);

/** What a side says of a step. */
interface Report {
  readonly seconds: number;
  readonly tokens: number;
  readonly peak: number;
  readonly version: string;
  readonly parts?: Record<string, number>;
}

/** A process that takes a step when asked. */
class Side {
  readonly rates: number[] = [];
  last?: Report;
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<string>;

  constructor(
    readonly name: string,
    command: string,
    args: string[],
    env: Record<string, string> = {},
  ) {
    this.#process = new Deno.Command(command, {
      args,
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#writer = this.#process.stdin.getWriter();
    this.#reader = this.#process.stdout
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream())
      .getReader();
  }

  /** Asks for a step; false when the process has ended. */
  async step(): Promise<boolean> {
    await this.#writer.write(new TextEncoder().encode("\n")).catch(() => {});
    const { value } = await this.#reader.read();
    if (value === undefined) return false;
    this.last = JSON.parse(value);
    return true;
  }

  async end(): Promise<void> {
    await this.#writer.close().catch(() => {});
    this.#process.kill("SIGKILL");
    await this.#process.status;
    await this.#reader.cancel();
  }

  get rate(): number {
    return median(this.rates);
  }
}

/** Bytes of memory that ops over all parameters read and write, a parameter. */
const TRAFFIC = {
  adamW: 32, // weight, gradient and two moments
  sumOfSquares: 4,
};

/** Threads of PyTorch that sleep while they wait. */
const PASSIVE = { OMP_WAIT_POLICY: "PASSIVE" };

const shape = [
  ...["--size", size, "--arch", arch, "--batch", batch, "--time", time],
  ...["--accumulation", accumulation, "--threads", String(threads)],
];

function ours(
  name: string,
  args: string[],
  env: Record<string, string> = {},
): Side {
  const script = new URL("train_step.ts", import.meta.url).pathname;
  const run = ["run", "--allow-read", "--allow-ffi", script, ...shape];
  return new Side(name, Deno.execPath(), [...run, ...args], env);
}

function torch(name: string, args: string[], env = {}): Side {
  const script = new URL("../peers/torch_train.py", import.meta.url).pathname;
  return new Side(name, python, [script, ...shape, ...args], env);
}

const makers: (() => Side)[] = [
  () => ours("ours, BLAS", []),
  () => ours("ours, SIMD", ["--blas", "none"]),
];
if (core !== "") {
  makers.push(() =>
    ours(`ours, BLAS ${core}`, [], { OPENBLAS_CORETYPE: core })
  );
}
if (python !== "") {
  makers.push(() => torch("PyTorch", []));
  makers.push(() => torch("PyTorch PASSIVE", [], PASSIVE));
  if (options.compile) {
    makers.push(() => torch("PyTorch compiled", ["--compile"], PASSIVE));
  }
}
if (options.burn !== "" && arch === "classic") {
  const args = [size, batch, time, accumulation];
  const env = { RAYON_NUM_THREADS: String(threads) };
  makers.push(() => new Side("Burn NdArray", options.burn, args, env));
}

const sides: Side[] = [];
for (const make of makers) {
  const side = make();
  // The first steps reserve memory and compile.
  if (await side.step() && await side.step()) sides.push(side);
  else {
    console.log(`${side.name}: did not start`);
    await side.end();
  }
}
for (let round = 0; round < rounds; round++) {
  for (const side of sides) {
    if (!await side.step()) throw new Error(`Cannot go on: ${side.name} ended`);
    const { tokens, seconds } = side.last!;
    side.rates.push(tokens / seconds);
    // Threads of the side before may still spin.
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}
const best = Math.max(
  ...sides.filter(({ name }) => name.startsWith("PyTorch"))
    .map(({ rate }) => rate),
);
console.log(
  `${arch} ${size}, batch ${batch} x ${time}, accumulation ${accumulation}, ` +
    `${threads} threads, median of ${rounds}`,
);
for (const { name, rate, last } of sides) {
  console.log([
    name.padEnd(20),
    `${rate.toFixed(0).padStart(6)} tokens/s`,
    best > 0 ? `${(rate / best).toFixed(2)} x PyTorch` : "",
    `${(last!.peak / 2 ** 30).toFixed(2)} GiB`,
    last!.version,
  ].join("  "));
}
for (const side of sides) await side.end();
await keepFigures(
  options.figures,
  sides.map(({ name, rates }) => ({
    what: `training, ${size} ${arch}, ${threads} threads`,
    side: name,
    isOurs: name.startsWith("ours"),
    unit: "tokens/s",
    better: "more",
    values: rates,
  })),
);
await printParts();
Deno.exit(0);

/** Where our step spends its time, and what the machine can do. */
async function printParts(): Promise<void> {
  const side = ours("parts", ["--parts"]);
  for (let i = 0; i < 3; i++) await side.step();
  const { seconds, parts = {} } = side.last!;
  await side.end();
  console.log(`\nShare of a step of ${seconds.toFixed(2)} s`);
  let rest = 1;
  for (
    const [name, ms] of Object.entries(parts).sort(([, a], [, b]) => b - a)
  ) {
    const share = ms / 1000 / seconds;
    if (share < 0.002) break;
    rest -= share;
    console.log(`  ${name.padEnd(28)}${percent(share)}`);
  }
  console.log(`  ${"everything else".padEnd(28)}${percent(rest)}`);
  using backend = await CpuBackend.create({ threads, host: DENO_HOST });
  const peak = gemmPeak(backend);
  const work = flops() * Number(accumulation);
  const products = (parts["matmul, head"] + parts["matmul, blocks"]) / 1000;
  const reached = work / products / 1e9;
  console.log(
    `Matrix products: ${reached.toFixed(0)} GF/s of ${peak.toFixed(0)} that ` +
      `one of 1024 x 1024 x 1024 reaches (${percent(reached / peak).trim()})`,
  );
  const reader = new MemoryReader(2 ** 28, { threads, passes: 8 });
  const rates: number[] = [];
  for (let i = 0; i < 5; i++) rates.push(await reader.read() / 1e9);
  reader.end();
  const memory = median(rates);
  const parameters = config.numParameters();
  console.log(`Memory is read at ${memory.toFixed(1)} GB/s; of that`);
  for (const [name, bytes] of Object.entries(TRAFFIC)) {
    const rate = bytes * parameters / parts[name] / 1e6;
    console.log(
      `  ${name.padEnd(28)}${percent(rate / memory)} (${rate.toFixed(1)} GB/s)`,
    );
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`.padStart(7);
}

/** Floating-point operations of the matrix products of a micro-batch. */
function flops(): number {
  const { dModel: d, dFfn: f, nLayers, vocabSize } = config;
  const channel = arch === "rwkv7" ? 2 * d * f : 2 * d * f + d * d;
  const weights = nLayers * (4 * d * d + channel) + vocabSize * d;
  return 6 * Number(batch) * Number(time) * weights;
}

function gemmPeak(backend: CpuBackend): number {
  const n = 1024;
  const [out, a, b] = [0, 1, 2].map(() => backend.alloc(n * n));
  const times: number[] = [];
  for (let i = 0; i < 30; i++) {
    const start = performance.now();
    backend.matmul(out, a, b, { m: n, k: n, n }, { transposeB: true });
    times.push(performance.now() - start);
  }
  return 2 * n ** 3 / median(times) / 1e6;
}
