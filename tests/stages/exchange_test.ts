/** The stages that exchange tokenizers and models with other programs. */

import { assertEquals, assertRejects } from "@std/assert";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { saveModel } from "../../lib/checkpoint/native/mpk_writer.ts";
import { RWKVConfig } from "../../lib/model/config.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import { exportModel } from "../../lib/stages/export_model.ts";
import { exportTokenizer } from "../../lib/stages/export_tokenizer.ts";
import { importModel } from "../../lib/stages/import_model.ts";
import { importTokenizer } from "../../lib/stages/import_tokenizer.ts";
import { TEXT } from "../tokenizer/interchange/vocabularies.ts";
import { learntFile } from "../tokenizer/sentencepiece/learnt.ts";
import { reads, withFiles, writeSmallVocab } from "../commands/run_cli.ts";
import { rejectsWhenAborted } from "./aborted.ts";

Deno.test("exportModel() and importModel() leave nothing when aborted, and go there and back", () =>
  withFiles({}, async (folder) => {
    const model = `${folder}/model`;
    const vocab = await writeSmallVocab(`${model}/tokenizer.json`);
    const config = new RWKVConfig({
      vocabSize: vocab.size,
      dModel: 16,
      dFfn: 32,
      maxSeqLen: 24,
      dropout: 0, // which weights do not say
    });
    const own = new RWKV(config, new ReferenceBackend());
    own.initialize(3);
    await saveModel(`${model}/model_final.mpk`, own);

    const output = `${folder}/exported`;
    const work = { model, output, format: "safetensors" } as const;
    await rejectsWhenAborted((options) => exportModel({ ...work, ...options }));
    assertEquals(await reads(output).catch(() => []), []);
    let told = 0;
    const { files, parameters } = await exportModel({
      ...work,
      onProgress: ({ done, total }) => told = done / total,
    });
    assertEquals(parameters, config.numParameters());
    assertEquals(told > 0.5 && told < 1, true);

    const back = { input: files[0], output: `${folder}/back`, maxSeqLen: 24 };
    await rejectsWhenAborted((options) => importModel({ ...back, ...options }));
    assertEquals(await reads(back.output).catch(() => []), []);
    const names: (string | undefined)[] = [];
    const result = await importModel({
      ...back,
      onProgress: ({ name, done }) => names[done] = name,
    });
    assertEquals(result.config, config.toJSON());
    assertEquals(
      names,
      Array.from(own.parameters, (parameter) => parameter.name),
    );
    assertEquals(await reads(back.output), [
      "model_final.mpk",
      "tokenizer.json",
    ]);
    await assertRejects(
      () => exportModel({ ...work, dtype: "q8_0" }),
      RangeError,
      "Cannot export to safetensors: it has no q8_0",
    );
  }));

Deno.test("exportTokenizer() and importTokenizer() write nothing when aborted", () =>
  withFiles({ "texto.txt": "Era uma vez.\n" }, async (folder) => {
    const tokenizer = `${folder}/tokenizer.json`;
    await writeSmallVocab(tokenizer);
    const signal = AbortSignal.abort();
    const output = `${folder}/gpt2`;
    const work = { tokenizer, output, format: "gpt2" } as const;
    await assertRejects(
      () => exportTokenizer({ ...work, signal }),
      DOMException,
    );
    assertEquals(await reads(folder), ["texto.txt", "tokenizer.json"]);
    const { files } = await exportTokenizer(work);
    const back = { input: output, output: `${folder}/back.json` };
    await assertRejects(
      () => importTokenizer({ ...back, signal }),
      DOMException,
    );
    assertEquals(files, [`${output}/vocab.json`, `${output}/merges.txt`]);
    assertEquals((await importTokenizer(back)).format, "gpt2");
    await assertRejects(
      () => importTokenizer({ ...back, input: `${folder}/texto.txt` }),
      Error,
      "as a tokenizer: it is text, which tokenize and train-tokenizer take",
    );
  }));

Deno.test("a model with a vocabulary of SentencePiece goes to safetensors and back", () =>
  withFiles({
    "hf/tokenizer.json": JSON.stringify(learntFile(TEXT, "always")),
  }, async (folder) => {
    const { tokenizer, vocabSize } = await importTokenizer({
      input: `${folder}/hf`,
      output: `${folder}/model`,
    });
    const config = new RWKVConfig({
      architecture: "rwkv7",
      vocabSize: vocabSize + 3,
      dModel: 64,
      dFfn: 64,
      nLayers: 1,
    });
    const own = new RWKV(config, new ReferenceBackend());
    await saveModel(`${folder}/model/model_final.mpk`, own);
    const work = { model: `${folder}/model`, output: `${folder}/exported` };
    const { files } = await exportModel({ ...work, format: "safetensors" });
    const back = await importModel({
      input: files[0],
      output: `${folder}/back`,
    });
    assertEquals(
      await Deno.readTextFile(back.tokenizer!),
      await Deno.readTextFile(tokenizer),
    );
    const { eos_token } = JSON.parse(
      await Deno.readTextFile(`${folder}/exported/tokenizer_config.json`),
    );
    assertEquals(eos_token, "</s>");
    await assertRejects(
      () => exportModel({ ...work, format: "gguf" }),
      RangeError,
      "its tokenizer is SentencePiece's",
    );
    await assertRejects(
      () => exportTokenizer({ tokenizer, output: folder, format: "tiktoken" }),
      RangeError,
      "the format has no merges of characters",
    );
  }));

Deno.test("importModel() says that the tokenizer within a GGUF is not read", () =>
  withFiles({}, async (folder) => {
    const model = `${folder}/model`, output = `${folder}/new`;
    const vocab = await writeSmallVocab(`${model}/tokenizer.json`);
    const config = new RWKVConfig({
      vocabSize: vocab.size,
      architecture: "rwkv7",
      dModel: 64,
      dFfn: 256,
    });
    const own = new RWKV(config, new ReferenceBackend());
    own.initialize(3);
    await saveModel(`${model}/model_final.mpk`, own);
    const file = `${folder}/gguf`;
    const { files } = await exportModel({
      model,
      output: file,
      format: "gguf",
    });
    const { notes } = await importModel({ input: files[0], output });
    assertEquals(
      notes.some((note) => note.startsWith("The tokenizer within a GGUF")),
      true,
      notes.join("; "),
    );
  }));
