/**
 * Training and encoding beside Hugging Face's Rust tokenizers and
 * SentencePiece: each side in processes of its own, in turn, medians.
 *
 *     deno run -A bench/tokenizer.ts CORPUS [--peers FOLDER] [--held FOLDER] [--rounds 5]
 *         [--figures FILE]
 *
 * The folder of peers has the npm package `tokenizers` in `node_modules` and a
 * Python environment with `sentencepiece` in `venv`; what is missing is left
 * out. Both trainers of byte pairs get the same text, NFC, GPT-2's splitting
 * and number of merges, and must make the same merges; both encoders get the
 * same vocabulary and must make as many ids.
 *
 * @module
 */

import { encodeDocuments } from "../lib/dataset/document_encoder.ts";
import { readTextChunks } from "../lib/corpus/documents/text_chunks.ts";
import { listTextFiles, totalSize } from "../lib/input_files.ts";
import { BPETokenizer } from "../lib/tokenizer/bpe/bpe_tokenizer.ts";
import {
  BPETrainer,
  MIN_VOCAB_SIZE,
} from "../lib/tokenizer/bpe/bpe_trainer.ts";
import type { BPEVocab } from "../lib/tokenizer/bpe/bpe_vocab.ts";
import { toCharacters } from "../lib/tokenizer/interchange/byte_characters.ts";
import { toHuggingFace } from "../lib/tokenizer/interchange/hugging_face.ts";
import { PTBRNormalizer } from "../lib/tokenizer/normalizer.ts";
import { countSpacedWords } from "../lib/tokenizer/pre_tokenizer.ts";
import { readVocab, writeVocab } from "../lib/tokenizer/vocab/vocab_file.ts";
import { keepFigures } from "./report/figures.ts";
import {
  inTurn,
  lastLine,
  median,
  peakMemory,
  readOptions,
  run,
} from "./shared.ts";

/** The first pass of an encoder warms it up, the last one counts. */
const PASSES = 2;

/** How our sides are called. */
const OURS = "PTBR-SLM";

/** Whole lines of some 2,000 units: what a web page or an article has. */
const DOCUMENT = /[^]{1,2000}[^\n]*\n?/g;

/** What a process measured. */
interface Measured {
  readonly seconds: number;
  /** The most memory it had, in bytes; not all peers know it. */
  readonly peak?: number;
  readonly ids?: number;
}

/** One thing to measure. */
interface Side {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Record<string, string>;
  readonly cwd?: string;
}

const options = readOptions({
  peers: "",
  held: "",
  rounds: "5",
  figures: "",
});
const [first, ...rest] = options.words;
if (first === "train" || first === "encode") {
  const [file, threads, size, ...files] = rest;
  // Our side, in a process of its own.
  const result = first === "train"
    ? await train(file, Number(threads), Number(size), files)
    : await encode(file, Number(threads), files);
  console.log(JSON.stringify({ ...result, peak: peakMemory() }));
} else if (first !== undefined) {
  await compare(first);
} else {
  console.error("usage: bench/tokenizer.ts CORPUS [--peers FOLDER]");
}

async function train(
  output: string,
  threads: number,
  vocabSize: number,
  paths: readonly string[],
): Promise<Measured> {
  const start = performance.now();
  const files = paths.map((path) => ({ path }));
  const trainer = new BPETrainer({
    vocabSize,
    minFrequency: 1,
    normalizer: PTBRNormalizer.only("nfc"),
  });
  const { vocab } = await trainer.train(readTextChunks(files), { threads });
  const seconds = (performance.now() - start) / 1000;
  await writeVocab(output, vocab);
  return { seconds };
}

async function encode(
  file: string,
  threads: number,
  paths: readonly string[],
): Promise<Measured> {
  const vocab = await readVocab(file);
  const texts = paths.flatMap((path) =>
    Deno.readTextFileSync(path).match(DOCUMENT) ?? []
  );
  const tokenizer = new BPETokenizer(vocab);
  const documents = texts.map((text) => ({ text, sourceBytes: text.length }));
  let seconds = 0, ids = 0;
  for (let pass = 0; pass < PASSES; pass++) {
    const start = performance.now();
    ids = 0;
    if (threads > 1) {
      // As `tokenize` does it: words are counted and Workers started too.
      const batches = encodeDocuments(documents, tokenizer, { threads });
      for await (const batch of batches) {
        for (const { tokens } of batch) ids += tokens.length;
      }
    } else {
      for (const text of texts) ids += tokenizer.encode(text).length;
    }
    seconds = (performance.now() - start) / 1000;
  }
  return { seconds, ids };
}

