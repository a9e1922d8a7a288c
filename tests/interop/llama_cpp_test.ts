/**
 * A model trained here, exported as GGUF, in llama.cpp: the same ids, the same
 * probabilities over the whole vocabulary, the same greedy text. Without
 * llama.cpp the tests are skipped, and say why; `llama_cpp.ts` says how to
 * have it.
 *
 * @module
 */

import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { CpuBackend } from "../../lib/backend/cpu/cpu_backend.ts";
import {
  ggufModel,
  ggufTensors,
} from "../../lib/checkpoint/formats/gguf/gguf_model.ts";
import { ggufTokenizer } from "../../lib/checkpoint/formats/gguf/gguf_tokenizer.ts";
import { writeGguf } from "../../lib/checkpoint/formats/gguf/gguf_writer.ts";
import { loadModel } from "../../lib/checkpoint/native/mpk_reader.ts";
import { listTextFiles } from "../../lib/input_files.ts";
import { Generator } from "../../lib/generate/generator.ts";
import { logitsAfter } from "../../lib/generate/logits.ts";
import { Random } from "../../lib/random.ts";
import { BPETokenizer } from "../../lib/tokenizer/bpe/bpe_tokenizer.ts";
import { BPETrainer } from "../../lib/tokenizer/bpe/bpe_trainer.ts";
import type { BPEVocab } from "../../lib/tokenizer/bpe/bpe_vocab.ts";
import { PTBRNormalizer } from "../../lib/tokenizer/normalizer.ts";
import { readVocab } from "../../lib/tokenizer/vocab/vocab_file.ts";
import { WorldTokenizer } from "../../lib/tokenizer/world/world_tokenizer.ts";
import { WorldVocab } from "../../lib/tokenizer/world/world_vocab.ts";
import { weights } from "../checkpoint/weights.ts";
import { run } from "../commands/run_cli.ts";
import { WORLD_SIZE, WORLD_TEXT } from "../tokenizer/world.ts";
import { LlamaCpp, NO_LLAMA_CPP } from "./llama_cpp.ts";
import { NO_REAL_DATA, REAL_DATA } from "../real_data.ts";

const SAMPLE = "data/sample/amostra-pages-articles-multistream.xml.bz2";
const CORPORA = `${REAL_DATA}/corpora`;
const STEPS = 300;
const PROMPTS = 100;
/** What the probabilities may differ by. */
const TOLERANCE = 1e-4;
/** Tokens of greedy text that must be the same. */
const WRITTEN = 60;
/** Text of the corpora that is encoded, in UTF-16 units. */
const CORPUS_LENGTH = 6_000_000;

const WHY = NO_LLAMA_CPP === undefined ? "" : ` (skipped: ${NO_LLAMA_CPP})`;

function test(name: string, fn: () => Promise<void>, ignore = false): void {
  Deno.test({
    name: `${name}${WHY}`,
    ignore: ignore || NO_LLAMA_CPP !== undefined,
    // llama.cpp keeps threads and timers of its own.
    sanitizeOps: false,
    sanitizeResources: false,
    fn,
  });
}

/** What weights are exported as. */
const ROUNDINGS = ["f32", "f16", "bf16", "q8_0", "q5_1", "q4_0"];

/** What llama.cpp has of ours. */
const FAMILIES = ["rwkv6", "rwkv7"] as const;
type Family = typeof FAMILIES[number];

/** A folder a family with a run of a small model on the sample dump. */
const runs = new Map<Family, Promise<string>>();

function trained(architecture: Family): Promise<string> {
  const run = runs.get(architecture) ?? train(architecture);
  runs.set(architecture, run);
  return run;
}

async function train(architecture: Family): Promise<string> {
  const folder = await Deno.makeTempDir();
  const [text, tokens] = [`${folder}/text`, `${folder}/tokens`];
  await Deno.writeTextFile(
    `${folder}/shape.toml`,
    `architecture = "${architecture}"\nd_model = 128\nn_layers = 2\n` +
      "d_ffn = 256\nmax_seq_len = 64\ndropout = 0\n",
  );
  const tokenizer = `${folder}/tokenizer.json`;
  for (
    const args of [
      ["process-wiki", "--input", SAMPLE, "--output", text],
      ["train-tokenizer", "--corpus", text, "--output", tokenizer].concat(
        ["--vocab-size", "2000"],
      ),
      ["tokenize", "--input", text, "--output", tokens].concat(
        ["--tokenizer", tokenizer],
      ),
      ["train", "--data", tokens, "--tokenizer", tokenizer].concat(
        ["--model-config", `${folder}/shape.toml`, "--output", folder],
        ["--max-steps", `${STEPS}`, "--grad-accum", "1", "--batch-size", "4"],
        ["--learning-rate", "2e-3", "--warmup-steps", "20"],
      ),
      ...ROUNDINGS.map((type) => [
        ...["export-model", "--model", folder, "--format", "gguf"],
        ...["--dtype", type, "--output", `${folder}/gguf`],
      ]),
    ]
  ) {
    const { code, stderr } = await run(args);
    assertEquals(code, 0, stderr);
  }
  return folder;
}

