/**
 * The page that is its own engine, in a browser, from a host that serves files
 * below a path and knows of nothing else.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { ElementHandle, Page } from "npm:puppeteer-core@25.16.0";
import { memorySource } from "../../lib/checkpoint/encoding/byte_source.ts";
import { readZip } from "../../lib/checkpoint/formats/torch/zip.ts";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { readModelFolder } from "../../lib/read_model.ts";
import { browserTests } from "../serve/page/browser.ts";
import { builtSite } from "./built_site.ts";
import { serveStatic, type StaticOptions } from "./static_server.ts";

/** So long a model may take to be brought, loaded or taught, in ms. */
const LONG = 60_000;
const LESSON = Array.from(
  { length: 40 },
  (_, i) => `O gato número ${i} subiu no telhado e viu a lua sobre o rio. `,
).join("");

/** Serves the site below a path, as projects' pages are. */
async function host(options: Partial<StaticOptions> = {}) {
  const { root } = await builtSite();
  return serveStatic({ root, below: "/um/site", ...options });
}

function textOf(page: Page, selector: string): Promise<string> {
  return page.$eval(selector, (element) => element.textContent ?? "");
}

/** Waits until a text is seen. */
async function saw(page: Page, selector: string, text: string): Promise<void> {
  try {
    await page.waitForFunction(
      (selector: string, text: string) =>
        // deno-lint-ignore no-explicit-any
        (globalThis as any).document.querySelector(selector)?.textContent
          .includes(text),
      { timeout: LONG },
      selector,
      text,
    );
  } catch (cause) {
    const shown = await textOf(page, selector).catch(() => "it is not there");
    const trouble = await textOf(page, "#trouble").catch(() => "");
    throw new Error(`"${text}" is not in ${selector}: ${shown} ${trouble}`, {
      cause,
    });
  }
}

/** Opens the page, which is loaded once more as its service worker is ready. */
async function open(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.waitForFunction(
    "crossOriginIsolated && document.querySelector('#models:not([hidden])')",
    { timeout: LONG },
  );
}

async function openDemo(page: Page, address: string): Promise<void> {
  await open(page, address);
  await page.click("#demo");
  await page.waitForSelector("#completion:not([hidden])", { timeout: LONG });
}

async function writeText(page: Page, tokens = 12): Promise<void> {
  await page.$eval("#max_tokens", (field, tokens) => {
    // deno-lint-ignore no-explicit-any
    (field as any).value = String(tokens);
  }, tokens);
  await page.type("#prompt", "O rio");
  await page.click("#write");
  await page.waitForFunction(
    "/ended|Stopped/.test(document.querySelector('#state').textContent)",
    { timeout: LONG },
  );
}

/** Chooses files, as a person does with the browser's dialog. */
async function choose(page: Page, paths: readonly string[]): Promise<void> {
  const field = await page.$("#files") as ElementHandle<never>;
  await field.uploadFile(...paths);
}

async function modelPaths(): Promise<readonly string[]> {
  const { root } = await builtSite();
  return [`${root}/demo/model_final.mpk`, `${root}/demo/tokenizer.json`];
}

async function storedModels(page: Page): Promise<string[]> {
  return await page.$$eval(
    "#stored b",
    (names) => names.map(({ textContent }) => textContent ?? ""),
  );
}

async function writesAlone(page: Page): Promise<void> {
  await using server = await host();
  await openDemo(page, server.address);
  await writeText(page);
  assert((await textOf(page, "#text")).length > "O rio".length);
  assertStringIncludes(await textOf(page, "#figures"), "in memory");
  assert((await page.$$(".token")).length > 3);
  // What might have been, and on from there.
  await page.hover(".token:nth-child(2) .ink");
  await page.waitForSelector("#alternatives:not([hidden])");
  await page.click("#alternatives li button:not(:disabled)");
  await page.waitForFunction(
    "/ended|Stopped/.test(document.querySelector('#state').textContent)",
    { timeout: LONG },
  );
  await page.click("#tokenizer-tab");
  await page.type("#tokenizer-text", "O rio São Francisco");
  await saw(page, "#tokenizer-figures", "4 words");
  await page.click("#models-tab");
  await saw(page, "#models-state", "SIMD WebAssembly on");
  assertEquals(await storedModels(page), ["demo"]);
  // Without the network it is all there again.
  await server[Symbol.asyncDispose]();
  await page.goto(server.address);
  await saw(page, "#model", "demo");
  await page.click("#completion-tab");
  await page.click("#fresh");
  await writeText(page);
  assert((await page.$$(".token")).length > 3);
}

