/**
 * What a machine offers, and what each model size takes on it.
 *
 * @module
 */

import {
  type BackendName,
  chooseBackend,
  type OpenBackendOptions,
} from "../backend/choice/open_backend.ts";
import { quietLoader } from "../backend/choice/quiet_loader.ts";
import { readTuning, writeTuning } from "../backend/choice/tuning_file.ts";
import {
  chooseCore,
  findBlas,
  hasKernelsOfAny,
  isCoreChosen,
} from "../backend/cpu/blas.ts";
import {
  type BlasPlace,
  environmentPlaces,
} from "../backend/cpu/blas_places.ts";
import { CpuBackend } from "../backend/cpu/cpu_backend.ts";
import { DENO_HOST } from "../backend/cpu/deno_host.ts";
import { reportAdapter } from "../backend/webgpu/device.ts";
import { measureProducts, nameOf, tune } from "../backend/webgpu/tuning.ts";
import { WebGpuBackend } from "../backend/webgpu/webgpu_backend.ts";
import {
  findMpi,
  type MpiChoice,
  NOT_THERE,
} from "../distributed/mpi_library.ts";
import { reasonOf } from "../files.ts";
import { MODEL_SIZES, type ModelSize, RWKVConfig } from "../model/config.ts";
import { isGranted } from "../permissions.ts";
import { CPU_LIMIT, fitTraining, PROGRAM_MEMORY } from "../train/memory.ts";
import { TrainingConfig } from "../training_config.ts";
import { assertOptions, type OptionKinds, wholeFrom } from "../option_kinds.ts";
import { type BlasAdvice, blasAdvice, newerBlas } from "./blas_advice.ts";
import { systemMemory } from "./machine.ts";
import { type Progress, STAGE_KINDS, type StageOptions } from "./stage.ts";

/** A product of the size of 85m's on the CPU, and how long it is repeated. */
const PRODUCT = { m: 512, k: 768, n: 2688 }, MILLISECONDS = 300;

/** How far `inspectMachine()` is, in parts of the work. */
export interface InspectProgress extends Progress {
  /** What is looked at. */
  readonly step: "blas" | "cpu" | "gpu" | "backend" | "sizes";
}

/** The parts of the work. */
const STEPS: readonly InspectProgress["step"][] = [
  "blas",
  "cpu",
  "gpu",
  "backend",
  "sizes",
];

/** What `inspectMachine()` is to look at. */
export interface InspectOptions
  extends StageOptions<InspectProgress>, Omit<OpenBackendOptions, "software"> {
  /** The backend whose choice is explained; `auto` unless given. */
  readonly backend?: BackendName;
  /** The MPI library that is looked for; see `findMpi()`. */
  readonly mpi?: MpiChoice;
  /** Whether to find out how the GPU multiplies best, and to keep it. */
  readonly tune?: boolean;
  /** Told of each candidate of that: 10⁹ operations a second. */
  readonly onTuned?: (name: string, speed: number) => void;
}

/** What its options are. */
const OPTIONS: OptionKinds<InspectOptions> = {
  backend: "text?",
  threads: wholeFrom(1),
  blas: "text?",
  mpi: "text?",
  blasCore: "text?",
  tuning: "object?",
  hasGpu: "flag?",
  tune: "flag?",
  onTuned: "function?",
  ...STAGE_KINDS,
};

/** The search for a BLAS. */
export interface BlasReport {
  /** What is used, unless the options say otherwise. */
  readonly found?: {
    readonly library: string;
    readonly path: string;
    readonly core?: string;
    readonly owner?: string;
  };
  /** What cannot be used, or is worse, and why. */
  readonly rejected: readonly { readonly path: string; reason: string }[];
  /** What would have been tried next. */
  readonly others: readonly BlasPlace[];
  /** How to get one where there is none. */
  readonly advice?: BlasAdvice;
  /** How to get a newer one, where this does not know the processor. */
  readonly newer?: string;
}

/** The search for an MPI library, by which several machines train together. */
export interface MpiReport {
  /** What it calls itself; absent where none can be used. */
  readonly version?: string;
  /** The name or path by which it was opened. */
  readonly path?: string;
  /** What is there and cannot be used, and why. */
  readonly rejected: readonly { readonly path: string; reason: string }[];
}

