/** One process at a time writes into a folder, whatever happens to the others. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { lockFolder } from "../../lib/folder_lock.ts";
import { resume } from "../../lib/stages/resume.ts";
import { train } from "../../lib/stages/train.ts";
import { withTraining } from "../stages/small_training.ts";
import { withReplacing } from "../stages/replaced_outputs.ts";
import { reads, refuses, withFiles } from "./run_cli.ts";

Deno.test("resume holds its folder as long as it runs", async () => {
  await withTraining(async (folder, recipe) => {
    const { data, backend } = recipe;
    const output = `${folder}/run`;
    await train({ ...recipe, output, maxSteps: 4 });
    const more = { checkpoint: output, data, output, backend };
    const second = Promise.withResolvers<unknown>();
    const controller = new AbortController();
    second.promise.then(() => controller.abort());
    await resume({
      ...more,
      additionalSteps: 10_000,
      signal: controller.signal,
      onStep: ({ step }) => {
        if (step !== 5) return;
        resume({ ...more, additionalSteps: 1 }).catch(second.resolve);
      },
    });
    assertStringIncludes(`${await second.promise}`, "it is in use by process");
  });
});

Deno.test("commands are refused a folder that another writes into", async () => {
  await withReplacing(async (folder, commands) => {
    const output = `${folder}/out`;
    const [model] = commands.find(({ name }) => name === "export-model")!.args;
    const [vocab] = commands.find(({ name }) => name === "export-tokenizer")!
      .args;
    await using _lock = await lockFolder(output);
    const refused = commands.map(({ name, args: [args] }) => [name, ...args]);
    refused.push(
      ["import-tokenizer", "--input", vocab[1]],
      ["logits", "--tokens", "1", "--model", model[1]],
    );
    for (const args of refused) {
      const to = args[0] === "logits" ? `${output}/f32.bin` : output;
      const holder = new RegExp(
        `in use by process ${Deno.pid} since [^\\n]+ UTC`,
      );
      await refuses([...args, "--output", to], 1, holder);
    }
    assertEquals(await reads(output), [".in-use"]);
  });
});

Deno.test("train-tokenizer is refused a folder that is written into", async () => {
  await withFiles({ "a.txt": "sim e sim\n" }, async (folder) => {
    await using _lock = await lockFolder(folder);
    await refuses(
      [
        ...["train-tokenizer", "--corpus", `${folder}/a.txt`],
        ...["--output", `${folder}/tokenizer.json`],
      ],
      1,
      "it is in use by process",
    );
  });
});
