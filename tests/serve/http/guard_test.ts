import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect } from "node:net";
import { serve as serveModels } from "../../../lib/stages/serve.ts";
import { serve, type Served } from "./served.ts";

/** The status of a request whose head is given line by line. */
async function statusOf(
  served: Served,
  head: readonly string[],
): Promise<number> {
  return Number((await answerTo(served, head)).split(" ")[1]);
}

/** All of its answer. */
async function answerTo(
  { port }: Served,
  head: readonly string[],
): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const text = [...head, "Connection: close", "", ""].join("\r\n");
  await connection.write(new TextEncoder().encode(text));
  return await new Response(connection.readable).text();
}

Deno.test("only this machine's names are answered without a key", async () => {
  await using served = await serve();
  const { port } = served;
  const cases: [host: string, status: number][] = [
    [`127.0.0.1:${port}`, 200],
    [`localhost:${port}`, 200],
    [`LocalHost:${port}`, 200],
    [`evil.example:${port}`, 403],
    ["127.0.0.1", 403],
    [`127.0.0.1:${port}.evil.example`, 403],
  ];
  for (const [host, status] of cases) {
    const head = ["GET /health HTTP/1.1", `Host: ${host}`];
    assertEquals(await statusOf(served, head), status, host);
  }
});

Deno.test("pages of other sites are refused unless they are named", async () => {
  await using closed = await serve();
  await using open = await serve({ origins: ["https://good.example"] });
  const ask = async ({ address }: Served, origin: string, method = "GET") => {
    const response = await fetch(`${address}/v1/models`, {
      method,
      headers: { origin },
    });
    await response.body?.cancel();
    return response;
  };
  assertEquals((await ask(closed, closed.address)).status, 200);
  const other = await ask(closed, "https://good.example");
  assertEquals(other.status, 403);
  assertEquals(other.headers.get("access-control-allow-origin"), null);
  assertEquals((await ask(closed, "null")).status, 403);
  assertEquals((await ask(closed, closed.address, "OPTIONS")).status, 405);
  const named = await ask(open, "https://good.example");
  assertEquals(
    [named.status, named.headers.get("access-control-allow-origin")],
    [200, "https://good.example"],
  );
  const preflight = await ask(open, "https://good.example", "OPTIONS");
  assertEquals(preflight.status, 204);
  assertEquals((await ask(open, "https://evil.example")).status, 403);
});

Deno.test("a key is asked for everywhere but where it is needless", async () => {
  await using served = await serve({ keys: ["secret", "other"] });
  const ask = async (path: string, key?: string) => {
    const headers: HeadersInit = key === undefined
      ? {}
      : { authorization: `Bearer ${key}` };
    const response = await fetch(served.address + path, { headers });
    const body = await response.json().catch(() => ({}));
    return { status: response.status, body };
  };
  for (const path of ["/health", "/ready", "/openapi.json"]) {
    assertEquals((await ask(path)).status, 200);
  }
  for (const path of ["/v1/models", "/api/tags", "/metrics"]) {
    assertEquals((await ask(path)).status, 401);
    assertEquals((await ask(path, "wrong")).status, 401);
    assertEquals((await ask(path, "secret2")).status, 401);
    assertEquals((await ask(path, "secret")).status, 200);
    assertEquals((await ask(path, "other")).status, 200);
  }
  const { body } = await ask("/v1/models");
  assertEquals(body.error.code, "invalid_api_key");
  // A body is not waited for where the key is missing.
  const head = [
    "POST /v1/completions HTTP/1.1",
    "Host: anything",
    "Content-Length: 1000",
  ];
  assertEquals(await statusOf(served, head), 401);
});

Deno.test("long bodies and headers are refused", async () => {
  await using served = await serve();
  const prompt = "a".repeat(2 ** 20);
  const { status, body } = await served.post("/v1/completions", { prompt });
  assertEquals([status, body.error.code], [413, "request_too_large"]);
  // In chunks, whose length nobody tells before.
  const bytes = new TextEncoder().encode(JSON.stringify({ prompt }));
  const chunked = await fetch(`${served.address}/v1/completions`, {
    method: "POST",
    body: ReadableStream.from([bytes, bytes]),
  });
  assertEquals(chunked.status, 413);
  await chunked.body?.cancel();
  const { port } = served;
  const host = `Host: 127.0.0.1:${port}`;
  const head = ["GET /health HTTP/1.1", host, `X-Long: ${"a".repeat(20_000)}`];
  assertEquals(await statusOf(served, head), 431);
  assertEquals(await statusOf(served, ["nonsense"]), 400);
  assertEquals(await statusOf(served, ["GET /health HTTP/1.1", host]), 200);
});

