/**
 * How much of a step Muon takes, beside AdamW: a micro-batch, then the update by
 * each, in turn; a step is as many micro-batches as are accumulated, and one
 * update. Prints medians, and what of the arithmetic the update is.
 *
 *     deno run -A bench/muon.ts [--sizes micro,mini] [--arch rwkv4,rwkv7]
 *       [--batch 2] [--accumulation 16] [--vocab 8000] [--rounds 7]
 *       [--threads 2] [--blas none] [--figures FILE]
 *
 * @module
 */

import { CpuBackend } from "../lib/backend/cpu/cpu_backend.ts";
import { DENO_HOST } from "../lib/backend/cpu/deno_host.ts";
import type { ArchitectureName } from "../lib/model/architecture.ts";
import { type ModelSize, RWKVConfig } from "../lib/model/config.ts";
import { RWKV } from "../lib/model/rwkv.ts";
import { Trainer } from "../lib/train/trainer.ts";
import { OPTIMIZERS, TrainingConfig } from "../lib/training_config.ts";
import { keepFigures } from "./report/figures.ts";
import { inTurn, median, randomBatch, readOptions, rowOf } from "./shared.ts";

/** Rounds of Newton-Schulz, as in lib/train/muon.ts. */
const ROUNDS = 5;

const options = readOptions({
  sizes: "micro,mini",
  arch: "rwkv4,rwkv7",
  batch: "2",
  vocab: "",
  accumulation: "16",
  rounds: "7",
  threads: "",
  blas: "auto",
  figures: "",
});
const [batch, accumulation, rounds] = [
  options.batch,
  options.accumulation,
  options.rounds,
].map(Number);

const WIDTHS = [-6, -7, 14, 12, 12, 8, 12];
console.log(rowOf(WIDTHS, [
  ...["size", "arch", "micro-batch ms", "adamw ms", "muon ms"],
  ...["share", "of products"],
]));
for (const size of options.sizes.split(",") as ModelSize[]) {
  for (const architecture of options.arch.split(",") as ArchitectureName[]) {
    console.log(rowOf(WIDTHS, await measure(size, architecture)));
  }
}

/** A row of the table. */
async function measure(
  size: ModelSize,
  architecture: ArchitectureName,
): Promise<string[]> {
  using backend = await CpuBackend.create({
    blas: options.blas,
    threads: Number(options.threads) || undefined,
    host: DENO_HOST,
  });
  const vocabSize = Number(options.vocab) || undefined;
  const config = RWKVConfig.ofSize(size, { architecture, vocabSize });
  const micro = randomBatch(batch, config.maxSeqLen, config.vocabSize);
  const squaredNorm = backend.alloc(1);
  backend.write(squaredNorm, Float32Array.of(1));
  const trainers = OPTIMIZERS.map((optimizer) => {
    const model = new RWKV(config, backend, { training: true });
    model.initialize(1);
    return new Trainer(model, new TrainingConfig({ optimizer }));
  });
  // The CPU's calls have done their work when they return.
  const times = await inTurn(trainers, rounds + 1, (trainer) => {
    const start = performance.now();
    trainer.accumulate(micro, 1);
    const between = performance.now();
    trainer.optimizer.update({ learningRate: 1e-3, step: 1, squaredNorm });
    const update = performance.now() - between;
    return Promise.resolve({ micro: between - start, update });
  });
  await keepFigures(
    options.figures,
    OPTIMIZERS.map((optimizer, i) => ({
      what: `an update, ${size} ${architecture}`,
      side: optimizer,
      isOurs: true,
      unit: "ms",
      better: "less",
      values: times[i].slice(1).map(({ update }) => update),
    })),
  );
  const [adamw, muon] = times.map((each) => each.slice(1)) // memory is reserved
    .map((each) => median(each.map(({ update }) => update)));
  const one = median(
    times.flatMap((each) => each.slice(1).map(({ micro }) => micro)),
  );
  const share = muon / (accumulation * one + muon);
  const ms = [one, adamw, muon].map((value) => value.toFixed(1));
  const products = productsOf(trainers[0], micro.inputs.length);
  return [
    size,
    architecture,
    ...ms,
    percent(share),
    percent(products.muon / (products.muon + products.training)),
  ];
}

/** Multiply-adds of a step in products with matrices. */
function productsOf({ model }: Trainer, tokens: number) {
  let training = 0, muon = 0;
  for (const { kind, length, shape } of model.parameters) {
    if (kind === "matrix" || kind === "lowRank" || kind === "head") {
      training += 3 * length * tokens * accumulation;
    }
    if (kind !== "matrix") continue;
    const short = Math.min(...shape), long = Math.max(...shape);
    muon += ROUNDS * short ** 2 * (2 * long + short);
  }
  return { training, muon };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
