/**
 * The dashboard's page in a browser without a window. Without one the test is
 * skipped:
 *
 *     PTBR_CHROMIUM=/usr/bin/chromium deno test -A tests/interop/dashboard_browser_test.ts
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { dashboard } from "../../lib/stages/dashboard.ts";

/** Set to the program of Chromium or Chrome. */
const CHROMIUM = Deno.env.get("PTBR_CHROMIUM");

Deno.test({
  name: "the dashboard's page draws runs and shows their samples",
  ignore: CHROMIUM === undefined,
  fn: async () => {
    const folder = await Deno.makeTempDir();
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
    for (const run of ["primeiro", "segundo"]) {
      await Deno.mkdir(`${folder}/${run}`);
      await Deno.writeTextFile(
        `${folder}/${run}/metrics.jsonl`,
        `${lines.join("\n")}\n`,
      );
      await Deno.writeTextFile(
        `${folder}/${run}/samples.jsonl`,
        `${
          JSON.stringify({ step: 500, prompt: "O rio", text: " <i>é</i>" })
        }\n`,
      );
    }
    const controller = new AbortController();
    const listening = Promise.withResolvers<string>();
    const done = dashboard({
      runs: [folder],
      port: 0,
      signal: controller.signal,
      onListening: listening.resolve,
    });
    const { code, stdout } = await new Deno.Command(CHROMIUM!, {
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--lang=en-US",
        `--user-data-dir=${folder}/profile`,
        "--virtual-time-budget=5000",
        "--dump-dom",
        await listening.promise,
      ],
      stderr: "null",
    }).output();
    controller.abort();
    await done;
    assertEquals(code, 0);
    const page = new TextDecoder().decode(stdout);
    assertEquals(page.match(/<canvas/g)?.length, 6);
    assertEquals(page.match(/class="run"/g)?.length, 2);
    for (const text of ["primeiro", "segundo", "500", "5.002"]) {
      assertStringIncludes(page, text);
    }
    // What a model writes is text, never markup.
    assertStringIncludes(page, " &lt;i&gt;é&lt;/i&gt;");
    assert(/id="trouble"[^>]* hidden/.test(page));
    await Deno.remove(folder, { recursive: true });
  },
});
