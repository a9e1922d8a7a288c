/** No stage writes over what it was given, or over what is of another kind. */

import { assertEquals, assertRejects } from "@std/assert";
import { exportTokenizer } from "../../lib/stages/export_tokenizer.ts";
import { importModel } from "../../lib/stages/import_model.ts";
import { importTokenizer } from "../../lib/stages/import_tokenizer.ts";
import { logits } from "../../lib/stages/logits.ts";
import { resume } from "../../lib/stages/resume.ts";
import { tokenize } from "../../lib/stages/tokenize.ts";
import { train } from "../../lib/stages/train.ts";
import { trainTokenizer } from "../../lib/stages/train_tokenizer.ts";
import { saveModel } from "../../lib/checkpoint/native/mpk_writer.ts";
import { tinyModel } from "../checkpoint/models.ts";
import {
  reads,
  TEXT,
  withFiles,
  writeSmallDataset,
  writeSmallVocab,
} from "../commands/run_cli.ts";
import { withTraining } from "./small_training.ts";

/** A folder with text, two tokenizers and a model that was trained. */
async function inFolder(
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const files = { "books/a.txt": TEXT, "ck/metrics.jsonl": "{}\n" };
  await withFiles(files, async (folder) => {
    await writeSmallVocab(`${folder}/other.json`, { vocabSize: 300 });
    const { size } = await writeSmallVocab(`${folder}/ck/tokenizer.json`);
    const fields = { architecture: "classic", vocabSize: size } as const;
    await saveModel(`${folder}/ck/model_final.mpk`, tinyModel(fields));
    await work(folder);
  });
}

/** Checks that work is refused and that the files stay. */
async function refusesAndLeaves(
  paths: readonly string[],
  work: () => Promise<unknown>,
  reason: string,
): Promise<void> {
  const read = () => Promise.all(paths.map((path) => Deno.readFile(path)));
  const before = await read();
  await assertRejects(work, Error, reason);
  assertEquals(await read(), before);
}

Deno.test("trainTokenizer() writes over neither its text nor other files", async () => {
  await inFolder(async (folder) => {
    const corpus = `${folder}/books`, text = `${corpus}/a.txt`;
    await refusesAndLeaves(
      [text],
      () => trainTokenizer({ corpus, output: text }),
      "it is the file that was read",
    );
    const model = `${folder}/ck/model_final.mpk`;
    await refusesAndLeaves(
      [model],
      () => trainTokenizer({ corpus, output: model }),
      "a model is there",
    );
    const own = `${folder}/ck/tokenizer.json`;
    await refusesAndLeaves(
      [own],
      () => trainTokenizer({ corpus, output: own }),
      "it belongs to the model beside it",
    );
    // An earlier tokenizer is what such a run replaces.
    const output = `${folder}/other.json`;
    await trainTokenizer({ corpus, output, vocabSize: 310, counts: "off" });
  });
});

Deno.test("no stage replaces a model's tokenizer by another", async () => {
  await inFolder(async (folder) => {
    const output = `${folder}/ck`, other = `${folder}/other.json`;
    const own = [`${output}/tokenizer.json`, `${output}/model_final.mpk`];
    const reason = "it belongs to the model beside it";
    const input = `${folder}/books`;
    for (
      const work of [
        () => tokenize({ input, output, tokenizer: other }),
        () => importTokenizer({ input: other, output }),
        () => exportTokenizer({ tokenizer: other, format: "hf", output }),
      ]
    ) await refusesAndLeaves(own, work, reason);
    // The model's own may be written again.
    await importTokenizer({ input: own[0], output: `${folder}/new` });
    await importTokenizer({ input: `${folder}/new`, output });
  });
});

Deno.test("importModel() writes into no training, but over an earlier import", async () => {
  await inFolder(async (folder) => {
    const input = `${folder}/ck/model_final.mpk`, output = `${folder}/new`;
    await importModel({ input, output });
    await importModel({ input, output });
    await refusesAndLeaves(
      [input],
      () =>
        importModel({
          input: `${output}/model_final.mpk`,
          output: `${folder}/ck`,
        }),
      "a training is there",
    );
  });
});

Deno.test("logits() writes over earlier logits only", async () => {
  await inFolder(async (folder) => {
    const model = `${folder}/ck/model_final.mpk`, tokens = [1, 2];
    const output = `${folder}/logits.bin`, backend = "reference" as const;
    await logits({ model, tokens, output, backend });
    await logits({ model, tokens, output, backend });
    for (const path of [model, `${folder}/books/a.txt`]) {
      await refusesAndLeaves(
        [path],
        () => logits({ model, tokens, output: path, backend }),
        "is there; give another --output",
      );
    }
  });
});

Deno.test("logits() ends when its signal says so", async () => {
  await inFolder(async (folder) => {
    const options = { model: `${folder}/ck`, tokens: [1, 2] };
    const signal = AbortSignal.abort(new Error("enough"));
    await assertRejects(
      () => logits({ ...options, backend: "reference", signal }),
      Error,
      "enough",
    );
  });
});

