/**
 * Models of each architecture write the same in Chromium as in Deno: greedily
 * and drawn, on the CPU; on a software adapter of WebGPU one of them, and all
 * with PTBR_SLM_TEST_LONG.
 */

import { assert, assertEquals } from "@std/assert";
import { CpuBackend } from "../../lib/backend/cpu/cpu_backend.ts";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { saveModel } from "../../lib/checkpoint/native/mpk_writer.ts";
import { Generator } from "../../lib/generate/generator.ts";
import { RWKVConfig } from "../../lib/model/config.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import { readModelFolder } from "../../lib/read_model.ts";
import { identityOf } from "../../lib/tokenizer/tokenizer.ts";
import { browserTests } from "../serve/page/browser.ts";
import { tokenizerOf } from "../tokenizer/trained.ts";
import { type TextRequest, TEXTS, type Written } from "./texts.ts";
import { askWorker, serveWorker, WEBGPU_FLAGS } from "./worker_page.ts";

const LONG = Deno.env.has("PTBR_SLM_TEST_LONG");
const ARCHITECTURES = ["rwkv4", "rwkv6", "rwkv7"] as const;

type Architecture = typeof ARCHITECTURES[number];

/** The files of a model that has learnt nothing, but says something. */
async function filesOf(
  architecture: Architecture,
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const { vocab } = await tokenizerOf(
    "O rio corre e o dia passa. Era uma vez um rio, e o rio passava.\n",
    { vocabSize: 280 },
  );
  const config = new RWKVConfig({
    architecture,
    vocabSize: vocab.size,
    dModel: 64,
    nLayers: 2,
    dFfn: 128,
  });
  const model = new RWKV(config, new ReferenceBackend());
  model.initialize(5);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const write = (bytes: Uint8Array) => {
    pieces.push(bytes.slice());
    return Promise.resolve();
  };
  await saveModel({ write }, model, {
    tokenizerSha256: await identityOf(vocab),
  });
  return new Map([
    ["model_final.mpk", await new Blob(pieces).bytes()],
    ["tokenizer.json", new TextEncoder().encode(vocab.toString())],
  ]);
}

async function textsHere(
  files: Map<string, Uint8Array<ArrayBuffer>>,
): Promise<string[]> {
  using backend = await CpuBackend.create({ threads: 1 });
  const { model, tokenizer } = await readModelFolder(files, backend);
  const generator = new Generator(model, tokenizer);
  const texts: string[] = [];
  for (const { prompt, ...options } of TEXTS) {
    const pieces = generator.generate(prompt, options);
    texts.push((await Array.fromAsync(pieces)).join(""));
  }
  return texts;
}

async function assertSameTexts(
  page: Parameters<typeof askWorker>[0],
  backend: TextRequest["backend"],
  architectures: readonly Architecture[],
): Promise<void> {
  await using server = await serveWorker("tests/web/texts_worker.ts");
  for (const architecture of architectures) {
    const files = await filesOf(architecture);
    const expected = await textsHere(files);
    assertEquals(new Set(expected).size, TEXTS.length);
    const encoded = Object.fromEntries(
      [...files].map(([name, bytes]) => [name, bytes.toBase64()]),
    );
    const { description, texts } = await askWorker<TextRequest, Written>(
      page,
      server,
      { backend, files: encoded },
    );
    assert(description.startsWith(`${backend}: `), description);
    assertEquals([architecture, ...texts], [architecture, ...expected]);
  }
}

browserTests(`texts in Chromium${LONG ? "" : " (in short)"}`, {
  "are the same on the CPU": (page) =>
    assertSameTexts(page, "cpu", ARCHITECTURES),
  "are the same on WebGPU": (page) =>
    assertSameTexts(page, "webgpu", LONG ? ARCHITECTURES : ["rwkv7"]),
}, WEBGPU_FLAGS);
