/** Checkpoints as they are read: old ones, those of Burn, and into which model. */

import { decode, encode } from "@msgpack/msgpack";
import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { ReferenceBackend } from "../../../lib/backend/reference/reference_backend.ts";
import {
  Checkpoint,
  loadModel,
} from "../../../lib/checkpoint/native/mpk_reader.ts";
import { saveModel } from "../../../lib/checkpoint/native/mpk_writer.ts";
import { RWKVConfig } from "../../../lib/model/config.ts";
import type { RWKV } from "../../../lib/model/rwkv.ts";
import { randomValues, tinyModel, weightsOf } from "../models.ts";
import { NO_REAL_DATA, REAL_DATA } from "../../real_data.ts";
import { changed, SNAPSHOT, tinyFile, type Tree } from "./tiny_files.ts";

const TINY_LAYOUT = `${REAL_DATA}/burn/tiny-layout.mpk`;

/** As the Rust program wrote it: half precision, no configuration. */
function oldFile(model: RWKV, values: Map<string, Float32Array>): Tree {
  const { dModel: d, dFfn: f, vocabSize: v, nLayers } = model.config;
  const leaf = (name: string, shape: number[]): Tree => {
    const own = values.get(name)!;
    const [inputs, outputs] = shape;
    const turned = shape.length === 2 && name !== "embedding.weight";
    const bytes = new Uint8Array(2 * own.length);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < own.length; i++) {
      const from = turned
        ? (i % outputs) * inputs + Math.floor(i / outputs)
        : i;
      view.setFloat16(2 * i, own[from], true);
    }
    return { id: "0123456789", param: { bytes, shape, dtype: "F16" } };
  };
  const norm = (name: string) => ({
    gamma: leaf(`${name}.gamma`, [d]),
    beta: leaf(`${name}.beta`, [d]),
    epsilon: null,
  });
  const linear = (name: string, shape: number[]) => ({
    weight: leaf(`${name}.weight`, shape),
    bias: null,
  });
  return {
    metadata: {
      float: "half::binary16::f16",
      settings: "HalfPrecisionSettings",
    },
    item: {
      embedding: { weight: leaf("embedding.weight", [v, d]) },
      ...(model.config.embeddingNorm ? { ln_pre: norm("ln_pre") } : {}),
      blocks: Array.from({ length: nLayers }, (_, i) => ({
        ln1: norm(`blocks.${i}.ln1`),
        time_mixing: Object.fromEntries(
          ["key", "value", "receptance", "output"].map((role) => [
            role,
            linear(`blocks.${i}.time_mixing.${role}`, [d, d]),
          ]),
        ),
        ln2: norm(`blocks.${i}.ln2`),
        channel_mixing: {
          key: linear(`blocks.${i}.channel_mixing.key`, [d, f]),
          value: linear(`blocks.${i}.channel_mixing.value`, [f, d]),
          receptance: linear(`blocks.${i}.channel_mixing.receptance`, [d, d]),
          surprise: { deep: [1, 2, 3] },
        },
      })),
      ln_out: norm("ln_out"),
      head: linear("head", [d, v]),
      vocab_size: null,
    },
    _b: [],
    another: { key: "ignored" },
  };
}

for (const embeddingNorm of [true, false]) {
  Deno.test(`Checkpoint.open() infers an old model, ln_pre ${embeddingNorm}`, async () => {
    const model = tinyModel({ architecture: "classic", embeddingNorm });
    const values = new Map(
      [...model.parameters].map((parameter) => [
        parameter.name,
        new Float32Array(new Float16Array(randomValues(parameter, 5))),
      ]),
    );
    const path = await Deno.makeTempDir() + "/checkpoint_2500.mpk";
    await Deno.writeFile(path, encode(oldFile(model, values)));
    using checkpoint = await Checkpoint.open(path.replace(".mpk", ".bin"));
    assertEquals(checkpoint.path, path);
    assertEquals(
      checkpoint.config,
      new RWKVConfig({
        ...model.config,
        timeMixing: "channels",
        maxSeqLen: 256,
      }),
    );
    assertEquals(checkpoint.train, undefined);
    for (const [name, expected] of values) {
      assertEquals(checkpoint.readWeight(name), expected);
    }
    using other = await Checkpoint.open(path, {
      timeMixing: "attention",
      maxSeqLen: 77,
    });
    assertEquals(other.config.timeMixing, "attention");
    assertEquals(other.config.maxSeqLen, 77);
  });
}

