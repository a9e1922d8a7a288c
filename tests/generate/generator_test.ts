/** Tokens made ahead, on every backend, are the tokens made one by one. */

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import type { Backend } from "../../lib/backend/backend.ts";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import type { SamplingOptions } from "../../lib/backend/sampling.ts";
import { CpuBackend } from "../../lib/backend/cpu/cpu_backend.ts";
import { DENO_HOST } from "../../lib/backend/cpu/deno_host.ts";
import { WebGpuBackend } from "../../lib/backend/webgpu/webgpu_backend.ts";
import { ARCHITECTURES } from "../../lib/model/architecture.ts";
import { RWKVConfig } from "../../lib/model/config.ts";
import type { Choice, ChoosingSettings } from "../../lib/generate/choosing.ts";
import { Generator } from "../../lib/generate/generator.ts";
import { TokenChooser } from "../../lib/generate/token_chooser.ts";
import { greedy, sampling } from "../../lib/generate/sampler.ts";
import { gpuTest } from "../backend/webgpu/adapter.ts";
import { config, newModel, tokenizer } from "./small_models.ts";

const WAYS: readonly SamplingOptions[] = [
  { temperature: 0 },
  { temperature: 1 },
  { temperature: 0.8, topK: 40 },
  { temperature: 1.2, topP: 0.9 },
  { temperature: 0.9, topK: 100, topP: 0.8 },
];

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
    using withBlas = await CpuBackend.create({
      threads: 2,
      blas: "auto",
      host: DENO_HOST,
    });
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

Deno.test("Generator writes texts at the same time as each alone", async () => {
  using cpu = await CpuBackend.create({ threads: 2, blas: "none" });
  for (const backend of [cpu, new ReferenceBackend()]) {
    const generator = new Generator(await newModel(backend), tokenizer);
    const written = (prompt: string, seed: number) => {
      const options = { maxTokens: 40, temperature: 1, ahead: 1, seed };
      return Array.fromAsync(generator.generate(prompt, options));
    };
    const seeds = [1, 2, 3, 4];
    const prompts = ["o rio", "a chuva corre", "", "o mar"];
    const alone: string[][] = [];
    for (const seed of seeds) {
      alone.push(await written(prompts[seed - 1], seed));
    }
    assertNotEquals(alone[0], alone[1]);
    const together = await Promise.all([
      ...seeds.map((seed) => written(prompts[seed - 1], seed)),
      generator.generateTexts("o rio", {
        maxTokens: 40,
        temperature: 1,
        seeds,
      }),
      generator.nextTokens("o rio", 3),
    ]);
    assertEquals(together.slice(0, 4), alone);
    assertEquals((together[4] as string[])[0], alone[0].join(""));
  }
});

Deno.test("Generator begins a text anew where another was left", async () => {
  const model = await newModel(new ReferenceBackend());
  const generator = new Generator(model, tokenizer);
  const options = { maxTokens: 20, temperature: 1 };
  const want = await write(generator, 5, options);
  for await (
    const _ of generator.generate("a chuva", { seed: 1, ...options })
  ) break;
  assertEquals(await write(generator, 5, options), want);
});

Deno.test("Generator asks the sampler it is given", async () => {
  const model = await newModel(new ReferenceBackend());
  const generator = new Generator(model, tokenizer);
  const asked = async (sampler: (logits: Float32Array) => number) =>
    (await Array.fromAsync(
      generator.generate("o rio", { maxTokens: 40, sampler }),
    )).join("");
  for (const way of WAYS) {
    const want = await write(generator, 7, { maxTokens: 40, ...way });
    const found = await asked(sampling({ ...way, seed: 7 }));
    assertEquals(`${generator.tokensMade}: ${found}`, want);
  }
  const options = { maxTokens: 40, temperature: 0 };
  const likeliest = await write(generator, 1, options);
  assertEquals(likeliest, `40: ${await asked(greedy())}`);
  const [id] = tokenizer.encode(" mar");
  assertEquals(await asked(() => id), " mar".repeat(40));
  for (const wrong of [-1, 0.5, NaN, tokenizer.vocabSize]) {
    await assertRejects(
      () => asked(() => wrong),
      RangeError,
      `Cannot choose token ${wrong}: the model has`,
    );
  }
});

Deno.test("Generator ends with the reason of the signal", async () => {
  const model = await newModel(new ReferenceBackend());
  const generator = new Generator(model, tokenizer);
  const abort = new AbortController();
  const options = { maxTokens: 1e6, temperature: 0, signal: abort.signal };
  let pieces = 0;
  const written = (async () => {
    for await (const _ of generator.generate("o", { seed: 1, ...options })) {
      if (++pieces === 10) abort.abort(new Error("enough"));
    }
  })();
  await assertRejects(() => written, Error, "enough");
  assert(pieces < 100);
  await assertRejects(
    () => generator.generateTexts("o", { seeds: [1], ...options }),
    Error,
    "enough",
  );
});

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

Deno.test("Generator refuses counts with which no text would end", async () => {
  const model = await newModel(new ReferenceBackend());
  const generator = new Generator(model, tokenizer);
  const options = { temperature: 1, seed: 1 };
  for (
    const counts of [
      ...[2.5, -1, NaN, Infinity].map((maxTokens) => ({ maxTokens })),
      ...[0, -1, 1.5, NaN].map((ahead) => ({ maxTokens: 3, ahead })),
    ]
  ) {
    await assertRejects(
      () => Array.fromAsync(generator.generate("o", { ...options, ...counts })),
      RangeError,
      "must be a whole number",
    );
  }
  await assertRejects(
    () =>
      generator.generateTexts("o", {
        temperature: 1,
        seeds: [1],
        maxTokens: 1.5,
      }),
    RangeError,
    "maxTokens must be a whole number",
  );
});

