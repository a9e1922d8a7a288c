/**
 * `serve`: models over HTTP, for programs that speak OpenAI's or Ollama's API.
 *
 * @module
 */

import { isThere, readText } from "../files.ts";
import { isGranted } from "../permissions.ts";
import {
  serve as serveModels,
  type ServedFiles,
  type ServeLogEntry,
  SERVING,
} from "../stages/serve.ts";
import type { Command } from "./shared/command.ts";
import { ENGINE_OPTIONS } from "./shared/engine.ts";
import { onInterrupt } from "./shared/interrupt.ts";
import { count, t } from "./shared/language.ts";
import { SHIPPED_MODEL, usedModel } from "./shared/model_files.ts";
import { GAP, type Output, type Progress } from "./shared/output.ts";
import { flag, integer, text, UsageError } from "./shared/options.ts";
import { portuguese } from "./serve.pt.ts";

/** Holds a key, for who has no file of them. */
const KEY_VARIABLE = "PTBR_SLM_API_KEY";

const MIB = 2 ** 20;

const options = {
  model: text(
    "FILES",
    `models or their folders, separated by commas; NAME=FOLDER names one, FOLDER+FILE gives it an adapter (default: ${SHIPPED_MODEL})`,
  ),
  host: text("HOST", "address to listen on; others than 127.0.0.1 need a key", {
    default: SERVING.host,
  }),
  port: integer("port to listen on; 0 for any that is free", {
    default: SERVING.port,
    max: 65_535,
  }),
  "api-key-file": text(
    "FILE",
    `keys that requests may have, one a line (or one in ${KEY_VARIABLE})`,
  ),
  cors: text("ORIGINS", "sites whose pages may ask, by commas; * for all"),
  streams: integer("texts written at once", {
    default: SERVING.streams,
    min: 1,
    max: 64,
  }),
  queue: integer("texts that may wait beside them", {
    default: SERVING.queue,
    max: 100_000,
  }),
  "cache-mb": integer("megabytes of states kept to spare reading", {
    default: SERVING.cacheBytes / MIB,
    max: 1_000_000,
  }),
  "max-tokens": integer("tokens that a text may have", {
    default: SERVING.maxTokens,
    min: 1,
    max: 1_000_000,
  }),
  connections: integer(
    "connections open at once; others are told to come back",
    {
      default: SERVING.connections,
      min: 1,
      max: 1_000_000,
    },
  ),
  grace: integer("seconds that texts may go on when it is ended", {
    default: SERVING.graceSeconds,
    max: 3600,
  }),
  "chat-template": text(
    "FILE",
    "TOML that says how conversations are written (default: chat.toml beside the model)",
  ),
  "log-prompts": flag("prompts and texts are in the log"),
  ...ENGINE_OPTIONS,
};

/** The command. */
export const serve: Command<typeof options> = {
  name: "serve",
  summary: "Answer programs over HTTP, as OpenAI's and Ollama's servers do",
  options,
  portuguese,
  positional: "model",
  notes:
    "A page for the browser at /; completions, chat and responses under /v1, Ollama's\n" +
    "under /api, /health, /ready, /metrics for Prometheus; /openapi.json has all of\n" +
    "them. Only this machine is answered. Another --host needs a key and Deno's\n" +
    "--allow-net with it, which a task has in its line of deno.json. Requests are\n" +
    "logged on stderr without prompts, as JSON where that is no terminal; --quiet\n" +
    "keeps them off. Ctrl-C finishes what was begun.",
  examples: [
    "",
    "--model data/demo/model",
    "--model checkpoints/micro --port 9000 --streams 32",
    "--model base=checkpoints/micro,tuned=checkpoints/tuned --api-key-file keys.txt",
    "--model checkpoints/micro,books=checkpoints/micro+checkpoints/books/adapter.safetensors",
  ],
  async run(values, output) {
    using interrupt = onInterrupt(output, t`finishing what was begun`);
    const model = await usedModel(values.model, output);
    const models = await Promise.all(model.split(",").map(modelOf));
    const keys = await keysOf(values["api-key-file"]);
    output.note(t`Reading ${model}`);
    // Prompts have no room on a line for people.
    const isForPeople = Deno.stderr.isTerminal() && !values["log-prompts"];
    using log = isForPeople ? new PeopleLog(output) : new JsonLog(output);
    const result = await serveModels({
      models,
      host: values.host,
      port: values.port,
      keys,
      origins: values.cors?.split(",").map(originOf),
      streams: values.streams,
      queue: values.queue,
      cacheBytes: values["cache-mb"] * MIB,
      maxTokens: values["max-tokens"],
      connections: values.connections,
      chatTemplate: values["chat-template"],
      logPrompts: values["log-prompts"],
      backend: values.backend,
      backendOptions: {
        threads: values.threads,
        blas: values.blas,
        blasCore: values["blas-core"],
      },
      graceSeconds: values.grace,
      signal: interrupt.signal,
      onListening: (address, names) => {
        output.print(address);
        output.note(
          t`Open this address in a browser, or ask it (Ctrl-C ends it):`,
        );
        output.note(triedWith(address, names[0], keys.length > 0));
        if (keys.length > 0) {
          output.note(t`where ${KEY_VARIABLE} is one of the keys`);
        }
        log.begin(address);
      },
      onLog: (entry) => log.tell(entry),
    });
    return { ...result };
  },
};

