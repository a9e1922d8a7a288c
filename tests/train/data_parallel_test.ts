import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { RWKVConfig } from "../../lib/model/config.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import { Trainer } from "../../lib/train/trainer.ts";
import { TrainingConfig } from "../../lib/training_config.ts";

function trainerOf(gradientParts?: number): Trainer {
  const config = new RWKVConfig({ vocabSize: 8, dModel: 8, dFfn: 16 });
  const model = new RWKV(config, new ReferenceBackend(), { training: true });
  model.initialize(1);
  const recipe = { gradientAccumulation: 4, gradientParts, warmupSteps: 0 };
  return new Trainer(model, new TrainingConfig(recipe));
}

const batchAt = (micro: number) => ({
  rows: 1,
  inputs: Uint16Array.of(micro, 2, 3, 4),
  targets: Uint16Array.of(2, 3, 4, micro),
});

Deno.test("Trainer makes the same step in parts, but for the last bits", async () => {
  const whole = await trainerOf().trainStep(batchAt);
  const asked: number[] = [];
  const parts = await trainerOf(3).trainStep((micro) => {
    asked.push(micro);
    return batchAt(micro);
  });
  assertEquals(asked, [0, 3, 1, 2]);
  assertAlmostEquals(parts!.loss, whole!.loss, 1e-6);
  assertAlmostEquals(parts!.gradientNorm, whole!.gradientNorm, 1e-5);
  assertEquals(parts!.tokens, whole!.tokens);
});

Deno.test("Trainer leaves out a step in parts that is told to end", async () => {
  const trainer = trainerOf(2), controller = new AbortController();
  const result = await trainer.trainStep((micro) => {
    if (micro === 1) controller.abort();
    return batchAt(micro);
  }, controller.signal);
  assertEquals([result, trainer.step], [undefined, 0]);
});

Deno.test("Trainer refuses more parts than micro-batches", () => {
  assertThrows(
    () => trainerOf(5),
    RangeError,
    "Cannot make 5 parts of a step: it has 4 micro-batches",
  );
});
