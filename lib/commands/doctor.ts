/**
 * `doctor`: what this machine offers, and what each model size will take; with
 * `--tune` it also finds out how its GPU multiplies best.
 *
 * @module
 */

import { type BlasSearch, findBlas } from "../backend/cpu/blas.ts";
import { reportAdapter } from "../backend/webgpu/device.ts";
import { measureProducts, nameOf, tune } from "../backend/webgpu/tuning.ts";
import { WebGpuBackend } from "../backend/webgpu/webgpu_backend.ts";
import { reasonOf } from "../files.ts";
import { MODEL_SIZES, RWKVConfig } from "../model/config.ts";
import { trainingMemory } from "../train/memory.ts";
import type { Command } from "./shared/command.ts";
import { flag } from "./shared/options.ts";
import { chooseBackend, ENGINE_OPTIONS } from "./shared/engine.ts";
import type { Output } from "./shared/output.ts";
import { readTuning, writeTuning } from "../backend/choice/tuning_file.ts";

/** Windows of a micro-batch, as `train` has them by default. */
const BATCH = 2;

const options = {
  tune: flag("find out how the GPU multiplies best, and keep it (tune)"),
  ...ENGINE_OPTIONS,
};

/** What there is of WebGPU. */
interface GpuReport {
  /** The adapter's name; absent where there is none. */
  readonly adapter?: string;
  readonly vendor?: string;
  /** Whether the driver runs on a GPU or is a CPU in disguise. */
  readonly type?: "hardware" | "software";
  /** What it has of the limits that the kernels need, and what they need. */
  readonly limits?: Readonly<Record<string, { has: number; needed: number }>>;
  /** Why it cannot be used; absent when it can. */
  readonly refusal?: string;
  /** How it multiplies matrices. */
  readonly products?: string;
  /** Whether that was found out by tuning. */
  readonly tuning?: string;
  /** 10⁹ operations of matrix products a second. */
  readonly gflops?: number;
}

/** The command. */
export const doctor: Command<typeof options> = {
  name: "doctor",
  summary: "Show what this machine offers and what each model size takes",
  options,
  notes:
    "`deno task tune` is doctor --tune with leave to write into the cache folder.",
  examples: ["", "--json"],
  async run(values, output) {
    const { available, total } = Deno.systemMemoryInfo();
    const search = findBlas(values.blas === "none" ? "auto" : values.blas);
    const gpu = await reportGpu(values.tune, output);
    const choice = await chooseBackend(values);
    using backend = choice.backend;
    const report = {
      deno: Deno.version.deno,
      os: `${Deno.build.os} ${Deno.build.arch}`,
      cores: navigator.hardwareConcurrency,
      memory: total,
      memoryAvailable: available,
      blas: describeBlas(search),
      blasFailures: search.failures,
      gpu,
      backend: backend.description,
      backendReason: choice.reason,
      sizes: MODEL_SIZES.map((size) => {
        const config = RWKVConfig.ofSize(size);
        const time = config.maxSeqLen;
        const training = trainingMemory(config, { batch: BATCH, time });
        return { size, parameters: config.numParameters(), training };
      }),
    };
    if (values.json) return report;
    const lines = [
      `Deno     ${report.deno} on ${report.os}`,
      `CPU      ${report.cores} cores`,
      `Memory   ${gigabytes(total)}, ${gigabytes(available)} free`,
      `BLAS     ${report.blas}`,
      ...search.failures.map(({ path, reason }) =>
        `         not ${path}: ${reason}`
      ),
      ...linesOf(gpu),
      `Backend  ${report.backend} (--backend ${values.backend}: ${choice.reason})`,
      "",
      `Training at 32,000 tokens, ${BATCH} full windows a micro-batch:`,
    ];
    for (const { size, parameters, training } of report.sizes) {
      const millions = (parameters / 1e6).toFixed(0).padStart(4);
      const fits = training < available ? "" : "  more than is free";
      const bytes = gigabytes(training);
      lines.push(
        `  ${size.padEnd(6)}${millions} M parameters, ${bytes}${fits}`,
      );
    }
    for (const line of lines) output.print(line);
    return report;
  },
};

function describeBlas({ blas }: BlasSearch): string {
  if (blas === undefined) return "none found: our own SIMD kernels are used";
  const core = blas.core === undefined ? "" : `, ${blas.core} kernels`;
  return `${blas.library} (${blas.path}${core})`;
}

/** Looks at the adapter, and tunes for it when asked. */
async function reportGpu(tunes: boolean, output: Output): Promise<GpuReport> {
  let found;
  try {
    found = await reportAdapter();
  } catch (error) {
    return { refusal: reasonOf(error) };
  }
  if (found === undefined) {
    return { refusal: "no adapter; is a Vulkan, Metal or DX12 driver in?" };
  }
  const { name, vendor, software, limits, refusal } = found;
  const report: GpuReport = {
    adapter: name,
    vendor,
    type: software ? "software" : "hardware",
    limits,
  };
  if (refusal !== undefined) return { ...report, refusal };
  try {
    using backend = await WebGpuBackend.create({ software });
    const { device } = backend;
    let tuning: string;
    if (tunes) {
      const onProgress = (name: string, speed: number) =>
        output.note(`${name}: ${speed.toFixed(1)} GF/s`);
      const found = await tune(backend, { onProgress });
      tuning = `tuned, ${await writeTuning(device, found)}`;
    } else {
      const kept = await readTuning(device);
      if (kept.tuning !== undefined) backend.tuning = kept.tuning;
      tuning = kept.origin;
    }
    const gflops = await measureProducts(backend);
    return { ...report, products: nameOf(backend.tuning), tuning, gflops };
  } catch (error) {
    if (tunes) throw error;
    return { ...report, refusal: reasonOf(error) };
  }
}

/** The report for people. */
function linesOf(gpu: GpuReport): string[] {
  const { adapter, vendor, type, limits = {}, refusal } = gpu;
  if (adapter === undefined) return [`GPU      none: ${refusal}`];
  const scarce = Object.entries(limits)
    .filter(([, { has, needed }]) => has < needed)
    .map(([name, { has, needed }]) => `${name} ${has} of ${needed}`);
  const limitsLine = scarce.join(", ") || "all limits suffice";
  const lines = [`GPU      ${adapter}, ${vendor}, ${type}; ${limitsLine}`];
  if (refusal !== undefined) return [...lines, `         ${refusal}`];
  const { gflops, products, tuning } = gpu;
  lines.push(
    `         ${gflops?.toFixed(1)} GF/s in products ${products} (${tuning})`,
  );
  if (type === "software") {
    lines.push("         a CPU in disguise: used with --backend webgpu only");
  }
  return lines;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