Deno.test("Checkpoint.open() knows the context of an old model's preset", async () => {
  const model = tinyModel({
    architecture: "classic",
    dModel: 384,
    nLayers: 6,
    dFfn: 3,
  });
  const path = await Deno.makeTempDir() + "/model_final.mpk";
  await saveModel(path, model);
  const old = await changed(path, (tree) => delete tree.config);
  using checkpoint = await Checkpoint.open(old);
  assertEquals(checkpoint.config.maxSeqLen, 512);
});

Deno.test("Checkpoint.open() takes lm_head for head", async () => {
  const path = await tinyFile({ architecture: "classic" });
  const other = await changed(path, ({ item }) => {
    item.lm_head = item.head;
    delete item.head;
  });
  using one = await Checkpoint.open(path);
  using two = await Checkpoint.open(other);
  assertEquals(two.readWeight("head.weight"), one.readWeight("head.weight"));
});

Deno.test({
  name: "loadModel() reads a file in Burn's layout (needs PTBR_SLM_TEST_DATA)",
  ignore: NO_REAL_DATA,
  fn: async () => {
    const model = await loadModel(TINY_LAYOUT, new ReferenceBackend());
    const { vocabSize, dModel, nLayers, dFfn, embeddingNorm } = model.config;
    assertEquals(
      [vocabSize, dModel, nLayers, dFfn, embeddingNorm],
      [16, 4, 2, 8, true],
    );
    const { item } = decode(await Deno.readFile(TINY_LAYOUT)) as Tree;
    const stored = new Float16Array(
      item.blocks[1].channel_mixing.key.weight.param.bytes.slice().buffer,
    );
    const weights = await weightsOf(model);
    const key = weights["blocks.1.channel_mixing.key.weight"];
    assertEquals(key[3 * 4 + 1], stored[1 * 8 + 3]);
    assertEquals(weights["ln_pre.gamma"], new Float32Array(4).fill(1));
  },
});

Deno.test("Checkpoint.readWeight() refuses values that are not finite", async () => {
  const good = await tinyFile({ architecture: "rwkv4" }, { train: SNAPSHOT });
  const path = await changed(good, ({ item, train }) => {
    item.ln_out.bias.param.bytes.set([0, 0, 0xc0, 0x7f], 8);
    train.moments["ln_out.bias"].first.set([0, 0, 0x80, 0xff], 0);
  });
  using checkpoint = await Checkpoint.open(path);
  checkpoint.readWeight("ln_out.weight");
  assertThrows(
    () => checkpoint.readWeight("ln_out.bias"),
    SyntaxError,
    "ln_out.bias has values that are not finite",
  );
  assertThrows(
    () => checkpoint.readMoments("ln_out.bias"),
    SyntaxError,
    "a moment of ln_out.bias has values that are not finite",
  );
});

Deno.test("Checkpoint.loadInto() refuses a model of another size", async () => {
  using checkpoint = await Checkpoint.open(
    await tinyFile({ architecture: "rwkv4" }),
  );
  assertThrows(
    () => checkpoint.loadInto(tinyModel({ architecture: "rwkv4", dFfn: 12 })),
    TypeError,
    "the model's blocks.0.ffn.key.weight is [12, 6], the checkpoint's [10, 6]",
  );
  assertThrows(
    () => checkpoint.loadInto(tinyModel({ architecture: "classic" })),
    TypeError,
    "it has none",
  );
});

Deno.test("Checkpoint reads on after another file has taken its place", async () => {
  const path = await tinyFile({ architecture: "rwkv4" });
  using checkpoint = await Checkpoint.open(path);
  const before = checkpoint.readWeight("head.weight");
  await saveModel(path, tinyModel({ architecture: "rwkv4" }, { seed: 2 }));
  assertEquals(checkpoint.readWeight("head.weight"), before);
  using second = await Checkpoint.open(path);
  assertNotEquals(second.readWeight("head.weight"), before);
});
