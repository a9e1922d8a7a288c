import { assert, assertEquals } from "@std/assert";
import { parseOptions } from "../../lib/commands/shared/parse_options.ts";
import { train } from "../../lib/commands/train.ts";

const FOLDER = "configs/recipes";

Deno.test("the recipes of configs/recipes are settings of train, each its own", async () => {
  const seen = new Set<string>();
  for await (const { name } of Deno.readDir(FOLDER)) {
    const path = `${FOLDER}/${name}`;
    const values = await parseOptions(train, [
      ...["--config", path, "--data", "data", "--output", "run"],
    ]);
    assert(values.hours! > 0, path);
    seen.add(`${values["model-size"]} in ${values.hours}`);
    // How it is used stands in it.
    const text = await Deno.readTextFile(path);
    assert(text.includes(`deno task train --config ${path} `), path);
  }
  assertEquals(seen.size, 4);
});
