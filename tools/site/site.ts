/**
 * Builds the page to try models on as one folder that any host of files serves,
 * also below a path: its own engine, a tiny model, no outside resource.
 *
 *     deno task site
 *     deno task site --model checkpoints/micro --output dist/site
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import {
  INTERRUPTED,
  onInterrupt,
  unlessInterrupted,
} from "../../lib/commands/shared/interrupt.ts";
import {
  type Output,
  processOutput,
  type Progress as Shown,
} from "../../lib/commands/shared/output.ts";
import { isThere, removeIfThere } from "../../lib/files.ts";
import baseStyle from "../../lib/page/base.css" with { type: "text" };
import page from "../../lib/serve/page/index.html" with { type: "text" };
import style from "../../lib/serve/page/style.css" with { type: "text" };
import ownStyle from "../../lib/site/page/style.css" with { type: "text" };
import type { BundledFile } from "../bundle_web.ts";
import {
  bundleScripts,
  bundleServiceWorker,
  bundleStyles,
  endBundling,
  ENGINE_MODULES,
  filesToWrite,
  gzippedSize,
} from "./bundle.ts";
import { type DemoOptions, MODEL_FILES, trainDemoModel } from "./demo_model.ts";

/**
 * Bytes, as hosts send them, that a page may have loaded when it writes with
 * either engine, weights aside.
 */
export const MOST_BYTES = 150_000;

/** What the page may load: its own, and a worker that it asks. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** Tells a site's folder from others, which are not to be replaced. */
const MARK = "service_worker.js";

/** How a site is built. */
export interface SiteOptions {
  /** The folder, which is replaced when all of it is there. */
  readonly output: string;
  /** The folder of the model that comes with it. */
  readonly model: string;
  /** Ends it, with what was there before in its place. */
  readonly signal?: AbortSignal;
}

/** What was built. */
export interface SiteResult {
  /** Bytes of what is loaded to write, by engine, as hosts send them. */
  readonly toWrite: Readonly<Record<string, number>>;
  /** The same of all files but the model's. */
  readonly all: number;
  /** Bytes of the model. */
  readonly modelBytes: number;
}

/**
 * Builds a site.
 *
 * @throws {Error} When the output is a folder of something else, or the page has
 * become too large.
 */
export async function buildSite(
  { output, model, signal }: SiteOptions,
): Promise<SiteResult> {
  await assertReplaceable(output);
  await assertModel(model);
  const files = await siteFiles();
  const toWrite = Object.fromEntries(
    Object.keys(ENGINE_MODULES).map((engine) => [
      engine,
      gzippedSize(filesToWrite(files, engine)),
    ]),
  );
  const most = Math.max(...Object.values(toWrite));
  if (most > MOST_BYTES) {
    throw new Error(
      `Cannot build the site: a page loads ${most} bytes, and may load ${MOST_BYTES}`,
    );
  }
  const staging = `${output}.part`;
  await removeIfThere(staging, { recursive: true });
  try {
    const modelBytes = await stage(staging, files, model);
    signal?.throwIfAborted();
    await removeIfThere(output, { recursive: true });
    await Deno.rename(staging, output);
    return { toWrite, all: gzippedSize(files), modelBytes };
  } finally {
    await removeIfThere(staging, { recursive: true });
  }
}

/** Writes a site into a folder; returns the bytes of its model. */
async function stage(
  folder: string,
  files: readonly BundledFile[],
  model: string,
): Promise<number> {
  await Deno.mkdir(`${folder}/demo`, { recursive: true });
  for (const { name, bytes } of files) {
    await Deno.writeFile(`${folder}/${name}`, bytes);
  }
  let modelBytes = 0;
  for (const name of [...MODEL_FILES, "chat.toml"]) {
    if (name === "chat.toml" && !await isThere(`${model}/${name}`)) continue;
    await Deno.copyFile(`${model}/${name}`, `${folder}/demo/${name}`);
    modelBytes += (await Deno.stat(`${model}/${name}`)).size;
  }
  return modelBytes;
}

/** All files but the model's. */
async function siteFiles(): Promise<BundledFile[]> {
  try {
    const scripts = await bundleScripts();
    const styles = await bundleStyles([baseStyle, style, ownStyle]);
    const html = {
      name: "index.html",
      bytes: new TextEncoder().encode(sitePage()),
    };
    const files = [html, styles, ...scripts];
    return [...files, await bundleServiceWorker(files)];
  } finally {
    await endBundling();
  }
}

