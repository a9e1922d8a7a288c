import { assertEquals, assertThrows } from "@std/assert";
import { MODEL_SIZES, RWKVConfig } from "../../lib/model/config.ts";
import { declaredShapes } from "../../lib/model/rwkv.ts";

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

Deno.test("RWKVConfig has value embeddings in the last blocks where it can", () => {
  const shape = { vocabSize: 10, dModel: 64, dFfn: 16, nLayers: 3 };
  for (const architecture of ["rwkv4", "rwkv7"] as const) {
    const plain = new RWKVConfig({ ...shape, architecture });
    const config = new RWKVConfig({ ...plain.toJSON(), valueEmbeddings: 2 });
    assertEquals(config.numParameters(), plain.numParameters() + 2 * 10 * 64);
    const names = [...declaredShapes(config).keys()];
    assertEquals(
      names.filter((name) => name.includes("value_embedding")),
      [1, 2].map((layer) => `blocks.${layer}.att.value_embedding.weight`),
    );
  }
  assertThrows(
    () => new RWKVConfig({ ...shape, valueEmbeddings: 4 }),
    RangeError,
    "Cannot use valueEmbeddings 4: the model has 3 blocks",
  );
  assertThrows(
    () =>
      new RWKVConfig({
        ...shape,
        architecture: "classic",
        valueEmbeddings: 1,
      }),
    RangeError,
    "Cannot use valueEmbeddings with classic: it has none",
  );
});
