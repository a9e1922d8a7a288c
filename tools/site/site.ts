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
import { MODEL_FILES, trainDemoModel } from "./demo_model.ts";

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
  { output, model }: SiteOptions,
): Promise<SiteResult> {
  await assertReplaceable(output);
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
  await Deno.mkdir(`${staging}/demo`, { recursive: true });
  for (const { name, bytes } of files) {
    await Deno.writeFile(`${staging}/${name}`, bytes);
  }
  let modelBytes = 0;
  for (const name of [...MODEL_FILES, "chat.toml"]) {
    if (name === "chat.toml" && !await isThere(`${model}/${name}`)) continue;
    await Deno.copyFile(`${model}/${name}`, `${staging}/demo/${name}`);
    modelBytes += (await Deno.stat(`${model}/${name}`)).size;
  }
  await removeIfThere(output, { recursive: true });
  await Deno.rename(staging, output);
  return { toWrite, all: gzippedSize(files), modelBytes };
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

async function main(): Promise<void> {
  const given = parseArgs(Deno.args, {
    string: ["output", "model"],
    default: { output: "dist/site" },
    unknown: (name) => {
      throw new TypeError(
        `Cannot build the site with "${name}": there are --output and --model`,
      );
    },
  });
  const output = String(given.output);
  let model = given.model as string | undefined, made: string | undefined;
  try {
    if (model === undefined) {
      made = await Deno.makeTempDir({ prefix: "ptbr-slm-site-" });
      console.log(
        "A tiny model learns from data/sample, in about half a minute",
      );
      model = await trainDemoModel(made);
    }
    const { toWrite, all, modelBytes } = await buildSite({ output, model });
    console.log(`${output}: put it on any host of files`);
    for (const [engine, bytes] of Object.entries(toWrite)) {
      console.log(`${kilobytes(bytes)} to write with ${engine}`);
    }
    console.log(
      `${kilobytes(all)} in all, and a model of ${kilobytes(modelBytes)}`,
    );
  } finally {
    if (made !== undefined) await removeIfThere(made, { recursive: true });
  }
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(0)} kB`;
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    console.error(`error: ${(error as Error).message}`);
    Deno.exit(1);
  }
}
