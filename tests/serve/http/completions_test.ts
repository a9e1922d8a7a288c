import { assert, assertEquals } from "@std/assert";
import { serve } from "./served.ts";

Deno.test("/v1/completions goes on with a text", async () => {
  await using served = await serve();
  const { status, headers, body } = await served.post("/v1/completions", {
    model: "contador",
    prompt: "zero",
    max_tokens: 3,
    temperature: 0,
  });
  assertEquals(status, 200);
  assertEquals(headers.get("x-cached-tokens"), "0");
  assert(/^req_/.test(headers.get("x-request-id")!));
  assertEquals(body.choices, [
    {
      text: " um dois três",
      index: 0,
      logprobs: null,
      finish_reason: "length",
    },
  ]);
  assertEquals(body.usage, {
    prompt_tokens: 4,
    completion_tokens: 3,
    total_tokens: 7,
    prompt_tokens_details: { cached_tokens: 0 },
  });
});

Deno.test("/v1/completions takes several prompts, ids, n, seed, echo and stop", async () => {
  await using served = await serve();
  const { body } = await served.post("/v1/completions", {
    prompt: [[97, 98], [99]],
    n: 2,
    seed: -1,
    echo: true,
    max_tokens: 2,
    stop: [" três"],
  });
  // deno-lint-ignore no-explicit-any
  const texts = body.choices.map(({ text }: any) => text);
  // The seed -1 is 2³² - 1; from the fourth word on, then from the first.
  assertEquals(texts, [
    "ab quatro\n\n",
    "ab um dois",
    "c quatro\n\n",
    "c um dois",
  ]);
  assertEquals(body.usage.prompt_tokens, 3);
  const stopped = await served.post("/v1/completions", {
    prompt: "",
    temperature: 0,
    stop: " três",
  });
  assertEquals(stopped.body.choices[0].text, " um dois");
  assertEquals(stopped.body.choices[0].finish_reason, "stop");
});

Deno.test("/v1/completions hands on how to choose", async () => {
  await using served = await serve();
  await served.post("/v1/completions", {
    temperature: 1.5,
    top_p: 0.5,
    top_k: 7,
    min_p: 0.1,
    typical_p: 0.9,
    repetition_penalty: 1.2,
    presence_penalty: -1,
    frequency_penalty: 1,
    penalty_window: 64,
    dry_multiplier: 0.5,
    logit_bias: { "5": -100 },
    seed: 7,
  });
  assertEquals(served.engine.requests[0].settings, {
    temperature: 1.5,
    topP: 0.5,
    topK: 7,
    minP: 0.1,
    typicalP: 0.9,
    repetitionPenalty: 1.2,
    presencePenalty: -1,
    frequencyPenalty: 1,
    penaltyWindow: 64,
    dry: { multiplier: 0.5, base: 1.75, allowedLength: 2, breakers: [10] },
    logitBias: new Map([[5, -100]]),
    seed: 7,
  });
});

Deno.test("/v1/completions tells probabilities", async () => {
  await using served = await serve();
  const { body } = await served.post("/v1/completions", {
    prompt: "zero",
    max_tokens: 2,
    temperature: 0,
    logprobs: 1,
  });
  assertEquals(body.choices[0].logprobs, {
    tokens: [" um", " dois"],
    token_logprobs: [-0.5, -1.5],
    top_logprobs: [{ " um": -0.5 }, { " um": -0.5, " dois": -1.5 }],
    text_offset: [0, 3],
  });
});

Deno.test("/v1/completions refuses with the name of what is wrong", async () => {
  await using served = await serve();
  const cases: [body: unknown, status: number, param: string | null][] = [
    [{ model: "nobody" }, 404, "model"],
    [{ max_tokens: 0 }, 400, "max_tokens"],
    [{ max_tokens: -5 }, 400, "max_tokens"],
    [{ max_tokens: 1e300 }, 400, "max_tokens"],
    [{ max_tokens: 1.5 }, 400, "max_tokens"],
    [{ temperature: "hot" }, 400, "temperature"],
    [{ temperature: -1 }, 400, "temperature"],
    [{ n: 0 }, 400, "n"],
    [{ n: 33, prompt: ["a", "b"] }, 400, "n"],
    [{ best_of: 2 }, 400, "best_of"],
    [{ suffix: "end" }, 400, "suffix"],
    [{ prompt: [1, "a"] }, 400, "prompt[1]"],
    [{ prompt: [60_000] }, 400, "prompt"],
    [{ prompt: 5 }, 400, "prompt"],
    [{ logit_bias: { a: 1 } }, 400, "logit_bias"],
    [{ logit_bias: { "1": 101 } }, 400, "logit_bias.1"],
    [{ logit_bias: { "99999": 1 } }, 400, "logit_bias"],
    [{ echo: true, logprobs: 1 }, 400, "echo"],
    [{ temprature: 1 }, 400, "temprature"],
    [[], 400, null],
    ["{", 400, null],
  ];
  for (const [body, status, param] of cases) {
    const answer = await served.post("/v1/completions", body);
    const about = JSON.stringify(body);
    assertEquals(
      [answer.status, answer.body.error.param],
      [status, param],
      about,
    );
    assert(answer.body.error.message.startsWith("Cannot "), about);
    assertEquals(answer.body.error.type, "invalid_request_error");
  }
  assertEquals(served.engine.running, 0);
});

Deno.test("nothing where something was possible is no error", async () => {
  await using served = await serve();
  const { engine } = served;
  const body = { prompt: "a", top_p: 0, suffix: "", max_tokens: 1 };
  assertEquals((await served.post("/v1/completions", body)).status, 200);
  const { temperature, topP, dry } = engine.requests.at(-1)!.settings;
  assertEquals([temperature, topP, dry], [0, 0.9, undefined]);
  // As the openai package returns messages.
  const said = { role: "assistant", content: "b", parsed: null, other: null };
  const messages = [{ role: "user", content: "a" }, said];
  const chat = await served.post("/v1/chat/completions", { messages });
  assertEquals(chat.status, 200);
  const wrong = { messages: [{ ...said, parsed: {} }] };
  const refused = await served.post("/v1/chat/completions", wrong);
  assertEquals(
    [refused.status, refused.body.error.message],
    [
      400,
      "Cannot use messages[0].parsed: there is no such parameter here",
    ],
  );
});
