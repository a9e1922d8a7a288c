import { assertEquals } from "@std/assert";
import { RunLog } from "../../lib/train/run_log.ts";

Deno.test("RunLog.open() finds the best validation of the steps that are kept", async () => {
  const path = await Deno.makeTempDir() + "/metrics.jsonl";
  const lines = [
    { step: 0, initializedFrom: "a.mpk", valLoss: 1 },
    { step: 2, valLoss: 3 },
    { step: 4, valLoss: 4 },
    { step: 6, valLoss: 2 },
  ].map((line) => `${JSON.stringify(line)}\n`);
  await Deno.writeTextFile(path, lines.join(""));
  assertEquals((await RunLog.open(path, 4)).bestValLoss, 3);
  assertEquals(await Deno.readTextFile(path), lines.slice(0, 3).join(""));
  assertEquals((await RunLog.open(path, 0)).bestValLoss, undefined);
});
