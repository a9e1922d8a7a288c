/**
 * The server's endpoints behind their guards: a request and what is known of it
 * to an answer. Listening is `node_server.ts`.
 *
 * @module
 */

import { type Context, Hono } from "npm:hono@4.13.19";
import { PAGE_HEADERS, type PageParts } from "../../page/headers.ts";
import type { Engine, ServedModel } from "../engine.ts";
import { reference } from "./answer_schemas.ts";
import { assertPlain, readJson } from "./body.ts";
import { chat } from "./chat.ts";
import type { ChatTemplate } from "./chat_template.ts";
import { completions } from "./completions.ts";
import { ApiError, asApiError } from "./errors.ts";
import { assertKey, assertOwn, corsHeaders, type Guard } from "./guard.ts";
import { LoadWatch } from "./load_watch.ts";
import { Metrics } from "./metrics.ts";
import { models } from "./models.ts";
import { ollama } from "./ollama.ts";
import { type OpenApi, openApi } from "./openapi.ts";
import { ResponseStore } from "./response_store.ts";
import { responses } from "./responses.ts";
import { assertFits } from "./schema.ts";
import { MAX_TEXTS } from "./settings.ts";
import { newId, type Route, type Service } from "./service.ts";
import { tokenize } from "./tokenize.ts";

/** What is answered, and to whom. */
export interface AppOptions extends Guard {
  readonly engine: Engine;
  readonly maxTokens: number;
  /** Texts that are written or wait at most; more are not asked for at once. */
  readonly mostTexts?: number;
  readonly version: string;
  readonly templateOf: (model: ServedModel) => ChatTemplate;
  /** A page for people; none unless given. */
  readonly page?: PageParts;
  /** Prompts and texts are in the log. */
  readonly logPrompts?: boolean;
  /** Told of every request, the page's parts aside, when it is answered. */
  readonly onLog?: (entry: LogEntry) => void;
}

/** A line of the log. */
export interface LogEntry {
  readonly time: string;
  readonly level: "info" | "error";
  readonly request: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly seconds: number;
  readonly [field: string]: unknown;
}

/** What is known of a request besides itself. */
export interface Arrival {
  /** The port that it came to. */
  readonly port: number;
  /** Its body, whole; throws where it is too long. */
  readonly readBody: () => Promise<Uint8Array>;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Resolved when the answer is sent, or cannot be. */
  readonly closed: Promise<void>;
}

/** The server without its socket. */
export interface App {
  /** Answers a request. */
  fetch(request: Request, arrival: Arrival): Promise<Response>;
  /** From now on new texts are refused, and those that are not begun. */
  drain(): void;
  /** Ends what is under way; who waits for it is told so. */
  end(): void;
  /** Requests that are being answered. */
  readonly running: number;
  /** Requests that were answered. */
  readonly answered: number;
}

/** A request on its way. */
interface Passage extends Arrival {
  /** What is known of it, for the log. */
  readonly notes: Record<string, unknown>;
  /** The endpoint that it came to. */
  route?: string;
}

type Env = { Bindings: Passage };

/**
 * Makes what answers requests.
 *
 * @param options What is answered, and to whom.
 */
export function makeApp(options: AppOptions): App {
  const metrics = new Metrics();
  const { engine, maxTokens, version, templateOf } = options;
  const responses = new ResponseStore({
    onForget: (id) => void engine.forget(id).catch(() => {}), // with the engine
  });
  const draining = new AbortController(), ending = new AbortController();
  const service: Service = {
    engine,
    metrics,
    maxTokens,
    maxTexts: Math.min(MAX_TEXTS, options.mostTexts ?? MAX_TEXTS),
    version,
    templateOf,
    responses,
    draining: draining.signal,
  };
  const state = { running: 0, answered: 0 };
  const routes = routesOf(service, metrics);
  const app = new Hono<Env>();
  for (const route of routes) {
    const path = route.path.replace("{id}", ":id");
    app.on(route.method.toUpperCase(), path, async (context) => {
      context.env.route = route.path;
      if (!route.isOpen) await assertKey(options, context.req.raw.headers);
      if (route.method === "post") draining.signal.throwIfAborted();
      return await answer(context, route, { service, ending: ending.signal });
    });
  }
  for (const [path, [type, text]] of Object.entries(options.page ?? {})) {
    const headers = { ...PAGE_HEADERS, "content-type": type };
    app.get(path, () => new Response(text, { headers }));
  }
  refuseOthers(app, routes);
  app.onError((error, { env, req }) => {
    noteFailure(env, error);
    return refusal(env.signal.aborted ? gone() : asApiError(error), req.path);
  });
  return {
    get running() {
      return state.running;
    },
    get answered() {
      return state.answered;
    },
    drain: () => draining.abort(closing()),
    end: () => ending.abort(closing()),
    fetch: async (request, arrival) => {
      const start = performance.now();
      const id = newId("req_");
      const passage: Passage = { ...arrival, notes: {} };
      state.running++;
      const response = await guarded(request, passage, { app, options });
      response.headers.set("x-request-id", id);
      arrival.closed.then(() => {
        state.running--;
        state.answered++;
        const { status } = response;
        metrics.answered(passage.route ?? "other", status);
        const seconds = (performance.now() - start) / 1000;
        const { method, url } = request;
        const path = new URL(url).pathname;
        // Whoever opens the page asks for twenty parts of it.
        if (Object.hasOwn(options.page ?? {}, path)) return;
        const about = { request: id, method, path };
        options.onLog?.({
          time: new Date().toISOString(),
          level: "error" in passage.notes ? "error" : "info",
          ...about,
          status,
          seconds,
          ...arrival.signal.aborted && { aborted: true },
          ...noted(passage.notes, options.logPrompts ?? false),
        });
      });
      return response;
    },
  };
}

