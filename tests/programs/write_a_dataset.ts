/** Documents become token files, and these are read without being loaded. */

import {
  openDataset,
  TokenizedDatasetWriter,
} from "@ptbr-slm/ptbr-slm/dataset";
import { BPETokenizer, BPETrainer } from "@ptbr-slm/ptbr-slm/tokenizer";
import { assertEquals } from "@std/assert";

const text = "um dia, outro dia, todo dia";
const bytes = new TextEncoder().encode(text);
const { vocab } = await new BPETrainer().train([{ name: "dia", bytes }]);
const tokenizer = new BPETokenizer(vocab), ids = tokenizer.encode(text);
const folder = await Deno.makeTempDir();
{
  await using writer = await TokenizedDatasetWriter.create(folder, tokenizer);
  for (let i = 0; i < 9; i++) await writer.write("train", ids, text.length);
  await writer.write("val", ids, text.length);
  await writer.finish();
}
using dataset = await openDataset(folder, vocab);
assertEquals(dataset.train.length, 9 * (ids.length + 2)); // [BOS] and [EOS]
const windows = dataset.train.windows(4);
assertEquals(windows.get(0).inputs[0], vocab.specialId("[BOS]"));
assertEquals(windows.get(0).targets[3], windows.get(1).inputs[0]);
