/**
 * The Worker of a `WorkerEngine`: a `LocalEngine` that is asked by messages.
 *
 * @module
 */

import type { LocalEngine } from "./local_engine.ts";
import { openEngine } from "./open_engine.ts";
import {
  type FromWorker,
  type Question,
  sent,
  type ToWorker,
  type Value,
} from "./protocol.ts";

/** The URL by which the Worker is started, and its name. */
export const WORKER_URL = import.meta.url;

/** What a Worker sees of its maker; its own types are not everybody's. */
interface Port {
  onmessage?: (event: MessageEvent<ToWorker>) => void;
  postMessage(message: FromWorker): void;
}

if ("WorkerGlobalScope" in globalThis && self.name === WORKER_URL) {
  serve(self as unknown as Port);
}

function serve(port: Port): void {
  let engine: LocalEngine | undefined;
  /** Who ends the texts that are written. */
  const leaving = new Map<number, AbortController>();

  port.onmessage = async ({ data }) => {
    const { number } = data;
    if ("leave" in data) return leaving.get(number)?.abort();
    try {
      if ("write" in data.ask) await write(number, data.ask.write);
      else port.postMessage({ number, value: await valueOf(data.ask) });
    } catch (error) {
      port.postMessage({ number, error: sent(error) });
    }
  };

  async function write(
    number: number,
    request: Parameters<LocalEngine["write"]>[0],
  ): Promise<void> {
    const controller = new AbortController();
    leaving.set(number, controller);
    try {
      for await (const event of engine!.write(request, controller.signal)) {
        port.postMessage({ number, event });
      }
    } finally {
      leaving.delete(number);
    }
  }

  async function valueOf(
    question: Exclude<Question, { write: unknown }>,
  ): Promise<Value> {
    if ("open" in question) {
      engine = await openEngine(question.open);
      return engine.models;
    }
    if ("encode" in question) {
      const { model, text } = question.encode;
      return await engine!.encode(model, text);
    }
    if ("tokenize" in question) {
      const { model, text } = question.tokenize;
      return await engine!.tokenize(model, text);
    }
    if ("decode" in question) {
      const { model, ids } = question.decode;
      return await engine!.decode(model, ids);
    }
    if ("readAhead" in question) {
      const { model, beginning } = question.readAhead;
      return void engine!.readAhead(model, beginning);
    }
    if ("forget" in question) return void await engine!.forget(question.forget);
    if ("load" in question) return await engine!.load();
    await engine![Symbol.asyncDispose]();
    return undefined;
  }
}
