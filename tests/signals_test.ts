/** Long work ends with the reason of its signal, and leaves nothing half done. */

import { assertEquals, assertRejects } from "@std/assert";
import { ReferenceBackend } from "../lib/backend/reference/reference_backend.ts";
import { tune } from "../lib/backend/webgpu/tuning.ts";
import { WebGpuBackend } from "../lib/backend/webgpu/webgpu_backend.ts";
import { writeBurn } from "../lib/checkpoint/export/burn_writer.ts";
import { writeGguf } from "../lib/checkpoint/formats/gguf/gguf_writer.ts";
import { writeSafetensors } from "../lib/checkpoint/formats/safetensors_writer.ts";
import { ForeignModel } from "../lib/checkpoint/import/foreign_model.ts";
import { Checkpoint } from "../lib/checkpoint/native/mpk_reader.ts";
import { saveModel } from "../lib/checkpoint/native/mpk_writer.ts";
import { HttpSource } from "../lib/corpus/download/http_source.ts";
import { download } from "../lib/corpus/download/resumable_download.ts";
import { WikiDump } from "../lib/corpus/wiki/wiki_dump.ts";
import { encodeDocuments } from "../lib/dataset/document_encoder.ts";
import { RWKVConfig } from "../lib/model/config.ts";
import { RWKV } from "../lib/model/rwkv.ts";
import { BPETokenizer } from "../lib/tokenizer/bpe/bpe_tokenizer.ts";
import { BPETrainer } from "../lib/tokenizer/bpe/bpe_trainer.ts";
import { Evaluator } from "../lib/train/evaluate.ts";
import { gpuTest } from "./backend/webgpu/adapter.ts";

const REASON = new Error("enough");
const LINE = "o rio corre para o mar e a chuva corre para o rio\n";

/** Work without end but for its signal, which is given when it has begun. */
type Work = (
  signal: AbortSignal,
  hasBegun: () => void,
  folder: string,
) => Promise<unknown>;

/** The same without end; says when the second is asked for. */
function* endless<T>(make: () => T, hasBegun: () => void): Generator<T> {
  yield make();
  for (;;) {
    hasBegun();
    yield make();
  }
}

async function newTokenizer(): Promise<BPETokenizer> {
  const bytes = new TextEncoder().encode(LINE);
  const { vocab } = await new BPETrainer().train([{ name: "a", bytes }]);
  return new BPETokenizer(vocab);
}

function newModel(): RWKV {
  const config = new RWKVConfig({
    architecture: "classic",
    vocabSize: 16,
    dModel: 8,
    dFfn: 16,
  });
  return new RWKV(config, new ReferenceBackend());
}

/** A checkpoint of a model, whose first weight says that work has begun. */
async function modelIn(folder: string, hasBegun: () => void) {
  await saveModel(`${folder}/model_final.mpk`, newModel());
  const checkpoint = await Checkpoint.open(folder);
  const { config, shapes } = checkpoint;
  const readWeight = (name: string) => {
    hasBegun();
    return checkpoint.readWeight(name);
  };
  const dispose = () => checkpoint[Symbol.dispose]();
  return { config, shapes, readWeight, [Symbol.dispose]: dispose };
}

