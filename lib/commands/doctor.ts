/**
 * `doctor`: what this machine offers, and what each model size will take; with
 * `--tune` it also finds out how its GPU multiplies best.
 *
 * @module
 */

import { NOT_THERE } from "../backend/cpu/blas.ts";
import {
  type BlasReport,
  type GpuReport,
  inspectMachine,
  type MachineReport,
  type MpiReport,
} from "../stages/doctor.ts";
import { portuguese } from "./doctor.pt.ts";
import type { Command } from "./shared/command.ts";
import { ENGINE_OPTIONS } from "./shared/engine.ts";
import { decimals, say, sayReason, t } from "./shared/language.ts";
import { flag, stageValues } from "./shared/options.ts";
import { table } from "./shared/output.ts";

const options = {
  tune: flag("find out how the GPU multiplies best, and keep it (tune)"),
  ...ENGINE_OPTIONS,
};

/** What is looked at, for people. */
const STEPS: Readonly<Record<string, string>> = {
  blas: "looking for a BLAS",
  cpu: "measuring products on the CPU",
  gpu: "measuring products on the GPU",
  backend: "choosing where to compute",
  sizes: "counting what models take",
};

/** Reasons that the report has as they are, no errors. */
const REASONS: readonly string[] = [
  "it has no kernels for this processor",
  "asked for",
  "a hardware adapter answered",
  "no adapter; is a Vulkan, Metal or DX12 driver in?",
  "not tuned",
  "not tuned, see deno task tune",
  "in registers alone",
];

/** The command. */
export const doctor: Command<typeof options> = {
  name: "doctor",
  summary: "Show what this machine offers and what each model size takes",
  options,
  portuguese,
  notes:
    "`deno task tune` is doctor --tune with leave to write into the cache folder.",
  examples: ["", "--json"],
  async run(values, output) {
    using progress = output.progress("doctor");
    const report = await inspectMachine({
      ...stageValues(values),
      blasCore: values["blas-core"],
      onProgress: ({ step }) => progress.update(0, 0, say(STEPS[step])),
      onTuned: (name, speed) =>
        output.note(t`${name}: ${decimals(speed, 1)} GF/s`),
    });
    if (values.json) return { ...report };
    for (const line of linesOf(report, values.backend)) output.print(line);
    return { ...report };
  },
};

/** The report for people. */
function linesOf(report: MachineReport, asked: string): string[] {
  const { deno, os, cores, memory, memoryAvailable, cpu } = report;
  const backendReason = because(report.backendReason);
  const speed = decimals(cpu.gflops, 0);
  return [
    t`Deno     ${deno} on ${os}`,
    t`CPU      ${cores} [core|cores]; ${speed} GF/s in products (${cpu.description})`,
    ...memory === undefined || memoryAvailable === undefined ? [] : [
      t`Memory   ${gigabytes(memory)}, ${gigabytes(memoryAvailable)} free`,
    ],
    ...linesOfBlas(report.blas),
    ...linesOfGpu(report.gpu),
    ...linesOfMpi(report.mpi),
    t`Backend  ${report.backend} (--backend ${asked}: ${backendReason})`,
    "",
    t`Training RWKV-4 at 32,000 tokens, ${report.batch} [full window|full windows] a micro-batch;`,
    t`memory is that of the whole process, about:`,
    ...linesOfSizes(report),
  ];
}

function linesOfBlas(blas: BlasReport): string[] {
  const { found, rejected, others, advice, newer } = blas;
  const isSearched = found !== undefined || rejected.length > 0;
  const lines = [
    isSearched
      ? t`BLAS     none found: our own SIMD kernels are used`
      : t`BLAS     none, as asked: our own SIMD kernels are used`,
  ];
  if (found !== undefined) {
    const { library, path, core, owner } = found;
    const name = owner === undefined ? library : t`${library} of ${owner}`;
    lines[0] = core === undefined
      ? t`BLAS     ${name} (${path})`
      : t`BLAS     ${name} (${path}, ${core} kernels)`;
  }
  for (const { path, reason } of rejected) {
    if (reason === NOT_THERE) continue;
    lines.push(t`         not ${path}: ${because(reason)}`);
  }
  for (const { path } of others) lines.push(t`         also there: ${path}`);
  const missing = rejected.filter(({ reason }) => reason === NOT_THERE);
  if (found === undefined && missing.length > 0) {
    const names = missing.map(({ path }) => path).join(", ");
    lines.push(t`         not there: ${names}`);
  }
  if (advice !== undefined) {
    lines.push(t`         twice as fast with one: ${advice.command}`);
    if (advice.withoutRoot !== undefined) {
      lines.push(t`         or, without root, here: ${advice.withoutRoot}`);
    }
  }
  if (newer !== undefined) {
    lines.push(
      t`         too old for this processor; a newer one: ${newer}`,
      t`         or try --blas-core Haswell (AVX2), --blas-core SkylakeX (AVX-512)`,
    );
  }
  return lines;
}

function linesOfMpi({ version, path, rejected }: MpiReport): string[] {
  return [
    version === undefined || path === undefined
      ? t`MPI      none found: one machine trains by itself`
      : t`MPI      ${version} (${path})`,
    ...rejected.map(({ path, reason }) =>
      t`         not ${path}: ${because(reason)}`
    ),
  ];
}

function linesOfGpu(gpu: GpuReport): string[] {
  const { adapter, vendor = "", limits = {}, refusal } = gpu;
  if (adapter === undefined) {
    return [t`GPU      none: ${because(refusal ?? "")}`];
  }
  const scarce = Object.entries(limits)
    .filter(([, { has, needed }]) => has < needed)
    .map(([name, { has, needed }]) => t`${name} ${has} of ${needed}`);
  const limitsLine = scarce.join(", ") || t`all limits suffice`;
  const type = gpu.type === "software" ? t`software` : t`hardware`;
  const lines = [t`GPU      ${adapter}, ${vendor}, ${type}; ${limitsLine}`];
  if (refusal !== undefined) return [...lines, `         ${because(refusal)}`];
  const { gflops = 0, products = "", tuning = "" } = gpu;
  const speed = decimals(gflops, 1);
  lines.push(
    t`         ${speed} GF/s in products ${because(products)} (${
      because(tuning)
    })`,
  );
  const { unused = [] } = gpu;
  if (unused.length > 0) {
    const names = unused.join(", ");
    lines.push(t`         not used: ${names} (gain not measured yet)`);
  }
  if (gpu.type === "software") {
    lines.push(t`         a CPU in disguise: used with --backend webgpu only`);
  }
  return lines;
}

function linesOfSizes(report: MachineReport): string[] {
  const { sizes, memoryAvailable = Infinity } = report;
  const rows = sizes.map(({ size, parameters, window, memory }) => [
    `  ${size}`,
    t`${decimals(parameters / 1e6, 0)} M parameters`,
    t`window ${window}`,
    gigabytes(memory),
  ]);
  return table(rows).map((line, i) => {
    const { memory, recompute } = sizes[i];
    return line + (recompute ? t`, blocks recomputed` : "") +
      (memory < memoryAvailable ? "" : t`; more than is free`);
  });
}

function because(reason: string): string {
  return REASONS.includes(reason) ? say(reason) : sayReason(reason);
}

function gigabytes(bytes: number): string {
  const value = bytes / 1e9;
  return t`${decimals(value, value < 1 ? 2 : 1)} GB`;
}
