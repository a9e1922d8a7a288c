/**
 * Listening, by `node:http`, which bounds the time and size of headers and the
 * time of bodies, so that slow clients hold nobody up.
 *
 * @module
 */

import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import { ApiError, asApiError } from "./errors.ts";
import type { Arrival } from "./app.ts";

/** Bytes that a body may have. */
const MOST_BODY = 2 ** 20;
/** Bytes that headers may have. */
const MOST_HEADERS = 16 * 1024;
/** Connections that may be open at once. */
export const MOST_CONNECTIONS = 1024;
/** How long who is one too many may take to read that, in ms. */
const FAREWELL = 1000;

/** Times in ms. */
export interface Times {
  /** Until a request's headers are there. */
  readonly headers: number;
  /** Until its body is there too. */
  readonly request: number;
  /** How long a client may take nothing of an answer. */
  readonly stall: number;
}

const TIMES: Times = { headers: 10_000, request: 30_000, stall: 30_000 };

/** Where to listen. */
export interface ListenOptions {
  readonly host: string;
  /** Any that is free for 0. */
  readonly port: number;
  readonly times?: Times;
  /** Connections at once; one more is told to come back, and closed. */
  readonly connections?: number;
}

/** A server that listens. */
export interface Listening {
  readonly port: number;
  /** Ends every answer that is under way, and stops listening. */
  close(): Promise<void>;
}

/** Answers a request. */
export type Handle = (request: Request, arrival: Arrival) => Promise<Response>;

/**
 * Listens.
 *
 * @param handle What answers.
 * @param options Where.
 * @throws {Error} When the port is taken or may not be listened on.
 */
export async function listen(
  handle: Handle,
  { host, port, times = TIMES, connections = MOST_CONNECTIONS }: ListenOptions,
): Promise<Listening> {
  const closing = new AbortController();
  const server = createServer({
    headersTimeout: times.headers,
    requestTimeout: times.request,
    maxHeaderSize: MOST_HEADERS,
    requireHostHeader: false, // so that we say what is missing
    connectionsCheckingInterval: Math.min(1000, times.headers / 4),
  });
  const turnedAway = new WeakSet<Socket>();
  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (turnedAway.has(incoming.socket)) return; // it has its answer
    const { localPort = port } = incoming.socket;
    const answering = answer(handle, {
      incoming,
      outgoing,
      port: localPort,
      closing: closing.signal,
      stall: times.stall,
    });
    // Only the connection can fail there, and who had it has gone.
    answering.catch(() => outgoing.destroy());
  };
  server.on("request", onRequest);
  server.on("checkExpectation", onRequest);
  server.on("clientError", refuseClient);
  let open = 0;
  server.on("connection", (socket: Socket) => {
    if (open >= connections) {
      turnedAway.add(socket);
      return turnAway(socket);
    }
    open++;
    socket.once("close", () => open--);
  });
  await begin(server, host, port);
  const address = server.address();
  return {
    port: typeof address === "object" ? address?.port ?? port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        closing.abort();
        server.closeAllConnections();
      }),
  };
}

function begin(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** A request that came over a connection. */
interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly port: number;
  readonly closing: AbortSignal;
  readonly stall: number;
}

async function answer(handle: Handle, exchange: Exchange): Promise<void> {
  const { incoming, outgoing, port, closing, stall } = exchange;
  const left = new AbortController();
  const closed = Promise.withResolvers<void>();
  outgoing.on("close", () => {
    if (!outgoing.writableFinished) left.abort();
    closed.resolve();
  });
  const end = () => left.abort(closing.reason);
  closing.addEventListener("abort", end);
  closed.promise.then(() => closing.removeEventListener("abort", end));
  const arrival = {
    port,
    readBody: () => readBody(incoming),
    signal: left.signal,
    closed: closed.promise,
  };
  let response: Response;
  try {
    response = await handle(requestOf(incoming, port), arrival);
  } catch (error) {
    const { status, headers, body } = asApiError(error);
    response = Response.json(body, { status, headers });
  }
  // What was not read of a request would be taken for the next one.
  if (!incoming.complete) response.headers.set("connection", "close");
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (incoming.method === "HEAD" || response.body === null) {
    await response.body?.cancel();
    outgoing.end();
    return;
  }
  await send(response.body, { outgoing, signal: left.signal, stall });
}

