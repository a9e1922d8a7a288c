/**
 * Models that are asked over HTTP, as OpenAI's and Ollama's clients do.
 *
 * @module
 */

import type { BackendName } from "../backend/choice/open_backend.ts";
import type { OpenBackendOptions } from "../backend/choice/open_backend.ts";
import { folderOf, isThere, readText, withoutSlash } from "../files.ts";
import { isGranted } from "../permissions.ts";
import type { ModelPlace } from "../serve/engine/open_engine.ts";
import { WorkerEngine } from "../serve/engine/worker_engine.ts";
import { type App, type LogEntry, makeApp } from "../serve/http/app.ts";
import {
  CHAT_FILE,
  CHAT_TEMPLATE,
  type ChatTemplate,
  readChatTemplate,
} from "../serve/http/chat_template.ts";
import {
  listen,
  type Listening,
  type ListenOptions,
  MOST_CONNECTIONS,
} from "../serve/http/node_server.ts";
import { PAGE_PARTS } from "../serve/page/page.ts";
import { VERSION } from "../version.ts";
import { cannotListen } from "./listening.ts";
import { assertOptions, type OptionKinds, wholeFrom } from "../option_kinds.ts";
import { assertModel } from "./model_files.ts";

/** How a server is run unless it is said otherwise. */
export const SERVING = {
  host: "127.0.0.1",
  port: 8080,
  streams: 16,
  queue: 64,
  cacheBytes: 256 * 2 ** 20,
  maxTokens: 4096,
  connections: MOST_CONNECTIONS,
  graceSeconds: 20,
} as const;

/** How often it is looked whether all is finished, in ms. */
const LOOK = 50;
/** How long those whose texts are ended have to read that, in seconds. */
const FAREWELL = 2;

/** A line of a server's log. */
export type ServeLogEntry = LogEntry;

/** A model that is served. */
export interface ServedFiles {
  /** `model_final.mpk` or a checkpoint, or their folder. */
  readonly path: string;
  /**
   * What it is asked for by; unless given, the name of its folder, or with an
   * adapter that of the adapter's.
   */
  readonly name?: string;
  /** The file of an adapter that it is to have; none unless given. */
  readonly adapter?: string;
  /** Its tokenizer; that beside it unless given. */
  readonly tokenizer?: string;
}

/** What `serve()` is to do. */
export interface ServeOptions {
  /** One or more; the first is taken where a request names none. */
  readonly models: readonly ServedFiles[];
  /** Where to listen; 127.0.0.1, this machine alone, unless given. */
  readonly host?: string;
  /** The port to listen on; 8080 unless given, any that is free for 0. */
  readonly port?: number;
  /** Keys, one of which a request must have; needed for other hosts. */
  readonly keys?: readonly string[];
  /** Sites whose pages may ask, `*` for all; none unless given. */
  readonly origins?: readonly string[];
  /** Texts written at once; 16 unless given. */
  readonly streams?: number;
  /** Texts that may wait beside them; 64 unless given. */
  readonly queue?: number;
  /** Bytes of states kept to spare reading, twice; 256 MiB unless given. */
  readonly cacheBytes?: number;
  /** Most tokens of a text; 4096 unless given. */
  readonly maxTokens?: number;
  /** Connections open at once; 1024 unless given. */
  readonly connections?: number;
  /** A TOML file that says how conversations are written, for all models. */
  readonly chatTemplate?: string;
  /** Prompts and texts are in the log. */
  readonly logPrompts?: boolean;
  /** Where to compute; the best that is there unless given. */
  readonly backend?: BackendName;
  /** How to start it. */
  readonly backendOptions?: OpenBackendOptions;
  /** How long texts under way may go on when it is ended; 20 s unless given. */
  readonly graceSeconds?: number;
  /** Ends it: new texts are refused, those under way finished. */
  readonly signal: AbortSignal;
  /** Told once, when it can be asked. */
  readonly onListening?: (address: string, models: readonly string[]) => void;
  /** Told of every request, the page's parts aside, when it is answered. */
  readonly onLog?: (entry: ServeLogEntry) => void;
}

/** What its options are. */
const OPTIONS: OptionKinds<ServeOptions> = {
  models: "list",
  host: "text?",
  port: wholeFrom(0, 65_535),
  keys: "texts?",
  origins: "texts?",
  streams: wholeFrom(1),
  queue: wholeFrom(0),
  cacheBytes: wholeFrom(0),
  maxTokens: wholeFrom(1),
  connections: wholeFrom(1),
  chatTemplate: "text?",
  logPrompts: "flag?",
  backend: "text?",
  backendOptions: "object?",
  graceSeconds: "number?",
  signal: "signal",
  onListening: "function?",
  onLog: "function?",
};

/** What `serve()` has done. */
export interface ServeResult {
  /** Where it was. */
  readonly address: string;
  /** Requests answered. */
  readonly requests: number;
  /** Tokens written. */
  readonly tokens: number;
}

/**
 * Serves models until it is aborted.
 *
 * @param options Which models, where, and to whom.
 * @returns What was done until then.
 * @throws {Error} When a model cannot be opened, or the address not be used.
 *
 * @example
 * ```ts
 * import { serve } from "./serve.ts";
 * import { assertRejects } from "@std/assert";
 *
 * const { signal } = new AbortController();
 * await assertRejects(
 *   () => serve({ models: [{ path: "." }], host: "0.0.0.0", signal }),
 *   Error,
 *   "Cannot listen on 0.0.0.0 without a key",
 * );
 * ```
 */