const WORKS: Record<string, Work> = {
  "BPETrainer.train() while it counts": (signal, hasBegun) => {
    const make = () => ({ name: "a", bytes: new TextEncoder().encode(LINE) });
    return new BPETrainer().train(endless(make, hasBegun), { signal });
  },
  "BPETrainer.train() in Workers": (signal, hasBegun) => {
    const make = () => ({ name: "a", bytes: new TextEncoder().encode(LINE) });
    const chunks = endless(make, hasBegun);
    return new BPETrainer().train(chunks, { threads: 2, signal });
  },
  "BPETrainer.train() while it merges": (signal, hasBegun) => {
    const bytes = new TextEncoder().encode(LINE);
    return new BPETrainer().train([{ name: "a", bytes }], {
      signal,
      onProgress: (stage) => stage === "merge" && hasBegun(),
    });
  },
  "encodeDocuments()": async (signal, hasBegun) => {
    const make = () => ({ text: LINE.repeat(100), sourceBytes: 1 });
    const documents = endless(make, hasBegun);
    const batches = encodeDocuments(documents, await newTokenizer(), {
      signal,
    });
    for await (const _ of batches);
  },
  "WikiDump.documents()": async (signal, hasBegun) => {
    const page = `<page><title>Rio</title><ns>0</ns><revision><text>${
      LINE.repeat(50)
    }</text></revision></page>`;
    const xml = new TextEncoder().encode("<mediawiki>" + page.repeat(2000));
    const dump = await WikiDump.open({
      read: (offset) => ReadableStream.from([xml.slice(offset)]),
    });
    const documents = dump.documents({
      site: dump.site,
      project: "wikipedia",
      format: "txt",
      minChars: 1,
      disambiguations: false,
    }, { signal });
    for await (const _ of documents) hasBegun();
  },
  "download()": async (signal, hasBegun, folder) => {
    const started = Promise.withResolvers<void>();
    await using _server = Deno.serve({
      port: 0,
      hostname: "127.0.0.1",
      onListen: () => started.resolve(),
    }, () => {
      hasBegun();
      const body = new ReadableStream({
        start: (to) => to.enqueue(new Uint8Array(10)),
      });
      return new Response(body, { headers: { "content-length": "1000" } });
    });
    await started.promise;
    const base = `http://127.0.0.1:${_server.addr.port}`;
    const checksum = { algorithm: "sha1", hex: "0".repeat(40) } as const;
    const file = {
      wiki: "a",
      date: "b",
      name: "c",
      url: `${base}/c`,
      checksum,
    };
    await download(new HttpSource(base, { signal }), file, `${folder}/c`);
  },
  "a pause of HttpSource": async (signal, hasBegun) => {
    const options = { signal, pause: 1e6, onRetry: hasBegun };
    await new HttpSource("http://127.0.0.1:1", options).text("a");
  },
  "Evaluator.evaluate()": (signal, hasBegun) => {
    const ids = Uint16Array.of(1, 2);
    const make = () => ({ rows: 1, inputs: ids, targets: ids });
    const lengths = new Uint32Array(16).fill(1);
    const batches = endless(make, hasBegun);
    return new Evaluator(newModel()).evaluate(batches, lengths, { signal });
  },
};

const WRITING: Record<string, Work> = {
  "writeSafetensors()": async (signal, hasBegun, folder) => {
    using model = await modelIn(folder, hasBegun);
    const tensors = [...model.shapes].map(([name, shape]) => ({
      name,
      shape,
      type: "F32" as const,
      values: () => model.readWeight(name),
    }));
    const path = `${folder}/model.safetensors`;
    await writeSafetensors(path, tensors, {}, { signal });
  },
  "writeGguf()": async (signal, hasBegun, folder) => {
    const model = newModel();
    const tensors = [...model.parameters].map(({ name, shape, length }) => ({
      name,
      shape,
      type: "F16" as const,
      values: () => {
        hasBegun();
        return new Float32Array(length);
      },
    }));
    await writeGguf(`${folder}/model.gguf`, new Map(), tensors, { signal });
  },
  "writeBurn()": async (signal, hasBegun, folder) => {
    using model = await modelIn(folder, hasBegun);
    await writeBurn(`${folder}/burn.mpk`, model, "F16", { signal });
  },
  "ForeignModel.save()": async (signal, hasBegun, folder) => {
    await saveModel(`${folder}/model_final.mpk`, newModel());
    using model = await ForeignModel.open(`${folder}/model_final.mpk`);
    const options = { signal, onWeight: hasBegun };
    await model.save(`${folder}/saved.mpk`, options);
  },
};

for (const [name, work] of Object.entries(WORKS)) {
  Deno.test(`${name} ends with the reason of its signal`, async () => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    // By a timer, so it shows that the work lets events in.
    const begin = () => timer ??= setTimeout(() => abort.abort(REASON));
    const folder = await Deno.makeTempDir();
    const error = await assertRejects(() => work(abort.signal, begin, folder));
    assertEquals(error, REASON);
    await Deno.remove(folder, { recursive: true });
  });
}

gpuTest("tune() ends with the reason of its signal", async () => {
  using backend = await WebGpuBackend.create({ software: true });
  const abort = new AbortController();
  const tried: string[] = [];
  const error = await assertRejects(() =>
    tune(backend, {
      side: 16,
      signal: abort.signal,
      onProgress: (name) => {
        tried.push(name);
        abort.abort(REASON);
      },
    })
  );
  assertEquals([error, tried.length], [REASON, 1]);
});

for (const [name, work] of Object.entries(WRITING)) {
  Deno.test(`${name} leaves nothing when its signal ends it`, async () => {
    const abort = new AbortController();
    const begin = () => abort.abort(REASON);
    const folder = await Deno.makeTempDir();
    const error = await assertRejects(() => work(abort.signal, begin, folder));
    assertEquals(error, REASON);
    const left = await Array.fromAsync(Deno.readDir(folder));
    const names = left.map(({ name }) => name);
    assertEquals(names.filter((name) => name !== "model_final.mpk"), []);
    await Deno.remove(folder, { recursive: true });
  });
}
