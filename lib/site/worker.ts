/**
 * The page's worker: models in the store, one of them loaded, asked as a server
 * is, or learning. Whatever waits for a device or a disk is here, so that the
 * page stays responsive.
 *
 * @module
 */

import { LocalEngine } from "../serve/engine/local_engine.ts";
import { CHAT_FILE } from "../serve/http/chat_template.ts";
import { LocalApi } from "./local_api.ts";
import { chosenFiles, type ModelFiles, ModelStore } from "./model_store.ts";
import { modelFilesOf, placeOf } from "./places.ts";
import { openBackend, type PageBackend, readModel } from "./open_model.ts";
import {
  type ChosenFile,
  type EngineChoice,
  type FromWorker,
  type Lesson,
  type Opened,
  type Question,
  sent,
  type Stored,
  type ToWorker,
  TroubleError,
} from "./protocol.ts";

/** A worker's own scope, as far as it is used. */
interface Port {
  onmessage?: (event: MessageEvent<ToWorker>) => void;
  postMessage(message: FromWorker): void;
}

/** How a question is answered. */
interface Answering {
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal;
  /** Sends an event. */
  readonly tell: (event: unknown) => void;
}

/** A model that is loaded. */
interface Loaded extends AsyncDisposable {
  readonly backend: PageBackend;
  readonly api: LocalApi;
}

/** The number of events that nobody asked for. */
const NEWS = -1;
/** Texts of a page at once: the one that is seen, and one that just ended. */
const STREAMS = 2;
/** A lost device is told of so much later, in ms. */
const LATER = 100;
/** Bytes of states that are kept: those of some long conversations. */
const CACHE_BYTES = 64 * 2 ** 20;

const port = self as unknown as Port;
let storing: Promise<ModelStore> | undefined;
let loaded: Loaded | undefined;
let isLearning = false;
/** What is wanted to compute with. */
let wanted: EngineChoice = "auto";
/** Chosen files that are not stored, by the name they are opened by. */
const looked = new Map<string, ModelFiles>();
const leaving = new Map<number, AbortController>();

port.onmessage = async ({ data }) => {
  const { number } = data;
  if ("leave" in data) return leaving.get(number)?.abort();
  const controller = new AbortController(), { signal } = controller;
  leaving.set(number, controller);
  try {
    const tell = (event: unknown) => port.postMessage({ number, event });
    const value = await answer(data.ask, { signal, tell });
    port.postMessage({ number, value });
  } catch (error) {
    port.postMessage({ number, error: sent(error) });
  } finally {
    leaving.delete(number);
  }
};

async function answer(ask: Question, answering: Answering): Promise<unknown> {
  switch (ask.kind) {
    case "request":
      return await request(ask, answering);
    case "list":
      return await list();
    case "download":
      return await download(ask.url, answering);
    case "keep": {
      const { name, files } = modelFilesOf(await unpacked(ask.files));
      return await (await store()).keep(name, files);
    }
    case "look": {
      const { name, files } = modelFilesOf(await unpacked(ask.files));
      looked.set(name, chosenFiles(files));
      return name;
    }
    case "remove":
      return await (await store()).remove(ask.name);
    case "open":
      return await open(ask.name, ask.engine);
    case "memory":
      return loaded?.backend.bytesUsed;
    case "archive":
      return await archive(ask.name);
    case "train":
      return await train(ask.lesson, answering);
  }
}

/** The files that were chosen, those within a zip among them. */
async function unpacked(
  files: readonly ChosenFile[],
): Promise<readonly ChosenFile[]> {
  if (!files.some(isArchive)) return files;
  const { filesIn } = await import("./unpacking.ts");
  return files.flatMap((file) => isArchive(file) ? filesIn(file) : [file]);
}

function isArchive({ name }: ChosenFile): boolean {
  return /\.zip$/i.test(name);
}

function store(): Promise<ModelStore> {
  return storing ??= ModelStore.open();
}

async function list(): Promise<Stored> {
  const models = await store();
  return { models: await models.list(), free: await models.free() };
}

async function download(
  url: string,
  { signal, tell }: Answering,
): Promise<string> {
  const place = placeOf(url, self.location.href);
  return await (await store()).download(place, signal, tell);
}