/** What people would write, from the sample itself, ever longer. */
async function promptsOf(folder: string): Promise<string[]> {
  const { files: [file] } = await listTextFiles(`${folder}/text`);
  const text = await Deno.readTextFile(file.path);
  const random = new Random(3);
  const lines = text.split("\n").filter((line) => line.length > 40);
  return Array.from(
    { length: PROMPTS },
    (_, i) => lines[random.next() % lines.length].slice(0, 4 + i),
  );
}

for (const architecture of FAMILIES) {
  test(`export-model gives llama.cpp our probabilities and our greedy text: ${architecture}`, async () => {
    const folder = await trained(architecture);
    using backend = await CpuBackend.create({ blas: "none" });
    const model = await loadModel(folder, backend);
    const vocab = await readVocab(folder);
    const tokenizer = new BPETokenizer(vocab);
    const [start, end] = ["[BOS]", "[EOS]"].map((name) =>
      vocab.specialId(name)
    );
    await using llama = await LlamaCpp.open(`${folder}/gguf/model-f32.gguf`);
    assertEquals([llama.tokens.bos, llama.tokens.eos], [start, end]);
    assert(llama.tokens.shouldPrependBosToken);
    assert(!llama.tokens.shouldAppendEosToken);

    const generator = new Generator(model, tokenizer);
    let furthest = 0, likeliest = 0, same = 0;
    for (const [i, prompt] of (await promptsOf(folder)).entries()) {
      const ids = [start, ...tokenizer.encode(prompt)];
      assertEquals(llama.encode(tokenizer.decode(ids)), ids.slice(1), prompt);
      const theirs = await llama.probabilitiesAfter(ids);
      const ours = softmax(await logitsAfter(model, ids));
      assertEquals(theirs.length, vocab.size);
      ours.forEach((probability, id) => {
        likeliest = Math.max(likeliest, probability);
        furthest = Math.max(furthest, Math.abs(probability - theirs[id]));
      });
      if (i % 5 > 0) continue;
      const options = { maxTokens: WRITTEN, temperature: 0, seed: 1 };
      const pieces = await Array.fromAsync(generator.generate(prompt, options));
      const written = await llama.continue(ids, WRITTEN, [start, end]);
      assertEquals(llama.decode(written), pieces.join(""), prompt);
      same++;
    }
    console.log(
      `${architecture}: ${PROMPTS} prompts, ${vocab.size} ids: probabilities within ` +
        `${furthest.toExponential(1)} (the likeliest ${
          likeliest.toFixed(2)
        }); ` +
        `${same} greedy texts of ${WRITTEN} tokens the same`,
    );
    assertGreater(likeliest, 0.3); // it has learnt something
    assertLess(furthest, TOLERANCE);
  });

  test(`export-model rounds no more than each format must: ${architecture}`, async () => {
    const folder = await trained(architecture);
    const vocab = await readVocab(folder);
    const tokenizer = new BPETokenizer(vocab);
    const files = ROUNDINGS.map((type) => `${folder}/gguf/model-${type}.gguf`);
    const prompts = (await promptsOf(folder)).slice(0, 20);
    const found: Float64Array[][] = [];
    for (const file of files) {
      await using llama = await LlamaCpp.open(file);
      const probabilities = [];
      for (const prompt of prompts) {
        const ids = [vocab.specialId("[BOS]"), ...tokenizer.encode(prompt)];
        probabilities.push(await llama.probabilitiesAfter(ids));
      }
      found.push(probabilities);
    }
    const distances = found.slice(1).map((rounded) =>
      rounded.reduce((sum, q, i) => sum + distance(found[0][i], q), 0) /
      prompts.length
    );
    console.log(
      `probability that is elsewhere than in f32, mean of ${prompts.length} ` +
        `prompts: f16 ${distances[0].toExponential(1)}, ` +
        `bf16 ${distances[1].toExponential(1)}, ` +
        `q8_0 ${distances[2].toExponential(1)}, ` +
        `q5_1 ${distances[3].toExponential(1)}, ` +
        `q4_0 ${distances[4].toExponential(1)}`,
    );
    assertLess(distances[0], 1e-3);
    assertLess(distances[1], 1e-2);
    assertLess(distances[2], 2e-2);
    assertLess(distances[3], 5e-2);
    assertLess(distances[4], 0.15);
  });

  test(`quantize gives llama.cpp the blocks that are computed with here: ${architecture}`, async () => {
    const folder = await trained(architecture);
    const vocab = await readVocab(folder);
    const tokenizer = new BPETokenizer(vocab);
    const prompts = (await promptsOf(folder)).slice(0, 20);
    for (
      const [format, type] of [["q8", "q8_0"], ["q5", "q5_1"], ["q4", "q4_0"]]
    ) {
      const small = `${folder}/${format}`;
      for (
        const args of [
          ["quantize", "--model", folder, "--format", format].concat(
            ["--calibrate", `${folder}/text`, "--calibrate-bytes", "20000"],
            ["--output", small],
          ),
          ["export-model", "--model", small, "--format", "gguf"].concat(
            ["--dtype", type, "--output", `${small}/gguf`],
          ),
        ]
      ) {
        const { code, stderr } = await run(args);
        assertEquals(code, 0, stderr);
      }
      using backend = await CpuBackend.create({ blas: "none" });
      const model = await loadModel(small, backend);
      await using llama = await LlamaCpp.open(
        `${small}/gguf/model-${type}.gguf`,
      );
      let sum = 0;
      for (const prompt of prompts) {
        const ids = [vocab.specialId("[BOS]"), ...tokenizer.encode(prompt)];
        const theirs = await llama.probabilitiesAfter(ids);
        const ours = Float64Array.from(softmax(await logitsAfter(model, ids)));
        sum += distance(ours, Float64Array.from(theirs)) / prompts.length;
      }
      console.log(
        `${architecture} ${format}: probability that is elsewhere, mean of ` +
          `${prompts.length} prompts: ${sum.toExponential(1)}`,
      );
      // llama.cpp rounds inputs to 8 bits.
      assertLess(sum, 2e-2);
    }
  });
}

