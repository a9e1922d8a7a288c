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
