/** Tokens made ahead, on every backend, are the tokens made one by one. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Backend } from "../../lib/backend/backend.ts";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import type { SamplingOptions } from "../../lib/backend/sampling.ts";
import { CpuBackend } from "../../lib/backend/cpu/cpu_backend.ts";
import { WebGpuBackend } from "../../lib/backend/webgpu/webgpu_backend.ts";
import { ARCHITECTURES } from "../../lib/model/architecture.ts";
import { RWKVConfig } from "../../lib/model/config.ts";
import { Generator } from "../../lib/generate/generator.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import { BPETokenizer } from "../../lib/tokenizer/bpe/bpe_tokenizer.ts";
import { BPETrainer } from "../../lib/tokenizer/bpe/bpe_trainer.ts";
import { gpuTest } from "../backend/webgpu/adapter.ts";

const TEXT = "o rio corre para o mar e a chuva corre para o rio\n";
const bytes = new TextEncoder().encode(TEXT.repeat(3));
const { vocab } = await new BPETrainer().train([{ name: "a", bytes }]);
const tokenizer = new BPETokenizer(vocab);
const config = new RWKVConfig({
  architecture: "rwkv4",
  vocabSize: vocab.size,
  dModel: 16,
  dFfn: 32,
  nLayers: 2,
});

const WAYS: readonly SamplingOptions[] = [
  { temperature: 0 },
  { temperature: 1 },
  { temperature: 0.8, topK: 40 },
  { temperature: 1.2, topP: 0.9 },
  { temperature: 0.9, topK: 100, topP: 0.8 },
];

/** Weights large enough for the model to have preferences. */
async function newModel(backend: Backend, shape = config): Promise<RWKV> {
  const model = new RWKV(shape, backend);
  model.initialize(3);
  for (const { data } of model.parameters) {
    const values = await backend.read(data);
    backend.write(data, values.map((value) => 1.5 * value));
  }
  return model;
}

/** A text, and how many tokens it took. */
async function write(
  generator: Generator,
  seed: number,
  options: SamplingOptions & { maxTokens: number; ahead?: number },
): Promise<string> {
  const pieces = await Array.fromAsync(
    generator.generate("o rio", { seed, ...options }),
  );
  return `${generator.tokensMade}: ${pieces.join("")}`;
}

Deno.test("Generator makes the same tokens however many ahead", async () => {
  const generator = new Generator(
    await newModel(new ReferenceBackend()),
    tokenizer,
  );
  let ended = 0;
  for (const way of WAYS) {
    for (let seed = 0; seed < 8; seed++) {
      const maxTokens = seed === 0 ? 1 : 60;
      const options = { maxTokens, ...way };
      const want = await write(generator, seed, { ahead: 1, ...options });
      for (const ahead of [2, 7, 32, 100, undefined]) {
        assertEquals(await write(generator, seed, { ahead, ...options }), want);
      }
      if (parseInt(want) < maxTokens) ended++;
    }
  }
  assert(ended > 0 && ended < 30, `${ended} texts ended by themselves`);
});

for (const architecture of ARCHITECTURES) {
  Deno.test(`Generator writes several texts of ${architecture} as each alone`, {
    sanitizeResources: false, // a BLAS is never closed
  }, async () => {
    using cpu = await CpuBackend.create({ threads: 2, blas: "none" });
    using withBlas = await CpuBackend.create({ threads: 2, blas: "auto" });
    for (const backend of [cpu, withBlas, new ReferenceBackend()]) {
      const shape = new RWKVConfig({ ...config, architecture, headSize: 8 });
      const generator = new Generator(
        await newModel(backend, shape),
        tokenizer,
      );
      for (const way of WAYS) {
        const seeds = [3, 1, 4, 1, 5, 9];
        const options = { maxTokens: 30, ...way };
        const texts = await generator.generateTexts("o rio", {
          seeds,
          ...options,
        });
        let tokens = generator.tokensMade;
        for (const [i, seed] of seeds.entries()) {
          const want = await write(generator, seed, options);
          assertEquals(`${generator.tokensMade}: ${texts[i]}`, want);
          tokens -= generator.tokensMade;
        }
        assertEquals(tokens, 0);
      }
    }
  });
}

Deno.test("Generator writes no text for no seed", async () => {
  const model = await newModel(new ReferenceBackend());
  const generator = new Generator(model, tokenizer);
  const options = { seeds: [], maxTokens: 3, temperature: 1 };
  assertEquals(await generator.generateTexts("o", options), []);
});

Deno.test("Generator refuses a model whose logits are not numbers", async () => {
  const backend = new ReferenceBackend();
  const model = await newModel(backend);
  const [first] = model.parameters;
  backend.run("fill", { out: first.data }, { value: NaN });
  const generator = new Generator(model, tokenizer);
  await assertRejects(
    () => write(generator, 1, { maxTokens: 5, temperature: 1 }),
    RangeError,
    "Cannot choose a token: the model's logits are not numbers",
  );
});

Deno.test("Generator writes on the CPU what the reference writes", async () => {
  using backend = await CpuBackend.create({ threads: 1, blas: "none" });
  await compare(backend);
});

gpuTest("Generator writes on WebGPU what the reference writes", async () => {
  using backend = await WebGpuBackend.create({ software: true });
  await compare(backend);
});

async function compare(backend: Backend): Promise<void> {
  const reference = new Generator(
    await newModel(new ReferenceBackend()),
    tokenizer,
  );
  const generator = new Generator(await newModel(backend), tokenizer);
  for (const [seed, way] of WAYS.entries()) {
    const greedy = way.temperature === 0;
    const options = { maxTokens: greedy ? 200 : 30, ...way };
    const want = await write(reference, seed, options);
    assertEquals(await write(generator, seed, options), want);
    if (greedy) assertEquals(parseInt(want), 200);
  }
}

gpuTest("Generator reads tokens back some at a time", async () => {
  using backend = await WebGpuBackend.create({ software: true });
  const generator = new Generator(await newModel(backend), tokenizer);
  const options = { maxTokens: 64, temperature: 0, ahead: 16 };
  const first = await write(generator, 1, options);
  const { reads, bytesRead, ...before } = backend.counts;
  assertEquals(await write(generator, 1, options), first);
  const { reads: readsAfter, bytesRead: bytesAfter, ...after } = backend.counts;
  const chunks = Math.ceil(parseInt(first) / 16);
  assertEquals(readsAfter - reads, chunks);
  assertEquals(bytesAfter - bytesRead, 64 * chunks);
  assertEquals(after.buffers, before.buffers);
  assertEquals(after.bindGroups, before.bindGroups);
});