Deno.test("what there is not is 404, what cannot be done 405", async () => {
  await using served = await serve();
  const ask = async (method: string, path: string) => {
    const response = await fetch(served.address + path, { method });
    const { error } = await response.json();
    assert(error.message.startsWith("Cannot "), path);
    return [response.status, error.code, response.headers.get("allow")];
  };
  assertEquals(await ask("GET", "/v1/none"), [404, "not_found", null]);
  assertEquals(await ask("GET", "/%zz"), [404, "not_found", null]);
  assertEquals(await ask("POST", "/v1/embeddings"), [
    404,
    "not_supported",
    null,
  ]);
  assertEquals(await ask("GET", "/v1/chat/completions"), [
    405,
    "method_not_allowed",
    "POST",
  ]);
  assertEquals(await ask("PUT", "/v1/responses/a"), [
    405,
    "method_not_allowed",
    "HEAD, GET, DELETE",
  ]);
});

Deno.test("slow clients are left, and hold nobody up", async () => {
  const limits = { headers: 800, request: 1200, stall: 500 };
  await using served = await serve({ times: limits });
  const starts = [
    "",
    "GET /health HTTP/1.1\r\nHost: x\r\n",
    `POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1:${served.port}\r\nContent-Length: 99\r\n\r\n{`,
  ];
  const isLong = Deno.env.has("PTBR_SLM_TEST_LONG");
  const count = isLong ? 500 : 50;
  const clients = Array.from({ length: count }, (_, i) => {
    const socket = connect(served.port, "127.0.0.1");
    const begun = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    socket.on("error", () => {});
    socket.on("close", () => left.resolve());
    socket.on("data", () => {});
    socket.write(starts[i % starts.length], () => begun.resolve());
    return { begun: begun.promise, left: left.promise };
  });
  await Promise.all(clients.map(({ begun }) => begun));
  const times: number[] = [];
  for (let i = 0; i < 20; i++) {
    const start = performance.now();
    const response = await fetch(`${served.address}/health`);
    assertEquals((await response.json()).status, "ok");
    times.push(performance.now() - start);
    await new Promise((go) => setTimeout(go, 20));
  }
  times.sort((a, b) => a - b);
  // Held up, it would answer when the slow ones have left; 250 ms is for where
  // nothing else runs.
  assert(times[18] < (isLong ? 250 : 2000), `${times} ms`);
  await Promise.all(clients.map(({ left }) => left));
});

Deno.test("one connection too many is told to come back, until one has gone", async () => {
  await using served = await serve({ connections: 3 });
  const sockets = await Promise.all([1, 2, 3].map(async () => {
    const socket = connect(served.port, "127.0.0.1");
    await new Promise<void>((go) => socket.on("connect", () => go()));
    return socket;
  }));
  // Each has to have come up at the server, too.
  await new Promise((go) => setTimeout(go, 100));
  const host = `Host: 127.0.0.1:${served.port}`;
  const head = ["GET /health HTTP/1.1", host];
  for (let i = 0; i < 5; i++) {
    const answer = await answerTo(served, head);
    assertEquals(Number(answer.split(" ")[1]), 503);
    assert(/^retry-after: 1\r$/im.test(answer), answer);
    assert(answer.includes('"code":"too_many_connections"'), answer);
  }
  sockets[0].destroy();
  await new Promise((go) => setTimeout(go, 100));
  assertEquals(await statusOf(served, head), 200);
  assertEquals(served.log.length, 1); // nothing was done for the others
  for (const socket of sockets) socket.destroy();
});

Deno.test("what HTTP refuses is said in the shape of all refusals", async () => {
  await using served = await serve();
  const host = `Host: 127.0.0.1:${served.port}`;
  for (
    const [head, status] of [
      [["GET /health HTTP/1.1"], 400],
      [["GET /health HTTP/1.1", host, "Expect: wonders"], 417],
      [["TRACE /health HTTP/1.1", host], 405],
    ] as const
  ) {
    const answer = await answerTo(served, head);
    assertEquals(Number(answer.split(" ")[1]), status);
    assert(answer.includes('"type":"invalid_request_error"'), answer);
    assertEquals(/^allow: GET, /im.test(answer), status === 405);
  }
  const packed = await fetch(`${served.address}/v1/completions`, {
    method: "POST",
    headers: { "content-encoding": "gzip" },
    body: "{}",
  });
  assertEquals(packed.status, 415);
  assertEquals((await packed.json()).error.code, "unsupported_encoding");
  const tokens = await served.post("/v1/responses/input_tokens", {});
  assertEquals([tokens.status, tokens.body.error.code], [404, "not_found"]);
});

Deno.test("serve() refuses keys that no header can carry, and names none", async () => {
  const { signal } = new AbortController();
  for (const key of ["senha-ção", "two words", "", "tab\t"]) {
    const keys = ["fine", key];
    const error = await assertRejects(
      () => serveModels({ models: [{ path: "." }], keys, signal }),
      RangeError,
      "Cannot use key 2: ",
    );
    assert(key === "" || !error.message.includes(key));
  }
});