test("ggufTokenizer() gives llama.cpp our ids of every character", async () => {
  const bytes = await Deno.readFile("README.pt-BR.md");
  const { vocab } = await new BPETrainer({
    vocabSize: 1500,
    normalizer: PTBRNormalizer.off(),
  }).train([{ name: "text", bytes }]);
  await using llama = await inLlama(vocab);
  const tokenizer = new BPETokenizer(vocab);
  const different: string[] = [];
  for (let code = 0; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const char = String.fromCodePoint(code);
    const text = `a${char}b ${char} 1${char}1 ${char}${char}x`;
    if (`${llama.encode(text)}` !== `${tokenizer.encode(text)}`) {
      different.push(code.toString(16));
    }
  }
  assertEquals(different, []);
});

test(
  "ggufTokenizer() gives llama.cpp our ids of laws and novels (needs PTBR_SLM_TEST_DATA)",
  async () => {
    const texts: string[] = [];
    let length = 0;
    for (const { path } of (await listTextFiles(CORPORA)).files) {
      const text = new TextDecoder().decode(await Deno.readFile(path));
      texts.push(text);
      if ((length += text.length) > CORPUS_LENGTH) break;
    }
    const normalizer = new PTBRNormalizer();
    const sources = texts.slice(0, 20).map((text, i) => ({
      name: `${i}`,
      bytes: new TextEncoder().encode(text),
    }));
    const { vocab } = await new BPETrainer({ vocabSize: 16_000, normalizer })
      .train(sources);
    await using llama = await inLlama(vocab);
    const tokenizer = new BPETokenizer(vocab);
    const lines = texts.flatMap((text) => text.split("\n"));
    for (const line of lines) {
      const ids = llama.encode(normalizer.normalize(line));
      assertEquals(ids, [...tokenizer.encode(line)], line);
    }
    console.log(`${lines.length} lines, ${length} characters: the same ids`);
    assertGreater(lines.length, 10_000);
  },
  NO_REAL_DATA,
);

test("ggufTokenizer() gives llama.cpp our ids of a World vocabulary", async () => {
  const vocab = WorldVocab.parseText(WORLD_TEXT).padded(WORLD_SIZE + 3);
  await using llama = await inLlama(vocab);
  assertEquals([llama.tokens.bos, llama.tokens.eos], [0, 0]);
  const tokenizer = new WorldTokenizer(vocab);
  const pieces =
    "coração|cora|ção|ão| d|d'água|\\'|\n\n|\n|a b|a |🇧🇷|\u200b|\0|" +
    "<s>|[PAD301]|\\xfe|fim|fi|é|日本|\t";
  const random = new Random(7);
  const words = pieces.split("|");
  for (let i = 0; i < 5000; i++) {
    const length = 1 + random.next() % 20;
    const text = Array.from(
      { length },
      () => words[random.next() % words.length],
    ).join("");
    const ids = [...tokenizer.encode(text)];
    assertEquals(llama.encode(text), ids, JSON.stringify(text));
    if (i % 50 === 0 && !text.includes("\0")) {
      assertEquals(llama.decode(ids), text);
    }
  }
});

/** A vocabulary in llama.cpp, with some model. */
async function inLlama(vocab: BPEVocab | WorldVocab): Promise<LlamaCpp> {
  const model = weights({
    architecture: "rwkv7",
    vocabSize: vocab.size,
    dModel: 64,
    dFfn: 64,
  });
  const path = await Deno.makeTempDir() + "/model.gguf";
  const fields = new Map([
    ...ggufModel(model, { name: "x", type: "F16" }),
    ...ggufTokenizer(vocab).fields,
  ]);
  await writeGguf(path, fields, ggufTensors(model, "F16"));
  return await LlamaCpp.open(path);
}

function softmax(logits: Float32Array): Float64Array {
  const largest = Math.max(...logits);
  const powers = Float64Array.from(logits, (x) => Math.exp(x - largest));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

/** ½ Σ |p − q|. */
function distance(p: Float64Array, q: Float64Array): number {
  return p.reduce((sum, x, i) => sum + Math.abs(x - q[i]), 0) / 2;
}