/** What there is of WebGPU. */
export interface GpuReport {
  /** The adapter's name; absent where there is none. */
  readonly adapter?: string;
  /** Who made it. */
  readonly vendor?: string;
  /** Whether the driver runs on a GPU or is a CPU in disguise. */
  readonly type?: "hardware" | "software";
  /** What it has of the limits that the kernels need, and what they need. */
  readonly limits?: Readonly<Record<string, { has: number; needed: number }>>;
  /** What it offers that the kernels leave alone, as WebGPU names it. */
  readonly unused?: readonly string[];
  /** Why it cannot be used; absent when it can. */
  readonly refusal?: string;
  /** How it multiplies matrices. */
  readonly products?: string;
  /** Whether that was found out by tuning. */
  readonly tuning?: string;
  /** 10⁹ operations of matrix products a second. */
  readonly gflops?: number;
}

/** What training a model of a size takes, at 32,000 tokens. */
export interface SizeReport {
  /** As `--model-size` names it. */
  readonly size: ModelSize;
  /** How many numbers the model is. */
  readonly parameters: number;
  /** Tokens of a window, as `train` has them by default. */
  readonly window: number;
  /** Whether blocks are run twice, as all does not fit the CPU engine. */
  readonly recompute: boolean;
  /** Bytes of the whole process, about. */
  readonly memory: number;
}

/** What `inspectMachine()` found. */
export interface MachineReport {
  /** Version of Deno. */
  readonly deno: string;
  /** System and architecture. */
  readonly os: string;
  /** How many threads the processor has. */
  readonly cores: number;
  /** Bytes; absent where the program may not ask for it. */
  readonly memory?: number;
  /** Bytes that are free of it. */
  readonly memoryAvailable?: number;
  /** The search for a BLAS. */
  readonly blas: BlasReport;
  /** What multiplies on the CPU, and 10⁹ operations of it a second. */
  readonly cpu: { readonly description: string; readonly gflops: number };
  /** What there is of WebGPU. */
  readonly gpu: GpuReport;
  /** The search for an MPI library. */
  readonly mpi: MpiReport;
  /** What would compute. */
  readonly backend: string;
  /** Why it would be this one. */
  readonly backendReason: string;
  /** Windows of a micro-batch, as `train` has them by default. */
  readonly batch: number;
  /** What each model size takes. */
  readonly sizes: readonly SizeReport[];
}

/**
 * Looks at a machine: its BLAS, its GPU, how fast each multiplies, which backend
 * would be chosen, and which models fit. Takes some seconds; with `tune` more.
 *
 * @param options Which backend to explain, and how it is started.
 * @returns What was found.
 * @throws {Error} When the backend, or the BLAS, asked for cannot be had, or the
 * tuning not be kept.
 *
 * @example
 * ```ts
 * import { inspectMachine } from "./doctor.ts";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const libraries = { blas: "none", mpi: "none" };
 * const report = await inspectMachine({ backend: "cpu", ...libraries });
 * assertEquals(report.backendReason, "asked for");
 * assert(report.cpu.gflops > 0);
 * ```
 */
export async function inspectMachine(
  options: InspectOptions = {},
): Promise<MachineReport> {
  assertOptions("inspect the machine", options, OPTIONS);
  const { backend: name = "auto", signal, onProgress } = options;
  const begin = (step: InspectProgress["step"]) => {
    signal?.throwIfAborted();
    onProgress?.({ done: STEPS.indexOf(step), total: STEPS.length, step });
    // What is told is shown before the work that blocks.
    return new Promise((resolve) => setTimeout(resolve));
  };
  await begin("blas");
  const blas = inspectBlas(options);
  await begin("cpu");
  const cpu = await measureCpu(options);
  await begin("gpu");
  const gpu = await inspectGpu(options);
  await begin("backend");
  const { backend, reason } = await chooseBackend(name, options);
  using chosen = backend;
  await begin("sizes");
  const batch = new TrainingConfig().batchSize;
  return {
    deno: Deno.version.deno,
    os: `${Deno.build.os} ${Deno.build.arch}`,
    cores: navigator.hardwareConcurrency,
    ...inspectMemory(),
    blas,
    cpu,
    gpu,
    mpi: inspectMpi(options.mpi),
    backend: chosen.description,
    backendReason: reason,
    batch,
    sizes: MODEL_SIZES.map((size) => inspectSize(size, batch, chosen.name)),
  };
}

