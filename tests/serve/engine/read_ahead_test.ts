import { assert, assertEquals } from "@std/assert";
import type { LocalEngine } from "../../../lib/serve/engine/local_engine.ts";
import { settledIds } from "../../../lib/serve/engine/text.ts";
import {
  CHAT_TEMPLATE,
  type Message,
  nextBeginning,
  writeTurns,
} from "../../../lib/serve/http/chat_template.ts";
import { ask, newEngine, request, tokenizer } from "./small_engine.ts";

const SEEDED = { temperature: 1, seed: 3 };

/** Waits until something was read ahead, and all of it, or two seconds. */
async function read(engine: LocalEngine, tokensBefore: number) {
  for (let i = 0; i < 400; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    const { running, waiting, promptTokens } = await engine.load();
    if (promptTokens > tokensBefore && running + waiting === 0) return;
  }
}

Deno.test("a conversation finds its last reply read, and goes on as if nothing had been", async () => {
  await using engine = await newEngine();
  await using plain = await newEngine({ cacheBytes: 0 });
  const messages: Message[] = [];
  for (let turn = 0; turn < 6; turn++) {
    messages.push({ role: "user", content: `o rio corre ${turn}` });
    const prompt = writeTurns(CHAT_TEMPLATE, messages);
    const one = { prompt, settings: { ...SEEDED, seed: turn }, maxTokens: 60 };
    const got = await ask(engine, one), want = await ask(plain, one);
    assertEquals({ ...got, cachedTokens: 0 }, { ...want, cachedTokens: 0 });
    // What is left to read is what was said since, and the marks around it.
    const own = tokenizer.encode(`: o rio corre ${turn}\n\nAssistente:`).length;
    if (turn > 0) assert(got.promptTokens - got.cachedTokens <= own + 2);
    const { promptTokens } = await engine.load();
    engine.readAhead("small", nextBeginning(CHAT_TEMPLATE, messages, got.text));
    await read(engine, promptTokens);
    messages.push({ role: "assistant", content: got.text });
  }
  const { cachedTokens } = await engine.load();
  assert(cachedTokens > 100);
});

Deno.test("whoever asks comes before what is read ahead, which is read later", async () => {
  await using engine = await newEngine();
  const long = "o rio corre para o mar ".repeat(8000);
  engine.readAhead("small", long);
  await new Promise((resolve) => setTimeout(resolve, 10)); // it is being read
  const ids = settledIds(long, tokenizer).length;
  const { completionTokens } = await ask(engine, { settings: SEEDED });
  assert(completionTokens > 0);
  assert((await engine.load()).promptTokens < ids);
  while ((await engine.load()).promptTokens < ids) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { cachedTokens } = await ask(engine, { prompt: `${long}e a chuva` });
  assert(cachedTokens >= ids);
});

Deno.test("readAhead() does nothing where nothing can come of it", async () => {
  await using engine = await newEngine();
  engine.readAhead("x", "o rio");
  engine.readAhead("small", "x".repeat(1_000_000));
  await using none = await newEngine({ cacheBytes: 0 });
  none.readAhead("small", "o rio");
  await new Promise((resolve) => setTimeout(resolve, 100));
  for (const each of [engine, none]) {
    assertEquals((await each.load()).steps, 0);
  }
  const gone = await newEngine();
  await gone[Symbol.asyncDispose]();
  gone.readAhead("small", "o rio");
});

Deno.test("readAhead() changes no text that is written meanwhile", async () => {
  await using engine = await newEngine();
  await using plain = await newEngine({ cacheBytes: 0 });
  for (let seed = 0; seed < 20; seed++) {
    const one = {
      settings: { ...SEEDED, seed },
      prompt: "o rio ".repeat(seed),
    };
    engine.readAhead("small", "o rio ".repeat(20 + 10 * seed));
    const signal = new AbortController().signal;
    const events = await Array.fromAsync(engine.write(request(one), signal));
    const text = events.map((it) => it.kind === "piece" ? it.text : "").join(
      "",
    );
    assertEquals(text, (await ask(plain, one)).text);
  }
});

Deno.test("settledIds() has what all texts of a beginning have in common", () => {
  const beginning = "Usuário: o rio\n\nAssistente: o mar\n\nUsuário:";
  const settled = settledIds(beginning, tokenizer);
  assert(settled.length > 0);
  for (const more of ["", " e a chuva", "rio", "\n", " É", "7"]) {
    const ids = [...tokenizer.encode(beginning + more)];
    const same = ids.findIndex((id, i) => id !== settled[i]);
    assert(same < 0 || same >= settled.length - 1, more);
  }
});