Deno.test("logits() writes over no tokens and no other numbers", async () => {
  await inFolder(async (folder) => {
    const model = `${folder}/ck/model_final.mpk`, tokens = [1, 2];
    await writeSmallDataset(`${folder}/data`);
    const mine = `${folder}/mine.bin`;
    await Deno.writeFile(mine, crypto.getRandomValues(new Uint8Array(4000)));
    for (const output of [`${folder}/data/train.bin`, mine]) {
      await refusesAndLeaves(
        [output],
        () => logits({ model, tokens, output, backend: "reference" }),
        "is there; give another --output",
      );
    }
  });
});

Deno.test("tokenize() writes over datasets and their tokenizer only", async () => {
  await inFolder(async (folder) => {
    const input = `${folder}/books`, output = `${folder}/data`;
    const own = `${folder}/ck/tokenizer.json`, other = `${folder}/other.json`;
    const foreign: Record<string, string> = {
      "train.bin": "\x01\x00\x02\x00\x03\x00\x04\x00\x05\x00",
      "val.bin": "\x01\x00\x02\x00\x03\x00\x04\x00\x05\x00",
      "dataset.json": '{"my":1}',
      "tokenizer.json": await Deno.readTextFile(other),
    };
    for (const [name, content] of Object.entries(foreign)) {
      await Deno.mkdir(output);
      await Deno.writeTextFile(`${output}/${name}`, content);
      await refusesAndLeaves(
        [`${output}/${name}`],
        () => tokenize({ input, output, tokenizer: own }),
        "is there; give another --output",
      );
      await Deno.remove(output, { recursive: true });
    }
    // The Rust program's, with its count of tokens, and one's own.
    await Deno.mkdir(output);
    await Deno.writeFile(
      `${output}/train.bin`,
      Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0),
    );
    await tokenize({ input, output, tokenizer: own });
    await tokenize({ input, output, tokenizer: other });
    await tokenize({ input, output, tokenizer: other });
  });
});

Deno.test("no stage replaces a dataset's tokenizer by another", async () => {
  await inFolder(async (folder) => {
    const output = `${folder}/data`, other = `${folder}/other.json`;
    const corpus = `${folder}/books`, own = `${output}/tokenizer.json`;
    const model = `${folder}/ck/model_final.mpk`;
    await tokenize({
      input: corpus,
      output,
      tokenizer: `${folder}/ck/tokenizer.json`,
    });
    for (
      const work of [
        () => trainTokenizer({ corpus, output: own }),
        () => importTokenizer({ input: other, output }),
        () => exportTokenizer({ tokenizer: other, format: "hf", output }),
      ]
    ) {
      await refusesAndLeaves(
        [own],
        work,
        "it belongs to the dataset beside it",
      );
    }
    await importTokenizer({ input: `${folder}/ck`, output });
    const alone = `${folder}/alone`;
    await Deno.mkdir(alone);
    await Deno.copyFile(other, `${alone}/tokenizer.json`);
    await refusesAndLeaves(
      [`${alone}/tokenizer.json`],
      () => importModel({ input: model, output: alone }),
      "another tokenizer is there",
    );
  });
});

Deno.test("train() writes over what a run has left before its first checkpoint", () =>
  withTraining(async (folder, recipe) => {
    const output = `${folder}/run`;
    const options = { ...recipe, output, maxSteps: 1 };
    const foreign = {
      "config.toml": "lado = 1\n",
      "model.toml": "lado = 1\n",
      "metrics.jsonl": '{"step":1,"accuracy":0.5}\n',
      "samples.jsonl": '{"text":"oi"}\n',
      "run.json": '{"my":1}\n',
      "tokenizer.json": "",
    };
    await writeSmallVocab(`${folder}/other.json`, { vocabSize: 300 });
    foreign["tokenizer.json"] = await Deno.readTextFile(`${folder}/other.json`);
    for (const [name, content] of Object.entries(foreign)) {
      await Deno.mkdir(output);
      await Deno.writeTextFile(`${output}/${name}`, content);
      await refusesAndLeaves(
        [`${output}/${name}`],
        () => train(options),
        "Cannot ",
      );
      assertEquals(await reads(output), [name]);
      await Deno.remove(output, { recursive: true });
    }
    await train(options);
    for (const name of ["checkpoint_1.mpk", "model_final.mpk"]) {
      await Deno.remove(`${output}/${name}`);
    }
    await train(options);
    for (const name of ["checkpoint_1.mpk", "model_final.mpk"]) {
      await Deno.remove(`${output}/${name}`);
    }
    await Deno.remove(`${output}/run.json`);
    await train(options);
  }));

Deno.test("resume() makes no second branch in a folder", () =>
  withTraining(async (folder, recipe) => {
    const { data, backend } = recipe, run = `${folder}/run`;
    await train({ ...recipe, output: run, maxSteps: 8 });
    const four = { checkpoint: `${run}/checkpoint_4.mpk`, data, backend };
    await refusesAndLeaves(
      [`${run}/model_final.mpk`, `${run}/checkpoint_8.mpk`],
      () => resume({ ...four, output: run, additionalSteps: 1 }),
      "from step 4: it holds the later checkpoint_8.mpk; give that one",
    );
    const other = await resume({
      ...four,
      output: `${folder}/branch`,
      additionalSteps: 1,
    });
    assertEquals(other.steps, 5);
    const more = await resume({
      ...{ ...four, checkpoint: run, output: run },
      additionalSteps: 1,
    });
    assertEquals(more.steps, 9);
  }));
