import { assertEquals, assertThrows } from "@std/assert";
import { MODEL_SIZES, RWKVConfig } from "../../lib/model/config.ts";

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

Deno.test("RWKVConfig survives JSON", () => {
  const model = RWKVConfig.ptbrMini({ architecture: "classic", vocabSize: 99 });
  assertEquals(new RWKVConfig(JSON.parse(JSON.stringify(model))), model);
});

Deno.test("RWKVConfig takes layerNormEps as what it is, and nothing else", () => {
  const config = RWKVConfig.fromToml("d_model = 64\nlayer_norm_eps = 1e-5");
  assertEquals(config.layerNormEps, 1e-5);
  assertEquals(config, new RWKVConfig({ dModel: 64 }));
  assertThrows(
    () => new RWKVConfig({ layerNormEps: 1e-6 }),
    RangeError,
    "Cannot use layerNormEps 0.000001: it is 0.00001 in all models",
  );
});
