import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import { Random } from "../../../lib/random.ts";
import { ARCHITECTURES } from "../../../lib/model/architecture.ts";
import type { TextRequest } from "../../../lib/serve/engine.ts";
import {
  BusyError,
  UnknownModelError,
  UnknownStateError,
} from "../../../lib/serve/engine.ts";
import { ReferenceBackend } from "../../../lib/backend/reference/reference_backend.ts";
import { RWKVConfig } from "../../../lib/model/config.ts";
import { LocalEngine } from "../../../lib/serve/engine/local_engine.ts";
import { newModel } from "../../generate/small_models.ts";
import {
  ask,
  newEngine,
  request,
  tokenizer,
  writtenOf,
} from "./small_engine.ts";

const WORDS = ["o rio", " corre", " para", " o mar", " e a chuva", "\n", "é ç"];

/** Some request or other. */
function someRequest(random: Random): Partial<TextRequest> {
  const below = (n: number) => Math.floor(random.uniform() * n);
  const length = random.uniform() < 0.1 ? 60 + below(150) : below(12);
  const prompt = Array.from({ length }, () => WORDS[below(WORDS.length)]);
  const seed = below(1000);
  const settings = [
    { temperature: 0, seed },
    { temperature: 1, seed },
    { temperature: 0.8, topK: 20, seed },
    { temperature: 0.9, topP: 0.9, presencePenalty: 0.5, seed },
  ][below(4)];
  const stop = random.uniform() < 0.3 ? ["rre", "a o"] : undefined;
  return { prompt: prompt.join(""), maxTokens: below(20), settings, stop };
}

Deno.test("LocalEngine writes 1,000 texts together as it writes each alone", async () => {
  const random = new Random(5);
  const requests = Array.from({ length: 1000 }, () => someRequest(random));
  await using together = await newEngine({ streams: 24, queue: 1000 });
  const all = await Promise.all(requests.map((one) => ask(together, one)));
  await using alone = await newEngine({ streams: 1, cacheBytes: 0 });
  const texts = new Set<string>();
  for (const [i, one] of requests.entries()) {
    const { cachedTokens: _, ...want } = await ask(alone, one);
    const { cachedTokens: __, ...got } = all[i];
    assertEquals(got, want, JSON.stringify(one));
    texts.add(got.text);
  }
  assert(texts.size > 300);
  const { cachedTokens, running, waiting } = await together.load();
  assert(cachedTokens > 0);
  assertEquals([running, waiting], [0, 0]);
});

for (const architecture of ARCHITECTURES) {
  Deno.test(`LocalEngine gives ${architecture} the same bits in company, and from the cache`, async () => {
    const prompt = "o rio corre para o mar e a chuva ".repeat(12);
    const one = { prompt, likeliest: 3, maxTokens: 12 };
    const events = async (engine: Awaited<ReturnType<typeof newEngine>>) => {
      const signal = new AbortController().signal;
      const all = await Array.fromAsync(engine.write(request(one), signal));
      return all.flatMap((event) => event.kind === "piece" ? event.tokens : []);
    };
    await using alone = await newEngine({ streams: 1 }, architecture);
    const want = await events(alone);
    assertEquals(want.length > 0, true);
    assertEquals(await events(alone), want); // from the cache
    await using engine = await newEngine({ streams: 9 }, architecture);
    const others = Array.from(
      { length: 8 },
      (_, i) => ask(engine, { prompt: prompt.slice(9 * i), maxTokens: 5 * i }),
    );
    assertEquals(await events(engine), want);
    await Promise.all(others);
    assertEquals(await events(engine), want);
  });
}