/** The page that servers have, with its parts in one and its policy in itself. */
function sitePage(): string {
  const policy =
    `<meta http-equiv="content-security-policy" content="${POLICY}">`;
  return page
    .replace(/^ *<link rel="stylesheet" href="page\/base.css">\n/m, "")
    .replace('src="playground.js"', 'src="page.js"')
    .replace(/(<meta charset="utf-8">)/, `$1\n    ${policy}`);
}

async function assertReplaceable(output: string): Promise<void> {
  if (!await isThere(output) || await isThere(`${output}/${MARK}`)) return;
  throw new Error(
    `Cannot build the site in "${output}": there is something else`,
  );
}

async function assertModel(model: string): Promise<void> {
  for (const name of MODEL_FILES) {
    if (await isThere(`${model}/${name}`)) continue;
    throw new Error(
      `Cannot build the site with the model "${model}": it has no ${name}`,
    );
  }
}

/** What is said of how it is used. */
const USAGE = `Builds the page that is its own engine, for any host of files

usage: deno task site [--model FOLDER] [--output FOLDER]

--model   the folder of the model that comes with it, which holds
          ${MODEL_FILES.join(" and ")} (default: a tiny one, which learns now)
--output  the folder of the site, which is replaced (default: dist/site)`;

async function main(): Promise<number> {
  const given = parseArgs(Deno.args, {
    string: ["output", "model"],
    boolean: ["help"],
    alias: { help: "h" },
    default: { output: "dist/site" },
    unknown: (name) => {
      throw new TypeError(
        `Cannot build the site with "${name}": there are --output and --model`,
      );
    },
  });
  const screen = processOutput(false);
  if (given.help) {
    screen.print(USAGE);
    return 0;
  }
  // What is staged stands beside the folder, not within.
  const output = folderOf("output", given.output);
  const model = given.model === undefined
    ? undefined
    : folderOf("model", given.model);
  await assertReplaceable(output);
  using interrupt = onInterrupt(screen, "leaving nothing behind");
  const { signal } = interrupt;
  const made = await unlessInterrupted(
    interrupt,
    model === undefined
      ? withDemoModel(
        (model) => buildShown({ output, model, signal }, screen),
        screen,
        signal,
      )
      : buildShown({ output, model, signal }, screen),
  );
  if (made === undefined) return INTERRUPTED;
  screen.print(`${output}: put it on any host of files`);
  for (const [engine, bytes] of Object.entries(made.toWrite)) {
    screen.print(`${kilobytes(bytes)} to write with ${engine}`);
  }
  const { all, modelBytes } = made;
  screen.print(
    `${kilobytes(all)} in all, and a model of ${kilobytes(modelBytes)}`,
  );
  return 0;
}

/** Builds, with a sign of life. */
async function buildShown(
  options: SiteOptions,
  screen: Output,
): Promise<SiteResult> {
  using bar = screen.progress("bundling");
  bar.update(0);
  try {
    return await buildSite(options);
  } catch (error) {
    // The terminal has ended esbuild too, which then says so.
    options.signal?.throwIfAborted();
    throw error;
  }
}

/** A folder that was named, without slashes behind. */
function folderOf(option: string, given: unknown): string {
  const folder = `${given}`.replace(/(?<=.)\/+$/, "");
  if (typeof given === "string" && folder !== "") return folder;
  throw new TypeError(`Cannot build the site: give --${option} one folder`);
}

/** Trains the tiny model for some work, showing how far it is. */
async function withDemoModel<R>(
  work: (model: string) => Promise<R>,
  screen: Output,
  signal: AbortSignal,
): Promise<R> {
  const folder = await Deno.makeTempDir({ prefix: "ptbr-slm-site-" });
  let shown: { readonly label: string; readonly bar: Shown } | undefined;
  const onProgress: DemoOptions["onProgress"] = (label, { done, total }) => {
    if (shown?.label !== label) {
      shown?.bar[Symbol.dispose]();
      shown = { label, bar: screen.progress(label) };
    }
    shown.bar.update(done, total);
  };
  try {
    screen.note("A tiny model learns from data/sample, in a minute or two");
    const model = await trainDemoModel(folder, { signal, onProgress });
    shown?.bar[Symbol.dispose]();
    return await work(model);
  } finally {
    shown?.bar[Symbol.dispose]();
    await removeIfThere(folder, { recursive: true });
  }
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(0)} kB`;
}

if (import.meta.main) {
  try {
    Deno.exitCode = await main();
  } catch (error) {
    console.error(`error: ${(error as Error).message}`);
    Deno.exitCode = 1;
  }
}
