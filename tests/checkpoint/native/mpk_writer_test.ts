/** Checkpoints as they are written: layout, round trips, and what a failure leaves. */

import { decode, encode } from "@msgpack/msgpack";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { Memory } from "../../../lib/backend/backend.ts";
import { ReferenceBackend } from "../../../lib/backend/reference/reference_backend.ts";
import { parameterId } from "../../../lib/checkpoint/native/burn_layout.ts";
import {
  Checkpoint,
  loadModel,
} from "../../../lib/checkpoint/native/mpk_reader.ts";
import { saveModel } from "../../../lib/checkpoint/native/mpk_writer.ts";
import { RWKVConfig } from "../../../lib/model/config.ts";
import { RWKV } from "../../../lib/model/rwkv.ts";
import {
  momentsOf,
  readersOf,
  STATE,
  tinyModel,
  TOKENIZER,
  VARIANTS,
  weightsOf,
} from "../models.ts";
import { SNAPSHOT, tinyFile, type Tree } from "./tiny_files.ts";

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

for (const fields of VARIANTS) {
  const name = JSON.stringify(fields);

  Deno.test(`saveModel() keeps every bit of a checkpoint: ${name}`, async () => {
    const model = tinyModel(fields);
    const path = await tinyFile(fields, {
      train: SNAPSHOT,
      tokenizerSha256: TOKENIZER,
    });
    using checkpoint = await Checkpoint.open(path);
    assertEquals(checkpoint.config, model.config);
    assertEquals(checkpoint.train, STATE);
    assertEquals(checkpoint.tokenizerSha256, TOKENIZER);
    for (const parameter of model.parameters) {
      const expected = await model.backend.read(parameter.data);
      assertEquals(checkpoint.readWeight(parameter.name), expected);
      assertEquals(
        checkpoint.readMoments(parameter.name),
        momentsOf(parameter),
      );
    }
    const loaded = await loadModel(path, new ReferenceBackend());
    assertEquals(await weightsOf(loaded), await weightsOf(model));
  });

  Deno.test(`saveModel() gives equal files for equal states: ${name}`, async () => {
    const first = await tinyFile(fields, { train: SNAPSHOT });
    using checkpoint = await Checkpoint.open(first);
    const second = await Deno.makeTempDir() + "/model_final.mpk";
    await saveModel(second, await loadModel(first, new ReferenceBackend()), {
      train: {
        state: checkpoint.train!,
        moments: ({ name }) => readersOf(checkpoint.readMoments(name)),
      },
    });
    assertEquals(await Deno.readFile(second), await Deno.readFile(first));
  });

  Deno.test(`saveModel() writes the shortest forms but where weights are aligned: ${name}`, async () => {
    const path = await tinyFile(fields, { train: SNAPSHOT });
    const bytes = await Deno.readFile(path);
    using checkpoint = await Checkpoint.open(path);
    const { size } = checkpoint.shapes;
    const longer = bytes.length - encode(decode(bytes)).length;
    assert(longer >= 0 && longer <= 9 * size, `${longer} bytes longer`);
    for (const { place } of checkpoint.tensors.values()) {
      if (place !== undefined) assertEquals(place.offset % 4, 0);
    }
  });
}

Deno.test("saveModel() lays classic out as the Rust program does", async () => {
  const path = await tinyFile({ architecture: "classic", nLayers: 1 });
  const { metadata, item, _b, ...rest } = decode(
    await Deno.readFile(path),
  ) as Tree;
  assertEquals(metadata, {
    float: "f32",
    int: "i32",
    format:
      "burn_core::record::file::NamedMpkFileRecorder<burn_core::record::settings::FullPrecisionSettings>",
    version: "0.14.0",
    settings: "FullPrecisionSettings",
  });
  assertEquals(_b, []);
  assertEquals(Object.keys(rest), ["config", "checksums"]);
  const outline = (node: Tree): Tree =>
    node === null
      ? "nil"
      : Array.isArray(node)
      ? node.map(outline)
      : "param" in node
      ? `${node.param.dtype} ${node.param.shape}`
      : Object.entries(node).map(([key, child]) => [key, outline(child)]);
  const linear = (shape: string) => [["weight", shape], ["bias", "nil"]];
  const norm = [["gamma", "F32 6"], ["beta", "F32 6"], ["epsilon", "nil"]];
  assertEquals(outline(item), [
    ["embedding", [["weight", "F32 11,6"]]],
    ["ln_pre", norm],
    ["blocks", [[
      ["ln1", norm],
      ["time_mixing", [
        ["key", linear("F32 6,6")],
        ["value", linear("F32 6,6")],
        ["receptance", linear("F32 6,6")],
        ["output", linear("F32 6,6")],
        ["d_model", "nil"],
      ]],
      ["ln2", norm],
      ["channel_mixing", [
        ["key", linear("F32 6,10")],
        ["value", linear("F32 10,6")],
        ["receptance", linear("F32 6,6")],
        ["d_model", "nil"],
      ]],
      ["dropout", "nil"],
    ]]],
    ["ln_out", norm],
    ["head", linear("F32 6,11")],
    ["vocab_size", "nil"],
    ["d_model", "nil"],
    ["n_layers", "nil"],
  ]);
  assertEquals(Object.keys(item.head.weight), ["id", "param"]);
  assertEquals(Object.keys(item.head.weight.param), [
    "bytes",
    "shape",
    "dtype",
  ]);
  const model = tinyModel({ architecture: "classic", nLayers: 1 });
  const head = (await weightsOf(model))["head.weight"];
  const stored = new Float32Array(item.head.weight.param.bytes.slice().buffer);
  assertEquals(stored[1], head[6]); // row 0, column 1 of (in, out)
});

