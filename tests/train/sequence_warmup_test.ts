/** Windows that grow: more rows of fewer tokens, the same tokens in all. */

import { assertEquals, assertThrows } from "@std/assert";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { RWKVConfig } from "../../lib/model/config.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import {
  assertCuttable,
  partsOfWindow,
} from "../../lib/train/sequence_warmup.ts";
import { Trainer } from "../../lib/train/trainer.ts";
import { TrainingConfig } from "../../lib/training_config.ts";

Deno.test("partsOfWindow() falls by halves as far as windows can be cut", () => {
  const over = (contextLength: number, sequenceWarmup: number) =>
    Array.from(
      { length: 8 },
      (_, i) => partsOfWindow(i + 1, contextLength, { sequenceWarmup }),
    );
  assertEquals(over(512, 6), [8, 8, 4, 4, 2, 2, 1, 1]);
  assertEquals(over(512, 2), [8, 4, 1, 1, 1, 1, 1, 1]);
  assertEquals(over(12, 4), [4, 4, 2, 2, 1, 1, 1, 1]);
  assertEquals(over(512, 0), [1, 1, 1, 1, 1, 1, 1, 1]);
  assertEquals(over(7, 6), [1, 1, 1, 1, 1, 1, 1, 1]);
});

Deno.test("assertCuttable() refuses windows that cannot be halved", () => {
  assertCuttable(256, { sequenceWarmup: 9 });
  assertCuttable(7, { sequenceWarmup: 0 });
  assertThrows(
    () => assertCuttable(7, { sequenceWarmup: 9 }),
    RangeError,
    "Cannot let windows grow to 7 tokens: give an even number",
  );
});

Deno.test("Trainer.trainStep() learns from short windows as if they were given so", async () => {
  const inputs = Uint16Array.from({ length: 16 }, (_, i) => i * 5 % 8);
  const targets = Uint16Array.from({ length: 16 }, (_, i) => i * 3 % 8);
  const steps = async (rows: readonly number[], sequenceWarmup: number) => {
    const config = new RWKVConfig({ vocabSize: 8, dModel: 8, dFfn: 16 });
    const model = new RWKV(config, new ReferenceBackend(), { training: true });
    model.initialize(1);
    const recipe = new TrainingConfig({
      gradientAccumulation: 1,
      warmupSteps: 0,
      learningRate: 0.01,
      sequenceWarmup,
    });
    const trainer = new Trainer(model, recipe);
    const made: unknown[] = [];
    for (const count of rows) {
      made.push(
        await trainer.trainStep(() => ({ rows: count, inputs, targets })),
      );
    }
    return made;
  };
  const grown = await steps([2, 2, 2, 2], 3);
  assertEquals(grown, await steps([16, 8, 4, 2], 0));
});
