/**
 * A host of files as the simplest are: it knows ranges and dates, and sends no
 * header that a page would wish for.
 *
 * @module
 */

/** What a test has the host do. */
export interface StaticOptions {
  /** The folder. */
  readonly root: string;
  /** The path that it is served below. */
  readonly below?: string;
  /** Told of each request. */
  readonly onRequest?: (path: string, range: string | null) => void;
  /** Bytes a ms of files as large as models; all at once unless given. */
  slow?: number;
}

/** A host that serves until it is disposed of. */
export interface StaticServer extends AsyncDisposable {
  /** Where the folder is. */
  readonly address: string;
}

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  json: "application/json",
  wasm: "application/wasm",
};

/** Bytes from which on a file is sent slowly, where that is asked for. */
const LARGE = 200_000;
/** Bytes of a piece that is sent slowly. */
const PIECE = 65_536;

/** Serves a folder. */
export function serveStatic(options: StaticOptions): StaticServer {
  const { root, below = "", onRequest } = options;
  const ended = new AbortController();
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    signal: ended.signal,
    onListen: () => {},
  }, async (request) => {
    const { pathname } = new URL(request.url);
    const range = request.headers.get("range");
    onRequest?.(pathname, range);
    if (!pathname.startsWith(`${below}/`)) return notFound();
    const path = decodeURIComponent(pathname.slice(below.length));
    const file = `${root}${path.endsWith("/") ? `${path}index.html` : path}`;
    try {
      return await fileAnswer(file, range, options);
    } catch {
      return notFound();
    }
  });
  return {
    address: `http://127.0.0.1:${server.addr.port}${below}/`,
    [Symbol.asyncDispose]: async () => {
      ended.abort();
      await server.finished.catch(() => {});
    },
  };
}

function notFound(): Response {
  return new Response("not found", { status: 404 });
}

async function fileAnswer(
  path: string,
  range: string | null,
  options: StaticOptions,
): Promise<Response> {
  const bytes = await Deno.readFile(path);
  const { mtime } = await Deno.stat(path);
  const headers = new Headers({
    "content-type": TYPES[path.replace(/^.*\./, "")] ??
      "application/octet-stream",
    "last-modified": mtime!.toUTCString(),
    "access-control-allow-origin": "*",
  });
  const start = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? NaN);
  if (Number.isNaN(start)) {
    headers.set("content-length", `${bytes.length}`);
    return new Response(bytes, { headers });
  }
  if (start >= bytes.length) {
    const all = `bytes */${bytes.length}`;
    return new Response(null, {
      status: 416,
      headers: { "content-range": all },
    });
  }
  const end = bytes.length - 1;
  headers.set("content-range", `bytes ${start}-${end}/${bytes.length}`);
  const rest = bytes.subarray(start);
  headers.set("content-length", `${rest.length}`);
  const isSlow = options.slow !== undefined && bytes.length > LARGE;
  const body = isSlow ? slowly(rest, options) : rest;
  return new Response(body as BodyInit, { status: 206, headers });
}

function slowly(bytes: Uint8Array, options: StaticOptions): ReadableStream {
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      if (at >= bytes.length) return controller.close();
      if (options.slow !== undefined) {
        const wait = PIECE / options.slow;
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
      controller.enqueue(bytes.subarray(at, at += PIECE));
    },
  });
}