Deno.test("saveModel() lays rwkv4 out by its official names", async () => {
  const path = await tinyFile({ architecture: "rwkv4" });
  const { item } = decode(await Deno.readFile(path)) as Tree;
  assertEquals(Object.keys(item), ["emb", "blocks", "ln_out", "head"]);
  assertEquals(item.blocks.map(Object.keys), [
    ["ln0", "ln1", "att", "ln2", "ffn"],
    ["ln1", "att", "ln2", "ffn"],
  ]);
  const { key } = item.blocks[1].ffn;
  assertEquals(key.weight.id, parameterId("blocks.1.ffn.key.weight"));
  assertEquals(key.weight.param.shape, [10, 6]);
  const model = tinyModel({ architecture: "rwkv4" });
  assertEquals(
    new Float32Array(key.weight.param.bytes.slice().buffer),
    (await weightsOf(model))["blocks.1.ffn.key.weight"],
  );
});

Deno.test("saveModel() turns matrices larger than a piece", async () => {
  const fields = {
    architecture: "classic",
    vocabSize: 5003,
    dModel: 101,
    nLayers: 1,
  } as const;
  const model = tinyModel(fields);
  const path = await tinyFile(fields);
  using checkpoint = await Checkpoint.open(path);
  const { item } = decode(await Deno.readFile(path)) as Tree;
  const stored = new Float32Array(item.head.weight.param.bytes.slice().buffer);
  const { "head.weight": head } = await weightsOf(model);
  const loaded = checkpoint.readWeight("head.weight");
  let wrong = 0;
  for (let i = 0; i < head.length; i++) {
    const row = Math.floor(i / 101), column = i % 101;
    if (head[i] !== stored[column * 5003 + row]) wrong++;
    if (head[i] !== loaded[i]) wrong++;
  }
  assertEquals(wrong, 0);
});

Deno.test("parameterId() differs from parameter to parameter", () => {
  const config = RWKVConfig.ptbr85m({ nLayers: 256, dModel: 1, vocabSize: 1 });
  const { parameters } = new RWKV(config, new ReferenceBackend());
  const ids = [...parameters].map(({ name }) => parameterId(name));
  for (const id of ids) assertMatch(id, /^[0-9a-v]{9}[048cgkos]$/);
  assertEquals(new Set(ids).size, ids.length);
});

/** A backend whose memory cannot be read after a while. */
class FailingBackend extends ReferenceBackend {
  #left = 20;
  override read(memory: Memory): Promise<Float32Array> {
    if (this.#left-- > 0) return super.read(memory);
    return Promise.reject(new Error("the device was lost"));
  }
}

Deno.test("saveModel() leaves the old file when it fails midway", async () => {
  const path = await tinyFile({ architecture: "rwkv4" });
  const before = await Deno.readFile(path);
  const failures = [
    () =>
      saveModel(
        path,
        tinyModel({ architecture: "rwkv4" }, { backend: new FailingBackend() }),
      ),
    () =>
      saveModel(path, tinyModel({ architecture: "rwkv4" }), {
        train: {
          state: STATE,
          moments: () => ({
            first: () => Promise.reject(new Error("the device was lost")),
          }),
        },
      }),
  ];
  for (const failure of failures) {
    await assertRejects(failure, Error, "the device was lost");
    assertEquals(await Deno.readFile(path), before);
    const folder = path.replace(/\/[^/]*$/, "");
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assertEquals(names, ["checkpoint_7.mpk"]);
  }
});

Deno.test("saveModel() refuses moments of another length", async () => {
  const path = await Deno.makeTempDir() + "/checkpoint_1.mpk";
  const short = { first: new Float32Array(1), second: new Float32Array(1) };
  await assertRejects(
    () =>
      saveModel(path, tinyModel({}), {
        train: { state: STATE, moments: () => readersOf(short) },
      }),
    RangeError,
    "was given 4",
  );
  assert(!exists(path) && !exists(`${path}.tmp`));
});

Deno.test("saveModel() says why it cannot write", async () => {
  const file = await Deno.makeTempFile();
  await assertRejects(
    () => saveModel(`${file}/checkpoint_1.mpk`, tinyModel({})),
    Error,
    `Cannot write "${file}/checkpoint_1.mpk": `,
  );
});
