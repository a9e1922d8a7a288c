/** The OpenAPI document, and answers held to it by another's validator. */

import { assert, assertEquals } from "@std/assert";
import { Ajv2020, type ValidateFunction } from "npm:ajv@8.20.0/dist/2020.js";
import type { OpenApi } from "../../../lib/serve/http/openapi.ts";
import type { Schema } from "../../../lib/serve/http/schema.ts";
import { FakeEngine } from "./fake_engine.ts";
import { RequestMaker } from "./request_maker.ts";
import { serve, type Served } from "./served.ts";

/** Requests of the suite; many more where there is time. */
const REQUESTS = Deno.env.has("PTBR_SLM_TEST_LONG") ? 10_000 : 300;

async function documentOf({ address }: Served): Promise<OpenApi> {
  return await (await fetch(`${address}/openapi.json`)).json();
}

/** What checks values against schemas of a document. */
function validator(
  { components }: OpenApi,
): (schema: Schema) => ValidateFunction {
  const ajv = new Ajv2020({
    allErrors: false,
    strict: true,
    allowUnionTypes: true,
  });
  // References of the document are from its root.
  const rooted = (schema: object) =>
    JSON.parse(
      JSON.stringify(schema).replaceAll("#/components/schemas/", "api#/$defs/"),
    );
  ajv.addSchema(rooted({ $defs: components.schemas }), "api");
  const made = new Map<Schema, ValidateFunction>();
  return (schema) => {
    let validate = made.get(schema);
    if (validate === undefined) {
      validate = ajv.compile(rooted(schema));
      made.set(schema, validate);
    }
    return validate;
  };
}

/** Every value of an answer, which may be a stream. */
function valuesOf(type: string, text: string): unknown[] {
  if (type.startsWith("text/event-stream")) {
    return text.split("\n").filter((line) => line.startsWith("data: "))
      .map((line) => line.slice(6)).filter((data) => data !== "[DONE]")
      .map((data) => JSON.parse(data));
  }
  return type === "application/x-ndjson"
    ? text.trimEnd().split("\n").map((line) => JSON.parse(line))
    : [JSON.parse(text)];
}

Deno.test("what can be had without a body answers as the document says", async () => {
  await using served = await serve();
  const document = await documentOf(served);
  const validate = validator(document);
  for (const [path, { get }] of Object.entries(document.paths)) {
    if (get === undefined || path.startsWith("/v1/responses")) continue;
    const response = await fetch(
      served.address + path.replace("{id}", "outro"),
    );
    assertEquals(response.status, 200, path);
    const [type] = response.headers.get("content-type")!.split(";");
    const { schema } = get.responses[200].content![type];
    const text = await response.text();
    if (type !== "application/json") continue;
    const check = validate(schema);
    assert(check(JSON.parse(text)), `${path} ${JSON.stringify(check.errors)}`);
  }
});

Deno.test(`${REQUESTS} requests, most of them wrong, are answered as the document says`, async () => {
  const engine = new FakeEngine();
  await using served = await serve({ engine, maxTokens: 4 });
  const document = await documentOf(served);
  const validate = validator(document);
  const maker = new RequestMaker(20);
  const posts = Object.entries(document.paths)
    .filter(([, { post }]) => post !== undefined);
  const seen = new Map<number, number>();
  for (let i = 0; i < REQUESTS; i++) {
    const [path, { post }] = maker.pick(posts);
    const { schema } = post.requestBody!.content["application/json"];
    let body = maker.fitting(schema) as Record<string, unknown>;
    if (maker.random() < 0.9 && typeof body === "object") body.model = "outro";
    if (maker.random() < 0.7) body = maker.spoilt(body) as typeof body;
    const text = JSON.stringify(body);
    const isBroken = maker.random() < 0.1;
    const response = await fetch(served.address + path, {
      method: "POST",
      body: isBroken ? maker.broken(text) : text,
    });
    const { status } = response;
    seen.set(status, (seen.get(status) ?? 0) + 1);
    const about = `request ${i}: ${path} ${text.slice(0, 500)}`;
    const fits = !isBroken && validate(schema)(JSON.parse(text));
    if (fits) {
      assert([200, 400, 404].includes(status), `${status} to ${about}`);
    } else assertEquals(status, 400, about);
    const { responses } = post;
    const type = response.headers.get("content-type")!;
    const { content } = responses[status === 200 ? 200 : "default"];
    const check = validate(content![type.split(";")[0]].schema);
    for (const value of valuesOf(type, await response.text())) {
      assert(
        check(value),
        `${about}\n${JSON.stringify(value)}\n${JSON.stringify(check.errors)}`,
      );
    }
  }
  for (const status of [200, 400, 404]) {
    assert(
      seen.get(status)! >= REQUESTS / 100,
      `${status}: ${seen.get(status)}`,
    );
  }
  assertEquals(engine.running, 0);
  assertEquals(({} as Record<string, unknown>).polluted, undefined);
});
