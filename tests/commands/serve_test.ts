/** `serve` as a person starts it, with the permissions that its task has. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { writeAdapter } from "../../lib/checkpoint/formats/adapter_file.ts";
import { saveModel } from "../../lib/checkpoint/native/mpk_writer.ts";
import { type AdapterShape, adapterTensors } from "../../lib/model/adapter.ts";
import { declaredShapes } from "../../lib/model/rwkv.ts";
import { writeVocab } from "../../lib/tokenizer/vocab/vocab_file.ts";
import { config, newModel, tokenizer } from "../generate/small_models.ts";
import { taskLine } from "../terminal/project_folder.ts";
import { NO_TERMINAL, runOnTerminal } from "../terminal/pty.ts";

const folder = await Deno.makeTempDir();
await saveModel(
  `${folder}/model_final.mpk`,
  await newModel(new ReferenceBackend(), config),
);
await writeVocab(`${folder}/tokenizer.json`, tokenizer.vocab);
await Deno.writeTextFile(`${folder}/keys.txt`, "# mine\nfile-key\n\n");
globalThis.addEventListener(
  "unload",
  () => Deno.removeSync(folder, { recursive: true }),
);

/** Starts it with the model, and waits for its address. */
function started(...args: string[]) {
  return startedWith(`small=${folder}`, ...args);
}

async function startedWith(...args: string[]) {
  const [program, ...line] = taskLine("serve", ...args);
  const child = new Deno.Command(program, {
    args: line,
    env: { NO_COLOR: "1", LC_ALL: "C", PTBR_SLM_API_KEY: "own-key" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  const out = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value: first = "" } = await out.read();
  return {
    address: first.trim(),
    end: async () => {
      child.kill("SIGTERM");
      const { value: rest = "" } = await out.read();
      await out.cancel();
      return { code: (await child.status).code, rest, stderr: await stderr };
    },
  };
}

/** Asks for a text with a key. */
async function statusOf(address: string, key: string): Promise<number> {
  const response = await fetch(`${address}v1/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({ prompt: "segredo", max_tokens: 3 }),
  });
  await response.body?.cancel();
  return response.status;
}

Deno.test("serve prints its address, logs requests, and ends by SIGTERM", async () => {
  const keys = `${folder}/keys.txt`;
  const server = await started("--port", "0", "--api-key-file", keys, "--json");
  assertMatch(server.address, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  assertEquals(await statusOf(server.address, "file-key"), 200);
  assertEquals(await statusOf(server.address, "own-key"), 200);
  assertEquals(await statusOf(server.address, "# mine"), 401);
  const { code, rest, stderr } = await server.end();
  assertEquals(code, 0);
  const { requests, tokens } = JSON.parse(rest);
  assertEquals(requests, 3);
  assert(tokens > 0);
  const log = stderr.split("\n").filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
  assertEquals(log.map(({ status }) => status), [200, 200, 401]);
  assert(!stderr.includes("segredo"));
  assertMatch(stderr, /^curl http/m);
});

Deno.test("serve has a model with adapters by other names", async () => {
  const tuned = `${folder}/tuned`, plus = `${folder}/a+b`;
  await Deno.mkdir(tuned);
  const shape: AdapterShape = {
    kind: "lora",
    rank: 1,
    alpha: 1,
    targets: ["ffn.value"],
  };
  const shapes = declaredShapes(config);
  const values = new Map(
    [...adapterTensors(config, shapes, shape)].map(([name, extents]) => {
      const length = extents.reduce((a, b) => a * b);
      return [name, new Float32Array(length).map((_, i) => i % 7 - 3)] as const;
    }),
  );
  const adapter = `${tuned}/adapter.safetensors`;
  await writeAdapter(adapter, { shape, values }, { config, shapes });
  await Deno.mkdir(plus);
  for (const file of ["model_final.mpk", "tokenizer.json"]) {
    await Deno.copyFile(`${folder}/${file}`, `${plus}/${file}`);
  }
  const models = [
    plus,
    `${plus}+${adapter}`,
    `other=${plus}/model_final.mpk+${adapter}`,
  ];
  const server = await startedWith(models.join(","), "--port", "0", "--quiet");
  const headers = { authorization: "Bearer own-key" };
  const answer = await fetch(`${server.address}v1/models`, { headers });
  const { data } = await answer.json();
  assertEquals(
    data.map(({ id, adapter }: Record<string, string>) => [id, adapter]),
    [
      ["a-b", null],
      ["tuned", "adapter.safetensors"],
      ["other", "adapter.safetensors"],
    ],
  );
  const textOf = async (model: string) => {
    const response = await fetch(`${server.address}v1/completions`, {
      method: "POST",
      headers,
      body: JSON.stringify({ model, prompt: "o rio", temperature: 0 }),
    });
    return (await response.json()).choices[0].text;
  };
  const [plain, ...adapted] = await Promise.all(
    ["a-b", "tuned", "other"].map(textOf),
  );
  assertEquals(adapted[0], adapted[1]);
  assert(plain !== adapted[0]);
  assertEquals((await server.end()).code, 0);
});

Deno.test("serve says nothing beside its address under --quiet", async () => {
  const server = await started("--port", "0", "--quiet");
  assertEquals(await statusOf(server.address, "own-key"), 200);
  const { code, stderr } = await server.end();
  assertEquals([code, stderr], [0, ""]);
});

/** A port that nobody listens on. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Asks until there is an answer. */
async function asked(address: string): Promise<void> {
  for (const end = performance.now() + 30_000;;) {
    try {
      await (await fetch(address)).body?.cancel();
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

Deno.test({
  name: "serve tells people on a terminal a short line a request",
  ignore: NO_TERMINAL !== undefined,
  fn: async () => {
    const port = freePort();
    const line = taskLine("serve", `small=${folder}`, "--port", `${port}`);
    const ended = runOnTerminal(line, {
      env: { NO_COLOR: "1", LC_ALL: "C" },
      reactions: [{ when: /GET \/v1\/models/, type: "\x03", after: 1500 }],
    });
    const address = `http://127.0.0.1:${port}/`;
    await asked(address);
    await asked(`${address}style.css`);
    await asked(`${address}v1/models`);
    const { code, sent, screen } = await ended;
    assertEquals(code, 0, sent);
    const rows = screen.rows.join("\n");
    assertMatch(rows, /^\d\d:\d\d:\d\d {2}GET \/v1\/models {2}200 {2}\d+ ms$/m);
    assertMatch(rows, /^Interrupted after/m);
    assert(!rows.includes("style.css"), rows);
    // The address stays in view, below what was asked.
    const below = sent.slice(sent.lastIndexOf("/v1/models"));
    assertMatch(below, new RegExp(`${address} {2}\\d+s {2}1 request\\b`));
  },
});
