/** How well a model predicts a text: loss, perplexity, bits per byte. */

import { ReferenceBackend } from "@ptbr-slm/ptbr-slm/backend";
import { logitsAfter } from "@ptbr-slm/ptbr-slm/generate";
import { RWKV, RWKVConfig } from "@ptbr-slm/ptbr-slm/model";
import { crossEntropyLoss, Evaluator } from "@ptbr-slm/ptbr-slm/train";
import { assertAlmostEquals, assertEquals } from "@std/assert";

const config = new RWKVConfig({ vocabSize: 8, dModel: 8, dFfn: 16 });
const model = new RWKV(config, new ReferenceBackend());
model.initialize(1);
const batch = {
  rows: 1,
  inputs: Uint16Array.of(1, 2, 3),
  targets: Uint16Array.of(2, 3, 4),
};
const byteLengths = new Uint32Array(8).fill(2); // of text, for each id
const found = await new Evaluator(model).evaluate([batch], byteLengths);
assertEquals([found.tokens, found.bytes], [3, 6]);

// The same by hand.
const rows = await Promise.all(
  [[1], [1, 2], [1, 2, 3]].map((ids) => logitsAfter(model, ids)),
);
const logits = Float32Array.from(rows.flatMap((row) => [...row]));
assertAlmostEquals(crossEntropyLoss(logits, batch.targets), found.loss, 1e-5);
