/** What verify says of files that are whole, of old ones and of damaged ones. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { CorpusOutput } from "../../lib/corpus/output/corpus_output.ts";
import { cleanCorpus } from "../../lib/stages/clean_corpus.ts";
import { exportModel } from "../../lib/stages/export_model.ts";
import {
  exportTokenizer,
  TOKENIZER_FORMATS,
} from "../../lib/stages/export_tokenizer.ts";
import { tokenize } from "../../lib/stages/tokenize.ts";
import { train } from "../../lib/stages/train.ts";
import { trainTokenizer } from "../../lib/stages/train_tokenizer.ts";
import { type VerifiedFile, verify } from "../../lib/stages/verify.ts";
import { MODEL, withTraining } from "../stages/small_training.ts";
import { refuses, run, TEXT, withFiles } from "./run_cli.ts";

/** The states of the files by their names. */
function statesOf(files: readonly VerifiedFile[]): Record<string, string> {
  return Object.fromEntries(
    files.map(({ path, state }) => [path.replace(/.*[/]/, ""), state]),
  );
}

Deno.test("verify tells what is whole, what has no checksum and what is damaged", async () => {
  await withTraining(async (folder, recipe) => {
    const output = `${folder}/run`, { data } = recipe;
    await train({ ...recipe, output, maxSteps: 4 });
    const names = ["checkpoint_4.mpk", "model_final.mpk", "tokenizer.json"];
    const whole = Object.fromEntries(names.map((name) => [name, "whole"]));
    const { files, sound } = await verify({ path: output });
    assertEquals([statesOf(files), sound], [whole, true]);

    const checkpoint = `${output}/checkpoint_4.mpk`;
    const bytes = await Deno.readFile(checkpoint);
    bytes[bytes.length >> 1] ^= 4;
    await Deno.writeFile(checkpoint, bytes);
    const args = ["verify", "--path", output, "--json"];
    const { code, stdout, result } = await run(args);
    assertEquals(code, 1);
    assertStringIncludes(stdout, "checkpoint_4.mpk: damaged: Cannot read");
    const found = result.files as VerifiedFile[];
    const states = { ...whole, "checkpoint_4.mpk": "damaged" };
    assertEquals([statesOf(found), result.sound], [states, false]);

    // As datasets were before: no sums.
    await Deno.remove(`${data}/dataset.json`);
    const old = await verify({ path: `${data}/` });
    assertEquals([statesOf(old.files), old.sound], [{
      "tokenizer.json": "unchecked",
      "train.bin": "unchecked",
      "val.bin": "unchecked",
    }, true]);
  });
});

Deno.test("verify reads datasets", async () => {
  await withTraining(async (_, { data }) => {
    const names = ["dataset.json", "train.bin", "val.bin", "tokenizer.json"];
    const whole = Object.fromEntries(names.map((name) => [name, "whole"]));
    assertEquals(statesOf((await verify({ path: data })).files), whole);
    await Deno.remove(`${data}/val.bin`);
    const { files } = await verify({ path: data });
    assertEquals(files[0].state, "damaged");
    assertStringIncludes(files[0].reason!, "its val.bin: no such file");
  });
  await withTraining(async (_, { data }) => {
    await Deno.remove(`${data}/tokenizer.json`);
    const { files: [info], sound } = await verify({ path: data });
    assertEquals([info.state, sound], ["damaged", false]);
    assertStringIncludes(info.reason!, "its tokenizer.json: no such file");
  });
});

Deno.test("verify names texts of a corpus that were edited, which can be used", async () => {
  await withFiles(
    { "in/a.txt": TEXT, "in/b/c.txt": "Um.\n" },
    async (folder) => {
      const output = `${folder}/corpus`;
      await cleanCorpus({ input: `${folder}/in`, output });
      const whole = { "manifest.json": "whole", "a.txt": "whole" };
      const states = async (path = output) =>
        statesOf((await verify({ path })).files);
      assertEquals(await states(), { ...whole, "c.txt": "whole" });

      await Deno.writeTextFile(`${output}/b/c.txt`, "Um só.\n");
      const { code, stdout } = await run(["verify", "--path", output]);
      assertEquals(code, 1);
      assertStringIncludes(
        stdout,
        "b/c.txt: damaged: it was changed after it was made",
      );
      assertEquals(await states(), { ...whole, "c.txt": "damaged" });
      const tokenizer = `${folder}/tokenizer.json`;
      const { files } = await trainTokenizer({
        corpus: output,
        output: tokenizer,
        vocabSize: 300,
      });
      assertEquals(files, 2);
      const tokens = `${folder}/tokens`;
      await tokenize({ input: output, tokenizer, output: tokens });

      await Deno.remove(`${output}/b/c.txt`);
      assertEquals(await states(), { ...whole, "c.txt": "damaged" });
      // As manifests were before: no sums.
      const manifest = `${output}/manifest.json`;
      const { checksum: _, ...old } = JSON.parse(
        await Deno.readTextFile(manifest),
      );
      const text = JSON.stringify(old).replaceAll("sha256", "sum");
      await Deno.writeTextFile(manifest, text);
      const none = { "manifest.json": "unchecked", "a.txt": "unchecked" };
      assertEquals(await states(manifest), { ...none, "c.txt": "damaged" });
    },
  );
});

