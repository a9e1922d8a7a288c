/**
 * A browser without a window, for tests that look at a page. Where there is
 * none, or it may not be run, tests are left out and say so.
 *
 * @module
 */

import type { Browser, Page } from "npm:puppeteer-core@25.16.0";

/** A browser: what names its program where that is not in its usual place. */
const BROWSERS = {
  chrome: { variable: "PTBR_CHROMIUM", usual: "/usr/bin/chromium" },
  firefox: { variable: "PTBR_FIREFOX", usual: "/usr/bin/firefox-esr" },
} as const;

/** The browsers that are known. */
type BrowserName = keyof typeof BROWSERS;

/** The browser's program, where it is there and may be run. */
function program(name: BrowserName): string | undefined {
  const { variable, usual } = BROWSERS[name];
  const isGranted = (permission: Deno.PermissionDescriptor) =>
    Deno.permissions.querySync(permission).state === "granted";
  if (!isGranted({ name: "env" }) || !isGranted({ name: "sys" })) return;
  const command = Deno.env.get(variable) ?? usual;
  if (!isGranted({ name: "run", command })) return;
  try {
    return Deno.statSync(command).isFile ? command : undefined;
  } catch {
    return undefined;
  }
}

type PageTest = (page: Page) => Promise<void>;

/**
 * Tests of pages, which share one browser and nothing else.
 *
 * @param title What they are of; without a browser, also why they are not run.
 * @param tests Each is given a new page that speaks English, whose errors fail
 * it.
 * @param flags What the browser is told besides.
 * @param name Which browser; Chromium unless given.
 */
export function browserTests(
  title: string,
  tests: Readonly<Record<string, PageTest>>,
  flags: readonly string[] = [],
  name: BrowserName = "chrome",
): void {
  const executablePath = program(name);
  const isAbsent = executablePath === undefined;
  const { variable, usual } = BROWSERS[name];
  const why = `no ${variable} or ${usual} that may be run`;
  Deno.test({
    name: isAbsent ? `${title} (left out: ${why})` : title,
    ignore: isAbsent,
    // The connection to the browser ends a moment after the browser.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async (context) => {
      const { default: puppeteer } = await import(
        "npm:puppeteer-core@25.16.0"
      );
      const browser = await puppeteer.launch({
        browser: name,
        executablePath,
        args: name === "chrome"
          ? ["--no-sandbox", "--lang=en-US", ...flags]
          : [...flags],
        // A software adapter takes its time.
        protocolTimeout: 1_200_000,
      });
      try {
        for (const [name, test] of Object.entries(tests)) {
          await context.step(name, () => inNewPage(browser, test));
        }
      } finally {
        await browser.close();
      }
    },
  });
}

async function inNewPage(browser: Browser, test: PageTest): Promise<void> {
  const storage = await browser.createBrowserContext();
  try {
    const page = await storage.newPage();
    await page.setViewport({ width: 1280, height: 800 });
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => {
      // What a server refuses is told there as well.
      const isRefusal = /status of 4\d\d/.test(message.text());
      if (message.type() === "error" && !isRefusal) {
        errors.push(message.text());
      }
    });
    await test(page);
    if (errors.length > 0) throw new Error(errors.join("\n"));
  } finally {
    await storage.close();
  }
}