export async function serve(options: ServeOptions): Promise<ServeResult> {
  assertOptions("serve", options, OPTIONS);
  const { host = SERVING.host, port = SERVING.port, keys = [] } = options;
  const { maxTokens = SERVING.maxTokens, chatTemplate, signal } = options;
  assertHost(host, port, keys);
  assertKeys(keys);
  const places = placesOf(options.models);
  for (const { path } of places) await assertModel(path);
  const templates = await templatesOf(places, chatTemplate);
  const { streams = SERVING.streams, queue = SERVING.queue } = options;
  await using engine = await WorkerEngine.open({
    models: places,
    streams,
    queue,
    cacheBytes: options.cacheBytes ?? SERVING.cacheBytes,
    keptBytes: options.cacheBytes ?? SERVING.cacheBytes,
    maxTokens,
    backend: options.backend,
    backendOptions: options.backendOptions,
  });
  const app = makeApp({
    engine,
    maxTokens,
    mostTexts: streams + queue,
    version: VERSION,
    keys,
    origins: options.origins ?? [],
    templateOf: ({ name }) => templates.get(name) ?? CHAT_TEMPLATE,
    page: PAGE_PARTS,
    logPrompts: options.logPrompts,
    onLog: options.onLog,
  });
  const { connections } = options;
  const listening = await listenOn(app, { host, port, connections });
  const address = `http://${shown(reachable(host))}:${listening.port}/`;
  options.onListening?.(address, engine.models.map(({ name }) => name));
  await aborted(signal);
  await finish(app, options.graceSeconds ?? SERVING.graceSeconds);
  const { completionTokens } = await engine.load();
  await listening.close();
  return { address, requests: app.answered, tokens: completionTokens };
}

/** This machine by its number, which is what the task may use. */
function numbered(host: string): string {
  return isLoopback(host) ? "127.0.0.1" : host;
}

/** Whether only this machine is heard there. */
function isLoopback(host: string): boolean {
  return host === "127.0.0.1" || host === "localhost";
}

function assertHost(
  host: string,
  port: number,
  keys: readonly string[],
): void {
  if (!isLoopback(host) && keys.length === 0) {
    throw new Error(
      `Cannot listen on ${host} without a key: anybody there could ask (see --api-key-file, or PTBR_SLM_API_KEY)`,
    );
  }
  const place = `${shown(numbered(host))}:${port}`;
  if (!isGranted({ name: "net", host: place })) {
    throw new Error(
      `Cannot listen on ${host}: Deno was not given that address; run the command (a task's line is in deno.json) with --allow-net=${place}`,
    );
  }
}

/** Where it is found from this machine: all addresses are none to open. */
function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}

/** As addresses have it. */
function shown(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** The models by the names that they are asked for by. */
function placesOf(models: readonly ServedFiles[]): readonly ModelPlace[] {
  if (models.length === 0) throw new RangeError("Cannot serve without a model");
  const places = models.map(({ name, ...files }) => ({
    name: name ?? nameOf(files.adapter ?? files.path),
    ...files,
  }));
  for (const { name } of places) {
    if (/^[\w.:-]{1,100}$/.test(name)) continue;
    throw new RangeError(
      `Cannot serve a model as "${name}": names have letters, digits, and any of . : - _`,
    );
  }
  return places;
}

/** Keys have to go into a header, and be the same bytes wherever typed. */
function assertKeys(keys: readonly string[]): void {
  const at = keys.findIndex((key) => !/^[!-~]+$/.test(key));
  if (at < 0) return;
  throw new RangeError(
    `Cannot use key ${
      at + 1
    }: keys have letters, digits and signs of ASCII only, without blanks`,
  );
}

/** The name of a model's folder. */
function nameOf(path: string): string {
  const folder = /\.(?:mpk|bin|safetensors|pth)$/i.test(path)
    ? folderOf(path)
    : path;
  const name = withoutSlash(folder).replace(/^.*[/\\]/, "");
  return name.replaceAll(/[^\w.:-]+/g, "-").replace(/^\.*$/, "model");
}

/** How the conversations of each model are written. */
async function templatesOf(
  places: readonly ModelPlace[],
  forAll: string | undefined,
): Promise<ReadonlyMap<string, ChatTemplate>> {
  const templates = new Map<string, ChatTemplate>();
  for (const { name, path } of places) {
    const { isDirectory } = await Deno.stat(path)
      .catch(() => ({ isDirectory: false }));
    const folder = isDirectory ? withoutSlash(path) : folderOf(path);
    const file = forAll ?? `${folder}/${CHAT_FILE}`;
    if (forAll === undefined && !await isThere(file)) continue;
    templates.set(name, readChatTemplate(await readText(file), file));
  }
  return templates;
}

async function listenOn(
  app: App,
  { host, port, connections }: ListenOptions,
): Promise<Listening> {
  const own = { host: numbered(host), port, connections };
  try {
    return await listen(app.fetch, own);
  } catch (error) {
    throw cannotListen(`${host}:${port}`, error);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Waits until all that was asked is answered, but not for ever. */
async function finish(app: App, seconds: number): Promise<void> {
  app.drain();
  await quiet(app, seconds);
  app.end();
  await quiet(app, FAREWELL);
}

/** Waits so long at most until nothing is under way. */
async function quiet(app: App, seconds: number): Promise<void> {
  const end = performance.now() + 1000 * seconds;
  while (app.running > 0 && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
}
