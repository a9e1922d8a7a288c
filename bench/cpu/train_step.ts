/**
 * Our side of `compare.ts`: for each line on standard input one optimizer step
 * on random tokens; prints its seconds, tokens and loss, and the peak of the
 * process's memory, as JSON. With `--parts`, also the milliseconds in each op.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";
import { CpuBackend } from "../../lib/backend/cpu/cpu_backend.ts";
import { DENO_HOST } from "../../lib/backend/cpu/deno_host.ts";
import type { ArchitectureName } from "../../lib/model/architecture.ts";
import { type ModelSize, RWKVConfig } from "../../lib/model/config.ts";
import { TrainingConfig } from "../../lib/training_config.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import { trainingMemory } from "../../lib/train/memory.ts";
import { Trainer } from "../../lib/train/trainer.ts";
import { peakMemory, randomBatch, readOptions } from "../shared.ts";

const options = readOptions({
  size: "micro",
  arch: "classic",
  threads: "",
  time: "",
  batch: "2",
  accumulation: "16",
  blas: "auto",
  parts: false,
});
const config = RWKVConfig.ofSize(options.size as ModelSize, {
  architecture: options.arch as ArchitectureName,
});
const batch = Number(options.batch);
const time = Number(options.time || config.maxSeqLen);
const micro = randomBatch(batch, time, config.vocabSize);

/** Milliseconds in each op; matrix products by their shape. */
const parts = new Map<string, number>();

/**
 * A backend whose ops are timed; they have done their work on return, but for
 * products inside `together`, which the models call for those of blocks alone.
 */
function timed(backend: CpuBackend): CpuBackend {
  let inside = false;
  return new Proxy(backend, {
    get(target, name): unknown {
      const member = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        if (inside) return member.apply(target, args);
        const start = performance.now();
        inside = true;
        const result = member.apply(target, args);
        inside = false;
        let part = String(name === "run" ? args[0] : name);
        if (part === "matmul") {
          const { m, k, n } = args[3] as { m: number; k: number; n: number };
          const head = [m, k, n].includes(config.vocabSize);
          part = head ? "matmul, head" : "matmul, blocks";
        } else if (part === "together") part = "matmul, blocks";
        const sum = (parts.get(part) ?? 0) + performance.now() - start;
        parts.set(part, sum);
        return result;
      };
    },
  });
}

const plain = await CpuBackend.create({
  blas: options.blas,
  threads: Number(options.threads) || undefined,
  host: DENO_HOST,
});
const backend = options.parts ? timed(plain) : plain;
const model = new RWKV(config, backend, { training: true });
model.initialize(1);
const trainer = new Trainer(
  model,
  new TrainingConfig({ gradientAccumulation: Number(options.accumulation) }),
  // As `train` does, where all would not fit the engine's 4 GiB.
  { recompute: trainingMemory(config, { batch, time }) >= 2 ** 32 },
);
const lines = Deno.stdin.readable
  .pipeThrough(new TextDecoderStream())
  .pipeThrough(new TextLineStream());
for await (const _ of lines) {
  parts.clear();
  const start = performance.now();
  const result = await trainer.trainStep(() => micro);
  const seconds = (performance.now() - start) / 1000;
  const { tokens, loss } = result!;
  console.log(JSON.stringify({
    seconds,
    tokens,
    loss,
    peak: peakMemory(),
    version: plain.description,
    parts: options.parts ? Object.fromEntries(parts) : undefined,
  }));
}
plain[Symbol.dispose]();