Deno.test("LocalEngine reads nothing twice in a conversation of 20 turns", async () => {
  await using engine = await newEngine({ cacheBytes: 0 });
  let tokens = 0, written = "";
  for (let turn = 0; turn < 20; turn++) {
    const goOnFrom = turn === 0 ? undefined : `turn ${turn - 1}`;
    const prompt = ` e a chuva ${turn}`;
    const got = await ask(engine, {
      prompt,
      goOnFrom,
      keepAs: `turn ${turn}`,
      settings: { temperature: 1, seed: turn },
    });
    written += prompt + got.text;
    // All but the token that was chosen last, which nobody had read.
    assert(got.cachedTokens >= tokens - 1, `${turn}`);
    const own = turn === 0
      ? 1 + tokenizer.encode(prompt).length
      : tokenizer.encodePart(prompt).length;
    assert(got.promptTokens - got.cachedTokens <= own + 1);
    tokens = got.promptTokens + got.completionTokens -
      (got.reason === "stop" ? 1 : 0);
  }
  const { promptTokens } = await engine.load();
  assert(promptTokens <= tokens);
  assert(written.length > 100);
});

Deno.test("goOnFrom goes on as if all had been one prompt", async () => {
  await using engine = await newEngine({ cacheBytes: 0 });
  const bos = tokenizer.vocab.specialId("[BOS]");
  const prompt = [bos, ...tokenizer.encode("o rio")];
  let stopped = 0;
  for (let seed = 0; seed < 30; seed++) {
    const settings = { temperature: 1, seed, logitBias: noEnd() };
    const one = { prompt, settings, maxTokens: 15, keepAs: "end" };
    const free = await ask(engine, one);
    // Within tokens and across them.
    const at = seed % free.text.length;
    const stop = seed % 3 === 0
      ? undefined
      : [free.text.slice(at, at + 1 + seed % 4)];
    const written = await tokensOf(engine, { ...one, stop });
    stopped += Number(written.reason === "stop");
    const next = { prompt: [7, 8, 9], maxTokens: 10 };
    const onward = await ask(engine, { ...next, goOnFrom: "end" });
    const ids = [...prompt, ...written.ids];
    // What is left of a token that a stop text begins in.
    const shown = tokenizer.decode(written.ids);
    assert(written.text.startsWith(shown));
    ids.push(...tokenizer.encodePart(written.text.slice(shown.length)));
    const whole = await ask(engine, { ...next, prompt: [...ids, 7, 8, 9] });
    assertEquals(onward.text, whole.text);
    assertEquals(onward.promptTokens, whole.promptTokens);
    assert(onward.cachedTokens >= prompt.length);
  }
  assertEquals(stopped, 20);
  await assertRejects(
    () => ask(engine, { goOnFrom: "nothing" }),
    UnknownStateError,
    'Cannot go on from "nothing"',
  );
});

Deno.test("goOnFrom with nothing to read chooses what would have followed", async () => {
  await using engine = await newEngine();
  const whole = await ask(engine, { maxTokens: 10 });
  const first = await ask(engine, { maxTokens: 0, keepAs: "a" });
  assertEquals(first.text, "");
  const rest = await ask(engine, { prompt: "", goOnFrom: "a", maxTokens: 10 });
  assertEquals(rest.text, whole.text);
  assertEquals(rest.promptTokens, rest.cachedTokens);
});

Deno.test("LocalEngine reads a prompt's known beginning from the cache", async () => {
  await using engine = await newEngine();
  const prompt = "o rio corre para o mar\n".repeat(100) + "o rio";
  const first = await ask(engine, { prompt });
  assertEquals(first.cachedTokens, 0);
  const again = await ask(engine, { prompt });
  assertEquals(again, { ...first, cachedTokens: first.promptTokens });
  const longer = await ask(engine, { prompt: `${prompt} e a chuva` });
  assert(longer.cachedTokens >= first.promptTokens);
  // Another end: what was known at the last border before it.
  const ids = tokenizer.encode(prompt);
  const other = [...ids.slice(0, 300), 1, 2, 3];
  assertEquals((await ask(engine, { prompt: other })).cachedTokens, 256);
});

Deno.test("LocalEngine ends a text within one token of its signal", async () => {
  await using engine = await newEngine();
  const controller = new AbortController();
  const long = { maxTokens: 4000, settings: { temperature: 1, seed: 2 } };
  const ending = {
    ...long,
    settings: { ...long.settings, logitBias: noEnd() },
  };
  let pieces = 0;
  const reason = new Error("gone");
  await assertRejects(
    async () => {
      for await (
        const event of engine.write(request(ending), controller.signal)
      ) {
        if (event.kind === "piece" && ++pieces === 5) controller.abort(reason);
      }
    },
    Error,
    "gone",
  );
  const { completionTokens } = await engine.load();
  let later = await engine.load();
  for (let i = 0; i < 100 && later.running > 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    later = await engine.load();
  }
  assert(later.completionTokens - completionTokens <= 1);
  assertEquals(later.running, 0);
  assert(later.completionTokens < 50);
});

