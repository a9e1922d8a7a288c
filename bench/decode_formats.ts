/**
 * Writing a text one token after the other, and reading a prompt, by weights of
 * each format, beside llama.cpp with the same weights exported, by turns: tokens
 * per second in the best of the rounds, and how many times llama.cpp's that is;
 * the start of the process to its first token, and the most memory it held.
 * Weights are random, for time does not depend on them; models are made in
 * `--folder` where they are not there yet (quantising takes minutes) and stay.
 *
 *     deno run -A bench/decode_formats.ts --folder FOLDER
 *       [--sizes micro,mini,85m] [--formats f32,f16,q8,q4] [--threads 1,2]
 *       [--rounds 5] [--tokens 64] [--prompt 512] [--llama FOLDER]
 *
 * `--llama` names a folder with npm's node-llama-cpp; without it llama.cpp is
 * left out.
 *
 * @module
 */

import { CpuBackend } from "../lib/backend/cpu/cpu_backend.ts";
import { DENO_HOST } from "../lib/backend/cpu/deno_host.ts";
import { saveModel } from "../lib/checkpoint/native/mpk_writer.ts";
import { loadCheckpoint } from "../lib/load_checkpoint.ts";
import { type ModelSize, RWKVConfig } from "../lib/model/config.ts";
import { RWKV } from "../lib/model/rwkv.ts";
import { Tape } from "../lib/tensor/tape.ts";
import { BPETrainer } from "../lib/tokenizer/bpe/bpe_trainer.ts";
import { writeVocab } from "../lib/tokenizer/vocab/vocab_file.ts";
import { Random } from "../lib/random.ts";
import {
  inTurn,
  lastLine,
  peakMemory,
  readOptions,
  rowOf,
  run,
} from "./shared.ts";

const options = readOptions({
  folder: "",
  sizes: "micro,mini,85m",
  formats: "f32,f16,q8,q4",
  threads: "1,2",
  rounds: "5",
  tokens: "64",
  prompt: "512",
  llama: "",
  // Of the process that measures ours once.
  one: "",
});
const tokens = Number(options.tokens), prompt = Number(options.prompt);
const WIDTHS = [-6, 6, 7, 9, 9, 7, 9, 9, 7, 8, 8, 8, 8];
const VOCABULARY = 8000;
const HERE = import.meta.dirname!;

/** What is measured of one start. */
interface Measured {
  /** Tokens a second while the prompt is read, and after it. */
  readonly prompt: number;
  readonly decode: number;
  /** Milliseconds from the start of the process to the first token. */
  readonly first: number;
  /** Bytes. */
  readonly memory: number;
}

if (options.one !== "") {
  console.log(JSON.stringify(await ours(options.one)));
} else {
  await Deno.mkdir(options.folder, { recursive: true });
  const head = ["size", "format", "threads", "write", "llama", "times"];
  const rest = ["read", "llama", "times"];
  const start = ["first ms", "llama", "MB", "llama"];
  console.log(rowOf(WIDTHS, [...head, ...rest, ...start]));
  for (const size of options.sizes.split(",")) {
    for (const format of options.formats.split(",")) {
      const { folder, gguf } = await made(size as ModelSize, format);
      for (const threads of options.threads.split(",")) {
        await compare(size, format, { folder, gguf, threads });
      }
    }
  }
}

/** Ours, in a process that has just begun. */
async function ours(folder: string): Promise<Measured> {
  using backend = await CpuBackend.create({
    host: DENO_HOST,
    threads: Number(options.threads),
  });
  const { model } = await loadCheckpoint(folder, backend);
  const tape = new Tape(backend, { recording: false });
  const state = model.newState(1), width = model.config.vocabSize;
  const keys = backend.allocIndices(1), next = backend.allocIndices(1);
  const ids = backend.allocIndices(prompt);
  const given = Array.from({ length: prompt }, (_, i) => 300 + i * 7 % 5000);
  backend.writeIndices(ids, given);
  let position = 0;
  const step = async (inputs: typeof ids, time: number) => {
    tape.reset();
    const hidden = model.forward(tape, inputs, { batch: 1, time, state });
    const { data } = model.logits(tape, hidden);
    const at = { rows: 1, width, position: position++, temperature: 0 };
    backend.sample(next, data, keys, at);
    await backend.readIndices([next]);
    return performance.now();
  };
  const begun = performance.now(), read = await step(ids, prompt);
  let end = read;
  for (let token = 0; token < tokens; token++) end = await step(next, 1);
  return {
    prompt: 1000 * prompt / (read - begun),
    decode: 1000 * tokens / (end - read),
    first: read,
    memory: peakMemory(),
  };
}

