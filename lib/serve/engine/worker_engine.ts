/**
 * An engine in a Worker, so that who asks it stays responsive while it computes.
 *
 * @module
 */

import type {
  Engine,
  EngineLoad,
  ServedModel,
  TextEvent,
  TextRequest,
  TextToken,
} from "../engine.ts";
import { WORKER_URL } from "./engine_worker.ts";
import type { OpenEngineOptions } from "./open_engine.ts";
import {
  type FromWorker,
  type Question,
  revived,
  type ToWorker,
  type Value,
} from "./protocol.ts";
import { TextEvents } from "./text_events.ts";

/** What is told of an answer. */
interface Asker {
  answer(message: FromWorker): void;
  fail(error: Error): void;
}

/**
 * A `LocalEngine` in a Worker.
 *
 * @example
 * ```ts ignore
 * import { WorkerEngine } from "./worker_engine.ts";
 *
 * const models = [{ name: "small", path: "checkpoints/small" }];
 * await using engine = await WorkerEngine.open({ models });
 * console.log(engine.models);
 * ```
 */
export class WorkerEngine implements Engine {
  readonly #worker: Worker;
  readonly #askers = new Map<number, Asker>();
  #asked = 0;
  #failure?: Error;
  #models: readonly ServedModel[] = [];

  private constructor(module: string) {
    this.#worker = new Worker(module, { type: "module", name: module });
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      // Who has left is not there any more.
      this.#askers.get(data.number)?.answer(data);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(`its Worker failed: ${event.message}`);
    };
    this.#worker.onmessageerror = () => {
      this.#fail("its Worker said what cannot be read");
    };
  }

  /**
   * Starts the Worker, which loads the models.
   *
   * @param options As of `openEngine`.
   * @param module What the Worker runs, for tests of what may happen to it.
   * @throws {Error} When a model cannot be loaded or the backend does not start.
   */
  static async open(
    options: OpenEngineOptions,
    module: string = WORKER_URL,
  ): Promise<WorkerEngine> {
    const engine = new WorkerEngine(module);
    try {
      engine.#models = await engine.#ask({ open: options }) as ServedModel[];
    } catch (error) {
      engine.#worker.terminate();
      throw error;
    }
    return engine;
  }

  get models(): readonly ServedModel[] {
    return this.#models;
  }

  async *write(
    request: TextRequest,
    signal: AbortSignal,
  ): AsyncGenerator<TextEvent, void> {
    signal.throwIfAborted();
    const events = new TextEvents();
    const number = this.#send({ write: request }, {
      answer(message) {
        if ("event" in message) events.push(message.event);
        else if ("error" in message) events.fail(revived(message.error));
      },
      fail: (error) => events.fail(error),
    });
    let hasEnded = false;
    // At once: who has gone may never ask for the next event.
    const leave = () => {
      this.#askers.delete(number);
      if (!hasEnded) this.#post({ number, leave: true });
    };
    const abort = () => {
      events.fail(signal.reason);
      leave();
    };
    signal.addEventListener("abort", abort);
    try {
      while (!hasEnded) {
        const event = await events.next();
        hasEnded = event.kind === "ended";
        yield event;
      }
    } finally {
      signal.removeEventListener("abort", abort);
      if (!signal.aborted) leave();
    }
  }

  async encode(model: string, text: string): Promise<Uint16Array> {
    return await this.#ask({ encode: { model, text } }) as Uint16Array;
  }

  async tokenize(model: string, text: string): Promise<TextToken[]> {
    return await this.#ask({ tokenize: { model, text } }) as TextToken[];
  }

  async decode(model: string, ids: readonly number[]): Promise<string> {
    return await this.#ask({ decode: { model, ids } }) as string;
  }

  readAhead(model: string, beginning: string): void {
    // A Worker that failed says so to who asks for a text.
    this.#ask({ readAhead: { model, beginning } }).catch(() => {});
  }

  async forget(name: string): Promise<void> {
    await this.#ask({ forget: name });
  }

  async load(): Promise<EngineLoad> {
    return await this.#ask({ load: true }) as EngineLoad;
  }

  /** Ends all texts and the Worker. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#failure === undefined) {
      await this.#ask({ close: true }).catch(() => {}); // it ends anyway
      this.#fail("it was closed");
    }
  }

  #ask(question: Question): Promise<Value> {
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    const number = this.#send(question, {
      answer: (message) => {
        this.#askers.delete(number);
        if ("error" in message) reject(revived(message.error));
        else if ("value" in message) resolve(message.value);
      },
      fail: reject,
    });
    return promise;
  }

  #send(ask: Question, asker: Asker): number {
    const number = this.#asked++;
    if (this.#failure !== undefined) {
      asker.fail(this.#failure);
      return number;
    }
    this.#post({ number, ask }); // throws what cannot be sent
    this.#askers.set(number, asker);
    return number;
  }

  #post(message: ToWorker): void {
    if (this.#failure === undefined) this.#worker.postMessage(message);
  }

  /** Tells all who wait, and whoever asks from now on. */
  #fail(reason: string): void {
    if (this.#failure !== undefined) return;
    this.#failure = new Error(`Cannot use the engine: ${reason}`);
    for (const asker of this.#askers.values()) asker.fail(this.#failure);
    this.#askers.clear();
    this.#worker.terminate();
  }
}
