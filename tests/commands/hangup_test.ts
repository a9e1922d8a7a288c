/** Work whose terminal is closed ends in good order. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  argumentsOf,
  isThere,
  withTraining,
} from "../stages/small_training.ts";
import { reads, start } from "./run_cli.ts";

Deno.test({
  name: "train saves a checkpoint when its terminal closes",
  ignore: Deno.build.os === "windows", // which has no SIGHUP
  async fn() {
    await withTraining(async (folder, recipe) => {
      const output = `${folder}/run`;
      const child = start(argumentsOf(recipe, 50_000), ["--output", output]);
      await isThere(`${output}/metrics.jsonl`);
      child.kill("SIGHUP");
      const { code, stdout } = await child.output();
      assertEquals(code, 130);
      const [name] = (await reads(output)).filter((name) =>
        name.startsWith("checkpoint_")
      );
      assertStringIncludes(new TextDecoder().decode(stdout), name);
    });
  },
});
