/** Real models, small ones, asked over HTTP. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import OpenAI from "npm:openai@7.57.0";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { saveModel } from "../../lib/checkpoint/native/mpk_writer.ts";
import {
  serve,
  type ServeLogEntry,
  type ServeOptions,
  type ServeResult,
} from "../../lib/stages/serve.ts";
import { config, newModel, tokenizer } from "../generate/small_models.ts";

const folder = await Deno.makeTempDir();
await saveModel(
  `${folder}/model_final.mpk`,
  await newModel(new ReferenceBackend(), config),
);
await tokenizer.save(`${folder}/tokenizer.json`);
globalThis.addEventListener(
  "unload",
  () => Deno.removeSync(folder, { recursive: true }),
);

/** Ids that end a text, which shall not. */
const ENDS = Object.fromEntries(
  ["[BOS]", "[EOS]"].map((name) => [tokenizer.vocab.specialId(name), -100]),
);

/** A server that runs for a test. */
interface Running extends AsyncDisposable {
  readonly client: OpenAI;
  readonly address: string;
  readonly log: readonly ServeLogEntry[];
  /** Ends it, and waits until it has. */
  stop(): Promise<ServeResult>;
}

async function running(options: Partial<ServeOptions> = {}): Promise<Running> {
  const controller = new AbortController();
  const listening = Promise.withResolvers<string>();
  const log: ServeLogEntry[] = [];
  const done = serve({
    models: [{ path: folder, name: "small" }],
    port: 0,
    backend: "cpu",
    backendOptions: { threads: 1, blas: "none" },
    onListening: listening.resolve,
    onLog: (entry) => log.push(entry),
    ...options,
    signal: controller.signal,
  });
  done.catch(listening.reject);
  const address = await listening.promise;
  const stop = () => {
    controller.abort();
    return done;
  };
  return {
    client: new OpenAI({ baseURL: `${address}v1`, apiKey: "none" }),
    address,
    log,
    stop,
    [Symbol.asyncDispose]: async () => void await stop(),
  };
}

Deno.test("serve() writes the same text whole, in pieces, alone and beside others", async () => {
  await using server = await running();
  const { client } = server;
  const asked = {
    model: "small",
    prompt: "o rio",
    max_tokens: 12,
    seed: 3,
    temperature: 1,
    logit_bias: ENDS,
  };
  const alone = await client.completions.create(asked);
  assertEquals(alone.usage?.completion_tokens, 12);
  const [first, ...others] = await Promise.all(
    [3, 3, 4, 5].map((seed) => client.completions.create({ ...asked, seed })),
  );
  assertEquals(first.choices[0].text, alone.choices[0].text);
  assertEquals(others[0].choices[0].text, alone.choices[0].text);
  let streamed = "";
  const stream = await client.completions.create({ ...asked, stream: true });
  for await (const { choices } of stream) streamed += choices[0].text;
  assertEquals(streamed, alone.choices[0].text);
  const several = await client.completions.create({ ...asked, n: 3 });
  assertEquals(
    several.choices.map(({ text }) => text),
    [first, others[1], others[2]].map(({ choices }) => choices[0].text),
  );
  const told = await client.completions.create({ ...asked, logprobs: 3 });
  const { logprobs, text } = told.choices[0];
  assertEquals(text, alone.choices[0].text);
  assertEquals(logprobs?.tokens?.length, 12);
  assert(logprobs?.token_logprobs?.every((logprob) => logprob <= 0));
});

Deno.test("a conversation of 20 turns is not read again by serve()", async () => {
  await using server = await running();
  const { client } = server;
  let previous: string | undefined, total = 0;
  const texts: string[] = [];
  for (let turn = 0; turn < 20; turn++) {
    const response = await client.responses.create({
      model: "small",
      input: `o rio ${turn}`,
      previous_response_id: previous,
      max_output_tokens: 5,
      temperature: 0,
    });
    const usage = response.usage!;
    // Only the tokens at the seam are read again.
    assert(usage.input_tokens_details.cached_tokens >= total - 1, `${turn}`);
    assert(usage.input_tokens > total);
    total = usage.total_tokens - 1;
    previous = response.id;
    texts.push(response.output_text);
  }
  // Branches of a conversation do not disturb each other.
  const asked = {
    model: "small",
    input: "o mar",
    previous_response_id: previous,
    max_output_tokens: 5,
    temperature: 0,
  };
  const [one, other] = await Promise.all([
    client.responses.create(asked),
    client.responses.create(asked),
  ]);
  assertEquals(one.output_text, other.output_text);
});

Deno.test("serve() ends in good order", async () => {
  const server = await running();
  const text = server.client.completions.create({
    model: "small",
    prompt: "o rio",
    max_tokens: 200,
    logit_bias: ENDS,
  });
  while (
    (await (await fetch(`${server.address}metrics`)).text())
      .includes("vllm:num_requests_running 0")
  ) {
    await new Promise((go) => setTimeout(go, 5));
  }
  const result = await server.stop();
  assertEquals((await text).usage?.completion_tokens, 200);
  assertEquals(result.address, server.address);
  assertEquals(result.tokens, 200);
  assert(result.requests >= 2);
  const error = await fetch(`${server.address}health`).catch((error) => error);
  assert(error instanceof TypeError);
});

Deno.test("serve() has a page to try models on", async () => {
  await using server = await running();
  const html = await (await fetch(server.address)).text();
  const parts = [...html.matchAll(/(?:src|href)="([^":]+\.(?:js|css))"/g)];
  assert(parts.length > 1);
  for (const [, part] of parts) {
    const response = await fetch(new URL(part, server.address));
    assertEquals(response.status, 200, part);
    await response.body?.cancel();
  }
});

Deno.test("serve() reads how conversations are written", async () => {
  const template = `${folder}/talk.toml`;
  await Deno.writeTextFile(
    template,
    'user = "P: "\nassistant = "R:"\nseparator = "\\n"\nstop = ["\\nP:"]\n',
  );
  await using server = await running({
    chatTemplate: template,
    logPrompts: true,
  });
  await server.client.chat.completions.create({
    model: "small",
    messages: [{ role: "user", content: "oi" }],
    max_tokens: 1,
  });
  await server.stop();
  assertEquals(server.log[0].prompt, "P: oi\nR:");
});

Deno.test("serve() refuses what cannot be before it listens", async () => {
  const { signal } = new AbortController();
  const cases: [options: Partial<ServeOptions>, message: string][] = [
    [{ models: [] }, "Cannot serve without a model"],
    [{ models: [{ path: `${folder}/none` }] }, "Cannot read checkpoint"],
    [{ models: [{ path: folder, name: "a b" }] }, 'as "a b": names have'],
    [{ host: "0.0.0.0" }, "Cannot listen on 0.0.0.0 without a key"],
    [{ chatTemplate: `${folder}/tokenizer.json` }, "Cannot read chat template"],
  ];
  for (const [options, message] of cases) {
    await assertRejects(
      () =>
        serve({
          models: [{ path: folder, name: "small" }],
          port: 0,
          ...options,
          signal,
        }),
      Error,
      message,
    );
  }
});

Deno.test("serve() says so where the port is taken", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  await assertRejects(
    () => running({ port }),
    Error,
    `Cannot listen on 127.0.0.1:${port}: the port is in use by another program; --port`,
  );
});
