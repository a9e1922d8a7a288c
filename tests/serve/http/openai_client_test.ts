/** OpenAI's own client, unchanged, at the server. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import OpenAI from "npm:openai@7.57.0";
import { FakeEngine } from "./fake_engine.ts";
import { serve, type Served } from "./served.ts";

function clientOf({ address }: Served, settings: object = {}): OpenAI {
  return new OpenAI({
    baseURL: `${address}/v1`,
    apiKey: "none",
    maxRetries: 0,
    ...settings,
  });
}

Deno.test("client.models lists and finds", async () => {
  await using served = await serve();
  const client = clientOf(served);
  const ids: string[] = [];
  for await (const model of client.models.list()) ids.push(model.id);
  assertEquals(ids, ["contador", "outro"]);
  assertEquals((await client.models.retrieve("outro")).object, "model");
  const error = await assertRejects(
    () => client.models.retrieve("nobody"),
    OpenAI.NotFoundError,
  );
  assertEquals(error.code, "model_not_found");
});

Deno.test("client.completions creates and streams", async () => {
  await using served = await serve();
  const client = clientOf(served);
  const asked = { model: "contador", prompt: "a", temperature: 0 } as const;
  const whole = await client.completions.create({ ...asked, max_tokens: 4 });
  assertEquals(whole.choices[0].text, " um dois três quatro");
  const stream = await client.completions.create({
    ...asked,
    n: 2,
    logprobs: 2,
    max_tokens: 3,
    stream: true,
    stream_options: { include_usage: true },
  });
  const texts = ["", ""], reasons: string[] = [], offsets: number[] = [];
  let usage;
  for await (const chunk of stream) {
    for (const { index, text, finish_reason, logprobs } of chunk.choices) {
      texts[index] += text;
      if (finish_reason) reasons.push(finish_reason);
      if (index === 0) offsets.push(...logprobs?.text_offset ?? []);
    }
    if (chunk.choices.length > 0) assertEquals(chunk.usage, null);
    else usage = chunk.usage;
  }
  assertEquals(texts, [" um dois três", " um dois três"]);
  assertEquals(reasons, ["length", "length"]);
  assertEquals(offsets, [0, 3, 8]);
  assertEquals(usage?.prompt_tokens, 1);
  assertEquals(usage?.completion_tokens, 6);
});

Deno.test("client.chat.completions creates and streams", async () => {
  await using served = await serve();
  const client = clientOf(served);
  const messages = [
    { role: "developer", content: "Conte." },
    { role: "user", content: [{ type: "text", text: "zero" }] },
  ] as const;
  const asked = { model: "contador", temperature: 0 };
  const whole = await client.chat.completions.create({
    ...asked,
    messages: [...messages] as never,
    logprobs: true,
    top_logprobs: 1,
  });
  const [choice] = whole.choices;
  assertEquals(choice.message.content, "um dois três quatro");
  assertEquals(choice.finish_reason, "stop");
  assertEquals(choice.logprobs?.content?.[0].top_logprobs[0].token, " um");
  assertEquals(
    served.engine.requests[0].prompt,
    "Conte.\n\nUsuário: zero\n\nAssistente:",
  );
  // The answer can be sent back as it came.
  const runner = client.chat.completions.stream({
    ...asked,
    messages: [...messages, choice.message, {
      role: "user",
      content: "e",
    }] as never,
    max_completion_tokens: 2,
    stream_options: { include_usage: true },
  });
  const deltas: string[] = [];
  runner.on("content", (delta) => deltas.push(delta));
  const final = await runner.finalChatCompletion();
  assertEquals(deltas.filter((delta) => delta !== ""), ["um", " dois"]);
  assertEquals(final.choices[0].finish_reason, "length");
  assertEquals(final.usage?.completion_tokens, 2);
  assert(
    String(served.engine.requests[1].prompt).endsWith(
      "Assistente: um dois três quatro\n\nUsuário: e\n\nAssistente:",
    ),
  );
});

Deno.test("client.chat.completions is refused what a model cannot do", async () => {
  await using served = await serve();
  const client = clientOf(served);
  const asked = {
    model: "contador",
    messages: [{ role: "user", content: "a" }],
  } as const;
  const image = { type: "image_url", image_url: { url: "http://x/" } } as const;
  const tool = { type: "function", function: { name: "f" } } as const;
  const cases: [extra: object, param: string][] = [
    [{ tools: [tool] }, "tools"],
    [{ response_format: { type: "json_object" } }, "response_format.type"],
    [
      { messages: [{ role: "user", content: [image] }] },
      "messages[0].content[0].type",
    ],
    [{ messages: [] }, "messages"],
    [{ messages: [{ role: "tool", content: "a" }] }, "messages[0].role"],
    [{ top_logprobs: 1 }, "top_logprobs"],
    [{ max_completion_tokens: 0 }, "max_completion_tokens"],
  ];
  for (const [extra, param] of cases) {
    const error = await assertRejects(
      () => client.chat.completions.create({ ...asked, ...extra } as never),
      OpenAI.BadRequestError,
    );
    assertEquals(error.param, param);
  }
});

Deno.test("client.responses creates, finds and deletes", async () => {
  await using served = await serve();
  const client = clientOf(served);
  const response = await client.responses.create({
    model: "contador",
    instructions: "Conte.",
    input: [{ role: "user", content: "zero" }],
    temperature: 0,
  });
  assertEquals(response.output_text, "um dois três quatro");
  assertEquals(response.status, "completed");
  const again = await client.responses.retrieve(response.id);
  assertEquals(again.output_text, response.output_text);
  await client.responses.delete(response.id);
  await assertRejects(
    () => client.responses.retrieve(response.id),
    OpenAI.NotFoundError,
  );
  const error = await assertRejects(
    () =>
      client.responses.create({
        model: "contador",
        input: "a",
        previous_response_id: response.id,
      }),
    OpenAI.BadRequestError,
  );
  assertEquals(error.code, "previous_response_not_found");
  assertEquals(error.param, "previous_response_id");
});

Deno.test("client.responses streams the events that the client puts together", async () => {
  await using served = await serve();
  const client = clientOf(served);
  const stream = client.responses.stream({
    model: "contador",
    input: "zero",
    temperature: 0,
    max_output_tokens: 3,
  });
  const types: string[] = [], numbers: number[] = [];
  for await (const event of stream) {
    types.push(event.type);
    numbers.push(event.sequence_number);
  }
  assertEquals(types, [
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.delta",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.incomplete",
  ]);
  assertEquals(numbers, numbers.map((_, i) => i));
  const final = await stream.finalResponse();
  assertEquals(final.output_text, "um dois três");
  assertEquals(final.incomplete_details?.reason, "max_output_tokens");
  assertEquals(final.usage?.output_tokens, 3);
});

Deno.test("a conversation of 20 turns reads nothing twice", async () => {
  await using served = await serve();
  const client = clientOf(served);
  let previous: string | undefined, total = 0;
  for (let turn = 0; turn < 20; turn++) {
    const { usage, id } = await client.responses.create({
      model: "contador",
      input: `turno ${turn}`,
      previous_response_id: previous,
    });
    assertEquals(usage?.input_tokens_details.cached_tokens, total);
    total = usage!.total_tokens;
    previous = id;
  }
  const { prompt, goOnFrom } = served.engine.requests.at(-1)!;
  assertEquals(prompt, "\n\nUsuário: turno 19\n\nAssistente:");
  assert(goOnFrom?.startsWith("resp_"));
});

Deno.test("a full queue is a RateLimitError, tried again after a while", async () => {
  const engine = new FakeEngine({ capacity: 1, delay: 5 });
  await using served = await serve({ engine });
  const asked = { model: "contador", prompt: "", max_tokens: 20 } as const;
  const first = clientOf(served).completions.create(asked);
  while (engine.running === 0) await new Promise((go) => setTimeout(go, 5));
  const error = await assertRejects(
    () => clientOf(served).completions.create(asked),
    OpenAI.RateLimitError,
  );
  assertEquals(error.headers.get("retry-after"), "1");
  await clientOf(served, { maxRetries: 2 }).completions.create(asked);
  await first;
});

Deno.test("a client that leaves ends the work", async () => {
  const engine = new FakeEngine({ delay: 20 });
  await using served = await serve({ engine });
  const client = clientOf(served);
  const running = async (count: number) => {
    const start = performance.now();
    while (engine.running !== count && performance.now() - start < 5000) {
      await new Promise((go) => setTimeout(go, 5));
    }
    assertEquals(engine.running, count);
  };
  const asked = { model: "contador", prompt: "a", max_tokens: 1000 } as const;
  const stream = await client.completions.create({ ...asked, stream: true });
  for await (const _ of stream) break;
  await running(0);
  const controller = new AbortController();
  const { signal } = controller;
  const whole = client.completions.create(asked, { signal });
  whole.catch(() => {});
  await running(1);
  controller.abort();
  await assertRejects(() => whole, OpenAI.APIUserAbortError);
  await running(0);
  assertEquals(engine.aborted, 2);
});
