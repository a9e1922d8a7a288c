/**
 * The server's endpoints that the page asks, answered where they are asked: the
 * same routes, bodies and errors over an engine of this thread.
 *
 * @module
 */

import type { Engine } from "../serve/engine.ts";
import { chat } from "../serve/http/chat.ts";
import {
  CHAT_TEMPLATE,
  type ChatTemplate,
} from "../serve/http/chat_template.ts";
import { completions } from "../serve/http/completions.ts";
import { ApiError, asApiError } from "../serve/http/errors.ts";
import { models } from "../serve/http/models.ts";
import { ResponseStore } from "../serve/http/response_store.ts";
import { assertFits } from "../serve/http/schema.ts";
import { MAX_TEXTS } from "../serve/http/settings.ts";
import type { Route, Service } from "../serve/http/service.ts";
import { tokenize } from "../serve/http/tokenize.ts";

/** Most tokens of a text. */
const MAX_TOKENS = 4096;

/** What is asked, as of a server. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  /** JSON, where there is one. */
  readonly body?: string;
}

/** The endpoints over an engine. */
export class LocalApi {
  readonly #service: Service;
  readonly #routes: readonly Route[];
  readonly #onFailure: (error: unknown) => void;

  /**
   * @param engine Who writes.
   * @param options How conversations are written, and who is told of what goes
   * wrong after an answer has begun.
   */
  constructor(engine: Engine, { template = CHAT_TEMPLATE, onFailure }: {
    readonly template?: ChatTemplate;
    readonly onFailure: (error: unknown) => void;
  }) {
    this.#onFailure = onFailure;
    this.#service = {
      engine,
      maxTokens: MAX_TOKENS,
      maxTexts: MAX_TEXTS,
      version: "",
      metrics: { firstToken() {}, nextToken() {}, ended() {} },
      templateOf: () => template,
      responses: new ResponseStore(),
      draining: new AbortController().signal,
    };
    const service = this.#service;
    this.#routes = [...models, completions(service), chat(service), tokenize];
  }

  /**
   * Answers a request; what is wrong with it is an answer too.
   *
   * @param request What is asked.
   * @param signal Aborted when nobody waits any more.
   */
  async answer(request: ApiRequest, signal: AbortSignal): Promise<Response> {
    try {
      return await this.#answer(request, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      const known = asApiError(error);
      if (known.status === 500) this.#onFailure(error);
      return Response.json(known.body, { status: known.status });
    }
  }

  async #answer(
    { method, path, body: given }: ApiRequest,
    signal: AbortSignal,
  ): Promise<Response> {
    const route = this.#routes.find((route) =>
      route.path === path && route.method === method.toLowerCase()
    );
    if (route === undefined) {
      throw new ApiError(404, `Cannot find ${path}: it is not offered here`);
    }
    const body = given === undefined ? undefined : JSON.parse(given);
    if (route.body !== undefined) assertFits(route.body, body);
    return await route.handle({
      service: this.#service,
      body,
      id: "",
      signal,
      note() {},
      fail: this.#onFailure,
    });
  }
}