/** A log that programs read: an object a line. */
class JsonLog implements Disposable {
  readonly #output: Output;

  constructor(output: Output) {
    this.#output = output;
  }

  begin(_address: string): void {}

  tell(entry: ServeLogEntry): void {
    this.#output.note(JSON.stringify(entry));
  }

  [Symbol.dispose](): void {}
}

/** A log on a terminal, under which the address stays in view. */
class PeopleLog implements Disposable {
  readonly #output: Output;
  #bar?: Progress;
  #requests = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  begin(address: string): void {
    this.#bar = this.#output.progress(address);
    this.#show();
  }

  tell(entry: ServeLogEntry): void {
    this.#requests++;
    this.#output.note(lineOf(entry));
    this.#show();
  }

  #show(): void {
    const detail = t`${count(this.#requests)} [request|requests]`;
    this.#bar?.update(this.#requests, undefined, detail);
  }

  [Symbol.dispose](): void {
    this.#bar?.[Symbol.dispose]();
  }
}

/** What of a request people want to know. */
function lineOf(entry: ServeLogEntry): string {
  const { time, method, path, status, seconds, error } = entry;
  const tokens = entry.completion_tokens;
  return [
    new Date(time).toTimeString().slice(0, 8),
    `${method} ${path}`,
    `${status}`,
    `${count(Math.round(1000 * seconds))} ms`,
    ...typeof tokens === "number" ? [t`${count(tokens)} [token|tokens]`] : [],
    ...entry.aborted ? [t`the client has gone`] : [],
    ...typeof error === "string" ? [error] : [],
  ].join(GAP);
}

/** A line to paste. */
function triedWith(address: string, model: string, hasKey: boolean): string {
  const body = JSON.stringify({ model, prompt: "O Brasil é", max_tokens: 50 });
  const key = hasKey ? ' -H "Authorization: Bearer $PTBR_SLM_API_KEY"' : "";
  return `curl ${address}v1/completions${key} -d '${body}'`;
}

function originOf(given: string): string {
  if (given === "*" || /^https?:\/\/[^/]+$/.test(given)) return given;
  throw new UsageError(
    `--cors takes sites such as https://example.org, not "${given}"`,
  );
}

async function modelOf(given: string): Promise<ServedFiles> {
  const [, name, files] = /^([^=/\\]*)=(.*)$/.exec(given) ?? [];
  if (name === undefined) return await filesOf(given);
  if (name !== "" && files !== "") return { name, ...await filesOf(files) };
  throw new UsageError(`--model takes NAME=FOLDER, not "${given}"`);
}

/** A model, and an adapter behind a plus that is no part of its name. */
async function filesOf(given: string): Promise<ServedFiles> {
  const [, path, adapter] = /^(.+)\+(.+)$/.exec(given) ?? [];
  if (path === undefined || await isThere(given)) return { path: given };
  return { path, adapter };
}

/** The keys of a file, and of the environment where it may be looked at. */
async function keysOf(file: string | undefined): Promise<string[]> {
  const keys = file === undefined
    ? []
    : (await readText(file)).split("\n").map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#"));
  if (file !== undefined && keys.length === 0) {
    throw new Error(`Cannot read keys of "${file}": there are none`);
  }
  const isAllowed = isGranted({ name: "env", variable: KEY_VARIABLE });
  const own = isAllowed ? Deno.env.get(KEY_VARIABLE)?.trim() : undefined;
  return own ? [...keys, own] : keys;
}
