/**
 * Requests to the few hosts that dumps come from: redirects go nowhere else,
 * silence ends a request, and it is known which failures pass by themselves.
 *
 * @module
 */

import { cannotRead } from "../../files.ts";

/** How the program calls itself, as Wikimedia asks of programs. */
const USER_AGENT = "ptbr-slm (https://jsr.io/@ptbr-slm/ptbr-slm) deno/" +
  Deno.version.deno;
const MAX_REDIRECTS = 5;
/** Descriptions of dumps are some hundred kilobytes. */
const MAX_TEXT_BYTES = 16 << 20;

/** Pauses between attempts grow no longer than this, in ms. */
const MAX_PAUSE = 60_000;
/** A server that asks to wait longer is asked again after this, in ms. */
const MAX_WAIT = 120_000;

/** How often a server is asked that was never reached, some 7 s long. */
const FIRST_ATTEMPTS = 4;

/** A failure after which trying again makes sense. */
export class TransientError extends Error {
  override readonly name = "TransientError";
  /** How long the server asks to wait, in ms. */
  readonly retryAfter?: number;

  /** @param options What led to it, and how long the server asks to wait. */
  /** With its cause, and the ms that the server asks to wait, where known. */
  constructor(message: string, options?: ErrorOptions & { wait?: number }) {
    super(message, options);
    this.retryAfter = options?.wait;
  }
}

/** A failure to reach the server at all. */
export class UnreachableError extends TransientError {}

/** A failure that says the server has no such file. */
export class MissingError extends Error {
  override readonly name = "MissingError";
}

/** A failure that says the server does not give the file to who asks. */
export class DeniedError extends Error {
  override readonly name = "DeniedError";
}

/** How to ask. */
export interface HttpSourceOptions {
  /**
   * Hosts, with their ports, that redirects may lead to besides the first; all
   * below a domain as `*.example.org`.
   */
  readonly hosts?: readonly string[];
  /** Who asks, as the header has it; told to the first host alone. */
  readonly authorization?: string;
  /** After how long without a byte a request is given up, in ms. */
  readonly timeout?: number;
  /**
   * How often in a row a request may fail before it is given up; four times at
   * most where the server was never reached.
   */
  readonly attempts?: number;
  /** The first pause after a failure, in ms; it doubles, up to a minute. */
  readonly pause?: number;
  /** Is told of every failure that is tried again, and after how many ms. */
  readonly onRetry?: (error: Error, pause: number) => void;
  /** Ends requests and pauses when it is aborted, with its reason. */
  readonly signal?: AbortSignal;
}

/** An answer whose body ends with an error when nothing comes for too long. */
export interface HttpAnswer {
  /** The status, 200, 206 or 416. */
  readonly status: number;
  /** The headers. */
  readonly headers: Headers;
  /** The body. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Ends the request. */
  close(): void;
}

/** A server of files. */
export class HttpSource {
  /** Where it is, without a slash at the end. */
  readonly base: string;
  /** How often in a row a request may fail. */
  readonly attempts: number;
  readonly #hosts: ReadonlySet<string>;
  readonly #authorization?: string;
  readonly #timeout: number;
  readonly #pause: number;
  readonly #onRetry?: (error: Error, pause: number) => void;
  readonly #signal?: AbortSignal;
  #answered = false;

  /**
   * Makes a source; nothing is asked yet.
   *
   * @param base Its address, `https://dumps.wikimedia.org`.
   * @param options How to ask.
   * @throws {SyntaxError} For an address that is not one of the web.
   */
  constructor(base: string, options: HttpSourceOptions = {}) {
    const url = URL.parse(base);
    if (url === null || !/^https?:$/.test(url.protocol)) {
      throw new SyntaxError(
        `Cannot use "${base}": it is not an address such as ` +
          "https://dumps.wikimedia.org",
      );
    }
    this.base = url.href.replace(/\/+$/, "");
    this.#hosts = new Set([url.host, ...options.hosts ?? []]);
    this.#authorization = options.authorization;
    this.#timeout = options.timeout ?? 30_000;
    this.attempts = options.attempts ?? 8;
    this.#pause = options.pause ?? 1000;
    this.#onRetry = options.onRetry;
    this.#signal = options.signal;
  }