/** What of a request is in the log. */
function noted(
  { prompt, text, ...about }: Readonly<Record<string, unknown>>,
  logPrompts: boolean,
): Readonly<Record<string, unknown>> {
  return logPrompts ? { ...about, prompt, text } : about;
}

/** Answers those who may ask. */
async function guarded(
  request: Request,
  passage: Passage,
  { app, options }: { app: Hono<Env>; options: AppOptions },
): Promise<Response> {
  const { headers, method } = request;
  const cors = corsHeaders(options, headers);
  let response: Response;
  try {
    assertOwn(options, { headers, port: passage.port });
    response = method === "OPTIONS" && Object.keys(cors).length > 0
      ? new Response(null, { status: 204 })
      : await app.fetch(request, passage);
  } catch (error) {
    response = refusal(asApiError(error), new URL(request.url).pathname);
  }
  const all = { ...cors, "x-content-type-options": "nosniff" };
  for (const [name, value] of Object.entries(all)) {
    response.headers.set(name, value);
  }
  return response;
}

/** An answer that says what is wrong, in the shape of whose endpoint it is. */
function refusal(error: ApiError, path: string): Response {
  const { status, headers, body, message } = error;
  const shape = path.startsWith("/api/") ? { error: message } : body;
  return Response.json(shape, { status, headers });
}

/** Notes what nobody foresaw; that a client has gone is not of that kind. */
function noteFailure({ notes, signal }: Passage, error: unknown): void {
  if (signal.aborted || asApiError(error).status !== 500) return;
  notes.error = error instanceof Error ? error.stack : String(error);
}

/** The answer that nobody reads; its status, nginx's, is for the log. */
function gone(): ApiError {
  return new ApiError(499, "Cannot answer: the client has gone");
}

/** The answer while the server ends. */
function closing(): ApiError {
  return new ApiError(503, "Cannot answer: the server is shutting down", {
    code: "shutting_down",
    headers: { "retry-after": "5", "connection": "close" },
  });
}

/** All endpoints. */
function routesOf(
  service: Service,
  metrics: Metrics,
): readonly Route[] {
  const { engine, version, draining } = service;
  const watch = new LoadWatch(engine);
  let document: OpenApi | undefined;
  const routes: readonly Route[] = [
    ...models,
    completions(service),
    chat(service),
    tokenize,
    ...responses(service),
    ...ollama(service),
    {
      method: "get",
      path: "/health",
      summary: "Whether the server answers",
      answer: reference("Status"),
      isOpen: true,
      handle: async () => {
        await watch.look(); // one that only takes its time is well
        return Response.json({ status: "ok" });
      },
    },
    {
      method: "get",
      path: "/ready",
      summary: "Whether texts can be asked for",
      answer: reference("Status"),
      isOpen: true,
      handle: async () => {
        draining.throwIfAborted();
        await watch.load();
        return Response.json({ status: "ready" });
      },
    },
    {
      method: "get",
      path: "/metrics",
      summary: "Measurements, for Prometheus",
      type: "text/plain",
      handle: async () => {
        const headers = { "content-type": "text/plain; version=0.0.4" };
        return new Response(metrics.text(await watch.load()), { headers });
      },
    },
    {
      method: "get",
      path: "/openapi.json",
      summary: "This document",
      answer: { type: "object" },
      isOpen: true,
      handle: () => Response.json(document ??= openApi(routes, version)),
    },
  ];
  return routes;
}

async function answer(
  context: Context<Env>,
  route: Route,
  { service, ending }: { service: Service; ending: AbortSignal },
): Promise<Response> {
  let body: unknown;
  if (route.body !== undefined) {
    assertPlain(context.req.raw.headers);
    body = readJson(await context.env.readBody());
    assertFits(route.body, body);
  }
  // Ends what goes on where several texts are begun and one cannot be.
  const failed = new AbortController();
  try {
    return await route.handle({
      service,
      body,
      id: context.req.param("id") ?? "",
      signal: AbortSignal.any([context.env.signal, failed.signal, ending]),
      note: (about) => Object.assign(context.env.notes, about),
      fail: (error) => noteFailure(context.env, error),
    });
  } catch (error) {
    failed.abort();
    throw error;
  }
}

/** Answers what there is not, and what cannot be done with what there is. */
function refuseOthers(
  app: Hono<Env>,
  routes: readonly Route[],
): void {
  // Of OpenAI's, and not ids of anything here.
  for (const path of ["/v1/responses/input_tokens", "/v1/responses/compact"]) {
    app.post(path, () => {
      throw notFound();
    });
  }
  for (const path of new Set(routes.map(({ path }) => path))) {
    const methods = routes.filter((route) => route.path === path)
      .map(({ method }) => method.toUpperCase());
    const allowed = methods.includes("GET") ? ["HEAD", ...methods] : methods;
    app.all(path.replace("{id}", ":id"), ({ req }) => {
      throw new ApiError(
        405,
        `Cannot ${req.method} ${path}: only ${methods.join(" and ")}`,
        {
          code: "method_not_allowed",
          headers: { allow: allowed.join(", ") },
        },
      );
    });
  }
  app.all("/v1/embeddings", () => {
    throw new ApiError(
      404,
      "Cannot embed: the models were taught to continue text, and their states are no measure of likeness",
      { code: "not_supported" },
    );
  });
  app.notFound(() => {
    throw notFound();
  });
}

function notFound(): ApiError {
  return new ApiError(
    404,
    "Cannot find this: see /openapi.json for what there is",
    { code: "not_found" },
  );
}