async function goesOnDownloading(page: Page): Promise<void> {
  const ranges: string[] = [];
  const options: Partial<StaticOptions> & { slow?: number } = {
    slow: 1500,
    onRequest(path, range) {
      if (path.endsWith("/model_final.mpk")) ranges.push(range ?? "");
    },
  };
  const { root } = await builtSite();
  const given: StaticOptions = { root, below: "/um/site", ...options };
  await using server = serveStatic(given);
  await open(page, server.address);
  await page.click("#demo");
  await page.waitForFunction(
    "document.querySelector('#models-progress').value > 1e6",
    { timeout: LONG },
  );
  const context = page.browserContext();
  await page.close(); // in mid-download
  given.slow = undefined;
  const again = await context.newPage();
  await again.goto(server.address);
  await saw(again, "#stored", "there");
  await again.click("#stored .main");
  await again.waitForSelector("#completion:not([hidden])", { timeout: LONG });
  assertEquals(ranges.length, 2);
  const start = Number(/^bytes=(\d+)-$/.exec(ranges[1])?.[1]);
  assert(start > 500_000, ranges[1]);
  await writeText(again);
}

async function saysThatItIsFull(page: Page): Promise<void> {
  await using server = await host();
  await open(page, server.address);
  const session = await page.createCDPSession();
  const { origin } = new URL(server.address);
  await session.send("Storage.overrideQuotaForOrigin", {
    origin,
    quotaSize: 3_000_000,
  });
  await page.click("#demo");
  await saw(page, "#trouble", "There is no room for this.");
  await saw(page, "#trouble", "Try again");
  // From this device it can be used all the same.
  await choose(page, await modelPaths());
  await saw(page, "#trouble", "it works until the page is closed");
  await page.click("#completion-tab");
  await writeText(page);
  // With room it can be tried again.
  await session.send("Storage.overrideQuotaForOrigin", { origin });
  await page.click("#models-tab");
  // The list is made anew as it is shown.
  await page.locator("#stored .main").click();
  await saw(page, "#models-state", "demo is ready");
}

async function giveAddress(page: Page, address: string): Promise<void> {
  await page.$eval("#url", (field, address) => {
    // deno-lint-ignore no-explicit-any
    (field as any).value = address;
  }, address);
  await page.click("#download");
}

