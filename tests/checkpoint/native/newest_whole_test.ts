/** A folder stands for its newest checkpoint that is whole. */

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Checkpoint } from "../../../lib/checkpoint/native/mpk_reader.ts";
import { resume } from "../../../lib/stages/resume.ts";
import { train } from "../../../lib/stages/train.ts";
import { run } from "../../commands/run_cli.ts";
import { withTraining } from "../../stages/small_training.ts";

/** Turns a bit of a file. */
async function damage(path: string, at: number): Promise<void> {
  const bytes = await Deno.readFile(path);
  bytes[Math.floor(bytes.length * at)] ^= 1;
  await Deno.writeFile(path, bytes);
}

Deno.test("resume() and generate take the checkpoint before those that are damaged", async () => {
  await withTraining(async (folder, recipe) => {
    const output = `${folder}/run`, { data, backend } = recipe;
    await train({ ...recipe, output });
    const last = await Deno.readFile(`${output}/checkpoint_12.mpk`);
    await Deno.truncate(`${output}/checkpoint_12.mpk`, last.length / 2);
    await damage(`${output}/checkpoint_8.mpk`, 0.6);

    await assertRejects(
      () => Checkpoint.open(output),
      SyntaxError,
      "checkpoint_12.mpk",
    );
    const said = await run(
      ["generate", "--model", output, "--prompt", "a", "--max-tokens", "1"],
      ["--backend", "reference"],
    );
    assertEquals(said.code, 0, said.stderr);
    for (const step of [12, 8]) {
      assertStringIncludes(said.stderr, `checkpoint_${step}.mpk`);
    }
    const told: string[] = [];
    const options = { data, output, backend, checkpoint: output };
    const onDamaged = ({ message }: Error) => told.push(message);
    const { steps } = await resume({ ...options, onDamaged });
    assertEquals([steps, told.length], [12, 2]);
    assertStringIncludes(told[0], "checkpoint_12.mpk");
    assertStringIncludes(told[1], "checkpoint_8.mpk");
    assertEquals(await Deno.readFile(`${output}/checkpoint_12.mpk`), last);

    for (const step of [4, 8, 12]) {
      await damage(`${output}/checkpoint_${step}.mpk`, 0.6);
    }
    const nothing = { ...options, onDamaged, additionalSteps: 1 };
    await assertRejects(() => resume(nothing), Error, "checkpoint_12.mpk");
    assertEquals(told.length, 2);
    // A file that is named is meant, and no other.
    await assertRejects(
      () => resume({ ...nothing, checkpoint: `${output}/checkpoint_8.mpk` }),
      Error,
      "checkpoint_8.mpk",
    );
  });
});