/** A text, and the tokens that are told of it. */
async function tokensOf(
  engine: LocalEngine,
  changes: Partial<TextRequest>,
): Promise<{ text: string; reason: string; ids: number[] }> {
  const one = request({ ...changes, likeliest: 0 });
  const signal = new AbortController().signal;
  const events = await Array.fromAsync(engine.write(one, signal));
  const { text, reason } = writtenOf(events);
  const tokens = events.flatMap((event) =>
    event.kind === "piece" ? event.tokens : []
  );
  // A stop text may have cut the last.
  const ids = tokens.map(({ id }) => id)
    .filter((id, i) => tokens[i].bytes.length >= tokenizer.byteLength(id));
  return { text, reason, ids };
}

/** Rules out the tokens that end a text. */
function noEnd(): Map<number, number> {
  const ids = ["[BOS]", "[EOS]"].map((name) => tokenizer.vocab.specialId(name));
  return new Map(ids.map((id) => [id, -Infinity]));
}

Deno.test("a text that nobody reads on ends, too", async () => {
  await using engine = await newEngine();
  const settings = { temperature: 1, seed: 2, logitBias: noEnd() };
  const long = request({ maxTokens: 4000, settings });
  for await (const event of engine.write(long, new AbortController().signal)) {
    if (event.kind === "piece") break;
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  const { running, completionTokens } = await engine.load();
  assertEquals(running, 0);
  assert(completionTokens < 50);
});

Deno.test("a long prompt does not keep short ones waiting", async () => {
  await using engine = await newEngine();
  const order: string[] = [];
  const long = ask(engine, {
    prompt: "o rio corre para o mar ".repeat(1000),
    maxTokens: 1,
  }).then(() => order.push("long"));
  const settings = { temperature: 1, seed: 2, logitBias: noEnd() };
  const short = Array.from(
    { length: 6 },
    (_, seed) =>
      ask(engine, { prompt: "a chuva", settings: { ...settings, seed } })
        .then(() => order.push("short")),
  );
  await Promise.all([long, ...short]);
  assertEquals(order.at(-1), "long");
});

Deno.test("LocalEngine refuses what it has no room for", async () => {
  await using engine = await newEngine({ streams: 2, queue: 3 });
  const many = Array.from({ length: 8 }, () => ask(engine));
  const results = await Promise.allSettled(many);
  const refused = results.filter(({ status }) => status === "rejected");
  assertEquals(refused.length, 3);
  for (const { reason } of refused as PromiseRejectedResult[]) {
    assert(reason instanceof BusyError);
  }
  await ask(engine); // there is room again
});

Deno.test("LocalEngine refuses what cannot be written", async () => {
  await using engine = await newEngine({ maxTokens: 100 });
  await assertRejects(() => ask(engine, { model: "x" }), UnknownModelError);
  await assertRejects(() => ask(engine, { maxTokens: 101 }), RangeError);
  await assertRejects(() => ask(engine, { maxTokens: -1 }), RangeError);
  await assertRejects(() => ask(engine, { prompt: [70000] }), RangeError);
  await assertRejects(
    () => ask(engine, { settings: { temperature: -1, seed: 1 } }),
    RangeError,
  );
  await assertRejects(() => engine.encode("x", "a"), UnknownModelError);
  const ids = await engine.encode("small", "o rio");
  assertEquals(await engine.decode("small", [...ids]), "o rio");
});

Deno.test("a text does not show its stop text, and says that it stopped", async () => {
  await using engine = await newEngine();
  const settings = { temperature: 1, seed: 2, logitBias: noEnd() };
  const free = await ask(engine, { settings, maxTokens: 40 });
  const middle = free.text.length >> 1;
  const stop = free.text.slice(middle, middle + 4);
  const got = await ask(engine, { settings, maxTokens: 40, stop: [stop] });
  assertEquals(got.text, free.text.slice(0, free.text.indexOf(stop)));
  assertEquals(got.reason, "stop");
  assertNotEquals(free.reason, "stop");
});

Deno.test("tokens that are told make up the text", async () => {
  await using engine = await newEngine();
  const settings = { temperature: 1, seed: 2, logitBias: noEnd() };
  const one = request({ settings, likeliest: 2, maxTokens: 30, stop: ["zz"] });
  const signal = new AbortController().signal;
  const bytes: number[] = [];
  let text = "";
  for await (const event of engine.write(one, signal)) {
    if (event.kind !== "piece") continue;
    text += event.text;
    for (const token of event.tokens) {
      bytes.push(...token.bytes);
      assertEquals(token.likeliest.length, 2);
      assert(token.logprob <= token.likeliest[0].logprob);
    }
  }
  assertEquals(new TextDecoder().decode(Uint8Array.from(bytes)), text);
});

Deno.test("tokens that a stop text cuts are told as far as they are shown", async () => {
  await using engine = await newEngine();
  let cuts = 0;
  for (let seed = 0; seed < 40; seed++) {
    // Only tokens that are text by themselves.
    const ids = Array.from({ length: tokenizer.vocabSize }, (_, id) => id)
      .filter((id) => /^$|\ufffd/.test(tokenizer.decode([id])));
    const logitBias = new Map(ids.map((id) => [id, -Infinity]));
    const settings = { temperature: 1, seed, logitBias };
    const one = { settings, maxTokens: 30, likeliest: 1 };
    const told = async (stop?: string[]) => {
      const signal = new AbortController().signal;
      const asked = request({ ...one, stop });
      const events = await Array.fromAsync(engine.write(asked, signal));
      const pieces = events.filter((event) => event.kind === "piece");
      return {
        text: pieces.map(({ text }) => text).join(""),
        tokens: pieces.flatMap(({ tokens }) => tokens),
      };
    };
    const free = await told();
    const at = 3 + seed % (free.text.length - 6);
    const stop = free.text.slice(at, at + 1 + seed % 5);
    const cut = await told([stop]);
    const bytes = cut.tokens.flatMap(({ bytes }) => bytes);
    assertEquals(new TextDecoder().decode(Uint8Array.from(bytes)), cut.text);
    for (const [i, token] of cut.tokens.entries()) {
      const { id, logprob, likeliest, text } = free.tokens[i];
      assertEquals(
        [token.id, token.logprob, token.likeliest],
        [id, logprob, likeliest],
      );
      if (token.text !== text) {
        cuts++;
        assertEquals(i, cut.tokens.length - 1);
        assert(text.startsWith(token.text));
      }
    }
  }
  assert(cuts > 5, `${cuts}`);
});

Deno.test("a backend that fails while a prompt is read is told to who waits", async () => {
  const backend = new ReferenceBackend();
  const { vocabSize } = tokenizer;
  const config = new RWKVConfig({ vocabSize, dModel: 8, dFfn: 16 });
  const model = await newModel(backend, config);
  const named = { name: "small", created: 0, model, tokenizer };
  await using engine = new LocalEngine([named], { cacheBytes: 0 });
  await ask(engine, request());
  backend.read = () => Promise.reject(new Error("the device was lost"));
  const prompt = "o rio corre para o mar e a chuva";
  for (let tries = 0; tries < 2; tries++) {
    await assertRejects(
      () => ask(engine, request({ prompt })),
      Error,
      "the device was lost",
    );
  }
});

Deno.test("an engine that is closed says so to all who wait", async () => {
  const engine = await newEngine({ streams: 1 });
  const settings = { temperature: 1, seed: 2, logitBias: noEnd() };
  const waiting = [1, 2].map(() => ask(engine, { settings, maxTokens: 4000 }));
  const results = Promise.allSettled(waiting);
  await engine[Symbol.asyncDispose]();
  for (const { status } of await results) assertEquals(status, "rejected");
  await assertRejects(() => ask(engine), Error, "the engine was closed");
});
