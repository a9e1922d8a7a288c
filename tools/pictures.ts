/**
 * Takes the pictures of the documents from real runs, so that they show what the
 * program shows: the page writing and cutting text into tokens, and the board of
 * a training.
 *
 *     deno task pictures [--chromium /usr/bin/chromium] [--model models/machado]
 *       [--runs data/demo] [--output docs/pictures]
 *
 * The runs are those of `deno task demo` unless others are named.
 *
 * @module
 */

import puppeteer, { type Browser, type Page } from "npm:puppeteer-core@25.16.0";
import { readOptions } from "../bench/shared.ts";

const options = readOptions({
  chromium: "/usr/bin/chromium",
  model: "models/machado",
  runs: "data/demo",
  output: "docs/pictures",
});
const VIEW = { width: 1100, height: 700 };
const PROMPT = "A noite caía sobre o Rio de Janeiro";
const TOKENS = "O Conselheiro Aires guardava as memórias numa gaveta.";
/** How long a server may take to answer, and a text to be written. */
const PATIENCE = 60_000;

/** A command that serves pages, and where. */
interface Server extends AsyncDisposable {
  readonly address: string;
}

await Deno.mkdir(options.output, { recursive: true });
const browser = await puppeteer.launch({
  executablePath: options.chromium,
  args: ["--no-sandbox", "--lang=en-US"],
});
try {
  await using server = await started([
    ...["serve", "--model", options.model, "--port", "0"],
  ]);
  await pictured(browser, server.address, writeText, "writing");
  await pictured(browser, server.address, cutText, "tokens");
  await using board = await started([
    ...["dashboard", options.runs, "--port", "0"],
  ]);
  await pictured(browser, board.address, async (page) => {
    await page.waitForSelector("svg, canvas", { timeout: PATIENCE });
    await pause(1500); // until its lines are drawn
  }, "dashboard");
} finally {
  await browser.close();
}

/** Opens a page, has something done on it, and takes its picture, light and dark. */
async function pictured(
  browser: Browser,
  address: string,
  act: (page: Page) => Promise<void>,
  name: string,
): Promise<void> {
  for (const theme of ["light", "dark"]) {
    const page = await browser.newPage();
    await page.setViewport(VIEW);
    await page.emulateMediaFeatures([
      { name: "prefers-color-scheme", value: theme },
    ]);
    await page.goto(address);
    await act(page);
    const path = `${options.output}/${name}-${theme}.png` as const;
    await page.screenshot({ path });
    await page.close();
    console.log(path);
  }
}

async function writeText(page: Page): Promise<void> {
  await page.waitForSelector("#write");
  await page.waitForFunction(
    `document.querySelector("#model").options.length > 0`,
    { timeout: PATIENCE },
  );
  await page.type("#prompt", PROMPT);
  await page.click("#write");
  // Until all is written.
  await page.waitForSelector("#again:enabled", { timeout: PATIENCE });
  await pause(500);
}

async function cutText(page: Page): Promise<void> {
  await page.click("#tokenizer-tab");
  await page.waitForSelector("#tokenizer-text", { visible: true });
  await page.type("#tokenizer-text", TOKENS);
  await page.waitForFunction(
    `document.querySelector("#tokenizer-tokens").children.length > 0`,
    { timeout: PATIENCE },
  );
  await pause(500);
}

/** Starts a command that serves, and waits until it says where. */
async function started(args: readonly string[]): Promise<Server> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "cli.ts", ...args],
    stdout: "piped",
    stderr: "null",
    env: { NO_COLOR: "1" },
  }).spawn();
  const lines = process.stdout.pipeThrough(new TextDecoderStream());
  const reader = lines.getReader();
  let said = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`Cannot start ${args[0]}: it said ${said}`);
    said += value;
    const [address] = /http:\/\/127\.0\.0\.1:\d+\S*/.exec(said) ?? [];
    if (address !== undefined && said.includes("\n")) {
      return {
        address,
        async [Symbol.asyncDispose]() {
          process.kill("SIGTERM");
          await reader.cancel();
          await process.status;
        },
      };
    }
  }
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
