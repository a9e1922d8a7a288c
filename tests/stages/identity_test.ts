/** A run goes on with its own data and in its own folder, unless it is told. */

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Checkpoint } from "../../lib/checkpoint/native/mpk_reader.ts";
import { resume } from "../../lib/stages/resume.ts";
import { train } from "../../lib/stages/train.ts";
import { TEXT, writeSmallDataset } from "../commands/run_cli.ts";
import { withTraining } from "./small_training.ts";

Deno.test("resume() goes on with other data only where it is told to", async () => {
  await withTraining(async (folder, recipe) => {
    const output = `${folder}/run`, { backend } = recipe;
    await train({ ...recipe, output });
    const data = `${folder}/other`;
    const text = TEXT.replaceAll("peixe", "carne");
    await writeSmallDataset(data, { text, like: recipe.data });
    const more = { checkpoint: output, data, output, backend };
    const options = { ...more, additionalSteps: 2 };
    const before = await Deno.readFile(`${output}/checkpoint_12.mpk`);
    const { message } = await assertRejects(() => resume(options), Error);
    assertStringIncludes(message, "the run was trained on other data: ");
    assertStringIncludes(message, "; --other-data goes on all the same");
    assertEquals(await Deno.readFile(`${output}/checkpoint_12.mpk`), before);
    const told: string[] = [];
    const onOtherData = (difference: string) => told.push(difference);
    await resume({ ...options, otherData: true, onOtherData });
    assertEquals(told.length, 1);
    assertStringIncludes(message, told[0]);
    // From now on these are its data.
    await resume({ ...more, additionalSteps: 1 });
  });
});

Deno.test("resume() validates with another text only where it is told to", async () => {
  await withTraining(async (folder, recipe) => {
    const output = `${folder}/run`, { backend } = recipe;
    // As in files that do not say what was held out.
    const tokens = `${folder}/tokens.bin`;
    const tokenizer = `${recipe.data}/tokenizer.json`;
    await Deno.copyFile(`${recipe.data}/train.bin`, tokens);
    await train({ ...recipe, data: tokens, tokenizer, output });
    const options = { checkpoint: output, output, backend, additionalSteps: 1 };
    await resume({ ...options, data: recipe.data });
    const data = `${folder}/other`;
    const text = TEXT.split("\n\n")
      .map((document, i) => i % 4 === 0 ? `${document} Fim.` : document);
    await writeSmallDataset(data, {
      text: text.join("\n\n"),
      like: recipe.data,
    });
    const { message } = await assertRejects(
      () => resume({ ...options, data }),
      Error,
      "the run was trained on other data: ",
    );
    const [, before, now] = /data: (.*), not (.*);/.exec(message)!;
    const [train1, val1] = before.split(" + val.bin: ");
    const [train2, val2] = now.split(" + val.bin: ");
    assertEquals([train1, val1 === val2], [train2, false]);
    await assertRejects(() => resume({ ...options, data: tokens, tokenizer }));
    await resume({ ...options, data, otherData: true });
    await resume({ ...options, data });
  });
});

Deno.test("resume() writes over no checkpoint of another run", async () => {
  await withTraining(async (folder, recipe) => {
    const { data, backend } = recipe;
    const [one, two] = [`${folder}/one`, `${folder}/two`];
    await train({ ...recipe, output: one });
    await train({ ...recipe, output: two });
    const checkpoint = `${one}/checkpoint_4.mpk`;
    const options = { checkpoint, data, backend };
    await assertRejects(
      () => resume({ ...options, output: two }),
      Error,
      `Cannot continue in "${two}": its checkpoint_12.mpk is of another run`,
    );
    for (const step of [4, 8, 12]) {
      await Deno.remove(`${two}/checkpoint_${step}.mpk`);
    }
    await assertRejects(
      () => resume({ ...options, output: two }),
      Error,
      `Cannot continue in "${two}": its model_final.mpk is of another run`,
    );
    await assertRejects(
      () => resume({ ...options, output: one }),
      Error,
      `Cannot continue in "${one}" from step 4: it holds the later checkpoint_12.mpk`,
    );
    await resume({ ...options, output: `${folder}/three` });
    using first = await Checkpoint.open(one);
    using third = await Checkpoint.open(`${folder}/three`);
    assertEquals(first.train?.run?.length, 16);
    assertEquals(third.train?.run, first.train?.run);
    const log = await Deno.readTextFile(`${folder}/three/metrics.jsonl`);
    assertEquals(JSON.parse(log.split("\n")[0]).run, first.train?.run);
  });
});