  /**
   * Asks for a file or a part of it.
   *
   * @throws {TransientError} Where trying again may help.
   * @throws {MissingError} Where the server has no such file.
   */
  async get(
    url: string,
    headers: Record<string, string> = {},
  ): Promise<HttpAnswer> {
    const guard = new Guard(url, this.#timeout, this.#signal);
    try {
      const response = await this.#follow(url, headers, guard);
      this.#answered = true;
      refuseFailures(url, response);
      return {
        status: response.status,
        headers: response.headers,
        body: guard.watch(response.body),
        close: () => guard.close(),
      };
    } catch (error) {
      guard.close();
      throw guard.explain(error);
    }
  }

  /**
   * Reads a small text file, trying again where that may help.
   *
   * @param path Relative to the base.
   */
  async text(path: string): Promise<string> {
    return (await this.page(path)).text;
  }

  /** As {@linkcode HttpSource.text}, with the headers of the answer. */
  page(path: string): Promise<{ text: string; headers: Headers }> {
    const url = `${this.base}/${path}`;
    return this.retry(async () => {
      const { body, headers, close } = await this.get(url);
      try {
        const decoder = new TextDecoder();
        let text = "", bytes = 0;
        for await (const chunk of body) {
          bytes += chunk.length;
          if (bytes > MAX_TEXT_BYTES) {
            throw new RangeError(
              `Cannot read "${url}": it has more than ${MAX_TEXT_BYTES} bytes`,
            );
          }
          text += decoder.decode(chunk, { stream: true });
        }
        return { text: text + decoder.decode(), headers };
      } finally {
        close();
      }
    });
  }

  /**
   * Does something until it no longer fails in a way that may pass.
   *
   * @param work What may fail and is tried again.
   * @param hasProgress Whether the last attempt got on.
   */
  async retry<T>(
    work: () => Promise<T>,
    hasProgress: () => boolean = () => false,
  ): Promise<T> {
    for (let failures = 0;;) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof TransientError)) throw error;
        failures = hasProgress() ? 1 : failures + 1;
        // A server that never was there will hardly come.
        const isStranger = error instanceof UnreachableError && !this.#answered;
        const most = isStranger ? FIRST_ATTEMPTS : Infinity;
        if (failures >= Math.min(this.attempts, most)) throw error;
        const pause = Math.max(
          Math.min(MAX_PAUSE, this.#pause * 2 ** (failures - 1)),
          Math.min(MAX_WAIT, error.retryAfter ?? 0),
        );
        this.#onRetry?.(error, pause);
        await pauseFor(pause, this.#signal);
      }
    }
  }

  #isKnown(host: string): boolean {
    for (const name of domainsOf(host)) if (this.#hosts.has(name)) return true;
    return false;
  }

  /** Redirects, of which each must lead to a host that is allowed. */
  async #follow(
    url: string,
    headers: Record<string, string>,
    guard: Guard,
  ): Promise<Response> {
    const { host } = new URL(this.base);
    let target = new URL(url);
    for (let i = 0; i <= MAX_REDIRECTS; i++) {
      const response = await fetch(target, {
        headers: {
          "user-agent": USER_AGENT,
          "accept-encoding": "identity",
          ...headers,
          ...this.#authorization !== undefined && target.host === host
            ? { authorization: this.#authorization }
            : {},
        },
        redirect: "manual",
        signal: guard.signal,
      });
      const location = response.headers.get("location");
      if (response.status < 300 || response.status > 399 || !location) {
        return response;
      }
      await response.body?.cancel();
      const next = URL.parse(location, target);
      const isSafe = next !== null && this.#isKnown(next.host) &&
        (next.protocol === "https:" || next.protocol === target.protocol);
      if (!isSafe) {
        throw new Error(
          `Cannot read "${url}": it leads to "${location}", which is not ` +
            "one of the hosts that dumps come from",
        );
      }
      target = next;
    }
    throw new Error(`Cannot read "${url}": it leads in a circle`);
  }
}

