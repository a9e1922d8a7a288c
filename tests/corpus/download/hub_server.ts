/**
 * A hub of data sets on this machine, with the few answers that are asked of it,
 * and a second address to which it redirects for files, as hubs do.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** What was asked of it. */
export interface Asked {
  readonly url: string;
  readonly authorization: string | null;
  readonly range: string | null;
}

const COMMIT = "0123456789abcdef0123456789abcdef01234567";

/** The hub. */
export class HubServer implements AsyncDisposable {
  readonly asked: Asked[] = [];
  /** What its card says of configurations; whatever it is. */
  configs: unknown;
  /** What it asks for, where not everybody may read. */
  token?: string;
  /** After how many bytes of a file the next connection ends. */
  cutAfter?: number;
  /** The files, by their paths; those of more than 20 bytes are in LFS. */
  readonly files: Record<string, string>;
  readonly #hub = serve((request) => this.#answer(request));
  readonly #store = serve((request) => this.#content(request));
  readonly #pauses: Promise<void>[] = [];

  constructor(files: Record<string, string>) {
    this.files = files;
  }

  get base(): string {
    return `http://127.0.0.1:${this.#hub.addr.port}`;
  }

  /** Where files are. */
  get storeHost(): string {
    return `127.0.0.1:${this.#store.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#pauses);
    await this.#hub.shutdown();
    await this.#store.shutdown();
  }

  #note({ url, headers }: Request): void {
    this.asked.push({
      url,
      authorization: headers.get("authorization"),
      range: headers.get("range"),
    });
  }

  #answer(request: Request): Response {
    this.#note(request);
    const given = request.headers.get("authorization");
    if (this.token !== undefined && given !== `Bearer ${this.token}`) {
      return new Response("no", { status: 401 });
    }
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/api/datasets/casa/livros/revision/main") {
      return Response.json({
        sha: COMMIT,
        cardData: { license: "cc0-1.0", configs: this.configs },
      });
    }
    const tree = `/api/datasets/casa/livros/tree/${COMMIT}`;
    if (pathname.startsWith(tree)) {
      const folder = decodeURIComponent(pathname.slice(tree.length + 1));
      const from = Number(searchParams.get("cursor") ?? 0);
      return this.#list(folder, from, `${this.base}${pathname}`);
    }
    const resolve = `/datasets/casa/livros/resolve/${COMMIT}/`;
    if (pathname.startsWith(resolve)) {
      const path = pathname.slice(resolve.length);
      return Response.redirect(`http://${this.storeHost}/${path}`, 302);
    }
    return new Response("no", { status: 404 });
  }

  /** Two entries at a time. */
  #list(folder: string, from: number, url: string): Response {
    const all = Object.entries(this.files)
      .filter(([path]) => folder === "" || path.startsWith(`${folder}/`))
      .map(([path, content]) => entryOf(path, content));
    const entries = [{ type: "directory", path: "data", oid: "0" }, ...all];
    const headers: HeadersInit = entries.length > from + 2
      ? { link: `<${url}?recursive=true&cursor=${from + 2}>; rel="next"` }
      : {};
    return Response.json(entries.slice(from, from + 2), { headers });
  }

  #content(request: Request): Response {
    this.#note(request);
    const path = decodeURIComponent(new URL(request.url).pathname.slice(1));
    const bytes = new TextEncoder().encode(this.files[path]);
    const from = Number(
      /^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "")?.[1] ?? 0,
    );
    const cut = this.cutAfter;
    this.cutAfter = undefined;
    const headers: Record<string, string> = {
      etag: '"1"',
      "content-length": `${bytes.length - from}`,
    };
    if (from > 0) {
      headers["content-range"] = `bytes ${from}-${
        bytes.length - 1
      }/${bytes.length}`;
    }
    const body = new ReadableStream<Uint8Array>({
      start: async (controller) => {
        controller.enqueue(bytes.subarray(from, cut));
        if (cut === undefined) return controller.close();
        // What was sent is on its way by then.
        const sent = new Promise<void>((resolve) => setTimeout(resolve, 50));
        this.#pauses.push(sent);
        await sent;
        controller.error(new Error("cut"));
      },
    });
    return new Response(body, { status: from > 0 ? 206 : 200, headers });
  }
}

function serve(handler: Deno.ServeHandler) {
  return Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: () => {},
    onError: () => new Response("", { status: 500 }),
  }, handler);
}

function entryOf(path: string, content: string) {
  const size = new TextEncoder().encode(content).length;
  const sha1 = createHash("sha1").update(`blob ${size}\0${content}`);
  const entry = { type: "file", path, size, oid: sha1.digest("hex") };
  if (size <= 20) return entry;
  const sha256 = createHash("sha256").update(content).digest("hex");
  const lfs = { oid: sha256, size, pointerSize: 130 };
  return { ...entry, oid: "f".repeat(40), lfs };
}
