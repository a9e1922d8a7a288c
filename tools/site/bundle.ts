/**
 * The page and what it runs, bundled: esbuild, with the names that Deno resolves
 * resolved as Deno does.
 *
 * @module
 */

import * as esbuild from "npm:esbuild@0.28.2";
import { gzipSync } from "node:zlib";
import { MODULE } from "../../kernels/simd/module.ts";

/** A bundled file. */
export interface BundledFile {
  /** What it is called beside the page. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Files that are loaded with it. */
  readonly needs?: readonly string[];
  /** The module that has it loaded, and when that is needed only. */
  readonly entry?: string;
}

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

/** What the page begins with: itself, and the worker that is its engine. */
const PAGE = { page: "lib/site/page/start.js", worker: "lib/site/worker.ts" };

/**
 * What the engine's threads run; apart, for nothing may be awaited in it: they
 * would miss what they are told first.
 */
const THREAD = { thread: "lib/backend/cpu/web_host.ts" };

/** What stands for a module of Node. */
const INSTEAD: Readonly<Record<string, string>> = {
  "node:timers": "lib/site/set_immediate.ts",
};

/** Finds packages where Deno keeps them. */
const packages: esbuild.Plugin = {
  name: "packages",
  setup(build) {
    build.onResolve(
      { filter: /^(?:npm|jsr):|^@(?:std|msgpack)\// },
      async ({ path }) => {
        return { path: await placeOf(path) };
      },
    );
    // What writes files is imported where files are to be written, and only then.
    build.onResolve({ filter: /\/mpk_writer\.ts$/ }, ({ path, kind }) => {
      return kind === "dynamic-import" ? { path, external: true } : undefined;
    });
    build.onResolve({ filter: /^node:/ }, ({ path, importer }) => {
      const file = INSTEAD[path];
      if (file !== undefined) return { path: new URL(file, ROOT).pathname };
      return {
        errors: [{ text: `${importer} needs ${path}, which browsers lack` }],
      };
    });
  },
};

/** Where the module of a package is; of two kinds, the one for browsers. */
async function placeOf(specifier: string): Promise<string> {
  await import(specifier); // brings the package; only then has it a place on disk
  const found = new URL(import.meta.resolve(specifier));
  const folder = /^.*\/dist(?=\.cjs\/)/.exec(found.pathname)?.[0];
  return folder === undefined ? found.pathname : `${folder}.esm/index.mjs`;
}

/** Takes out of kernels what is for people; lines for our compiler stay. */
const kernels: esbuild.Plugin = {
  name: "kernels",
  setup(build) {
    build.onLoad({ filter: /\.wgsl$/ }, async ({ path }) => ({
      contents: plainWgsl(await Deno.readTextFile(path)),
      loader: "text",
    }));
  },
};

/** A kernel's text without comments, blank lines and indents. */
export function plainWgsl(text: string): string {
  return text.split("\n")
    .map((line) => line.trim())
    .map((line) =>
      line.startsWith("//: ") ? line : line.replace(/\s*\/\/.*$/, "")
    )
    .filter((line) => line !== "").join("\n") + "\n";
}

/** The kernels of the CPU as the file that they are, which is shorter than text. */
const WASM = "kernels.wasm";

/** Has them fetched where the CPU computes. */
const wasm: esbuild.Plugin = {
  name: "wasm",
  setup(build) {
    const filter = /kernels\/simd\/module\.ts$/;
    build.onResolve({ filter }, ({ path, resolveDir }) => ({
      path: new URL(path, `file://${resolveDir}/`).pathname,
      sideEffects: false,
    }));
    build.onLoad({ filter }, () => ({
      contents: `const url = new URL("./${WASM}", import.meta.url);
const bytes = await (await fetch(url)).arrayBuffer();
export const MODULE = new Uint8Array(bytes).toBase64();`,
    }));
  },
};

/** Settings of all bundles. */
const SETTINGS = {
  bundle: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  minify: true,
  write: false,
  legalComments: "none",
  logLevel: "silent",
  plugins: [packages, kernels, wasm],
} as const satisfies esbuild.BuildOptions;

/**
 * Bundles what the page runs.
 *
 * @throws {Error} When something that it needs cannot be bundled.
 */
export async function bundleScripts(): Promise<BundledFile[]> {
  return [
    ...await bundle(PAGE, { splitting: true, chunkNames: "part-[hash]" }),
    ...await bundle(THREAD),
    { name: WASM, bytes: Uint8Array.fromBase64(MODULE) },
  ];
}

/** Where esbuild is told to write, which it does not. */
const OUT = "site";

function nameOf(path: string): string {
  return path.replace(/^.*[/\\]/, "");
}

async function bundle(
  entries: Readonly<Record<string, string>>,
  options: esbuild.BuildOptions = {},
): Promise<BundledFile[]> {
  const entryPoints = Object.fromEntries(
    Object.entries(entries).map((
      [name, file],
    ) => [name, new URL(file, ROOT).pathname]),
  );
  const { outputFiles, metafile } = await esbuild.build({
    ...SETTINGS,
    ...options,
    absWorkingDir: ROOT.pathname,
    entryPoints,
    outdir: OUT,
    metafile: true,
    write: false,
  });
  const about = new Map(
    Object.entries(metafile.outputs).map(([path, it]) => [nameOf(path), it]),
  );
  return outputFiles.map(({ path, contents }) => {
    const { entryPoint, imports } = about.get(nameOf(path))!;
    return {
      name: nameOf(path),
      bytes: contents,
      entry: entryPoint,
      needs: imports.filter(({ kind }) => kind === "import-statement")
        .map(({ path }) => nameOf(path)),
    };
  });
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
    ...SETTINGS,
    format: "iife",
    entryPoints: [new URL("lib/site/service_worker.ts", ROOT).pathname],
    define: {
      FILES: JSON.stringify(names),
      VERSION: JSON.stringify(await versionOf(files)),
    },
  });
  return { name: "service_worker.js", bytes: outputFiles[0].contents };
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
    files.flatMap(({ name, bytes }) => [name, bytes as BlobPart]),
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
