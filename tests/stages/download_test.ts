import { assert, assertEquals } from "@std/assert";
import { downloadDump } from "../../lib/stages/download.ts";
import { reads, withFiles } from "../commands/run_cli.ts";
import { DumpServer } from "../corpus/download/dump_server.ts";
import { abortAtFirstNews } from "./aborted.ts";

const BODY = new TextEncoder().encode("BZh9 " + "um dump ".repeat(100_000));

Deno.test("downloadDump() goes on after it was aborted", () =>
  withFiles({}, async (output) => {
    await using server = new DumpServer({ body: BODY, etag: '"1"' });
    server.behaviour.stall = { after: 300_000, times: 1 };
    const options = {
      wiki: "ptwiki",
      date: "20260101",
      mirror: server.base,
      output,
    };
    const aborted = await abortAtFirstNews((more) =>
      downloadDump({ ...options, ...more })
    );
    assertEquals(aborted, { complete: false, output });
    assertEquals(await reads(output), [
      `${server.name}.part`,
      `${server.name}.part.json`,
    ]);
    const result = await downloadDump(options);
    assert(result.complete);
    assert(result.resumedAt > 0);
    assertEquals(await Deno.readFile(result.output), BODY);
    assertEquals(await reads(output), [server.name]);
  }));

Deno.test("downloadDump() does not wait for its next attempt when aborted", () =>
  withFiles({}, async (output) => {
    const controller = new AbortController();
    const start = performance.now();
    const result = await downloadDump({
      wiki: "ptwiki",
      mirror: "http://127.0.0.1:9", // nobody answers there
      output,
      signal: controller.signal,
      onRetry: () => controller.abort(),
    });
    assertEquals(result, { complete: false, output });
    assert(performance.now() - start < 900);
    assertEquals(await reads(output), []);
  }));