Deno.test("verify holds every file of a corpus against the manifest's sums", async () => {
  await withFiles({}, async (folder) => {
    {
      const options = { command: "a", prefix: "a", documentsPerFile: 1 };
      await using corpus = await CorpusOutput.open(folder, options);
      await corpus.add("Um.");
      await corpus.add("Dois.");
      await corpus.finish(() => ({}));
    }
    const states = async () => statesOf((await verify({ path: folder })).files);
    const whole = { "manifest.json": "whole", "a_000.txt": "whole" };
    assertEquals(await states(), { ...whole, "a_001.txt": "whole" });
    await Deno.writeTextFile(`${folder}/a_001.txt`, "Três.\n");
    assertEquals(await states(), { ...whole, "a_001.txt": "damaged" });
  });
});

Deno.test("verify reads what exports wrote for other programs", async () => {
  await withTraining(async (folder, recipe) => {
    const output = `${folder}/run`, { data: tokenizer } = recipe;
    const modelConfig = `${folder}/rwkv7.toml`;
    await Deno.writeTextFile(modelConfig, MODEL.replaceAll("32", "64"));
    const training = { ...recipe, modelConfig, output, maxSteps: 2 };
    await train({ ...training, arch: "rwkv7" });
    const to = (name: string) => `${folder}/${name}`;
    const unchecked = (...names: string[]) =>
      Object.fromEntries(names.map((name) => [name, "unchecked"]));
    const unknown = (...names: string[]) =>
      Object.fromEntries(names.map((name) => [name, "unknown"]));
    const states = async (name: string) => {
      const { files, sound } = await verify({ path: to(name) });
      return [statesOf(files), sound];
    };

    const model = { model: output, tokenizer };
    await exportModel({ ...model, format: "safetensors", output: to("st") });
    const described = unknown("config.json", "tokenizer_config.json");
    const st = unchecked("tokenizer.json", "model.safetensors");
    assertEquals(await states("st"), [{ ...st, ...described }, true]);
    await exportModel({
      ...model,
      format: "gguf",
      dtype: "f32",
      output: to("gguf"),
    });
    assertEquals(await states("gguf"), [unchecked("model-f32.gguf"), true]);
    for (const format of TOKENIZER_FORMATS) {
      await exportTokenizer({ tokenizer, format, output: to(format) });
    }
    assertEquals(await states("hf"), [unchecked("tokenizer.json"), true]);
    assertEquals(await states("gpt2"), [
      { ...unchecked("vocab.json"), ...unknown("merges.txt") },
      true,
    ]);
    const { stdout } = await run(["verify", "--path", to("gpt2")]);
    assertStringIncludes(stdout, "merges.txt: not a file that verify knows\n");

    // What other programs have, and is not read here, may be whole.
    await Deno.writeTextFile(
      to("hf/tokenizer.json"),
      '{"model":{"type":"Unigram"}}',
    );
    assertEquals(await states("hf"), [unknown("tokenizer.json"), true]);
    const header = '{"x":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}';
    const bytes = new Uint8Array(8 + header.length + 8);
    bytes[0] = header.length;
    bytes.set(new TextEncoder().encode(header), 8);
    const other = "other.safetensors";
    await Deno.writeFile(to(other), bytes);
    assertEquals(await states(other), [unknown(other), true]);

    for (const name of ["st/model.safetensors", "gguf/model-f32.gguf"]) {
      const { size } = await Deno.stat(to(name));
      await Deno.truncate(to(name), size - 1);
      const { files: [{ state, reason }] } = await verify({ path: to(name) });
      assertEquals(state, "damaged");
      assertStringIncludes(reason!, "lies beyond its data");
    }
  });
});

Deno.test("verify refuses what is not of ours in one line", async () => {
  await withFiles({ "a.txt": "Era uma vez.\n" }, async (folder) => {
    await refuses(["verify", "--path", folder], 1, "it holds no file of ours");
    const nowhere = ["verify", "--path", `${folder}/no`];
    await refuses(nowhere, 1, "no such file or folder");
    const text = ["verify", "--path", `${folder}/a.txt`];
    await refuses(text, 1, "as a file of ours: it is text");
  });
});
