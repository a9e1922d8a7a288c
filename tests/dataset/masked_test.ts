import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import {
  DataLoader,
  sequentialBatches,
} from "../../lib/dataset/data_loader.ts";
import { TokenizedDatasetWriter } from "../../lib/dataset/dataset_writer.ts";
import { evenWindows } from "../../lib/dataset/even_windows.ts";
import { MixedLoader } from "../../lib/dataset/mixed_loader.ts";
import { DocumentBorders } from "../../lib/dataset/document_borders.ts";
import { ShuffledDocuments } from "../../lib/dataset/shuffled_documents.ts";
import { openDataset } from "../../lib/dataset/open_dataset.ts";
import { tokenizerOf } from "../../lib/tokenizer/vocab/any_tokenizer.ts";
import { Evaluator } from "../../lib/train/evaluate.ts";
import { Trainer } from "../../lib/train/trainer.ts";
import { TrainingConfig } from "../../lib/training_config.ts";
import { writeSmallVocab } from "../commands/run_cli.ts";
import { tinyModel } from "../checkpoint/models.ts";

/** A dataset of two documents, of the first of which the end is to be learnt. */
async function masked() {
  const folder = await Deno.makeTempDir();
  const vocab = await writeSmallVocab(`${folder}/tokenizer.json`);
  const tokenizer = tokenizerOf(vocab);
  {
    await using writer = await TokenizedDatasetWriter.create(folder, tokenizer);
    const mask = Uint8Array.of(0, 0, 1);
    await writer.write("train", Uint16Array.of(7, 8, 9), 3, mask);
    await writer.write("train", Uint16Array.of(10, 11), 2);
    await writer.finish();
  }
  return { folder, vocab, tokenizer };
}

Deno.test("a dataset says which of its tokens are to be predicted", async () => {
  const { folder, vocab, tokenizer } = await masked();
  using dataset = await openDataset(folder, vocab);
  const { train } = dataset;
  const expected = [0, 0, 0, 1, 1, 1, 1, 1, 1];
  assertEquals([...train.mask!], expected);
  const shape = { batchSize: 1, contextLength: 8, seed: 1 };
  const weights = expected.slice(1).map(Number);
  for (
    const batch of [
      new DataLoader(train, shape).next(),
      ...sequentialBatches(train, shape),
      ...evenWindows([train], shape).batches(),
      ...evenWindows([train, train], shape, 1).batches(),
    ]
  ) assertEquals([...batch.weights!], weights);

  const whole = {
    path: "whole",
    length: train.length,
    read: (start: number, into: Uint16Array) => train.read(start, into),
  };
  const loader = new MixedLoader(
    [{ dataset: train, weight: 1 }, { dataset: whole, weight: 1 }],
    { ...shape, batchSize: 20 },
  );
  const { weights: mixed } = loader.next();
  const rows = Array.from(
    { length: 20 },
    (_, row) => mixed!.subarray(8 * row, 8 * row + 8).join(""),
  );
  assertEquals(new Set(rows), new Set([weights.join(""), "11111111"]));
  assertEquals(new DataLoader(whole, shape).next().weights, undefined);

  // Documents in another order take what is to be learnt of them along.
  const borders = await DocumentBorders.find(train, {
    end: tokenizer.vocab.specialId("[EOS]"),
  });
  const shuffled = new ShuffledDocuments(train, borders, 1);
  const orders = new Set<string>();
  for (let number = 0; number < 8; number++) {
    const epoch = shuffled.epoch(number), ids = new Uint16Array(9);
    epoch.read(0, ids);
    const learnt = ids.filter((_, i) => epoch.mask![i] === 1);
    assertEquals(learnt.includes(9), true);
    assertEquals(learnt.includes(7), false);
    orders.add(epoch.mask!.join(""));
  }
  assertEquals(orders.size, 2);
});

Deno.test("a damaged mask is refused, and another dataset takes it away", async () => {
  const { folder, vocab, tokenizer } = await masked();
  await Deno.writeFile(`${folder}/train.mask`, new Uint8Array(9));
  await assertRejects(
    () => openDataset(folder, vocab),
    Error,
    'train.mask": it is damaged',
  );
  {
    await using writer = await TokenizedDatasetWriter.create(folder, tokenizer);
    await writer.write("train", Uint16Array.of(7, 8), 2);
    await writer.finish();
  }
  using dataset = await openDataset(folder, vocab);
  assertEquals(dataset.train.mask, undefined);
  await assertRejects(() => Deno.stat(`${folder}/train.mask`));
});

Deno.test("loss and gradients are of the targets that count alone", async () => {
  const batch = {
    rows: 1,
    inputs: Uint16Array.of(1, 2, 3, 4),
    targets: Uint16Array.of(2, 3, 4, 5),
    weights: Float32Array.of(0, 0, 1, 1),
  };
  const model = tinyModel({ dropout: 0 });
  const lengths = new Uint8Array(11).fill(2);
  const evaluate = (targets: Uint16Array, weights?: Float32Array) =>
    new Evaluator(model).evaluate([{ ...batch, targets, weights }], lengths);
  const counted = await evaluate(batch.targets, batch.weights);
  assertEquals([counted.tokens, counted.bytes], [2, 4]);
  // What does not count may be anything.
  const other = await evaluate(Uint16Array.of(9, 9, 4, 5), batch.weights);
  assertEquals(counted, other);
  const rest = await evaluate(batch.targets, Float32Array.of(1, 1, 0, 0));
  const all = await evaluate(batch.targets);
  assertAlmostEquals((counted.loss + rest.loss) / 2, all.loss, 1e-6);

  const stepOf = async (targets: Uint16Array, weights?: Float32Array) => {
    const trained = tinyModel({ dropout: 0 }, { training: true });
    const trainer = new Trainer(
      trained,
      new TrainingConfig({ gradientAccumulation: 1, warmupSteps: 0 }),
    );
    const { loss } =
      (await trainer.trainStep(() => ({ ...batch, targets, weights })))!;
    const [{ data }] = trained.parameters;
    return { loss, values: await trained.backend.read(data) };
  };
  const first = await stepOf(batch.targets, batch.weights);
  assertAlmostEquals(first.loss, counted.loss, 1e-6);
  assertEquals(first, await stepOf(Uint16Array.of(9, 9, 4, 5), batch.weights));
});
