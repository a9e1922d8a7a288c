import { assert, assertEquals, assertThrows } from "@std/assert";
import { sentencesIn } from "../../../lib/serve/page/announcing.js";
import {
  firstSettings,
  requestOf,
  settingsFrom,
  stopsOf,
} from "../../../lib/serve/page/settings.js";
import { fragmentOf, sharedIn } from "../../../lib/serve/page/sharing.js";

const settings = { ...firstSettings(), temperature: 0.3, seed: 7, stop: "\\n" };

Deno.test("fragmentOf() and sharedIn() are each other's reverse", () => {
  const text = {
    mode: "completion",
    prompt: "O rio & a #serra +1\n",
    written: " é “fundo” 100%",
    messages: [],
    settings: { ...settings, model: "mini-pt" },
  };
  assertEquals(sharedIn(fragmentOf(text)!), text);
  const chat = {
    mode: "chat",
    prompt: "",
    written: "",
    messages: [
      { role: "user", content: "Oi <b>" },
      { role: "assistant", content: "Olá" },
    ],
    settings: { ...settings, model: undefined },
  };
  assertEquals(sharedIn(fragmentOf(chat)!), chat);
  assertEquals(sharedIn(""), undefined);
  assertEquals(sharedIn("#secao"), undefined);
});

Deno.test("fragmentOf() makes no link that is too long", () => {
  const text = { mode: "completion", written: "", messages: [], settings };
  assert(fragmentOf({ ...text, prompt: "x".repeat(20_000) }) !== undefined);
  assertEquals(fragmentOf({ ...text, prompt: "x".repeat(40_000) }), undefined);
});

Deno.test("sharedIn() refuses what is damaged", () => {
  for (
    const fragment of [
      "#mode=other",
      "#mode=chat&messages=[",
      "#mode=chat&messages={}",
      "#mode=chat&messages=[null]",
      '#mode=chat&messages=[{"role":"system","content":"x"}]',
      '#mode=chat&messages=[{"role":"user","content":1}]',
    ]
  ) assertThrows(() => sharedIn(fragment), SyntaxError);
});

Deno.test("settingsFrom() takes what is in range, and the rest as at first", () => {
  const given: Record<string, string> = {
    temperature: "0",
    top_p: "7",
    top_k: "40.4",
    max_tokens: "5000",
    min_p: "much",
    presence_penalty: "-3",
    repetition_penalty: "",
    seed: "-1",
  };
  const taken = settingsFrom((name) => given[name] ?? null);
  const first = firstSettings();
  assertEquals(taken, {
    ...first,
    temperature: 0,
    top_k: 40,
    max_tokens: 5000,
    model: undefined,
  });
});

Deno.test("requestOf() sends what does something, as each API names it", () => {
  const all = { ...settings, model: "mini", top_k: 0, stop: "\\n\\n\nFim" };
  const text = requestOf(all, false);
  assertEquals(text.logprobs, 5);
  assertEquals(text.stop, ["\n\n", "Fim"]);
  assertEquals(text.seed, 7);
  assert(!("top_k" in text));
  assert(!("system" in text));
  const chat = requestOf(all, true);
  assertEquals([chat.logprobs, chat.top_logprobs], [true, 5]);
  const silent = requestOf({ ...all, tells: false }, true);
  assert(!("logprobs" in silent));
});

Deno.test("stopsOf() takes a text a line, and marks for line ends", () => {
  assertEquals(stopsOf(""), []);
  assertEquals(stopsOf("a\n\n\\n\\\\n"), ["a", "\n\\n"]);
  assertEquals(stopsOf("1\n2\n3\n4\n5").length, 4);
});

Deno.test("sentencesIn() splits off what can be said", () => {
  assertEquals(sentencesIn("Era uma vez. Um rio"), {
    sentences: ["Era uma vez. "],
    rest: "Um rio",
  });
  assertEquals(sentencesIn("3.5 rios").sentences, []);
  const long = sentencesIn("palavra ".repeat(50));
  assertEquals(long.sentences.join("") + long.rest, "palavra ".repeat(50));
  assert(long.sentences.every(({ length }) => length <= 161));
  assert(sentencesIn("x".repeat(1000)).rest.length <= 160);
});
