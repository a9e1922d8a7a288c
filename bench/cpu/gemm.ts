/**
 * Matrix products of a training step, in GF/s: the host's BLAS and the SIMD
 * kernel, 1 and 2 threads, at the models' shapes for 512 tokens.
 *
 *     deno run --allow-read --allow-ffi bench/cpu/gemm.ts
 *
 * @module
 */

import { CpuBackend } from "../../lib/backend/cpu/cpu_backend.ts";
import { DENO_HOST } from "../../lib/backend/cpu/deno_host.ts";
import { median } from "../shared.ts";

/** Tokens of a micro-batch: 2 sequences of 256. */
const TOKENS = 512;

/** Outputs and inputs of the models' matrices: micro, mini, 85m, heads. */
const LAYERS = [
  [256, 256],
  [1024, 256],
  [256, 1024],
  [384, 384],
  [1344, 384],
  [768, 768],
  [2688, 768],
  [32000, 256],
] as const;

/** The products of a layer y = x·wᵀ: y, dx = dy·w, dw += dyᵀ·x. */
const PRODUCTS = ["forward", "toInput", "toWeight"] as const;

/** How long each is repeated; the median counts. */
const MILLISECONDS = 300;

function measure(
  backend: CpuBackend,
  product: typeof PRODUCTS[number],
  outputs: number,
  inputs: number,
): number {
  const backwards = product === "toWeight";
  const m = backwards ? outputs : TOKENS;
  const k = backwards ? TOKENS : product === "forward" ? inputs : outputs;
  const n = product === "forward" ? outputs : inputs;
  const shape = { m, k, n };
  const options = {
    transposeA: backwards,
    transposeB: product === "forward",
    accumulate: backwards,
  };
  const [a, b, out] = MATRICES.get(backend)!;
  const times: number[] = [];
  const end = performance.now() + MILLISECONDS;
  do {
    const start = performance.now();
    backend.matmul(out, a, b, shape, options);
    times.push(performance.now() - start);
  } while (performance.now() < end || times.length < 3);
  return 2 * m * k * n / median(times) / 1e6;
}

const backends: CpuBackend[] = [];
for (const blas of ["auto", "none"] as const) {
  for (const threads of [1, 2]) {
    const backend = await CpuBackend.create({ threads, blas, host: DENO_HOST });
    const found = backend.blas.blas !== undefined;
    if (found || blas === "none") backends.push(backend);
  }
}

const largest = Math.max(...LAYERS.map(([outputs]) => TOKENS * outputs));
const MATRICES = new Map(backends.map((backend) => {
  const memories = [1, 2, 3].map(() => backend.alloc(largest));
  for (const memory of memories) {
    backend.run("fill", { out: memory }, { value: 1e-3 });
  }
  return [backend, memories];
}));

for (const { description } of backends) console.log(description);
console.log(`\nGF/s, ${TOKENS} tokens; a column for each of the above`);
for (const [outputs, inputs] of LAYERS) {
  for (const product of PRODUCTS) {
    const speeds = backends.map((backend) =>
      measure(backend, product, outputs, inputs).toFixed(0).padStart(6)
    );
    const name = `${outputs}x${inputs} ${product}`;
    console.log(name.padEnd(22) + speeds.join(""));
  }
}
for (const backend of backends) backend[Symbol.dispose]();
