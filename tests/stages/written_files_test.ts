/** No stage writes over what it was given, or over what is of another kind. */

import { assertEquals, assertRejects } from "@std/assert";
import { exportTokenizer } from "../../lib/stages/export_tokenizer.ts";
import { importModel } from "../../lib/stages/import_model.ts";
import { importTokenizer } from "../../lib/stages/import_tokenizer.ts";
import { logits } from "../../lib/stages/logits.ts";
import { tokenize } from "../../lib/stages/tokenize.ts";
import { trainTokenizer } from "../../lib/stages/train_tokenizer.ts";
import { saveModel } from "../../lib/checkpoint/native/mpk_writer.ts";
import { tinyModel } from "../checkpoint/models.ts";
import { TEXT, withFiles, writeSmallVocab } from "../commands/run_cli.ts";

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
