import { assert, assertEquals, assertMatch } from "@std/assert";
import { FakeEngine } from "./fake_engine.ts";
import { serve } from "./served.ts";

Deno.test("/metrics counts texts and the time that they take", async () => {
  await using served = await serve();
  const asked = { model: "outro", prompt: "zero", max_tokens: 3 };
  await served.post("/v1/completions", asked);
  await served.post("/v1/completions", { ...asked, max_tokens: 0 });
  const response = await fetch(`${served.address}/metrics`);
  const text = await response.text();
  const values = new Map(
    text.split("\n").filter((line) => line !== "" && line[0] !== "#")
      .map((line) => {
        const at = line.lastIndexOf(" ");
        return [line.slice(0, at), Number(line.slice(at + 1))];
      }),
  );
  const expected = {
    "llamacpp:prompt_tokens_total": 4,
    "llamacpp:tokens_predicted_total": 3,
    "llamacpp:requests_processing": 0,
    "vllm:num_requests_waiting": 0,
    'vllm:time_to_first_token_seconds_count{model_name="outro"}': 1,
    'vllm:time_to_first_token_seconds_bucket{model_name="outro",le="+Inf"}': 1,
    'vllm:inter_token_latency_seconds_count{model_name="outro"}': 2,
    'vllm:request_success_total{model_name="outro",finished_reason="length"}':
      1,
    'ptbr_slm:http_requests_total{path="/v1/completions",code="200"}': 1,
    'ptbr_slm:http_requests_total{path="/v1/completions",code="400"}': 1,
  };
  for (const [name, value] of Object.entries(expected)) {
    assertEquals(values.get(name), value, name);
  }
  // What Prometheus demands of each line.
  for (const line of text.trimEnd().split("\n")) {
    assertMatch(
      line,
      /^(?:# (?:HELP|TYPE) [\w:]+ .+|[\w:]+(?:\{\w+="[^"]*"(?:,\w+="[^"]*")*\})? [-\d.e+]+)$/,
    );
  }
});

Deno.test("the log has no prompts unless they are asked for", async () => {
  for (const logPrompts of [false, true]) {
    await using served = await serve({ logPrompts });
    await served.post("/v1/completions", { prompt: "segredo", max_tokens: 1 });
    await served.post("/v1/chat/completions", {
      messages: [{ role: "user", content: "segredo" }],
    });
    await new Promise((go) => setTimeout(go, 20));
    const [entry] = served.log;
    assertEquals(
      [entry.method, entry.path, entry.status, entry.model],
      ["POST", "/v1/completions", 200, "contador"],
    );
    assertEquals(entry.completion_tokens, 1);
    assertEquals(served.log.length, 2);
    for (const entry of served.log) {
      assertEquals(JSON.stringify(entry).includes("segredo"), logPrompts);
    }
  }
});

Deno.test("while it ends, texts under way are finished and new ones refused", async () => {
  const engine = new FakeEngine({ delay: 10 });
  await using served = await serve({ engine });
  const text = served.post("/v1/completions", { prompt: "", max_tokens: 20 });
  while (engine.running === 0) await new Promise((go) => setTimeout(go, 5));
  served.app.drain();
  const refused = await served.post("/v1/completions", { prompt: "" });
  assertEquals([refused.status, refused.body.error.code], [
    503,
    "shutting_down",
  ]);
  const get = async (path: string) => {
    const response = await fetch(served.address + path);
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await get("/ready"), 503);
  assertEquals(await get("/health"), 200);
  assertEquals((await text).status, 200);
});

Deno.test("while it ends, texts that wait are refused at once, others in the end", async () => {
  const engine = new FakeEngine({ delay: 5, places: 2 });
  await using served = await serve({ engine });
  const asked = { prompt: "", max_tokens: 1000 };
  const body = JSON.stringify({ ...asked, stream: true });
  const url = `${served.address}/v1/completions`;
  const stream = await fetch(url, { method: "POST", body });
  const whole = served.post("/v1/completions", asked);
  while (engine.running < 2) await new Promise((go) => setTimeout(go, 5));
  const waiting = [asked, { ...asked, n: 3 }]
    .map((one) => served.post("/v1/completions", one));
  while (engine.running < 6) await new Promise((go) => setTimeout(go, 5));
  served.app.drain();
  for (const { status, headers, body } of await Promise.all(waiting)) {
    assertEquals([status, body.error.code], [503, "shutting_down"]);
    assertEquals(headers.get("retry-after"), "5");
  }
  assertEquals(engine.running, 2);
  served.app.end();
  const { status, headers, body: answer } = await whole;
  assertEquals([status, answer.error.code], [503, "shutting_down"]);
  assertEquals(headers.get("retry-after"), "5");
  const events = (await stream.text()).trimEnd().split("\n\n");
  const last = JSON.parse(events.at(-1)!.replace("data: ", ""));
  assertEquals(last.error.code, "shutting_down");
  await new Promise((go) => setTimeout(go, 20));
  const statuses = served.log.map(({ status }) => status);
  assertEquals(statuses.toSorted(), [200, 503, 503, 503]);
});

Deno.test("texts of a request are streamed as they begin", async () => {
  const engine = new FakeEngine({ delay: 1, places: 1 });
  await using served = await serve({ engine });
  const body = { max_tokens: 4, n: 3, stream: true };
  for (
    const [path, own] of [
      ["/v1/completions", { prompt: "a" }],
      ["/v1/chat/completions", { messages: [{ role: "user", content: "a" }] }],
    ] as const
  ) {
    const response = await fetch(served.address + path, {
      method: "POST",
      body: JSON.stringify({ ...body, ...own }),
    });
    // The first is written while the others wait.
    assertEquals(engine.running, 3);
    const events = (await response.text()).trimEnd().split("\n\n");
    assertEquals(events.pop(), "data: [DONE]");
    const choices = events
      .map((event) => JSON.parse(event.replace("data: ", "")).choices[0]);
    const ends = choices.filter((choice) => choice.finish_reason !== null);
    assertEquals(ends.map(({ index }) => index).toSorted(), [0, 1, 2]);
  }
});

Deno.test("what nobody foresaw is a 500 that tells clients nothing", async () => {
  class Broken extends FakeEngine {
    // deno-lint-ignore require-yield
    override async *write(): AsyncGenerator<never> {
      throw new Error("private matter");
    }
  }
  await using served = await serve({ engine: new Broken() });
  const { status, body } = await served.post("/v1/completions", {});
  assertEquals(status, 500);
  assertEquals(body.error, {
    message: "Cannot answer: the server failed",
    type: "server_error",
    param: null,
    code: "internal_error",
  });
  await new Promise((go) => setTimeout(go, 20));
  assert(String(served.log[0].error).includes("private matter"));
});

Deno.test("the page is served with its own parts only", async () => {
  const page = {
    "/": ["text/html; charset=utf-8", "<p>oi"],
    "/a.js": ["text/javascript; charset=utf-8", "1"],
  } as const;
  await using served = await serve({ page, keys: ["secret"] });
  const response = await fetch(served.address);
  assertEquals(await response.text(), "<p>oi");
  assertMatch(
    response.headers.get("content-security-policy")!,
    /^default-src 'none'; script-src 'self';/,
  );
  const part = await fetch(`${served.address}/a.js`);
  assertEquals(await part.text(), "1");
});

Deno.test("what goes wrong on the way ends a stream with an error", async () => {
  class Breaking extends FakeEngine {
    override async *write(
      ...asked: Parameters<FakeEngine["write"]>
    ): ReturnType<FakeEngine["write"]> {
      let left = 3;
      for await (const event of super.write(...asked)) {
        if (left-- === 0) throw new Error("private matter");
        yield event;
      }
    }
  }
  await using served = await serve({ engine: new Breaking() });
  const ask = async (path: string, body: object) => {
    const response = await fetch(served.address + path, {
      method: "POST",
      body: JSON.stringify({ model: "outro", stream: true, ...body }),
    });
    const text = await response.text();
    assert(!text.includes("private matter"), text);
    assert(!text.includes("[DONE]"), text);
    return JSON.parse(text.trim().split("\n").at(-1)!.replace("data: ", ""));
  };
  const messages = [{ role: "user", content: "a" }];
  const completion = await ask("/v1/completions", { prompt: "a" });
  assertEquals(completion.error.code, "internal_error");
  const chat = await ask("/v1/chat/completions", { messages });
  assertEquals(chat.error.code, "internal_error");
  const response = await ask("/v1/responses", { input: "a" });
  assertEquals(response.type, "response.failed");
  assertEquals(response.response.error.code, "internal_error");
  const line = await ask("/api/generate", { prompt: "a" });
  assertEquals(line, { error: "Cannot answer: the server failed" });
  await new Promise((go) => setTimeout(go, 20));
  assertEquals(served.log.map(({ level }) => level), Array(4).fill("error"));
  assert(String(served.log[0].error).includes("private matter"));
});

Deno.test("a client that leaves is no error of the server", async () => {
  const engine = new FakeEngine({ delay: 5 });
  await using served = await serve({ engine });
  const controller = new AbortController();
  const { signal } = controller;
  const asked = fetch(`${served.address}/v1/completions`, {
    method: "POST",
    body: JSON.stringify({ max_tokens: 1000 }),
    signal,
  }).catch(() => {});
  while (engine.running === 0) await new Promise((go) => setTimeout(go, 5));
  controller.abort();
  await asked;
  // One that leaves before it has said all.
  using connection = await Deno.connect({
    hostname: "127.0.0.1",
    port: served.port,
  });
  const head =
    `POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1:${served.port}`;
  await connection.write(
    new TextEncoder().encode(`${head}\r\nContent-Length: 9\r\n\r\n{`),
  );
  await new Promise((go) => setTimeout(go, 50));
  connection.close();
  while (served.log.length < 2) await new Promise((go) => setTimeout(go, 5));
  for (const { level, aborted, error } of served.log) {
    assertEquals([level, aborted, error], ["info", true, undefined]);
  }
});

Deno.test("who takes nothing of a stream is left", async () => {
  class Copious extends FakeEngine {
    override async *write(
      ...asked: Parameters<FakeEngine["write"]>
    ): ReturnType<FakeEngine["write"]> {
      for await (const event of super.write(...asked)) {
        yield event.kind === "piece"
          ? { ...event, text: "a".repeat(100_000) }
          : event;
      }
    }
  }
  const engine = new Copious();
  const times = { headers: 5000, request: 5000, stall: 300 };
  await using served = await serve({ engine, times });
  using connection = await Deno.connect({
    hostname: "127.0.0.1",
    port: served.port,
  });
  const body = JSON.stringify({ max_tokens: 1000, stream: true });
  const head = [
    "POST /v1/completions HTTP/1.1",
    `Host: 127.0.0.1:${served.port}`,
    `Content-Length: ${body.length}`,
  ].join("\r\n");
  await connection.write(new TextEncoder().encode(`${head}\r\n\r\n${body}`));
  while (served.log.length === 0) await new Promise((go) => setTimeout(go, 20));
  assertEquals(served.log[0].aborted, true);
  await new Promise((go) => setTimeout(go, 100));
  assertEquals(engine.running, 0);
});

Deno.test("/health tells of an engine that failed, but not of a slow one", async () => {
  for (
    const [load, status] of [
      [() => Promise.reject(new Error("private matter")), 503],
      [() => new Promise<never>(() => {}), 200],
    ] as const
  ) {
    const engine = new FakeEngine();
    engine.load = load;
    await using served = await serve({ engine });
    const response = await fetch(`${served.address}/health`);
    assertEquals(response.status, status);
    assert(!(await response.text()).includes("private matter"));
    const ready = await fetch(`${served.address}/ready`);
    assertEquals(ready.status, 503); // nothing is known of it yet
    await ready.body?.cancel();
  }
});

Deno.test("/ready and /metrics go by what a busy engine said last", async () => {
  const engine = new FakeEngine();
  await using served = await serve({ engine });
  await (await fetch(`${served.address}/ready`)).body?.cancel();
  engine.load = () => new Promise<never>(() => {});
  for (const path of ["/ready", "/metrics", "/ready", "/health"]) {
    const response = await fetch(served.address + path);
    assertEquals(response.status, 200);
    await response.body?.cancel();
  }
});
