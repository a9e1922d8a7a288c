/**
 * A server for a test, over a port of this machine.
 *
 * @module
 */

import {
  type AppOptions,
  type LogEntry,
  makeApp,
} from "../../../lib/serve/http/app.ts";
import { CHAT_TEMPLATE } from "../../../lib/serve/http/chat_template.ts";
import { listen, type Times } from "../../../lib/serve/http/node_server.ts";
import { FakeEngine } from "./fake_engine.ts";

/** A server that runs until it is disposed of. */
export interface Served extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly address: string;
  readonly port: number;
  readonly engine: FakeEngine;
  readonly log: readonly LogEntry[];
  readonly app: ReturnType<typeof makeApp>;
  /** Sends JSON and reads JSON. */
  post(path: string, body: unknown): Promise<{
    status: number;
    headers: Headers;
    // deno-lint-ignore no-explicit-any -- the tests say what it is
    body: any;
  }>;
}

/**
 * Starts one.
 *
 * @param options What differs from the usual.
 */
export async function serve(
  options: Partial<AppOptions> & {
    readonly engine?: FakeEngine;
    readonly times?: Times;
    readonly connections?: number;
  } = {},
): Promise<Served> {
  const { engine = new FakeEngine(), times, connections } = options;
  const log: LogEntry[] = [];
  const app = makeApp({
    keys: [],
    origins: [],
    maxTokens: 1000,
    version: "0.0.0",
    templateOf: () => CHAT_TEMPLATE,
    onLog: (entry) => log.push(entry),
    ...options,
    engine,
  });
  const listening = await listen(app.fetch, {
    host: "127.0.0.1",
    port: 0,
    times,
    connections,
  });
  const address = `http://127.0.0.1:${listening.port}`;
  return {
    address,
    port: listening.port,
    engine,
    log,
    app,
    post: async (path, body) => {
      const response = await fetch(address + path, {
        method: "POST",
        body: typeof body === "string" ? body : JSON.stringify(body),
      });
      const { status, headers } = response;
      return { status, headers, body: await response.json() };
    },
    [Symbol.asyncDispose]: () => listening.close(),
  };
}