/** A host and all domains that it is below: `*.org`. */
function* domainsOf(host: string): Generator<string> {
  yield host;
  for (let at = host.indexOf("."); at >= 0; at = host.indexOf(".", at + 1)) {
    yield `*${host.slice(at)}`;
  }
}

/** Waits so many ms, or rejects with the reason for which that was ended. */
function pauseFor(duration: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", end);
      resolve();
    }, duration);
    if (signal?.aborted) end();
    else signal?.addEventListener("abort", end, { once: true });
  });
}

function refuseFailures(url: string, response: Response): void {
  const { status } = response;
  if ([200, 206, 416].includes(status)) return;
  const message = `Cannot read "${url}": the server answers ${status}` +
    (response.statusText === "" ? "" : ` ${response.statusText}`);
  if (status === 404 || status === 410) throw new MissingError(message);
  if (status === 401 || status === 403) throw new DeniedError(message);
  if ([408, 425, 429].includes(status) || status >= 500) {
    const seconds = Number(response.headers.get("retry-after") ?? "");
    const wait = seconds > 0 ? seconds * 1000 : undefined;
    throw new TransientError(message, { wait });
  }
  throw new Error(message);
}

/** Why no connection came about, where that is what failed. */
function reasonOfNoConnection({ cause }: Error): string | undefined {
  const message = cause instanceof Error ? cause.message : "";
  return /client error \(Connect\): (.*)$/s.exec(message)?.[1];
}

/** Ends a request when nothing happens for too long. */
class Guard {
  readonly #url: string;
  readonly #timeout: number;
  readonly #controller = new AbortController();
  readonly #outer?: AbortSignal;
  #timer?: ReturnType<typeof setTimeout>;
  #expired = false;

  constructor(url: string, timeout: number, outer?: AbortSignal) {
    this.#url = url;
    this.#timeout = timeout;
    this.#outer = outer;
    this.#rewind();
  }

  get signal(): AbortSignal {
    const { signal } = this.#controller;
    return this.#outer === undefined
      ? signal
      : AbortSignal.any([signal, this.#outer]);
  }

  async *watch(
    body: ReadableStream<Uint8Array> | null,
  ): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of body ?? []) {
        clearTimeout(this.#timer); // what is done with it may take longer
        yield chunk;
        this.#rewind();
      }
    } catch (error) {
      throw this.explain(error);
    } finally {
      this.close();
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#controller.abort();
  }

  /** What the failure of a request means. */
  explain(error: unknown): unknown {
    if (this.#outer?.aborted) return this.#outer.reason;
    if (this.#expired) {
      return new TransientError(
        `Cannot read "${this.#url}": nothing came for ` +
          `${this.#timeout / 1000} s`,
        { cause: error },
      );
    }
    if (error instanceof Deno.errors.NotCapable) {
      return cannotRead(this.#url, error);
    }
    // `fetch` reports every failure of the network as a TypeError.
    const isNetwork = error instanceof TypeError ||
      error instanceof Deno.errors.Http ||
      error instanceof Deno.errors.ConnectionReset ||
      error instanceof Deno.errors.UnexpectedEof;
    if (!isNetwork) return error;
    const reason = reasonOfNoConnection(error);
    if (reason !== undefined) {
      const { host } = new URL(this.#url);
      return new UnreachableError(
        `Cannot read "${this.#url}": there is no connection to ${host}: ${reason}`,
        { cause: error },
      );
    }
    return new TransientError(
      `Cannot read "${this.#url}": ${error.message}`,
      { cause: error },
    );
  }

  #rewind(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#expired = true;
      this.#controller.abort();
    }, this.#timeout);
  }
}
