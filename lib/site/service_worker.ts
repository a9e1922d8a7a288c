/**
 * The page's files without the network, with the headers that isolate it. What
 * is not one of them is left to the browser.
 *
 * @module
 */

/** The files, relative to this one, and a name for them all: by the build. */
declare const FILES: readonly string[];
declare const VERSION: string;

/** What a service worker sees of itself; Deno's types have none. */
interface Scope {
  readonly location: Location;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(
    type: "install" | "activate" | "fetch",
    listener: (event: Extendable) => void,
  ): void;
}

interface Extendable {
  readonly request: Request;
  waitUntil(done: Promise<unknown>): void;
  respondWith(answer: Promise<Response>): void;
}

const scope = self as unknown as Scope;
const PREFIX = "ptbr-slm-page-";
const CACHE = `${PREFIX}${VERSION}`;
const HEADERS = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
};
const addresses = new Set(
  FILES.map((file) => new URL(file, scope.location.href).href),
);

scope.addEventListener("install", (event) => {
  event.waitUntil(keep().then(() => scope.skipWaiting()));
});

scope.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => scope.clients.claim()));
});

scope.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  url.search = url.hash = "";
  if (event.request.method !== "GET" || !addresses.has(url.href)) return;
  event.respondWith(answer(url.href));
});

async function keep(): Promise<void> {
  const cache = await caches.open(CACHE);
  for (const url of addresses) {
    const response = await fetch(new Request(url, { cache: "no-cache" }));
    if (!response.ok) throw new Error(`Cannot keep ${url}: ${response.status}`);
    await cache.put(url, response);
  }
}

/** Forgets the files of other builds. */
async function forgetOthers(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
  }
}

async function answer(url: string): Promise<Response> {
  const kept = await (await caches.open(CACHE)).match(url);
  const { body, status, statusText, headers } = kept ?? await fetch(url);
  const all = new Headers(headers);
  for (const [name, value] of Object.entries(HEADERS)) all.set(name, value);
  return new Response(body, { status, statusText, headers: all });
}
