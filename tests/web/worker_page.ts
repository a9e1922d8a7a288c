/**
 * Bundled workers in a page: built, served and asked.
 *
 * @module
 */

import type { Page } from "npm:puppeteer-core@25.16.0";
import { bundleForWeb } from "../../tools/bundle_web.ts";

/** What Chromium is told so that WebGPU is there without a GPU. */
export const WEBGPU_FLAGS: readonly string[] = [
  "--enable-unsafe-webgpu",
  "--enable-features=Vulkan",
  "--use-webgpu-adapter=swiftshader",
];

/** Serves files of a page, isolated from other origins or not. */
export interface WorkerServer extends AsyncDisposable {
  /** The page's address. */
  readonly url: string;
}

/**
 * Bundles a module and serves it as `/worker.js`, beside an empty page.
 *
 * @param entry The module, from the project's folder.
 * @param isIsolated Whether the page may share memory with workers.
 */
export async function serveWorker(
  entry: string,
  isIsolated = true,
): Promise<WorkerServer> {
  const [{ bytes }] = await bundleForWeb({ worker: entry });
  const headers: Record<string, string> = isIsolated
    ? {
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
    }
    : {};
  const answer = (body: BodyInit, type: string) =>
    new Response(body, { headers: { ...headers, "Content-Type": type } });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    ({ url }) =>
      new URL(url).pathname === "/worker.js"
        ? answer(bytes, "text/javascript")
        : answer('<!doctype html><link rel="icon" href="data:,">', "text/html"),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** What a worker says at the end. */
type Answer<Report> = { readonly report: Report } | { readonly error: string };

/**
 * Starts a worker in a page, asks it something and waits for its report.
 *
 * @param page Where it shall run; it goes to the server's page.
 * @param request What it is told.
 * @throws {Error} What the worker says it failed by, or failed to say.
 */
export async function askWorker<Request, Report>(
  page: Page,
  { url }: WorkerServer,
  request: Request,
): Promise<Report> {
  await page.goto(url);
  const answer = await page.evaluate((request) => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const worker = new Worker("/worker.js", { type: "module" });
    worker.onmessage = ({ data }) => {
      if ("report" in data || "error" in data) resolve(data);
    };
    worker.onerror = ({ message }) => resolve({ error: message });
    worker.postMessage(request);
    return promise.finally(() => worker.terminate());
  }, request) as Answer<Report>;
  if ("error" in answer) throw new Error(answer.error);
  return answer.report;
}
