import { assertEquals, assertThrows } from "@std/assert";
import { MODEL_SIZES, RWKVConfig, TrainingConfig } from "../lib/config.ts";

for (const size of MODEL_SIZES) {
  Deno.test(`configs/model_${size}.toml is RWKVConfig.ofSize("${size}")`, async () => {
    const toml = await Deno.readTextFile(`configs/model_${size}.toml`);
    assertEquals(RWKVConfig.fromToml(toml), RWKVConfig.ofSize(size));
  });
}

Deno.test("RWKVConfig.fromToml() refuses unknown keys and bad TOML", () => {
  assertThrows(
    () => RWKVConfig.fromToml("d_modle = 5"),
    SyntaxError,
    'unknown field "dModle"',
  );
  assertThrows(
    () => RWKVConfig.fromToml("d_model = "),
    SyntaxError,
    "Cannot read the model configuration",
  );
});

Deno.test("RWKVConfig refuses sizes that cannot be", () => {
  assertThrows(
    () => new RWKVConfig({ vocabSize: 70_000 }),
    RangeError,
    "it must be from 1 to 65536",
  );
  assertThrows(
    () => new RWKVConfig({ nLayers: 1.5 }),
    RangeError,
    "not a whole number",
  );
  assertThrows(() => new RWKVConfig({ dropout: NaN }), RangeError);
  assertThrows(
    () => RWKVConfig.fromToml('architecture = "rwkv99"'),
    RangeError,
    "it is one of classic, rwkv4",
  );
});

Deno.test("RWKVConfig and TrainingConfig survive JSON", () => {
  const model = RWKVConfig.ptbrMini({ architecture: "classic", vocabSize: 99 });
  assertEquals(new RWKVConfig(JSON.parse(JSON.stringify(model))), model);
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
