/**
 * The page and what it runs, bundled: in parts, so that what is not needed to
 * write is not loaded before it is.
 *
 * @module
 */

import * as esbuild from "npm:esbuild@0.28.2";
import { gzipSync } from "node:zlib";
import { MODULE } from "../../kernels/simd/module.ts";
import { type BundledFile, bundleForWeb } from "../bundle_web.ts";

/** What computes, and the module that a page loads for it alone. */
export const ENGINE_MODULES: Readonly<Record<string, string>> = {
  webgpu: "lib/backend/webgpu/webgpu_backend.ts",
  simd: "lib/backend/cpu/cpu_backend.ts",
};

/** What else is loaded with an engine. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  webgpu: [],
  simd: ["thread.js", "kernels.wasm"],
};

/**
 * The files that a page has loaded when it writes, with an engine.
 *
 * @param files All files.
 * @param engine One of {@linkcode ENGINE_MODULES}.
 */
export function filesToWrite(
  files: readonly BundledFile[],
  engine: string,
): readonly BundledFile[] {
  const own = files.find(({ entry }) => entry === ENGINE_MODULES[engine]);
  if (own === undefined) throw new Error(`Cannot find the module of ${engine}`);
  const names = new Set([
    ...["index.html", "style.css", "page.js", "worker.js", own.name],
    ...BESIDE[engine],
  ]);
  for (const name of names) {
    const { needs = [] } = files.find((file) => file.name === name)!;
    for (const other of needs) names.add(other);
  }
  return files.filter(({ name }) => names.has(name));
}

/** The project's folder. */
const ROOT = new URL("../../", import.meta.url);

/** What the page begins with, the worker that is its engine, and its threads. */
const ENTRIES = {
  page: "lib/site/page/start.js",
  worker: "lib/site/worker.ts",
  thread: "lib/backend/cpu/web_host.ts",
};

/** What stands for a module of Node. */
const INSTEAD: Readonly<Record<string, string>> = {
  "node:timers": "lib/site/set_immediate.ts",
};

/** Puts them in. */
const instead: esbuild.Plugin = {
  name: "instead",
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path, importer }) => {
      const file = INSTEAD[path];
      if (file !== undefined) return { path: new URL(file, ROOT).pathname };
      const text = `${importer} needs ${path}, which browsers lack`;
      return { errors: [{ text }] };
    });
  },
};

/** The kernels of the CPU: `lib/site/kernels.ts` has them before the backend. */
const kernels: esbuild.Plugin = {
  name: "kernels",
  setup(build) {
    // Nothing may be awaited: threads would miss what they are told first.
    build.onLoad({ filter: /kernels\/simd\/module\.ts$/ }, () => ({
      contents: "export const MODULE = globalThis.SIMD_KERNELS;",
    }));
  },
};

/**
 * Bundles what the page runs.
 *
 * @throws {Error} When something that it needs cannot be bundled.
 */
export async function bundleScripts(): Promise<BundledFile[]> {
  const options = { splitting: true, plugins: [instead, kernels] };
  return [
    ...await bundleForWeb(ENTRIES, options),
    { name: "kernels.wasm", bytes: Uint8Array.fromBase64(MODULE) },
  ];
}

/**
 * Bundles the service worker, which knows the names of the others and a version
 * that follows from what they hold.
 */
export async function bundleServiceWorker(
  files: readonly BundledFile[],
): Promise<BundledFile> {
  const names = ["./", ...files.map(({ name }) => name)];
  const { outputFiles } = await esbuild.build({
    bundle: true,
    format: "iife",
    minify: true,
    write: false,
    entryPoints: [new URL("lib/site/service_worker.ts", ROOT).pathname],
    define: {
      FILES: JSON.stringify(names),
      VERSION: JSON.stringify(await versionOf(files)),
    },
  });
  return {
    name: "service_worker.js",
    bytes: outputFiles[0].contents as Uint8Array<ArrayBuffer>,
  };
}

/** Styles as one. */
export async function bundleStyles(
  texts: readonly string[],
): Promise<BundledFile> {
  const { code } = await esbuild.transform(texts.join("\n"), {
    loader: "css",
    minify: true,
  });
  return { name: "style.css", bytes: new TextEncoder().encode(code) };
}

async function versionOf(files: readonly BundledFile[]): Promise<string> {
  const blob = new Blob(
    files.flatMap(({ name, bytes }) => [name, bytes]),
  );
  const digest = await crypto.subtle.digest(
    "SHA-256",
    await blob.arrayBuffer(),
  );
  return new Uint8Array(digest).toHex().slice(0, 16);
}

/** Bytes as hosts send them. */
export function gzippedSize(files: readonly BundledFile[]): number {
  return files.reduce((sum, { bytes }) => sum + gzipSync(bytes).length, 0);
}

/** Ends esbuild's process. */
export async function endBundling(): Promise<void> {
  await esbuild.stop();
}
