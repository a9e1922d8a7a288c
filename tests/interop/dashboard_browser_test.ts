/**
 * The dashboard's page in a browser without a window. Without one the test is
 * skipped:
 *
 *     PTBR_CHROMIUM=/usr/bin/chromium deno task test-pages
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { served } from "../stages/served_runs.ts";

/** Set to the program of Chromium or Chrome. */
const CHROMIUM = Deno.env.get("PTBR_CHROMIUM");

/** Until a page is drawn, in ms. */
const PATIENCE = 20_000;

/** The elements of a page when it has drawn its charts. */
async function pageAt(address: string, profile: string): Promise<string> {
  await using browser = new Deno.Command(CHROMIUM!, {
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--lang=en-US",
      `--user-data-dir=${profile}`,
      "--remote-debugging-port=0",
      address,
    ],
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const said = browser.stderr.pipeThrough(new TextDecoderStream());
  let text = "", port: string | undefined;
  for await (const part of said) {
    text += part;
    port = /ws:\/\/127\.0\.0\.1:(\d+)\//.exec(text)?.[1];
    if (port !== undefined) break;
  }
  assert(port !== undefined, text);
  const targets = await (await fetch(`http://127.0.0.1:${port}/json`)).json();
  const { webSocketDebuggerUrl } = targets
    .find(({ type }: { type: string }) => type === "page");
  const socket = new WebSocket(webSocketDebuggerUrl);
  await new Promise((resolve) => socket.onopen = resolve);
  const ask = async (id: number): Promise<string> => {
    const answer = new Promise<string>((resolve) =>
      socket.onmessage = ({ data }) =>
        resolve(JSON.parse(data).result?.result?.value ?? "")
    );
    const expression = "document.documentElement.outerHTML";
    const method = "Runtime.evaluate";
    socket.send(JSON.stringify({ id, method, params: { expression } }));
    return await answer;
  };
  const end = performance.now() + PATIENCE;
  let page = "";
  for (let id = 1; performance.now() < end; id++) {
    page = await ask(id);
    if (page.includes("<canvas") && page.includes('class="sample"')) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
  return page;
}

Deno.test({
  name: "the dashboard's page draws runs and shows their samples",
  ignore: CHROMIUM === undefined,
  fn: async () => {
    const lines = Array.from({ length: 500 }, (_, i) =>
      JSON.stringify({
        step: i + 1,
        tokens: 8 * i + 8,
        loss: 5 + 1 / (i + 1),
        learningRate: 1e-3,
        gradientNorm: 1,
        tokensPerSecond: 100,
        valBitsPerByte: 2,
        memory: 1e8,
        time: new Date().toISOString(),
      }));
    const metrics = `${lines.join("\n")}\n`;
    const sample = { step: 500, prompt: "O rio", text: " <i>é</i>" };
    const samples = `${JSON.stringify(sample)}\n`;
    const files = {
      "primeiro/metrics.jsonl": metrics,
      "primeiro/samples.jsonl": samples,
      "segundo/metrics.jsonl": metrics,
      "segundo/samples.jsonl": samples,
    };
    const profile = await Deno.makeTempDir();
    let page = "";
    await served(files, async (address) => {
      page = await pageAt(address, profile);
    });
    assertEquals(page.match(/<canvas/g)?.length, 6);
    assertEquals(page.match(/class="run"/g)?.length, 2);
    for (
      const text of ["primeiro", "segundo", "500", "5.002", "(smoothed 5."]
    ) {
      assertStringIncludes(page, text);
    }
    // What a model writes is text, never markup.
    assertStringIncludes(page, " &lt;i&gt;é&lt;/i&gt;");
    assert(/id="trouble"[^>]* hidden/.test(page));
    // A browser that ends writes into its profile to the last.
    await Deno.remove(profile, { recursive: true }).catch(() => {});
  },
});