Deno.test("resume() writes over nothing of another run that has no checkpoint", async () => {
  await withTraining(async (folder, recipe) => {
    const { data, backend } = recipe;
    const [one, two] = [`${folder}/one`, `${folder}/two`];
    await train({ ...recipe, output: one });
    await train({ ...recipe, output: two, keepBest: true, evalEvery: 4 });
    for (const name of ["checkpoint_4", "checkpoint_8", "checkpoint_12"]) {
      await Deno.remove(`${two}/${name}.mpk`);
    }
    await Deno.remove(`${two}/model_final.mpk`);
    const log = await Deno.readTextFile(`${two}/metrics.jsonl`);
    const checkpoint = `${one}/checkpoint_4.mpk`;
    const options = { checkpoint, data, backend, output: two };
    const refuses = (name: string) =>
      assertRejects(
        () => resume(options),
        Error,
        `Cannot continue in "${two}": its ${name} is of another run`,
      );
    await refuses("run.json");
    await Deno.remove(`${two}/run.json`);
    await refuses("metrics.jsonl");
    assertEquals(await Deno.readTextFile(`${two}/metrics.jsonl`), log);
    await Deno.remove(`${two}/metrics.jsonl`);
    await refuses("best.mpk");
    await Deno.remove(`${two}/best.mpk`);
    assertEquals((await resume(options)).complete, true);
  });
});

Deno.test("train() keeps the log of a run that left nothing else", async () => {
  await withTraining(async (folder, recipe) => {
    const output = `${folder}/run`;
    await train({ ...recipe, output });
    for await (const { name } of Deno.readDir(output)) {
      if (name.endsWith(".mpk")) await Deno.remove(`${output}/${name}`);
    }
    const log = await Deno.readTextFile(`${output}/metrics.jsonl`);
    const { run } = JSON.parse(log.split("\n")[0]);
    await train({ ...recipe, output });
    const kept = await Deno.readTextFile(`${output}/metrics.${run}.jsonl`);
    assertEquals(kept, log);
    const own = await Deno.readTextFile(`${output}/metrics.jsonl`);
    assertEquals(own.includes(run), false);
  });
});

Deno.test("resume() replaces no model that its unfinished run has not made", async () => {
  await withTraining(async (folder, recipe) => {
    const { data, backend } = recipe;
    const [one, two] = [`${folder}/one`, `${folder}/two`];
    await train({ ...recipe, output: one });
    const controller = new AbortController();
    await train({
      ...recipe,
      output: two,
      signal: controller.signal,
      onStep: ({ step }) => step === 5 && controller.abort(),
    });
    const final = `${two}/model_final.mpk`;
    await Deno.copyFile(`${one}/model_final.mpk`, final);
    const options = { checkpoint: two, data, backend, output: two };
    await assertRejects(
      () => resume(options),
      Error,
      `Cannot continue in "${two}": its model_final.mpk is of another run`,
    );
    await Deno.remove(final);
    assertEquals((await resume(options)).complete, true);
    // Its own is replaced.
    await resume({ ...options, additionalSteps: 1 });
  });
});

Deno.test("resume() makes the model of a run that was killed at its very end", async () => {
  await withTraining(async (folder, recipe) => {
    const { data, backend } = recipe, output = `${folder}/run`;
    await train({ ...recipe, output });
    const final = `${output}/model_final.mpk`;
    const whole = await Deno.readFile(final);
    await Deno.remove(final);
    const options = { checkpoint: output, data, output, backend };
    assertEquals((await resume(options)).complete, true);
    assertEquals(await Deno.readFile(final), whole);
    await assertRejects(() => resume(options), Error, "12 steps are done");
  });
});
