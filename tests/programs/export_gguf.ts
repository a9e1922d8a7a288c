/** A model and its tokenizer go to llama.cpp in one file. */

import { ReferenceBackend } from "@ptbr-slm/ptbr-slm/backend";
import {
  Checkpoint,
  ggufModel,
  ggufTensors,
  ggufTokenizer,
  saveModel,
  writeGguf,
} from "@ptbr-slm/ptbr-slm/checkpoint";
import { RWKV, RWKVConfig } from "@ptbr-slm/ptbr-slm/model";
import { BPETrainer } from "@ptbr-slm/ptbr-slm/tokenizer";
import { assertEquals } from "@std/assert";

const bytes = new TextEncoder().encode("o rio corre\n");
const { vocab } = await new BPETrainer().train([{ name: "rio", bytes }]);
const shape = { vocabSize: vocab.size, dModel: 64, dFfn: 256, nLayers: 2 };
const config = new RWKVConfig({ architecture: "rwkv7", ...shape });
const model = new RWKV(config, new ReferenceBackend());
model.initialize(1);
const folder = await Deno.makeTempDir();
await saveModel(`${folder}/model_final.mpk`, model);

using checkpoint = await Checkpoint.open(folder);
const fields = new Map([
  ...ggufModel(checkpoint, { name: "rio", type: "F16" }),
  ...ggufTokenizer(vocab).fields,
]);
const path = `${folder}/model.gguf`;
const length = await writeGguf(path, fields, ggufTensors(checkpoint, "F16"));
const file = await Deno.readFile(path);
assertEquals(file.length, length);
assertEquals(new TextDecoder().decode(file.subarray(0, 4)), "GGUF");
