/**
 * The package in a project that Vite builds, as its users have it: installed by
 * npm, in a worker of a page. Where npx cannot bring Vite, or there is no
 * browser, it is left out and says so.
 */

import { assertEquals } from "@std/assert";
import { buildNpm } from "../../tools/build_npm.ts";
import { browserTests } from "../serve/page/browser.ts";

const VITE = "vite@8.3.8";

/** The project: a page shows what its worker writes. */
const PROJECT = {
  "index.html": '<!doctype html><link rel="icon" href="data:,"><p></p>' +
    '<script type="module" src="/main.js"></script>',
  "main.js":
    `const worker = new Worker(new URL("./worker.js", import.meta.url), {
  type: "module",
});
worker.onmessage = ({ data }) => document.querySelector("p").textContent = data;
`,
  "worker.js":
    `import { CpuBackend, Generator, RWKV, RWKVConfig } from "ptbr-slm/model";
import { BPETokenizer, BPETrainer } from "ptbr-slm/tokenizer";

async function compared() {
  const bytes = new TextEncoder().encode("o rio corre para o mar\\n");
  const { vocab } = await new BPETrainer().train([{ name: "rio", bytes }]);
  const shape = { vocabSize: vocab.size, dModel: 64, nLayers: 1, dFfn: 64 };
  const settings = { maxTokens: 8, temperature: 0, seed: 1 };
  const texts = new Set();
  for (const threads of [1, 2]) {
    const backend = await CpuBackend.create({ threads });
    const model = new RWKV(new RWKVConfig(shape), backend);
    model.initialize(7);
    let text = "";
    const generator = new Generator(model, new BPETokenizer(vocab));
    for await (const piece of generator.generate("o rio", settings)) text += piece;
    texts.add(text.length > 0);
    texts.add(text);
  }
  return texts.size === 2 ? "the same text on 1 and 2 threads" : "other texts";
}
compared().then(postMessage, (error) => postMessage(String(error)));
`,
  "package.json": JSON.stringify({
    private: true,
    type: "module",
    dependencies: { "ptbr-slm": "file:./package" },
  }),
};

async function succeeds(
  command: string,
  args: string[],
  cwd: string,
): Promise<boolean> {
  const { state } = Deno.permissions.querySync({ name: "run", command });
  if (state !== "granted") return false;
  try {
    const { success } = await new Deno.Command(command, {
      args,
      cwd,
      stdout: "null",
      stderr: "null",
      signal: AbortSignal.timeout(180_000),
    }).output();
    return success;
  } catch {
    return false; // there is no such program
  }
}

const hasVite = await succeeds("npx", ["--yes", VITE, "--version"], ".");

if (hasVite) {
  browserTests("a project of Vite", {
    "writes in its page's worker": async (page) => {
      const folder = await Deno.makeTempDir();
      for (const [name, text] of Object.entries(PROJECT)) {
        await Deno.writeTextFile(`${folder}/${name}`, text);
      }
      await buildNpm(`${folder}/package`);
      assertEquals(await succeeds("npm", ["install"], folder), true);
      assertEquals(
        await succeeds("npx", ["--yes", VITE, "build"], folder),
        true,
      );
      await using server = serve(`${folder}/dist`);
      await page.goto(`http://127.0.0.1:${server.addr.port}/`);
      const said = await page.waitForSelector("p:not(:empty)", {
        timeout: 60_000,
      });
      assertEquals(
        await said!.evaluate(({ textContent }) => textContent),
        "the same text on 1 and 2 threads",
      );
      await Deno.remove(folder, { recursive: true });
    },
  });
} else {
  Deno.test({
    name: `a project of Vite (left out: npx cannot bring ${VITE})`,
    ignore: true,
    fn() {},
  });
}

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html",
  js: "text/javascript",
};

/** Serves a folder to a page that may share memory with its workers. */
function serve(folder: string): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async ({ url }) => {
      const { pathname } = new URL(url);
      const name = pathname === "/" ? "/index.html" : pathname;
      const body = await Deno.readFile(folder + name).catch(() => undefined);
      if (body === undefined) return new Response(undefined, { status: 404 });
      return new Response(body, {
        headers: {
          "Content-Type": TYPES[name.split(".").at(-1)!],
          "Cross-Origin-Opener-Policy": "same-origin",
          "Cross-Origin-Embedder-Policy": "require-corp",
        },
      });
    },
  );
}
