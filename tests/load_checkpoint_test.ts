/** A checkpoint comes with its tokenizer and its trainer, or not at all. */

import { assertEquals, assertRejects } from "@std/assert";
import { ReferenceBackend } from "../lib/backend/reference/reference_backend.ts";
import { saveModel } from "../lib/checkpoint/native/mpk_writer.ts";
import { loadCheckpoint } from "../lib/load_checkpoint.ts";
import { RWKVConfig } from "../lib/model/config.ts";
import { RWKV } from "../lib/model/rwkv.ts";
import { BPETokenizer } from "../lib/tokenizer/bpe/bpe_tokenizer.ts";
import { BPETrainer } from "../lib/tokenizer/bpe/bpe_trainer.ts";
import { identityOf } from "../lib/tokenizer/tokenizer.ts";
import { Trainer } from "../lib/train/trainer.ts";
import { TrainingConfig } from "../lib/training_config.ts";

const backend = new ReferenceBackend();

async function newTokenizer(text: string): Promise<BPETokenizer> {
  const bytes = new TextEncoder().encode(text);
  const { vocab } = await new BPETrainer({ vocabSize: 264 })
    .train([{ name: "a", bytes }]);
  return new BPETokenizer(vocab);
}

/** A folder with a checkpoint after one step, and its tokenizer. */
async function newRun() {
  const tokenizer = await newTokenizer("o rio corre, o rio corre\n");
  const config = new RWKVConfig({
    vocabSize: tokenizer.vocabSize,
    dModel: 8,
    dFfn: 16,
  });
  const model = new RWKV(config, backend, { training: true });
  model.initialize(1);
  const recipe = new TrainingConfig({ maxGradNorm: 0.5, seed: 9 });
  const trainer = new Trainer(model, recipe);
  const ids = tokenizer.encode("o rio corre");
  const batch = { rows: 1, inputs: ids.slice(0, -1), targets: ids.slice(1) };
  await trainer.trainStep(() => batch);
  const folder = await Deno.makeTempDir();
  const tokenizerSha256 = await identityOf(tokenizer.vocab);
  await trainer.saveCheckpoint(`${folder}/checkpoint_1.mpk`, {
    dataPosition: 32,
    tokenizerSha256,
  });
  await saveModel(`${folder}/model_final.mpk`, model, { tokenizerSha256 });
  await tokenizer.save(`${folder}/tokenizer.json`);
  return { folder, trainer, batch, tokenizer };
}

Deno.test("loadCheckpoint() gives a trainer that goes on exactly", async () => {
  const { folder, trainer, batch, tokenizer } = await newRun();
  const loaded = await loadCheckpoint(folder, backend, { training: true });
  assertEquals(loaded.path, `${folder}/checkpoint_1.mpk`);
  assertEquals(loaded.tokenizer.encode("rio"), tokenizer.encode("rio"));
  assertEquals(loaded.train?.dataPosition, 32);
  assertEquals(loaded.trainer?.config, trainer.config);
  const next = () => batch;
  assertEquals(
    await loaded.trainer!.trainStep(next),
    await trainer.trainStep(next),
  );
});

Deno.test("loadCheckpoint() gives a finished model without a trainer", async () => {
  const { folder, trainer } = await newRun();
  const path = `${folder}/model_final.mpk`;
  const loaded = await loadCheckpoint(path, backend, { training: true });
  assertEquals([loaded.train, loaded.trainer], [undefined, undefined]);
  const [own] = trainer.model.parameters, [read] = loaded.model.parameters;
  assertEquals(await backend.read(read.data), await backend.read(own.data));
});

Deno.test("loadCheckpoint() refuses another tokenizer", async () => {
  const { folder } = await newRun();
  const tokenizer = `${folder}/other.json`;
  await (await newTokenizer("a chuva cai, a chuva cai\n")).save(tokenizer);
  await assertRejects(
    () => loadCheckpoint(folder, backend, { tokenizer }),
    RangeError,
    "with this tokenizer: it was trained with another",
  );
  await Deno.remove(`${folder}/tokenizer.json`);
  await assertRejects(
    () => loadCheckpoint(folder, backend),
    Error,
    `Cannot read tokenizer "${folder}/tokenizer.json"`,
  );
});