function inspectMemory(): Pick<MachineReport, "memory" | "memoryAvailable"> {
  const memory = systemMemory();
  return memory === undefined
    ? {}
    : { memory: memory.total, memoryAvailable: memory.available };
}

function inspectBlas({ blas = "auto", blasCore }: InspectOptions): BlasReport {
  if (blasCore !== undefined) chooseCore(blasCore);
  const search = findBlas(blas);
  const others = [...environmentPlaces()].filter(({ path }) =>
    path !== search.blas?.path &&
    search.failures.every((failure) => failure.path !== path)
  );
  const report = { rejected: search.failures, others };
  if (search.blas === undefined) {
    // Without the permission for foreign code there is nothing to install.
    return blas === "auto" && isGranted({ name: "ffi" })
      ? { ...report, advice: blasAdvice() }
      : report;
  }
  const { sgemm: _, sgemv: __, ...found } = search.blas;
  return hasKernelsOfAny(search.blas) && !isCoreChosen()
    ? { ...report, found, newer: newerBlas() }
    : { ...report, found };
}

function inspectMpi(choice?: MpiChoice): MpiReport {
  const { mpi, failures } = findMpi(choice);
  const rejected = failures.filter(({ reason }) => reason !== NOT_THERE);
  if (mpi === undefined) return { rejected };
  return { version: mpi.version, path: mpi.path, rejected };
}

/** How fast the CPU backend multiplies, all its threads at work. */
async function measureCpu(
  options: InspectOptions,
): Promise<MachineReport["cpu"]> {
  using backend = await CpuBackend.create({ ...options, host: DENO_HOST });
  const { m, k, n } = PRODUCT;
  const [out, a, b] = [m * n, m * k, k * n].map((length) =>
    backend.alloc(length)
  );
  for (const memory of [a, b]) {
    backend.run("fill", { out: memory }, { value: 1e-3 });
  }
  const times: number[] = [];
  const end = performance.now() + MILLISECONDS;
  do {
    const start = performance.now();
    backend.matmul(out, a, b, PRODUCT);
    times.push(performance.now() - start);
  } while (performance.now() < end);
  const median = times.sort((a, b) => a - b)[times.length >> 1];
  const gflops = 2 * m * k * n / median / 1e6;
  return { description: backend.description, gflops };
}

/** Looks at the adapter, and tunes for it when asked. */
async function inspectGpu(
  { tune: tunes = false, onTuned }: InspectOptions,
): Promise<GpuReport> {
  using _ = quietLoader();
  let found;
  try {
    found = await reportAdapter();
  } catch (error) {
    return { refusal: reasonOf(error) };
  }
  if (found === undefined) {
    return { refusal: "no adapter; is a Vulkan, Metal or DX12 driver in?" };
  }
  const { name, vendor, software, limits, unused, refusal } = found;
  const report: GpuReport = {
    adapter: name,
    vendor,
    type: software ? "software" : "hardware",
    limits,
    unused,
  };
  if (refusal !== undefined) return { ...report, refusal };
  try {
    using backend = await WebGpuBackend.create({ software });
    const { device } = backend;
    let tuning: string;
    if (tunes) {
      const found = await tune(backend, { onProgress: onTuned });
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

function inspectSize(
  size: ModelSize,
  batch: number,
  backend: string,
): SizeReport {
  const config = RWKVConfig.ofSize(size);
  const shape = { batch, time: config.maxSeqLen };
  const limit = backend === "cpu" ? CPU_LIMIT : Infinity;
  const { bytes, recompute } = fitTraining(config, shape, limit);
  return {
    size,
    parameters: config.numParameters(),
    window: config.maxSeqLen,
    recompute,
    memory: bytes + PROGRAM_MEMORY,
  };
}
