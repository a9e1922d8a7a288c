/**
 * The programs of `tests/programs` that run anywhere, in Chromium. That no more
 * of them could is looked at without a browser.
 */

import { assertEquals } from "@std/assert";
import { browserTests } from "../serve/page/browser.ts";
import { PROGRAMS_ANYWHERE } from "./programs_anywhere.ts";
import { askWorker, serveWorker } from "./worker_page.ts";

const FOLDER = new URL("../programs/", import.meta.url);
const names = Object.keys(PROGRAMS_ANYWHERE);

Deno.test("programs that import what runs anywhere are run anywhere", async () => {
  const found: string[] = [];
  for await (const { name } of Deno.readDir(FOLDER)) {
    const source = await Deno.readTextFile(new URL(name, FOLDER));
    const entries = source.matchAll(/from "@ptbr-slm\/ptbr-slm\/(\w+)"/g);
    const isPortable = entries.every(([, entry]) =>
      ["model", "tokenizer", "cleaning"].includes(entry)
    );
    if (isPortable && !/\bDeno\b/.test(source)) {
      found.push(name.replace(/\.ts$/, ""));
    }
  }
  assertEquals(names, found.sort());
});

browserTests("programs in Chromium", {
  "run as in Deno": async (page) => {
    await using server = await serveWorker("tests/web/programs_worker.ts");
    for (const name of names) {
      assertEquals(await askWorker<string, string>(page, server, name), name);
    }
  },
});
