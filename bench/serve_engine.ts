/**
 * How many tokens a second an engine writes for 1, 4, 16 and 64 streams once all
 * have begun, the time to the first token and between tokens, and the time of
 * processors that a token takes, prompts included, which says the most where
 * others use the machine. A size's name means random weights, for time does not
 * depend on them; else it is a model's folder. Prompts differ, so that no cache
 * helps.
 *
 *     deno run -A bench/serve_engine.ts [--model micro|FOLDER] [--architecture rwkv7]
 *       [--blas none] [--tokens 64] [--prompt 32] [--temperature 0] [--worker]
 *       [--threads 1] [--served] [--figures FILE]
 *
 * `--served` chooses tokens as `serve` does where a request says nothing.
 *
 * @module
 */

import { cpuUsage } from "node:process";
import { parseArgs } from "@std/cli/parse-args";
import { saveModel } from "../lib/checkpoint/native/mpk_writer.ts";
import { CpuBackend } from "../lib/backend/cpu/cpu_backend.ts";
import type { ArchitectureName } from "../lib/model/architecture.ts";
import { type ModelSize, RWKVConfig } from "../lib/model/config.ts";
import { RWKV } from "../lib/model/rwkv.ts";
import { Random } from "../lib/random.ts";
import type { Engine, TextRequest } from "../lib/serve/engine.ts";
import { openEngine } from "../lib/serve/engine/open_engine.ts";
import { WorkerEngine } from "../lib/serve/engine/worker_engine.ts";
import { WorldVocab } from "../lib/tokenizer/world/world_vocab.ts";
import { writeVocab } from "../lib/tokenizer/vocab/vocab_file.ts";
import { keepFigures } from "./report/figures.ts";

const STREAMS = [1, 4, 16, 64];
/** As lib/serve/http/settings.ts has it. */
const SERVED = {
  temperature: 0.7,
  topP: 0.9,
  dry: { multiplier: 0.8, base: 1.75, allowedLength: 2, breakers: [11] },
} as const;
/** Of the head's weights, so that logits are as far apart as a trained model's. */
const SHARPNESS = 3;

const options = parseArgs(Deno.args, {
  boolean: ["worker", "served"],
  string: ["model", "architecture", "blas", "threads", "figures"],
  default: {
    model: "micro",
    figures: "",
    architecture: "rwkv7",
    blas: "auto",
    threads: String(navigator.hardwareConcurrency),
    tokens: 64,
    prompt: 32,
    temperature: 0,
    streams: STREAMS.join(","),
  },
});
const tokens = Number(options.tokens), promptTokens = Number(options.prompt);

const folder = await Deno.makeTempDir();
try {
  const named = String(options.model), isFolder = named.includes("/");
  if (!isFolder) await writeModel(folder);
  const path = isFolder ? named : folder;
  const opening = {
    models: [{ name: "m", path }],
    backend: "cpu",
    backendOptions: {
      blas: String(options.blas),
      threads: Number(options.threads),
    },
    streams: 64,
    cacheBytes: 0,
  } as const;
  await using engine = options.worker
    ? await WorkerEngine.open(opening)
    : await openEngine(opening);
  const [{ architecture, parameters, backend }] = engine.models;
  console.log(
    `${architecture} ${options.model}, ${parameters} weights; ${backend}`,
  );
  let alone: number | undefined;
  await measure(engine, 1); // warm
  for (const streams of String(options.streams).split(",").map(Number)) {
    const { rate, first, between, effort } = await measure(engine, streams);
    alone ??= rate;
    await keepFigures(String(options.figures), [{
      what: `${streams} texts at once, ${architecture} ${options.model}`,
      side: "ours",
      isOurs: true,
      unit: "tokens/s",
      better: "more",
      values: [rate],
    }]);
    console.log(
      `${String(streams).padStart(2)} streams: ${rate.toFixed(0)} tokens/s, ` +
        `${(rate / alone).toFixed(1)} times; first token ` +
        `${spread(first)} ms, between ${spread(between)} ms; ` +
        `${effort.toFixed(2)} ms of processors a token`,
    );
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}

/** A model, and a tokenizer of as many tokens. */
async function writeModel(folder: string): Promise<void> {
  const config = RWKVConfig.ofSize(options.model as ModelSize, {
    architecture: options.architecture as ArchitectureName,
  });
  const vocab = vocabOf(config.vocabSize);
  using backend = await CpuBackend.create({ threads: 1, blas: "none" });
  const model = new RWKV(config, backend);
  model.initialize(1);
  const { data } = [...model.parameters].find((it) =>
    it.name === "head.weight"
  )!;
  const weights = await backend.read(data);
  const squares = weights.reduce((sum, weight) => sum + weight * weight, 0);
  const spread = Math.sqrt(squares / weights.length * config.dModel);
  backend.write(data, weights.map((it) => it * SHARPNESS / spread));
  await saveModel(`${folder}/model_final.mpk`, model);
  await writeVocab(`${folder}/tokenizer.json`, vocab);
}

/** Every byte, and made-up words. */
function vocabOf(size: number): WorldVocab {
  const letters = (n: number) =>
    [n, n >> 4, n >> 8, n >> 12].map((each) => 97 + (each & 15));
  return new WorldVocab(Array.from({ length: size }, (_, id) => {
    if (id === 0) return new Uint8Array();
    return Uint8Array.from(id <= 256 ? [id - 1] : letters(id));
  }));
}

/** Has so many texts written at once. */
async function measure(engine: Engine, streams: number): Promise<{
  readonly rate: number;
  readonly first: number[];
  readonly between: number[];
  readonly effort: number;
}> {
  const first: number[] = [], between: number[] = [];
  const start = performance.now();
  // From here on all write, and none reads.
  let begun = start, countBegun = 0;
  const write = async (seed: number) => {
    const random = new Random(seed, start);
    const prompt = Array.from(
      { length: promptTokens },
      () => 3 + Math.floor(random.uniform() * 200),
    );
    const request: TextRequest = {
      model: "m",
      prompt,
      maxTokens: tokens,
      settings: options.served
        ? { ...SERVED, seed }
        : { temperature: Number(options.temperature), seed },
    };
    let last: number | undefined;
    for await (
      const event of engine.write(request, new AbortController().signal)
    ) {
      if (event.kind !== "piece") continue;
      const now = performance.now();
      if (last === undefined && first.push(now - start) === streams) {
        ({ completionTokens: countBegun } = await engine.load());
        begun = now;
      } else if (last !== undefined) between.push(now - last);
      last = now;
    }
  };
  const before = await engine.load(), used = usedTime();
  await Promise.all(Array.from({ length: streams }, (_, i) => write(i)));
  const seconds = (performance.now() - begun) / 1000;
  const { completionTokens } = await engine.load();
  const rate = (completionTokens - countBegun) / seconds;
  const written = completionTokens - before.completionTokens;
  return { rate, first, between, effort: (usedTime() - used) / written };
}

/** The time that processors have worked for this process, in milliseconds. */
function usedTime(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}

/** The middle and the slowest hundredth. */
function spread(times: number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
      ?.toFixed(1) ?? "none";
  return `${at(0.5)} (p99 ${at(0.99)})`;
}