/** llama.cpp, in a process that has just begun. */
async function llama(gguf: string, threads: string): Promise<Measured> {
  const script = `${HERE}/peers/llama_decode.mjs`;
  const words = [gguf, threads, options.prompt, options.tokens];
  return lastLine(
    await run(["node", script, ...words], { cwd: options.llama }),
  );
}

async function compare(
  size: string,
  format: string,
  { folder, gguf, threads }: Readonly<
    Record<"folder" | "gguf" | "threads", string>
  >,
): Promise<void> {
  const given = ["--prompt", options.prompt, "--tokens", options.tokens];
  const sides = [
    async (): Promise<Measured> =>
      lastLine(
        await run([
          ...[
            Deno.execPath(),
            "run",
            "--no-check",
            "-A",
            import.meta.filename!,
          ],
          ...["--one", folder, "--threads", threads, ...given],
        ]),
      ),
    ...options.llama === "" ? [] : [() => llama(gguf, threads)],
  ];
  const results = await inTurn(sides, Number(options.rounds), (side) => side());
  const best = (side: Measured[] | undefined, name: "prompt" | "decode") =>
    side && Math.max(...side.map((each) => each[name]));
  const columns = (name: "prompt" | "decode") => {
    const [own, peer] = results.map((side) => best(side, name)!);
    return peer === undefined
      ? [own.toFixed(0), "", ""]
      : [own.toFixed(0), peer.toFixed(0), (own / peer).toFixed(2)];
  };
  const starts = (name: "first" | "memory", unit: number) =>
    [0, 1].map((side) => {
      const values = results[side]?.map((each) => each[name] / unit);
      return values === undefined ? "" : Math.min(...values).toFixed(0);
    });
  console.log(rowOf(WIDTHS, [
    ...[size, format, threads, ...columns("decode"), ...columns("prompt")],
    ...[...starts("first", 1), ...starts("memory", 1e6)],
  ]));
}

/** A model with its tokenizer, and the same for llama.cpp. */
async function made(size: ModelSize, format: string) {
  const plain = `${options.folder}/${size}`;
  const folder = format === "f32" ? plain : `${plain}-${format}`;
  const gguf = `${folder}/gguf/model.gguf`;
  const file = (place: string) => `${place}/model_final.mpk`;
  const command = async (...words: string[]) =>
    await run([
      ...[Deno.execPath(), "run", "--no-check", "-A", `${HERE}/../cli.ts`],
      ...words,
    ]);
  if (!await stands(file(plain))) await makeModel(size, plain);
  if (!await stands(file(folder))) {
    const to = ["--output", folder, "--format", format];
    await command("quantize", "--model", plain, ...to);
  }
  if (options.llama !== "" && !await stands(gguf)) {
    const dtype = { q8: "q8_0", q5: "q5_1", q4: "q4_0" }[format] ?? format;
    const to = ["--output", gguf, "--format", "gguf", "--dtype", dtype];
    await command("export-model", "--model", folder, ...to);
  }
  return { folder, gguf };
}

async function stands(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function makeModel(size: ModelSize, folder: string): Promise<void> {
  const random = new Random(1);
  const word = () =>
    Array.from(
      { length: 2 + random.next() % 6 },
      () => String.fromCharCode(97 + random.next() % 26),
    ).join("");
  const text = Array.from({ length: 100_000 }, word).join(" ");
  const bytes = new TextEncoder().encode(text);
  const trainer = new BPETrainer({ vocabSize: VOCABULARY });
  const { vocab } = await trainer.train([{ name: "words", bytes }]);
  using backend = await CpuBackend.create({ host: DENO_HOST });
  const shape = { architecture: "rwkv7", vocabSize: vocab.size } as const;
  const model = new RWKV(RWKVConfig.ofSize(size, shape), backend);
  model.initialize(1);
  await Deno.mkdir(folder, { recursive: true });
  await saveModel(`${folder}/model_final.mpk`, model);
  await writeVocab(`${folder}/tokenizer.json`, vocab);
}
