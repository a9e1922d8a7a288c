/**
 * The page's own engine: a worker that is asked by messages, as `protocol.ts`
 * has them. Texts are asked of it as of a server.
 */

import { askInstead } from "../../serve/page/api.js";

/** What the worker could not do. */
export class Trouble extends Error {
  /**
   * @param {string} trouble A word that the page has a sentence for.
   * @param {string} message The worker's own words.
   */
  constructor(trouble, message) {
    super(message);
    this.trouble = trouble;
  }
}

/** The number of events that nobody asked for. */
const NEWS = -1;

const worker = new Worker(new URL("./worker.js", import.meta.url), {
  type: "module",
});
/** Who waits, by number. */
const waiting = new Map();
let asked = 0;
/** Told of what went wrong while nobody waited. */
let onNews = (_trouble) => {};

worker.onmessage = ({ data }) => {
  if (data.number === NEWS) {
    return onNews(new Trouble(data.event.trouble, data.event.message));
  }
  const waits = waiting.get(data.number);
  if ("event" in data) return waits?.onEvent(data.event);
  waiting.delete(data.number);
  if (data.error) {
    waits?.reject(new Trouble(data.error.trouble, data.error.message));
  } else waits?.resolve(data.value);
};
worker.onerror = (event) => {
  event.preventDefault();
  const error = new Trouble("other", event.message ?? "");
  for (const { reject } of waiting.values()) reject(error);
  waiting.clear();
  onNews(error);
};

/** Has somebody be told of what goes wrong while nobody waits for it. */
export function listenToNews(listen) {
  onNews = listen;
}

/**
 * Asks the worker.
 *
 * @param {object} question As `Question` of `protocol.ts`.
 * @param {{ signal?: AbortSignal, onEvent?: (event: any) => void }} [options]
 * @returns {Promise<any>}
 */
export function ask(question, { signal, onEvent = () => {} } = {}) {
  const number = asked++;
  return new Promise((resolve, reject) => {
    waiting.set(number, { resolve, reject, onEvent });
    worker.postMessage({ number, ask: question });
    signal?.addEventListener(
      "abort",
      () => worker.postMessage({ number, leave: true }),
      { once: true },
    );
  });
}

/** Asks as a server is asked; the answer's body comes as it is written. */
function fetchHere(path, { method = "GET", body, signal } = {}) {
  return new Promise((resolve, reject) => {
    const leaving = new AbortController();
    let controller, isEnded = false;
    const stream = new ReadableStream({
      start: (own) => {
        controller = own;
      },
      cancel() {
        isEnded = true;
        leaving.abort();
      },
    });
    const fail = (error) => {
      if (isEnded) return;
      isEnded = true;
      reject(error);
      controller.error(error);
    };
    // At once, as of a connection that is closed.
    signal?.addEventListener("abort", () => {
      fail(signal.reason);
      leaving.abort();
    }, { once: true });
    const onEvent = (event) => {
      if (isEnded) return;
      if (event instanceof Uint8Array) return controller.enqueue(event);
      const headers = { "content-type": event.type };
      resolve(new Response(stream, { status: event.status, headers }));
    };
    ask({ kind: "request", method, path, body }, {
      signal: leaving.signal,
      onEvent,
    }).then(() => {
      if (!isEnded) controller.close();
      isEnded = true;
    }, fail);
  });
}

askInstead({ fetch: fetchHere, memory: () => ask({ kind: "memory" }) });
