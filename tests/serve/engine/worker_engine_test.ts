import { assert, assertEquals, assertRejects } from "@std/assert";
import { saveModel } from "../../../lib/checkpoint/native/mpk_writer.ts";
import { ReferenceBackend } from "../../../lib/backend/reference/reference_backend.ts";
import {
  BusyError,
  UnknownModelError,
  UnknownStateError,
} from "../../../lib/serve/engine.ts";
import { openEngine } from "../../../lib/serve/engine/open_engine.ts";
import { WorkerEngine } from "../../../lib/serve/engine/worker_engine.ts";
import { config, newModel, tokenizer } from "../../generate/small_models.ts";
import { ask, request } from "./small_engine.ts";

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

const options = {
  models: [{ name: "small", path: folder }],
  backend: "cpu",
  backendOptions: { threads: 2, blas: "none" },
  streams: 4,
  queue: 30,
} as const;

/** Neither `[BOS]` nor `[EOS]`, so that a text goes on. */
const settings = {
  temperature: 1,
  seed: 1,
  logitBias: new Map(
    ["[BOS]", "[EOS]"].map((name) => [
      tokenizer.vocab.specialId(name),
      -Infinity,
    ]),
  ),
};

Deno.test("WorkerEngine writes what LocalEngine does", async () => {
  await using local = await openEngine(options);
  await using engine = await WorkerEngine.open(options);
  assertEquals(engine.models, local.models);
  const many = Array.from({ length: 12 }, (_, seed) => ({
    prompt: "o rio corre ".repeat(seed),
    settings: { temperature: 1, seed },
  }));
  const got = await Promise.all(many.map((one) => ask(engine, one)));
  for (const [i, one] of many.entries()) {
    const { cachedTokens: _, ...want } = await ask(local, one);
    const { cachedTokens: __, ...own } = got[i];
    assertEquals(own, want);
  }
  assertEquals(
    await engine.encode("small", "o rio"),
    await local.encode("small", "o rio"),
  );
  const ids = [...await engine.encode("small", "o rio")];
  assertEquals(await engine.decode("small", ids), "o rio");
  await ask(engine, { keepAs: "end" });
  await ask(engine, { goOnFrom: "end" });
  await engine.forget("end");
  await assertRejects(
    () => ask(engine, { goOnFrom: "end" }),
    UnknownStateError,
  );
  assert((await engine.load()).completionTokens > 0);
});

Deno.test("WorkerEngine's errors are of their classes", async () => {
  await using engine = await WorkerEngine.open(options);
  await assertRejects(() => ask(engine, { model: "x" }), UnknownModelError);
  await assertRejects(() => ask(engine, { goOnFrom: "x" }), UnknownStateError);
  await assertRejects(() => ask(engine, { maxTokens: -1 }), RangeError);
  const many = Array.from({ length: 40 }, () => ask(engine));
  const results = await Promise.allSettled(many);
  const refused = results.filter(({ status }) => status === "rejected");
  assertEquals(refused.length, 6);
  for (const { reason } of refused as PromiseRejectedResult[]) {
    assert(reason instanceof BusyError);
  }
});

Deno.test("WorkerEngine ends the work of those who leave", async () => {
  await using engine = await WorkerEngine.open(options);
  const controller = new AbortController();
  const long = request({ maxTokens: 4000, settings });
  await assertRejects(
    async () => {
      for await (const event of engine.write(long, controller.signal)) {
        if (event.kind === "piece") controller.abort(new Error("gone"));
      }
    },
    Error,
    "gone",
  );
  for await (const event of engine.write(long, new AbortController().signal)) {
    if (event.kind === "piece") break;
  }
  await engine.load();
  const { running, completionTokens } = await engine.load();
  assertEquals(running, 0);
  assert(completionTokens < 1000);
});

Deno.test("engines end the work of those who leave and ask for nothing more", async () => {
  for (const open of [openEngine, WorkerEngine.open]) {
    await using engine = await open(options);
    const controller = new AbortController();
    const long = request({ maxTokens: 4000, settings });
    const texts = Array.from({ length: 6 }, () => {
      const events = engine.write(long, controller.signal);
      return events[Symbol.asyncIterator]();
    });
    const begun = texts.map((text) => text.next());
    await Promise.all(begun.slice(0, 4));
    controller.abort(new Error("gone"));
    await Promise.allSettled(begun);
    let load = await engine.load();
    const before = load.completionTokens;
    while (load.running > 0) {
      await new Promise((go) => setTimeout(go, 1));
      load = await engine.load();
    }
    assertEquals(load.waiting, 0);
    // The step that was under way, and one in which they are let go.
    assert(load.completionTokens - before <= 8);
  }
});

Deno.test("WorkerEngine tells all who wait that its Worker failed", async () => {
  const module = import.meta.resolve("./failing_worker.ts");
  await using engine = await WorkerEngine.open(options, module);
  const waiting = [ask(engine), ask(engine), engine.load()];
  for (const result of await Promise.allSettled(waiting)) {
    assert(result.status === "rejected");
    assert(/its Worker failed: .*out of memory/.test(result.reason.message));
  }
  await assertRejects(() => ask(engine), Error, "its Worker failed");
  await assertRejects(() => engine.load(), Error, "its Worker failed");
});

Deno.test("WorkerEngine.open() says what cannot be opened", async () => {
  const models = [{ name: "none", path: `${folder}/none` }];
  await assertRejects(
    () => WorkerEngine.open({ ...options, models }),
    Error,
    "Cannot",
  );
});

Deno.test("WorkerEngine says to those who wait that it was closed", async () => {
  const engine = await WorkerEngine.open(options);
  const waiting = ask(engine, { settings, maxTokens: 4000 });
  const result = assertRejects(() => waiting, Error, "closed");
  await engine[Symbol.asyncDispose]();
  await result;
  await assertRejects(() => engine.load(), Error, "it was closed");
});
