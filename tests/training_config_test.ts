import { assertEquals, assertThrows } from "@std/assert";
import { TrainingConfig } from "../lib/training_config.ts";

Deno.test("TrainingConfig survives JSON", () => {
  const training = new TrainingConfig({ sequenceLength: 64, maxSteps: 7 });
  assertEquals(
    new TrainingConfig(JSON.parse(JSON.stringify(training))),
    training,
  );
});

Deno.test("TrainingConfig has the documented defaults", () => {
  const config = new TrainingConfig();
  assertEquals(
    [
      config.learningRate,
      config.batchSize,
      config.gradientAccumulation,
      config.warmupSteps,
      config.maxSteps,
      config.weightDecay,
      config.clipNorm,
      config.saveEvery,
    ],
    [3e-4, 2, 16, 500, 50_000, 0.01, 1, 2500],
  );
});

Deno.test("TrainingConfig takes maxGradNorm for clipNorm", () => {
  const config = new TrainingConfig({ maxGradNorm: 0.5 });
  assertEquals([config.clipNorm, config.maxGradNorm], [0.5, 0.5]);
  assertEquals(config, new TrainingConfig({ clipNorm: 0.5 }));
  assertThrows(
    () => new TrainingConfig({ clipNorm: 1, maxGradNorm: 2 }),
    RangeError,
    "Cannot use clipNorm 1 and maxGradNorm 2: they are one field",
  );
  assertThrows(() => new TrainingConfig({ maxGradNorm: 0 }), RangeError);
});
