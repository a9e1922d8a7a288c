/** A session reads and writes what the whole model does, from any state. */

import {
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { CpuBackend } from "../../lib/backend/cpu/cpu_backend.ts";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { WebGpuBackend } from "../../lib/backend/webgpu/webgpu_backend.ts";
import { Generator } from "../../lib/generate/generator.ts";
import { logitsAfter } from "../../lib/generate/logits.ts";
import { greedy, sampling } from "../../lib/generate/sampler.ts";
import { Session } from "../../lib/generate/session.ts";
import {
  decodeSession,
  encodeSession,
} from "../../lib/generate/session_file.ts";
import { ARCHITECTURES } from "../../lib/model/architecture.ts";
import { RWKVConfig } from "../../lib/model/config.ts";
import { gpuTest } from "../backend/webgpu/adapter.ts";
import { config, newModel, tokenizer } from "./small_models.ts";

const BOS = tokenizer.vocab.specialId("[BOS]");

for (const architecture of ARCHITECTURES) {
  Deno.test(`Session goes on from any state of ${architecture}`, async () => {
    using backend = await CpuBackend.create({ threads: 2, blas: "none" });
    const shape = new RWKVConfig({ ...config, architecture, headSize: 8 });
    const model = await newModel(backend, shape);
    using session = new Session(model, tokenizer);
    await session.feed([BOS]);
    await session.feed("o rio corre");
    const ids = [BOS, ...tokenizer.encode("o rio corre")];
    assertEquals(session.tokens, ids.length);
    const want = await logitsAfter(model, ids), got = await session.logits();
    for (const [i, value] of got.entries()) {
      assertAlmostEquals(value, want[i], 1e-4);
    }

    const saved = await session.save();
    const sampler = () => sampling({ temperature: 1, seed: 3 });
    const written = async (on: Session) => {
      const choose = sampler(), made: number[] = [];
      for (let i = 0; i < 20; i++) made.push(await on.next(choose));
      return made;
    };
    using fork = await session.fork();
    const first = await written(session);
    assertEquals(await written(fork), first);
    session.restore(saved);
    assertEquals(await written(session), first);
    assertEquals(session.tokens, ids.length + 20);

    // The state is plain numbers, good on any backend.
    using elsewhere = new Session(
      await newModel(new ReferenceBackend(), shape),
    );
    elsewhere.restore(saved);
    assertEquals(await written(elsewhere), first);
  });
}

Deno.test("Session writes what Generator writes", async () => {
  const model = await newModel(new ReferenceBackend());
  using session = new Session(model, tokenizer);
  await session.feed([BOS, ...tokenizer.encode("o rio")]);
  const ids: number[] = [], choose = greedy();
  for (let i = 0; i < 30; i++) ids.push(await session.next(choose));
  const generator = new Generator(model, tokenizer);
  const options = { maxTokens: 30, sampler: greedy() };
  const pieces = await Array.fromAsync(generator.generate("o rio", options));
  assertEquals(tokenizer.decode(ids), pieces.join(""));
});

gpuTest("Session goes on from a state on WebGPU", async () => {
  using backend = await WebGpuBackend.create({ software: true });
  const model = await newModel(backend);
  using session = new Session(model, tokenizer);
  await session.feed("o rio");
  using fork = await session.fork();
  const [a, b] = await Promise.all([
    session.next(greedy()),
    fork.next(greedy()),
  ]);
  assertEquals(a, b);
  assertEquals(await session.logits(), await fork.logits());
});

Deno.test("Session feeds nothing where an id is not of the model", async () => {
  using session = new Session(await newModel(new ReferenceBackend()));
  for (const wrong of [-1, 0.5, tokenizer.vocabSize]) {
    await assertRejects(
      () => session.feed([1, wrong]),
      RangeError,
      `Cannot feed token ${wrong}: the model has`,
    );
  }
  assertEquals(session.tokens, 0);
  await assertRejects(() => session.logits(), RangeError, "nothing was fed");
  await assertRejects(() => session.feed("o"), TypeError, "no tokenizer");
});

Deno.test("Session refuses a call while another is under way, and after its end", async () => {
  const model = await newModel(new ReferenceBackend());
  const session = new Session(model, tokenizer);
  await session.feed("o rio");
  const under = session.next(greedy());
  await assertRejects(() => session.logits(), Error, "await the call before");
  await under;
  const saved = await session.save();
  session[Symbol.dispose]();
  await assertRejects(() => session.feed("o"), Error, "disposed of");
  assertThrows(() => session.restore(saved), Error, "disposed of");
  // The next one begins anew in the same memory.
  using next = new Session(model, tokenizer);
  await next.feed("o rio");
  using other = new Session(model, tokenizer);
  await other.feed("o rio");
  assertEquals(await next.save(), await other.save());
});

Deno.test("Session stays at the piece at which the signal ended its feeding", async () => {
  const model = await newModel(new ReferenceBackend());
  using session = new Session(model, tokenizer);
  const ids = Array.from({ length: 600 }, (_, i) => i % 50);
  const signal = AbortSignal.timeout(1);
  await assertRejects(() => session.feed(ids, { signal }), DOMException);
  const { tokens } = session;
  await session.feed(ids.slice(tokens));
  const want = await logitsAfter(model, ids), got = await session.logits();
  for (const [i, value] of got.entries()) {
    assertAlmostEquals(value, want[i], 1e-4);
  }
});

Deno.test("Session writes text by any settings as Generator does, and stands behind it", async () => {
  const model = await newModel(new ReferenceBackend());
  const generator = new Generator(model, tokenizer);
  for (
    const settings of [
      { temperature: 1, seed: 2, topP: 0.9 },
      { temperature: 1, seed: 2, frequencyPenalty: 1, stop: ["uva", "mar"] },
    ]
  ) {
    const options = { ...settings, maxTokens: 24 };
    using session = new Session(model, tokenizer);
    await session.feed([BOS, ...tokenizer.encode("o rio")]);
    const written = await Array.fromAsync(session.write(options));
    const want = await Array.fromAsync(generator.generate("o rio", options));
    assertEquals(written.join(""), want.join(""));

    // What a file holds is enough to go on as if nothing had been.
    const { config } = model;
    const bytes = encodeSession(await session.save(), config);
    using other = new Session(model, tokenizer);
    other.restore(decodeSession(bytes, config));
    await other.feed(" e a chuva");
    await session.feed(" e a chuva");
    const more = await Array.fromAsync(session.write(options));
    assertEquals(await Array.fromAsync(other.write(options)), more);
    const [first] = await Array.fromAsync(generator.writeAll(
      [{ prompt: " e a chuva", seed: 2 }],
      { ...options, from: decodeSession(bytes, config) },
    ));
    assertEquals(first.text, more.join(""));
  }
});

Deno.test("Session does not feed the token that ends its text", async () => {
  const model = await newModel(new ReferenceBackend());
  const eos = tokenizer.vocab.specialId("[EOS]");
  using session = new Session(model, tokenizer);
  await session.feed("o rio");
  const { tokens } = session, before = await session.logits();
  const options = { temperature: 1, seed: 2, maxTokens: 9 };
  const logitBias = new Map([[eos, 100]]);
  const text = await Array.fromAsync(session.write({ ...options, logitBias }));
  assertEquals([text, session.tokens], [[], tokens]);
  assertEquals(await session.logits(), before);
  await assertRejects(
    () => Array.fromAsync(session.write({ ...options, stop: [""] })),
    RangeError,
    "it is empty",
  );
});

Deno.test("Session.feed() refuses what is neither text nor a list of ids", async () => {
  using session = new Session(await newModel(new ReferenceBackend()));
  // deno-lint-ignore no-explicit-any
  for (const input of [5, undefined, null, {}] as any[]) {
    await assertRejects(
      () => session.feed(input),
      TypeError,
      "Cannot feed the session: give a text, or a list of ids",
    );
  }
  assertEquals(session.tokens, 0);
});
