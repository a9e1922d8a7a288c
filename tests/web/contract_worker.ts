/**
 * The contract suite in a browser: a dedicated worker that is told which
 * backends to try, and says of each step what came of it.
 *
 * @module
 */

import type { Backend } from "../../lib/backend/backend.ts";
import { CpuBackend } from "../../lib/backend/cpu/cpu_backend.ts";
import { PLAIN } from "../../lib/backend/webgpu/matmul.ts";
import { WebGpuBackend } from "../../lib/backend/webgpu/webgpu_backend.ts";
import { contractSteps } from "../contract/contract.ts";
import { SMALL } from "../contract/webgpu_tunings.ts";

/** What there is to try. */
const BACKENDS = {
  cpu: () => CpuBackend.create({ threads: 2 }),
  "cpu, alone": () => CpuBackend.create({ threads: 1 }),
  "webgpu, plain": () =>
    WebGpuBackend.create({ software: true, tuning: PLAIN }),
  "webgpu, tiled": () =>
    WebGpuBackend.create({
      software: true,
      tuning: { tilings: [SMALL], busy: 16 },
    }),
} satisfies Record<string, () => Promise<Backend & Disposable>>;

/** What a page can ask for. */
export interface ContractRequest {
  /** Which backend. */
  readonly backend: keyof typeof BACKENDS;
  /** Only steps whose names begin so; all unless given. */
  readonly only?: readonly string[];
}

/** What comes of it. */
export interface ContractReport {
  /** What it calls itself. */
  readonly description: string;
  /** How many steps did what they should. */
  readonly passed: number;
  /** The others, with what went wrong. */
  readonly failed: readonly string[];
}

async function report(
  { backend: name, only }: ContractRequest,
): Promise<ContractReport> {
  const failed: string[] = [];
  let backend = await BACKENDS[name](), passed = 0;
  const { description } = backend;
  for (const [title, step] of contractSteps()) {
    if (only !== undefined && !only.some((start) => title.startsWith(start))) {
      continue;
    }
    try {
      await step(backend);
      passed++;
    } catch (error) {
      failed.push(`${title}: ${(error as Error).message}`);
      // It may be lost, and the next step shall have a chance.
      backend[Symbol.dispose]();
      backend = await BACKENDS[name]();
    }
    postMessage({ title });
  }
  backend[Symbol.dispose]();
  return { description, passed, failed };
}

addEventListener("message", async ({ data }: MessageEvent<ContractRequest>) => {
  try {
    postMessage({ report: await report(data) });
  } catch (error) {
    postMessage({ error: (error as Error).message });
  }
});
