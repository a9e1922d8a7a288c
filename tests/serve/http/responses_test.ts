import { assertEquals } from "@std/assert";
import { ResponseStore } from "../../../lib/serve/http/response_store.ts";
import { FakeEngine } from "./fake_engine.ts";
import { serve } from "./served.ts";

Deno.test("ResponseStore keeps the latest, up to a number of bytes", () => {
  const forgotten: string[] = [];
  const store = new ResponseStore({
    mostBytes: 1000,
    onForget: (id) => forgotten.push(id),
  });
  const text = "a".repeat(150);
  for (const id of ["1", "2"]) store.add({ id, model: "m", text });
  store.get("1");
  store.add({ id: "3", model: "m", text });
  assertEquals(forgotten, ["2"]);
  assertEquals(store.get("2"), undefined);
  assertEquals(store.get("1")?.text, text);
  assertEquals([store.delete("1"), store.delete("1")], [true, false]);
  assertEquals(forgotten, ["2", "1"]);
});

Deno.test("metadata is bounded, and so is what is nested", async () => {
  await using served = await serve();
  const ask = async (metadata: object) => {
    const body = { input: "a", metadata };
    const answer = await served.post("/v1/responses", body);
    return [answer.status, answer.body.error?.param];
  };
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [i, "a"]));
  assertEquals(await ask(many(16)), [200, undefined]);
  assertEquals(await ask(many(17)), [400, "metadata"]);
  assertEquals(await ask({ ["é".repeat(64)]: "é".repeat(512) }), [
    200,
    undefined,
  ]);
  assertEquals(await ask({ ["é".repeat(65)]: "" }), [400, "metadata"]);
  assertEquals(await ask({ a: "é".repeat(513) }), [400, "metadata.a"]);
  assertEquals(await ask({ a: {} }), [400, "metadata.a"]);
  const deep = "[".repeat(6000) + "]".repeat(6000);
  for (const path of ["/v1/responses", "/v1/completions", "/api/generate"]) {
    const { status, body } = await served.post(path, `{"input": ${deep}}`);
    const { error } = body;
    assertEquals(
      [status, error.message ?? error],
      [400, "Cannot read the body: it is nested deeper than 64 levels"],
    );
  }
  const brackets = { input: `${"[".repeat(100)}\\"${"{".repeat(100)}` };
  const { status } = await served.post("/v1/responses", brackets);
  assertEquals(status, 200);
});

Deno.test("a response is followed by its own model, and forgotten with its state", async () => {
  const engine = new FakeEngine();
  await using served = await serve({ engine });
  const first = await served.post("/v1/responses", {
    model: "outro",
    input: "a",
  });
  const { id } = first.body;
  const next = { input: "b", previous_response_id: id };
  const second = await served.post("/v1/responses", next);
  assertEquals([second.status, second.body.model], [200, "outro"]);
  const other = { ...next, model: "contador" };
  assertEquals((await served.post("/v1/responses", other)).status, 400);
  assertEquals((await engine.load()).cacheBytes, 2 * 4096);
  const url = `${served.address}/v1/responses/${id}`;
  const gone = await fetch(url, { method: "DELETE" });
  assertEquals((await gone.json()).deleted, true);
  assertEquals((await engine.load()).cacheBytes, 4096);
  assertEquals((await served.post("/v1/responses", next)).status, 400);
});

Deno.test("more texts than can wait are too many", async () => {
  await using served = await serve({ mostTexts: 3 });
  const messages = [{ role: "user", content: "a" }];
  for (
    const [path, body] of [
      ["/v1/completions", { prompt: "a", n: 4 }],
      ["/v1/completions", { prompt: ["a", "b"], n: 2 }],
      ["/v1/chat/completions", { messages, n: 4 }],
    ] as const
  ) {
    const { status, body: { error } } = await served.post(path, body);
    assertEquals([status, error.param], [400, "n"]);
  }
  const three = { prompt: "a", n: 3 };
  assertEquals((await served.post("/v1/completions", three)).status, 200);
});
