/** A model learns ten steps of a short text. */

import { openBackend } from "@ptbr-slm/ptbr-slm/backend";
import { RWKV, RWKVConfig } from "@ptbr-slm/ptbr-slm/model";
import { Trainer, TrainingConfig } from "@ptbr-slm/ptbr-slm/train";
import { assert, assertEquals } from "@std/assert";

using backend = await openBackend("cpu", { threads: 1, blas: "none" });
const config = new RWKVConfig({ vocabSize: 64, dModel: 32, dFfn: 64 });
const model = new RWKV(config, backend, { training: true });
model.initialize(42);
const trainer = new Trainer(
  model,
  new TrainingConfig({
    learningRate: 1e-2,
    warmupSteps: 1,
    gradientAccumulation: 1,
    maxGradNorm: 1,
  }),
);
const ids = Uint16Array.from({ length: 17 }, (_, i) => i * 7 % 64);
const batch = {
  rows: 1,
  inputs: ids.subarray(0, 16),
  targets: ids.subarray(1),
};
const losses: number[] = [];
while (trainer.step < 10) {
  const { loss } = (await trainer.trainStep(() => batch))!;
  losses.push(loss);
}
assertEquals(losses.length, 10);
assert(losses[9] < 0.7 * losses[0]);