async function refusesWhatIsNoModel(page: Page): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await using server = await host();
    await refuses(page, server.address, folder);
    await takesAFolder(page, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function refusesInFirefox(page: Page): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await using server = await host();
    await refuses(page, server.address, folder);
    await choose(page, await modelPaths());
    await page.waitForSelector("#completion:not([hidden])", { timeout: LONG });
    await writeText(page);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Gives the page what is no model, as files and as addresses. */
async function refuses(
  page: Page,
  address: string,
  folder: string,
): Promise<void> {
  const [weights, tokenizer] = await modelPaths();
  await Deno.writeTextFile(`${folder}/x.mpk`, "<html>no model</html>");
  await Deno.writeTextFile(`${folder}/notes.txt`, "a text");
  await open(page, address);
  await choose(page, [`${folder}/x.mpk`, tokenizer]);
  await saw(page, "#trouble", "not a model that can be used");
  await choose(page, [`${folder}/notes.txt`]);
  await saw(page, "#trouble", "no file ends in .mpk");
  await choose(page, [weights]);
  await saw(page, "#trouble", "tokenizer.json belongs beside the weights");
  await giveAddress(page, `${address}absent/`);
  await saw(page, "#trouble", "The address cannot be reached");
  // Of what was never there nothing is left.
  assertEquals(await page.$$eval("#stored li", ({ length }) => length), 0);
  await giveAddress(page, "http://[");
  await saw(page, "#trouble", "not an address");
  // The reason too is in the page's language.
  await page.click("#language");
  await choose(page, [`${folder}/notes.txt`]);
  await saw(page, "#trouble", "nenhum arquivo termina em .mpk");
  await page.click("#language");
}

/** Gives it a folder, which this program can do in Chromium only. */
async function takesAFolder(page: Page, folder: string): Promise<void> {
  const [weights, tokenizer] = await modelPaths();
  // What has a name already keeps it, with what is in it.
  await Deno.mkdir(`${folder}/demo`);
  for (const path of [weights, tokenizer]) {
    await Deno.copyFile(
      path,
      `${folder}/demo${path.slice(path.lastIndexOf("/"))}`,
    );
  }
  const field = await page.$("#folder") as ElementHandle<never>;
  await field.uploadFile(`${folder}/demo`);
  await page.waitForSelector("#completion:not([hidden])", { timeout: LONG });
  await writeText(page);
  await page.click("#models-tab");
  await saw(page, "#models-state", "demo is ready");
  await page.click("#demo");
  await page.waitForSelector("#completion:not([hidden])", { timeout: LONG });
  assertEquals(await storedModels(page), ["demo", "demo 2"]);
}

async function takesWhatIsDropped(page: Page): Promise<void> {
  await using server = await host();
  await open(page, server.address);
  await page.evaluate(`(async () => {
    const transfer = new DataTransfer();
    for (const name of ["model_final.mpk", "tokenizer.json"]) {
      const blob = await (await fetch("demo/" + name)).blob();
      transfer.items.add(new File([blob], name));
    }
    const about = { dataTransfer: transfer, bubbles: true, cancelable: true };
    document.body.dispatchEvent(new DragEvent("dragover", about));
    document.body.dispatchEvent(new DragEvent("drop", about));
  })()`);
  await page.waitForSelector("#completion:not([hidden])", { timeout: LONG });
  await page.click("#models-tab");
  await saw(page, "#stored", "model");
}

async function learnsAndSaves(page: Page): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await using server = await host();
    await learns(page, server.address);
    await saves(page, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function learnsInFirefox(page: Page): Promise<void> {
  await using server = await host();
  await learns(page, server.address);
}

/** Teaches the demo a text. */
async function learns(page: Page, address: string): Promise<void> {
  await openDemo(page, address);
  await page.click("#training-tab");
  await page.click("#train");
  await saw(page, "#trouble", "too short to learn from");
  await saw(page, "#model", "demo");
  await saw(page, "#models-state", "demo is ready");
  await saw(page, "#trouble", "too short to learn from");
  await page.$eval("#lesson", (field, text) => {
    // deno-lint-ignore no-explicit-any
    (field as any).value = text;
  }, LESSON);
  await page.$eval("#minutes", (field) => {
    // deno-lint-ignore no-explicit-any
    (field as any).value = "0.15";
  });
  await page.type("#result", "gatos");
  await page.click("#train");
  await saw(page, "#training-state", "tokens/s");
  await saw(page, "#training-state", "gatos has learnt and is stored");
  const losses = await page.$eval(
    "#curve .learnt",
    (line) =>
      line.getAttribute("points")!.split(" ").map((it: string) =>
        Number(it.split(",")[1])
      ),
  );
  // On a screen what is less stands lower.
  assert(losses.at(-1)! > losses[0] + 20, `${losses}`);
  await page.click("#models-tab");
  assertEquals(await storedModels(page), ["demo", "gatos"]);
}

/** Saves what has learnt, which this program can see in Chromium only. */
async function saves(page: Page, folder: string): Promise<void> {
  const session = await page.createCDPSession();
  await session.send("Page.setDownloadBehavior", {
    behavior: "allow",
    downloadPath: folder,
  });
  await page.click("#stored li:last-child button:nth-child(2)");
  const bytes = await arrived(`${folder}/gatos.zip`);
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const source = memorySource("zip", bytes);
  for (const [name, { offset, length }] of readZip(source)) {
    files.set(
      name.replace("gatos/", ""),
      bytes.slice(offset, offset + length),
    );
  }
  const read = await readModelFolder(files, new ReferenceBackend());
  assertEquals(read.model.config.vocabSize, read.tokenizer.vocabSize);
  // What was saved can be chosen again, as it is.
  await choose(page, [`${folder}/gatos.zip`]);
  await page.waitForSelector("#completion:not([hidden])", { timeout: LONG });
  await page.click("#models-tab");
  await saw(page, "#models-state", "gatos 2 is ready");
}

/** A file that the browser saves, once it is there. */
async function arrived(path: string): Promise<Uint8Array<ArrayBuffer>> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      return await Deno.readFile(path);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error(`${path} has not come`);
}

async function speaksAndFits(page: Page): Promise<void> {
  await using server = await host();
  const { default: axe } = await import("npm:axe-core@4.14.1");
  await open(page, server.address);
  await page.click("#demo");
  await page.waitForSelector("#completion:not([hidden])", { timeout: LONG });
  for (const value of ["light", "dark"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
    await page.click("#language");
    for (const width of [1280, 390]) {
      await page.setViewport({ width, height: 844 });
      for (const view of ["models", "training", "tokenizer", "chat"]) {
        await page.click(`#${view}-tab`);
        const wide = Number(await page.evaluate("document.body.scrollWidth"));
        assert(wide <= width, `${view}: ${wide} of ${width}`);
        await page.evaluate(axe.source);
        // deno-lint-ignore no-explicit-any
        const { violations }: any = await page.evaluate("axe.run()");
        const faults = violations.map((
          { id, nodes }: { id: string; nodes: readonly { html: string }[] },
        ) => [id, ...nodes.map(({ html }) => html)]);
        assertEquals(faults, [], `${view}, ${value}, ${width}`);
      }
    }
  }
  // Whatever is said is said in Portuguese too; the page speaks it now and then.
  await page.click("#language");
  await page.click("#models-tab");
  await saw(page, "#models", "Guardados neste aparelho");
  await saw(page, "#models-state", "está pronto");
}

/** What takes long, and what is not all tried with every change. */
const isLong = Deno.permissions.querySync({ name: "env" }).state ===
    "granted" && Deno.env.has("PTBR_SLM_TEST_LONG");

browserTests("the page that is its own engine", {
  "writes with its demo, also without the network": writesAlone,
  "goes on with a download whose tab was closed": goesOnDownloading,
  "refuses what is no model, and goes on": refusesWhatIsNoModel,
  "learns from a text, and saves what has learnt": learnsAndSaves,
  ...isLong && {
    "says that the store is full, and how to go on": saysThatItIsFull,
    "takes files that are dropped": takesWhatIsDropped,
    "speaks two languages, fits a phone, and axe finds nothing": speaksAndFits,
  },
});

if (isLong) {
  browserTests(
    "the page in Firefox",
    {
      "writes with its demo, also without the network": writesAlone,
      "refuses what is no model, and goes on": refusesInFirefox,
      "learns from a text": learnsInFirefox,
    },
    [],
    "firefox",
  );
}

/** Gives the page's engine no more memory than so many MiB. */
const WITH_LITTLE_MEMORY = `
  globalThis.Plentiful = WebAssembly.Memory;
  WebAssembly.Memory = function (asked) {
    return new Plentiful({ ...asked, maximum: 4 * 2 ** 20 / 65536 });
  };
`;

async function runsOutOfMemory(page: Page): Promise<void> {
  await using server = await host();
  await open(page, server.address);
  const worker = page.workers().find((it) => it.url().endsWith("/worker.js"))!;
  await worker.evaluate(WITH_LITTLE_MEMORY);
  await page.click("#demo");
  await saw(page, "#trouble", "does not fit into the memory");
  // As after other tabs were closed.
  await worker.evaluate("WebAssembly.Memory = Plentiful");
  await page.click("#trouble button");
  await saw(page, "#models-state", "demo is ready");
  await page.click("#completion-tab");
  await writeText(page);
}

browserTests("the page with little memory", {
  "says that the model does not fit, and goes on": runsOutOfMemory,
});

/** Makes the software adapter look like hardware, and keeps the device. */
const AS_HARDWARE = `
  const { prototype } = GPUAdapterInfo;
  const as = (name, value) =>
    Object.defineProperty(prototype, name, { get: () => value });
  as("isFallbackAdapter", false);
  as("description", "a GPU of the test");
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (...given) {
    return globalThis.device = await requestDevice.apply(this, given);
  };
`;

async function losesItsDevice(page: Page): Promise<void> {
  await using server = await host();
  await open(page, server.address);
  const worker = page.workers().find((it) => it.url().endsWith("/worker.js"))!;
  await worker.evaluate(AS_HARDWARE);
  await page.click("#demo");
  await page.waitForSelector("#completion:not([hidden])", { timeout: LONG });
  await page.click("#models-tab");
  await saw(page, "#models-state", "WebGPU on a GPU of the test");
  await page.click("#completion-tab");
  await writeText(page, 2);
  await worker.evaluate("device.destroy()");
  await page.click("#write");
  await saw(page, "#trouble", "The GPU was lost");
  await page.click("#trouble button:last-child"); // Go on with the CPU
  await page.click("#models-tab");
  await saw(page, "#models-state", "SIMD WebAssembly");
  await page.click("#completion-tab");
  await page.click("#write");
  await page.waitForFunction(
    "/ended|Stopped/.test(document.querySelector('#state').textContent)",
    { timeout: LONG },
  );
}

browserTests("the page on a GPU", {
  "writes, and goes on when the device is lost": losesItsDevice,
}, [
  "--enable-unsafe-webgpu",
  "--enable-features=Vulkan,WebGPU",
  "--use-webgpu-adapter=swiftshader",
  "--use-angle=swiftshader",
]);

const mayBuild = Deno.permissions.querySync({ name: "run" }).state ===
  "granted"; // esbuild is a program

Deno.test({
  name: "a page loads no more than it may, of nobody else",
  ignore: !mayBuild,
  fn: ownBytesOnly,
});

async function ownBytesOnly(): Promise<void> {
  const { root, toWrite } = await builtSite();
  for (const bytes of Object.values(toWrite)) assert(bytes < 150_000);
  const page = await Deno.readTextFile(`${root}/index.html`);
  assertStringIncludes(page, "default-src 'none'; script-src 'self'");
  for (const [, address] of page.matchAll(/(?:src|href)="([^"]*)"/g)) {
    assert(/^(?:[\w.]+|data:,)$/.test(address), address);
  }
}