async function request(
  ask: Question & { kind: "request" },
  { signal, tell }: Answering,
): Promise<void> {
  const response = loaded === undefined
    ? withoutModel(ask.path)
    : await loaded.api.answer(ask, signal);
  const type = response.headers.get("content-type") ?? "";
  tell({ status: response.status, type });
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      tell(value);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** What is answered while there is none. */
function withoutModel(path: string): Response {
  if (path === "/v1/models") return Response.json({ object: "list", data: [] });
  const code = isLearning ? "learning" : "no_model";
  const message = isLearning
    ? "Cannot write now: the model is learning"
    : "Cannot write without a model";
  return Response.json({ error: { message, code } }, { status: 503 });
}

/** Loads a model in the place of the one that there was. */
async function open(name: string, engine: EngineChoice): Promise<Opened> {
  const files = await filesOf(name);
  wanted = engine;
  await close();
  const { backend, reason } = await openBackend(engine);
  let ready;
  try {
    ready = await readModel(files, backend);
  } catch (error) {
    const cause = await lossOf(backend) ?? error;
    backend[Symbol.dispose]();
    throw cause;
  }
  const { model, tokenizer, template } = ready;
  const created = Math.floor(Date.now() / 1000);
  const local = new LocalEngine(
    [{ name, created, model, tokenizer }],
    { streams: STREAMS, cacheBytes: CACHE_BYTES, keptBytes: 0 },
    backend,
  );
  const onFailure = async (error: unknown) => {
    const { trouble, message } = sent(await lossOf(backend) ?? error);
    port.postMessage({ number: NEWS, event: { trouble, message } });
  };
  const opened: Opened = {
    name,
    ...backend.name === "webgpu"
      ? { engine: "webgpu", adapter: backend.device.adapter }
      : { engine: "simd", threads: backend.threads },
    reason,
    memory: backend.bytesUsed,
  };
  loaded = {
    backend,
    api: new LocalApi(local, { template, onFailure }),
    [Symbol.asyncDispose]: () => local[Symbol.asyncDispose](),
  };
  return opened;
}

async function filesOf(name: string): Promise<ModelFiles> {
  return looked.get(name) ?? await (await store()).files(name);
}

async function archive(name: string): Promise<Blob> {
  const { archiveOf } = await import("./archive.ts");
  return await archiveOf(name, await (await store()).blobs(name));
}

/** The bytes of a file, where there is one. */
async function bytesOf(
  files: ModelFiles,
  name: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const openFile = files.get(name);
  if (openFile === undefined) return undefined;
  using source = await openFile();
  const bytes = new Uint8Array(source.length);
  source.read(bytes, 0);
  return bytes;
}

async function close(): Promise<void> {
  const before = loaded;
  loaded = undefined;
  await before?.[Symbol.asyncDispose]();
}

/** Trains a model in the place of the one that was loaded, and stores it. */
async function train(
  { name, text, seconds, result }: Lesson,
  { signal, tell }: Answering,
): Promise<string> {
  const files = await filesOf(name);
  await close();
  isLearning = true;
  const { backend } = await openBackend(wanted);
  try {
    const { model, tokenizer } = await readModel(files, backend, true);
    const { learn } = await import("./learn.ts");
    const { modelBlob } = await import("./model_blob.ts");
    const about = { text, seconds, signal, onLearnt: tell };
    await learn({ model, tokenizer, ...about });
    const weights = await modelBlob(model, tokenizer);
    const vocab = new Blob([tokenizer.vocab.toString()]);
    const others = [{ name: "tokenizer.json", blob: vocab }];
    const chat = await bytesOf(files, CHAT_FILE);
    if (chat !== undefined) {
      others.push({ name: CHAT_FILE, blob: new Blob([chat]) });
    }
    return await (await store()).keep(result, [weights, ...others]);
  } catch (error) {
    throw await lossOf(backend) ?? error;
  } finally {
    isLearning = false;
    backend[Symbol.dispose]();
  }
}

/** The error of a device that has gone; it is told a little later than it is felt. */
async function lossOf(backend: PageBackend): Promise<Error | undefined> {
  if (backend.name !== "webgpu") return undefined;
  await new Promise((resolve) => setTimeout(resolve, LATER));
  const { loss } = backend.device;
  if (loss === undefined) return undefined;
  return new TroubleError(
    "deviceLost",
    `Cannot go on: the device was lost (${loss})`,
  );
}
