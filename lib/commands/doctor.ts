/**
 * `doctor`: what this machine offers, and what each model size will take.
 *
 * @module
 */

import { type BlasSearch, findBlas } from "../backend/cpu/blas.ts";
import { MODEL_SIZES, RWKVConfig } from "../config.ts";
import { reasonOf } from "../files.ts";
import { trainingMemory } from "../train/memory.ts";
import { type Command, defineCommand } from "./command.ts";
import { ENGINE_OPTIONS, openBackend } from "./engine.ts";

/** Adapters that are the CPU in disguise. */
const SOFTWARE_ADAPTERS = /llvmpipe|swiftshader|softpipe|basic render/i;
/** Windows of a micro-batch, as `train` has them by default. */
const BATCH = 2;

const options = { ...ENGINE_OPTIONS };

/** The command. */
export const doctor: Command<typeof options> = defineCommand({
  name: "doctor",
  summary: "Show what this machine offers and what each model size takes",
  options,
  examples: ["", "--json"],
  async run(values, output) {
    const { available, total } = Deno.systemMemoryInfo();
    const search = findBlas(
      values.blas === "none" || values.blas === "auto" ? "auto" : values.blas,
    );
    using backend = await openBackend(values);
    const report = {
      deno: Deno.version.deno,
      os: `${Deno.build.os} ${Deno.build.arch}`,
      cores: navigator.hardwareConcurrency,
      memory: total,
      memoryAvailable: available,
      blas: describeBlas(search),
      gpu: await describeGpu(),
      backend: backend.description,
      sizes: MODEL_SIZES.map((size) => {
        const config = RWKVConfig.ofSize(size);
        const time = config.maxSeqLen;
        const { total } = trainingMemory(config, { batch: BATCH, time });
        return { size, parameters: config.numParameters(), training: total };
      }),
    };
    if (!values.json) {
      output.print(`Deno     ${report.deno} on ${report.os}`);
      output.print(`CPU      ${report.cores} cores`);
      output.print(
        `Memory   ${gigabytes(total)}, ${gigabytes(available)} free`,
      );
      output.print(`BLAS     ${report.blas}`);
      output.print(`GPU      ${report.gpu}`);
      output.print(`Backend  ${report.backend}`);
      output.print("");
      output.print(
        `Training at 32,000 tokens, ${BATCH} full windows a micro-batch:`,
      );
      for (const { size, parameters, training } of report.sizes) {
        const millions = (parameters / 1e6).toFixed(0).padStart(4);
        const fits = training < available ? "" : "  more than is free";
        output.print(
          `  ${size.padEnd(6)}${millions} M parameters, ${
            gigabytes(training)
          }${fits}`,
        );
      }
    }
    return report;
  },
});

function describeBlas({ blas, failures }: BlasSearch): string {
  if (blas !== undefined) {
    const core = blas.core === undefined ? "" : `, ${blas.core} kernels`;
    return `${blas.library} (${blas.path}${core})`;
  }
  const tried = failures.map(({ path }) => path).join(", ");
  return `none found: our own SIMD kernels are used (tried ${tried})`;
}

async function describeGpu(): Promise<string> {
  try {
    const adapter = await navigator.gpu?.requestAdapter();
    if (!adapter) return "no WebGPU adapter";
    const { vendor, device, description } = adapter.info;
    const name = description || `${vendor} ${device}`;
    const software = SOFTWARE_ADAPTERS.test(name) ? " (software)" : "";
    return `${name}${software}; used with --backend webgpu`;
  } catch (error) {
    return `no WebGPU adapter (${reasonOf(error)})`;
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
