import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { CpuBackend } from "../../lib/backend/cpu/cpu_backend.ts";
import { ARCHITECTURES } from "../../lib/model/architecture.ts";
import { RWKVConfig } from "../../lib/model/config.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import {
  fitTraining,
  shapeThatFits,
  trainingMemory,
} from "../../lib/train/memory.ts";
import { Trainer } from "../../lib/train/trainer.ts";
import {
  OPTIMIZERS,
  TrainingConfig,
  type TrainingFields,
} from "../../lib/training_config.ts";

const RECIPES: readonly Partial<TrainingFields>[] = [
  { optimizer: "adamw" },
  { optimizer: "muon", emaDecay: 0.9 },
];

for (const architecture of ARCHITECTURES) {
  for (const recipe of RECIPES) {
    const { optimizer, emaDecay } = recipe;
    const name = `${architecture} by ${optimizer}${
      emaDecay ? ", averaged" : ""
    }`;
    Deno.test(`trainingMemory() is what a step of ${name} takes, but for the gaps`, async () => {
      using backend = await CpuBackend.create({ threads: 1, blas: "none" });
      const config = new RWKVConfig({
        architecture,
        vocabSize: 500,
        dModel: 128,
        nLayers: 3,
        dFfn: 512,
      });
      const before = backend.bytesUsed;
      const model = new RWKV(config, backend, { training: true });
      const training = new TrainingConfig({
        gradientAccumulation: 1,
        ...recipe,
      });
      const trainer = new Trainer(model, training);
      const batch = {
        rows: 2,
        inputs: new Uint16Array(2 * 256),
        targets: new Uint16Array(2 * 256),
      };
      await trainer.trainStep(() => batch);
      const used = backend.bytesUsed - before;
      const counted = trainingMemory(config, { batch: 2, time: 256, training });
      assert(
        Math.abs(used / counted - 1) < 0.01,
        `${used}, not ${counted} bytes`,
      );
    });
  }
}

Deno.test("trainingMemory() knows what a recipe keeps", () => {
  const config = RWKVConfig.ptbrMicro(), shape = { batch: 1, time: 64 };
  const bytes = (fields: Partial<TrainingFields> = {}) =>
    trainingMemory(config, { ...shape, training: new TrainingConfig(fields) });
  assertEquals(bytes(), trainingMemory(config, shape));
  const weights = 4 * config.numParameters();
  assertAlmostEquals((bytes({ emaDecay: 0.9 }) - bytes()) / weights, 1, 1e-3);
  // A moment less of the matrices, more than room for eight at work.
  const larger = RWKVConfig.ofSize("85m");
  const [adamw, muon] = OPTIMIZERS.map((optimizer) =>
    trainingMemory(larger, {
      ...shape,
      training: new TrainingConfig({ optimizer }),
    })
  );
  assert(muon < adamw - 0.2e9);
});

Deno.test("fitTraining() recomputes only where it helps, shapeThatFits() takes all that fits", () => {
  const config = RWKVConfig.ptbrMicro(), shape = { batch: 4, time: 256 };
  const whole = trainingMemory(config, shape);
  const less = trainingMemory(config, { ...shape, recompute: true });
  assertEquals(fitTraining(config, shape, whole), {
    bytes: whole,
    recompute: false,
    fits: true,
  });
  assertEquals(fitTraining(config, shape, whole - 1), {
    bytes: less,
    recompute: true,
    fits: true,
    whole,
  });
  assertEquals(fitTraining(config, shape, less - 1).fits, false);
  assertEquals(shapeThatFits(config, shape, less), shape);
  assertEquals(shapeThatFits(config, shape, less - 1), { batch: 3, time: 256 });
});

Deno.test("trainingMemory() of a LoRA has neither gradients nor moments of the model", () => {
  const config = RWKVConfig.ptbrMicro(), shape = { batch: 1, time: 16 };
  const whole = trainingMemory(config, shape);
  const recipe = new TrainingConfig({ adapter: "lora", loraRank: 4 });
  const beside = trainingMemory(config, { ...shape, training: recipe });
  const spared = 3 * 4 * config.numParameters(); // three numbers a weight
  assert(whole - beside > 0.95 * spared, `${whole - beside} of ${spared}`);
  const freeze = new TrainingConfig({ freeze: "emb,head" });
  const frozen = trainingMemory(config, { ...shape, training: freeze });
  assert(frozen < whole - 3 * 4 * 2 * 32_000 * 256 * 0.95, `${frozen}`);
});
