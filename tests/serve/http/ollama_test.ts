import { assert, assertEquals } from "@std/assert";
import { FakeEngine } from "./fake_engine.ts";
import { serve } from "./served.ts";

/** The lines of an answer. */
// deno-lint-ignore no-explicit-any
async function lines(response: Response): Promise<any[]> {
  return (await response.text()).trim().split("\n").map((line) =>
    JSON.parse(line)
  );
}

Deno.test("/api/generate streams lines, or answers whole", async () => {
  await using served = await serve();
  const body = {
    model: "contador:latest",
    prompt: "zero",
    options: {
      temperature: 0,
      num_predict: 2,
      num_ctx: 2048,
      repeat_last_n: 0,
    },
  };
  const response = await fetch(`${served.address}/api/generate`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  assertEquals(response.headers.get("content-type"), "application/x-ndjson");
  const told = await lines(response);
  assertEquals(told.map(({ response, done }) => [response, done]), [
    [" um", false],
    [" dois", false],
    ["", true],
  ]);
  const last = told.at(-1);
  assertEquals(last.done_reason, "length");
  assertEquals([last.prompt_eval_count, last.eval_count], [4, 2]);
  const whole = await served.post("/api/generate", { ...body, stream: false });
  assertEquals(whole.body.response, " um dois");
});

Deno.test("/api/chat writes turns", async () => {
  await using served = await serve();
  const { body } = await served.post("/api/chat", {
    model: "contador",
    messages: [{ role: "user", content: "zero" }],
    options: { temperature: 0 },
    stream: false,
  });
  assertEquals(body.message, {
    role: "assistant",
    content: "um dois três quatro",
  });
  assertEquals(body.done_reason, "stop");
});

Deno.test("/api/tags, show, ps and version tell of the models", async () => {
  await using served = await serve();
  const get = async (path: string) =>
    await (await fetch(served.address + path)).json();
  const { models } = await get("/api/tags");
  assertEquals(models[0].name, "contador");
  assertEquals(models[0].details.family, "rwkv7");
  assertEquals((await get("/api/ps")).models.length, 2);
  assertEquals(await get("/api/version"), { version: "0.0.0" });
  const { body } = await served.post("/api/show", { model: "outro" });
  assertEquals(body.model_info["rwkv7.embedding_length"], 64);
});

Deno.test("/api refuses in Ollama's shape", async () => {
  await using served = await serve();
  const cases: [body: object, status: number, error: string][] = [
    [
      { model: "nobody", prompt: "a" },
      404,
      'Cannot find a model "nobody": there are contador, outro',
    ],
    [
      { model: "contador", prompt: "a", format: "json" },
      400,
      "Cannot use format: JSON cannot be promised",
    ],
    [
      { model: "contador", prompt: "a", options: { num_predict: -3 } },
      400,
      "Cannot use options.num_predict: it must be at least -2, not -3",
    ],
  ];
  for (const [asked, status, error] of cases) {
    const answer = await served.post("/api/generate", asked);
    assertEquals([answer.status, answer.body], [status, { error }]);
  }
});

Deno.test("durations are told of whole texts too", async () => {
  await using served = await serve({ engine: new FakeEngine({ delay: 5 }) });
  const { body } = await served.post("/api/generate", {
    model: "contador",
    prompt: "a",
    stream: false,
    options: { num_predict: 4 },
  });
  const { total_duration, prompt_eval_duration, eval_duration } = body;
  assert(prompt_eval_duration > 0 && eval_duration > 5e6, `${eval_duration}`);
  const parts = prompt_eval_duration + eval_duration;
  assert(Math.abs(total_duration - parts) < 10, `${total_duration}`);
});

Deno.test("options that can change nothing are taken, others refused", async () => {
  await using served = await serve();
  const { engine } = served;
  const ask = async (options: object, about: object = {}) => {
    const body = { model: "contador", prompt: "a", stream: false };
    return await served.post("/api/generate", { ...body, options, ...about });
  };
  const taken = {
    tfs_z: 1,
    mirostat: 0,
    mirostat_tau: 5,
    mirostat_eta: 0.1,
    penalize_newline: true,
    f16_kv: true,
    temperature: 3,
    top_p: 0,
  };
  const { status } = await ask(taken, { format: "", suffix: "" });
  assertEquals(status, 200);
  assertEquals(engine.requests.at(-1)?.settings.temperature, 0);
  await ask({ temperature: 3 });
  assertEquals(engine.requests.at(-1)?.settings.temperature, 3);
  const none = await ask({ num_predict: 0 });
  assertEquals([none.body.response, none.body.eval_count], ["", 0]);
  for (
    const [options, about] of [
      [{ mirostat: 1 }, {}],
      [{}, { format: "json" }],
      [{}, { format: { type: "object" } }],
      [{}, { suffix: "b" }],
    ]
  ) {
    const { status, body } = await ask(options, about);
    assertEquals(status, 400, JSON.stringify(body));
  }
});
