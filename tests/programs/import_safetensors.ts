/** Weights of another program become a model that computes the same. */

import { ReferenceBackend } from "@ptbr-slm/ptbr-slm/backend";
import {
  Checkpoint,
  ForeignModel,
  officialTensors,
  saveModel,
  writeSafetensors,
} from "@ptbr-slm/ptbr-slm/checkpoint";
import { logitsAfter } from "@ptbr-slm/ptbr-slm/generate";
import { RWKV, RWKVConfig } from "@ptbr-slm/ptbr-slm/model";
import { assertEquals } from "@std/assert";

const backend = new ReferenceBackend(), folder = await Deno.makeTempDir();
const config = new RWKVConfig({ vocabSize: 16, dModel: 64, dFfn: 64 });
const model = new RWKV(config, backend);
model.initialize(5);
await saveModel(`${folder}/model_final.mpk`, model);
const path = `${folder}/rwkv4.safetensors`;
{
  using checkpoint = await Checkpoint.open(folder);
  await writeSafetensors(path, officialTensors(checkpoint, "F32"));
}
using foreign = await ForeignModel.open(path);
assertEquals(foreign.format, "safetensors");
assertEquals(foreign.config.architecture, "rwkv4");
const same = foreign.load(backend);
assertEquals(await logitsAfter(same, [1, 2]), await logitsAfter(model, [1, 2]));
