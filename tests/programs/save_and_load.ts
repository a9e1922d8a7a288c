/** A training run stops, is loaded, and goes on as if nothing had happened. */

import { ReferenceBackend } from "@ptbr-slm/ptbr-slm/backend";
import { loadCheckpoint } from "@ptbr-slm/ptbr-slm/checkpoint";
import { RWKV, RWKVConfig } from "@ptbr-slm/ptbr-slm/model";
import {
  BPETokenizer,
  BPETrainer,
  identityOf,
} from "@ptbr-slm/ptbr-slm/tokenizer";
import { Trainer, TrainingConfig } from "@ptbr-slm/ptbr-slm/train";
import { assertEquals } from "@std/assert";

const bytes = new TextEncoder().encode("o rio corre\n");
const { vocab } = await new BPETrainer().train([{ name: "rio", bytes }]);
const tokenizer = new BPETokenizer(vocab),
  ids = tokenizer.encode("o rio corre");
const batch = { rows: 1, inputs: ids.slice(0, -1), targets: ids.slice(1) };
const shape = { vocabSize: vocab.size, dModel: 8, dFfn: 16 };
const backend = new ReferenceBackend();
const model = new RWKV(new RWKVConfig(shape), backend, { training: true });
model.initialize(1);
const trainer = new Trainer(model, new TrainingConfig());
await trainer.trainStep(() => batch);

const folder = await Deno.makeTempDir();
await tokenizer.save(`${folder}/tokenizer.json`);
await trainer.saveCheckpoint(`${folder}/checkpoint_1.mpk`, {
  dataPosition: 16,
  tokenizerSha256: await identityOf(vocab),
});
const loaded = await loadCheckpoint(folder, backend, { training: true });
assertEquals(loaded.train?.dataPosition, 16);
const gone = await loaded.trainer!.trainStep(() => batch);
assertEquals(gone, await trainer.trainStep(() => batch));
await Deno.remove(folder, { recursive: true });