/** Settings that no device knows. */
const MORE: readonly Omit<ChoosingSettings, "seed">[] = [
  { temperature: 1, minP: 0.1, frequencyPenalty: 0.5 },
  {
    temperature: 0,
    dry: { multiplier: 0.8, base: 1.75, allowedLength: 2 },
    penaltyWindow: 50,
  },
  { temperature: 0.9, topP: 0.9, logitBias: new Map([[260, 2]]) },
];

Deno.test("Generator writes by any settings what a chooser chooses, alone and together", async () => {
  using cpu = await CpuBackend.create({ threads: 2, blas: "none" });
  for (const backend of [cpu, new ReferenceBackend()]) {
    const generator = new Generator(await newModel(backend), tokenizer);
    const prompts = ["o rio", "a chuva corre", "o rio", "o rio", "", "o mar"];
    const wanted = prompts.map((prompt, seed) => ({ prompt, seed }));
    for (const settings of [...MORE, ...WAYS]) {
      const options = { ...settings, maxTokens: 25, stop: ["uva"] };
      const all = await Array.fromAsync(generator.writeAll(wanted, options));
      assertEquals(all.map(({ prompt }) => prompt), prompts);
      for (const { prompt, seed, text, tokens } of all) {
        const own = { ...options, seed };
        const alone = await Array.fromAsync(generator.generate(prompt, own));
        assertEquals([alone.join(""), generator.tokensMade], [text, tokens]);
        const { vocabSize } = config;
        const chooser = new TokenChooser(own, { vocabSize });
        const bos = tokenizer.vocab.specialId("[BOS]");
        chooser.readTokens([bos, ...tokenizer.encode(prompt)]);
        const asked = await Array.fromAsync(generator.generate(prompt, {
          maxTokens: 25,
          stop: ["uva"],
          sampler: (logits) => chooser.next(logits),
        }));
        assertEquals(asked.join(""), text);
      }
    }
  }
});

Deno.test("Generator ends before a text to stop at, whatever its tokens", async () => {
  const model = await newModel(new ReferenceBackend());
  const generator = new Generator(model, tokenizer);
  const options = { temperature: 1, seed: 2, maxTokens: 60 };
  const write = async (stop: string[]) =>
    (await Array.fromAsync(generator.generate("o rio", { ...options, stop })))
      .join("");
  const whole = await write([]);
  assert(whole.length > 20);
  for (let at = 3; at < 18; at++) {
    const stop = whole.slice(at, at + 3);
    const want = whole.slice(0, whole.indexOf(stop));
    assertEquals(await write([stop, "nowhere"]), want);
    assert(generator.tokensMade < 60);
  }
});

Deno.test("Generator tells of every token how likely it was", async () => {
  const model = await newModel(new ReferenceBackend());
  const generator = new Generator(model, tokenizer);
  const choices: Choice[] = [];
  const options = { temperature: 1, seed: 4, maxTokens: 12 };
  const pieces = await Array.fromAsync(generator.generate("o rio", {
    ...options,
    likeliest: 2,
    onChoice: (choice) => choices.push(choice),
  }));
  assertEquals(choices.length, generator.tokensMade);
  const ids = choices.map(({ id }) => id);
  assertEquals(tokenizer.decode(ids), pieces.join(""));
  for (const { logprob, likeliest: [first, second] } of choices) {
    assert(first.logprob >= second.logprob && first.logprob >= logprob);
  }
  const [{ id, probability }] = await generator.nextTokens("o rio", 1);
  assertEquals(id, choices[0].likeliest[0].id);
  assertAlmostEquals(Math.exp(choices[0].likeliest[0].logprob), probability);
});

Deno.test("Generator refuses options that are missing or of another kind", async () => {
  const generator = new Generator(
    await newModel(new ReferenceBackend()),
    tokenizer,
  );
  // deno-lint-ignore no-explicit-any
  const wrong = (value: unknown) => value as any;
  const whole = { maxTokens: 3, temperature: 1, seed: 7 };
  for (
    const [options, reason] of [
      [{}, "maxTokens must be a number, not undefined"],
      [
        { ...whole, seed: undefined },
        "seed must be a whole number from 0 to 4294967295, not undefined",
      ],
      [
        { ...whole, temprature: 1 },
        "unknown option temprature; did you mean temperature?",
      ],
      [undefined, "the options must be an object, not undefined"],
      [{ ...whole, temperature: "1" }, 'temperature must be a number, not "1"'],
      [{ maxTokens: 3, sampler: 1 }, "sampler must be a function, not 1"],
    ] as const
  ) {
    await assertRejects(
      () => Array.fromAsync(generator.generate("o rio", wrong(options))),
      TypeError,
      `Cannot generate: ${reason}`,
    );
  }
  for (const seed of [-1, 1.5, 2 ** 40]) {
    await assertRejects(
      () => Array.fromAsync(generator.generate("o rio", { ...whole, seed })),
      RangeError,
      `from 0 to 4294967295, not ${seed}`,
    );
  }
  await assertRejects(
    () => Array.fromAsync(generator.generate(wrong(5), whole)),
    TypeError,
    "prompt must be a text, not 5",
  );
  await assertRejects(
    () => generator.generateTexts("o rio", { ...whole, seeds: wrong(7) }),
    TypeError,
    "seeds must be a list of numbers, not 7",
  );
});