/** Runs all the sides in turn and prints a table. */
async function compare(corpus: string): Promise<void> {
  const { files } = await listTextFiles(corpus);
  const megabytes = totalSize(files) / 1e6;
  const paths = await Promise.all(files.map(({ path }) => Deno.realPath(path)));
  const rounds = Number(options.rounds);
  const work = await Deno.makeTempDir();
  try {
    console.log(`${files.length} files, ${megabytes.toFixed(1)} MB`);
    const theirs = await hfSides("train", [`${work}/hf.json`, ...paths]);
    // The Rust trainer stops at 30,000 tokens, the bytes that occur among
    // them; ours has all bytes and five more.
    const size = MIN_VOCAB_SIZE +
      (theirs.length > 0
        ? await tokensMade(theirs[0], `${work}/hf.json`)
        : 29_739);
    const training = [
      ...[1, 2].map((n) => ours("train", `${work}/ours.json`, n, size, paths)),
      ...theirs,
      ...await spmTraining(work, paths),
    ];
    console.log(`\nTraining, ${size} ids, seconds`);
    const trained = await inTurn(training, rounds, measure);
    report(training, trained, (seconds) => seconds);
    await keep("training a tokenizer", training, trained);
    const vocab = await readVocab(`${work}/ours.json`);
    if (theirs.length > 0) await compareMerges(vocab, `${work}/hf.json`);

    const [{ content }] = toHuggingFace(vocab).files;
    await Deno.writeTextFile(`${work}/exported.json`, content);
    const encoding = [
      ...[1, 2].map((n) => ours("encode", `${work}/ours.json`, n, size, paths)),
      ...await hfSides("encode", [
        ...[`${work}/exported.json`, `${PASSES}`, ...paths],
      ]),
    ];
    console.log("\nEncoding, MB/s");
    const results = await inTurn(encoding, rounds, measure);
    report(encoding, results, (seconds) => megabytes / seconds);
    await keep("encoding text", encoding, results);
    const ids = new Set(results.flat().map(({ ids }) => ids));
    console.log(`ids: ${[...ids].join(" and ")}`);
    if (options.held !== "") await heldOut(files, options.held);
  } finally {
    await Deno.remove(work, { recursive: true });
  }

  async function keep(
    what: string,
    sides: readonly Side[],
    results: readonly Measured[][],
  ): Promise<void> {
    await keepFigures(
      options.figures,
      sides.map(({ name }, i) => ({
        what,
        side: name,
        isOurs: name.startsWith(OURS),
        unit: "MB/s",
        better: "more",
        values: results[i].map(({ seconds }) => megabytes / seconds),
      })),
    );
  }
}

function ours(
  action: string,
  file: string,
  threads: number,
  size: number,
  paths: readonly string[],
): Side {
  const script = new URL(import.meta.url).pathname;
  return {
    name: `${OURS}, ${counted(threads)}`,
    command: [
      ...[Deno.execPath(), "run", "-A", script],
      ...[action, file, `${threads}`, `${size}`, ...paths],
    ],
  };
}

function counted(threads: number): string {
  return `${threads} thread${threads === 1 ? "" : "s"}`;
}

async function hfSides(action: string, args: string[]): Promise<Side[]> {
  const script = new URL("peers/hf_tokenizers.mjs", import.meta.url).pathname;
  if (!await has("node_modules/tokenizers")) return [];
  return [1, 2].map((threads) => ({
    name: `HF tokenizers, ${counted(threads)}`,
    command: ["node", script, action, ...args],
    cwd: options.peers,
    env: {
      RAYON_NUM_THREADS: `${threads}`,
      TOKENIZERS_PARALLELISM: `${threads > 1}`,
    },
  }));
}

async function spmTraining(work: string, paths: string[]): Promise<Side[]> {
  if (!await has("venv/bin/python")) return [];
  const script = new URL("peers/sentencepiece.py", import.meta.url).pathname;
  const python = `${await Deno.realPath(options.peers)}/venv/bin/python`;
  return [{
    name: "SentencePiece, 2 threads",
    command: [python, script, `${work}/spm`, "2", ...paths],
  }];
}

/** Whether the folder of peers has something; says so where it has not. */
async function has(path: string): Promise<boolean> {
  if (options.peers !== "") {
    const found = await Deno.stat(`${options.peers}/${path}`).catch(() => {});
    if (found !== undefined) return true;
  }
  console.log(`without ${path}: see --peers`);
  return false;
}

async function measure(side: Side): Promise<Measured> {
  return lastLine(await run(side.command, side));
}

/** How many tokens besides bytes the Rust trainer makes. */
async function tokensMade(side: Side, path: string): Promise<number> {
  await measure(side);
  const { model } = JSON.parse(await Deno.readTextFile(path));
  return Object.keys(model.vocab).filter((token) => [...token].length > 1)
    .length;
}

function report(
  sides: readonly Side[],
  results: readonly Measured[][],
  figure: (seconds: number) => number,
): void {
  for (const [i, { name }] of sides.entries()) {
    const seconds = median(results[i].map(({ seconds }) => seconds));
    const peak = median(results[i].map(({ peak }) => peak ?? NaN)) / 2 ** 20;
    const all = results[i].map(({ seconds }) => figure(seconds).toFixed(2));
    console.log(
      `${name.padEnd(26)}${figure(seconds).toFixed(2).padStart(7)}  peak ${
        peak.toFixed(0).padStart(5)
      } MiB  (${all.join(" ")})`,
    );
  }
}

async function compareMerges(vocab: BPEVocab, path: string): Promise<void> {
  const { model } = JSON.parse(await Deno.readTextFile(path));
  const merges: (string | string[])[] = model.merges;
  const same = merges.filter((merge, i) => {
    const text = typeof merge === "string" ? merge : merge.join(" ");
    const pair = vocab.merges[i] ?? [];
    return text === pair.map((id) => toCharacters(vocab.tokens[id])).join(" ");
  });
  console.log(`merges as the Rust trainer's: ${same.length}/${merges.length}`);
}

/** Tokens a word of text that was not trained on, 32,000 ids. */
async function heldOut(
  files: Parameters<typeof readTextChunks>[0],
  folder: string,
): Promise<void> {
  const { vocab } = await new BPETrainer().train(readTextChunks(files));
  const tokenizer = new BPETokenizer(vocab);
  console.log("\nHeld out, tokens a word at 32,000 ids");
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory) continue;
    let words = 0, tokens = 0;
    const { files } = await listTextFiles(`${folder}/${name}`);
    for (const { path } of files) {
      const text = await Deno.readTextFile(path);
      words += countSpacedWords(text);
      tokens += tokenizer.count(text);
    }
    console.log(`${name.padEnd(26)}${(tokens / words).toFixed(3).padStart(7)}`);
  }
}