/** Writes a body as fast as it is taken. */
async function send(
  body: ReadableStream<Uint8Array>,
  { outgoing, signal, stall }: {
    outgoing: ServerResponse;
    signal: AbortSignal;
    stall: number;
  },
): Promise<void> {
  const reader = body.getReader();
  const cancel = () => reader.cancel().catch(() => {});
  signal.addEventListener("abort", cancel);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || outgoing.destroyed) break;
      if (!outgoing.write(value)) await drained(outgoing, stall);
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    outgoing.end();
  }
}

/** Waits until more can be written; who takes nothing for long is left. */
function drained(outgoing: ServerResponse, stall: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => outgoing.destroy(), stall);
    const go = () => {
      clearTimeout(timer);
      outgoing.off("drain", go);
      outgoing.off("close", go);
      resolve();
    };
    outgoing.on("drain", go);
    outgoing.on("close", go);
  });
}

function requestOf(incoming: IncomingMessage, port: number): Request {
  const { url = "", method = "GET", headers } = incoming;
  const isKnown = /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/.test(method);
  if (!isKnown) {
    throw new ApiError(
      405,
      `Cannot answer: there is no method ${method} here`,
      {
        code: "method_not_allowed",
        headers: { allow: "GET, HEAD, POST, DELETE, OPTIONS" },
      },
    );
  }
  assertHead(incoming);
  try {
    if (!url.startsWith("/")) throw new TypeError("not a path");
    const given = Object.entries(headers)
      .map(([name, value]): [string, string] => [name, String(value)]);
    const base = `http://127.0.0.1:${port}`;
    return new Request(`${base}${url}`, { method, headers: given });
  } catch {
    throw new ApiError(400, "Cannot read the request: its head is not HTTP's", {
      code: "invalid_request",
    });
  }
}

/** Refuses what HTTP/1.1 says of a head that is to be refused. */
function assertHead({ headers, httpVersion }: IncomingMessage): void {
  const { host, expect = "100-continue" } = headers;
  if (host === undefined && httpVersion === "1.1") {
    throw new ApiError(400, "Cannot answer: the request names no Host", {
      code: "invalid_request",
    });
  }
  if (expect.toLowerCase() === "100-continue") return;
  throw new ApiError(417, "Cannot do what the request expects", {
    code: "invalid_request",
  });
}

/**
 * Reads a body.
 *
 * @throws {ApiError} 413 when it is too long; the rest of it is not read.
 */
async function readBody(incoming: IncomingMessage): Promise<Uint8Array> {
  const tooLong = () =>
    new ApiError(
      413,
      `Cannot read the body: it is longer than ${MOST_BODY} bytes`,
      { code: "request_too_large" },
    );
  if (Number(incoming.headers["content-length"] ?? 0) > MOST_BODY) {
    throw tooLong();
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of incoming) {
      length += chunk.length;
      if (length > MOST_BODY) throw tooLong();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError(400, "Cannot read the body: it is not whole", {
      code: "invalid_request",
    });
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

/** What `node:http` refuses before it is a request, by its codes. */
const REFUSALS: Readonly<Record<string, readonly [number, string, string]>> = {
  HPE_HEADER_OVERFLOW: [
    431,
    "Request Header Fields Too Large",
    `Cannot read the request: its headers are longer than ${MOST_HEADERS} bytes`,
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [
    408,
    "Request Timeout",
    "Cannot read the request: it took too long",
  ],
};

function refuseClient(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable) return void socket.destroy();
  const [status, words, message] = REFUSALS[error.code ?? ""] ??
    [400, "Bad Request", "Cannot read the request: it is not HTTP"];
  const refusal = new ApiError(status, message, { code: "invalid_request" });
  socket.end(plainAnswer(words, refusal));
}

/** Answers who is one too many, whatever was to be asked, and hangs up. */
function turnAway(socket: Socket): void {
  const refusal = new ApiError(
    503,
    "Cannot answer: too many connections are open",
    { code: "too_many_connections", headers: { "retry-after": "1" } },
  );
  const timer = setTimeout(() => socket.destroy(), FAREWELL);
  socket.once("close", () => clearTimeout(timer));
  socket.on("error", () => {}); // who has gone needs no answer
  socket.end(plainAnswer("Service Unavailable", refusal));
}

/** An answer to what is no request yet. */
function plainAnswer(words: string, refusal: ApiError): string {
  const body = JSON.stringify(refusal.body);
  const headers = {
    "connection": "close",
    "content-type": "application/json",
    "content-length": body.length, // ASCII, as all of ours
    ...refusal.headers,
  };
  const lines = Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${refusal.status} ${words}\r\n${lines.join("")}`;
  return `${head}\r\n${body}`;
}
