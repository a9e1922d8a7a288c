/**
 * Checkpoints: layout, round trips, faults, crashes. Longer than our files are,
 * since a format's faults are a table that is best read in one place.
 *
 * @module
 */

import { decode, encode } from "@msgpack/msgpack";
import {
  assert,
  assertEquals,
  assertLess,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import type { Memory } from "../../../lib/backend/backend.ts";
import { ReferenceBackend } from "../../../lib/backend/reference/reference_backend.ts";
import { parameterId } from "../../../lib/checkpoint/native/burn_layout.ts";
import {
  Checkpoint,
  loadModel,
  saveModel,
} from "../../../lib/checkpoint/native/mpk.ts";
import { RWKVConfig } from "../../../lib/model/config.ts";
import { RWKV } from "../../../lib/model/rwkv.ts";
import { Random } from "../../../lib/random.ts";
import {
  momentsOf,
  randomValues,
  STATE,
  tinyModel,
  TOKENIZER,
  VARIANTS,
  weightsOf,
} from "../models.ts";
import { mutated } from "../mutations.ts";
import { NO_REAL_DATA, REAL_DATA } from "../../real_data.ts";

const SNAPSHOT = { state: STATE, moments: momentsOf };
const TINY_LAYOUT = `${REAL_DATA}/burn/tiny-layout.mpk`;

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

// deno-lint-ignore no-explicit-any
type Tree = any;

/** The file's tree, changed, as a file of its own. */
async function changed(
  path: string,
  change: (tree: Tree) => void,
): Promise<string> {
  // As a file without checksums, which old ones are.
  const { checksums: _, ...tree } = decode(await Deno.readFile(path)) as Tree;
  change(tree);
  const other = await Deno.makeTempFile({ suffix: ".mpk" });
  await Deno.writeFile(other, encode(tree));
  return other;
}

async function tinyFile(
  fields: Parameters<typeof tinyModel>[0],
  options?: Parameters<typeof saveModel>[2],
): Promise<string> {
  const path = await Deno.makeTempDir() + "/checkpoint_7.mpk";
  await saveModel(path, tinyModel(fields), options);
  return path;
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
        await momentsOf(parameter),
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
        moments: ({ name }) => Promise.resolve(checkpoint.readMoments(name)),
      },
    });
    assertEquals(await Deno.readFile(second), await Deno.readFile(first));
  });

  Deno.test(`saveModel() writes the shortest forms: ${name}`, async () => {
    const bytes = await Deno.readFile(
      await tinyFile(fields, { train: SNAPSHOT }),
    );
    assertEquals(encode(decode(bytes)), bytes);
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

const FAULTS: [string, (tree: Tree) => void, string][] = [
  ["no item", (t) => delete t.item, "it has no item"],
  [
    "an optimizer's record",
    (t) => {
      t.item = { "0123456789": { V1: {} } };
      delete t.config;
    },
    "it has neither a configuration nor a matrix embedding.weight",
  ],
  ["no weight", (t) => delete t.item.ln_out.bias, "ln_out.bias is missing"],
  [
    "one block too few",
    (t) => t.item.blocks.pop(),
    "blocks.1.ln1.weight is missing",
  ],
  [
    "one block too many",
    (t) => t.item.blocks.push(t.item.blocks[1]),
    "blocks.2.ln1.weight is a weight that rwkv4 lacks",
  ],
  [
    "a bias",
    (t) => t.item.head.bias = t.item.ln_out.bias,
    "head.bias is a weight that rwkv4 lacks",
  ],
  [
    "a turned matrix",
    (t) => t.item.head.weight.param.shape.reverse(),
    "head.weight has the shape [6, 11], not [11, 6]",
  ],
  [
    "too few bytes",
    (t) => t.item.head.weight.param.bytes = new Uint8Array(4),
    "head.weight has 4 bytes, not the 264 of F32 [11, 6]",
  ],
  [
    "no bytes",
    (t) => t.item.head.weight.param.bytes = [1, 2],
    "head.weight has no bytes",
  ],
  [
    "a negative extent",
    (t) => t.item.head.weight.param.shape = [-11, -6],
    "head.weight has no shape",
  ],
  [
    "an extent that is no number",
    (t) => t.item.head.weight.param.shape = [NaN, 6],
    "head.weight has no shape",
  ],
  [
    "extents that overflow",
    (t) => t.item.head.weight.param.shape = [2 ** 52, 2 ** 52],
    "head.weight has no shape",
  ],
  [
    "another dtype",
    (t) => t.item.head.weight.param.dtype = { QFloat: "a\u001b[31m" },
    'head.weight is not stored as F16 or F32 but as {"QFloat":"a',
  ],
  [
    "a list of numbers",
    (t) => t.item.head.weight.param = { value: [1, 2], shape: [2] },
    "head.weight is a list of numbers, as Burn before 0.14 wrote it",
  ],
  [
    "a long name",
    (t) => t.item["x".repeat(300)] = { y: {} },
    "a name is longer than 256 characters",
  ],
  [
    "an unknown setting",
    (t) => t.config.heads = 4,
    'unknown field "heads"',
  ],
  ["a huge model", (t) => t.config.dModel = 16_384, "emb.weight has the shape"],
  ["an endless model", (t) => t.config.nLayers = 1e9, "nLayers 1000000000"],
  [
    "settings that are no values",
    (t) => t.config.dModel = { toString: 1, valueOf: 1 },
    "config is not a map of plain values",
  ],
  ["a config that is none", (t) => t.config = 1, "config is not a map"],
  ["a train that is none", (t) => t.train = null, "train is not a map"],
  ["no step", (t) => delete t.train.step, "train.step is not a whole number"],
  [
    "half a step",
    (t) => t.train.optimizerStep = 0.5,
    "train.optimizerStep is not a whole number",
  ],
  ["no recipe", (t) => delete t.train.training, "train.training is not a map"],
  ["a bad recipe", (t) => t.train.training.beta1 = 2, "beta1 2"],
  [
    "no moments",
    (t) => delete t.train.moments["head.weight"],
    "train.moments of head.weight is not a map",
  ],
  [
    "short moments",
    (t) => t.train.moments["head.weight"].second = new Uint8Array(4),
    "the moments of head.weight are not 66 values",
  ],
  [
    "a position in binary",
    (t) => t.train.dataPosition = new Uint8Array(4),
    "train.dataPosition is not a whole number",
  ],
  [
    "a bad hash",
    (t) => t.tokenizer = "abc",
    "its tokenizer is not a SHA-256",
  ],
];

for (const [what, fault, reason] of FAULTS) {
  Deno.test(`Checkpoint.open() refuses ${what}`, async () => {
    const good = await tinyFile({ architecture: "rwkv4" }, { train: SNAPSHOT });
    const path = await changed(good, fault);
    const error = await assertRejects(
      () => Checkpoint.open(path),
      SyntaxError,
      `Cannot read checkpoint "${path}": `,
    );
    assertStringIncludes(error.message, reason);
    assertMatch(error.message, /^[^\p{Cc}]{1,500}$/u);
  });
}

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
          moments: () => Promise.reject(new Error("the device was lost")),
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
        train: { state: STATE, moments: () => Promise.resolve(short) },
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

/** Opens and loads; any error but the one that is promised fails the test. */
async function opens(path: string): Promise<boolean> {
  try {
    using checkpoint = await Checkpoint.open(path);
    for (const [name] of checkpoint.shapes) {
      checkpoint.readWeight(name);
      if (checkpoint.train) checkpoint.readMoments(name);
    }
    return true;
  } catch (error) {
    assert(error instanceof SyntaxError, String(error));
    assert(error.message.startsWith("Cannot read checkpoint"), error.message);
    assertMatch(error.message, /^[^\p{Cc}]{1,600}$/u);
    return false;
  }
}

const SMALLEST = { vocabSize: 2, dModel: 1, nLayers: 1, dFfn: 1 } as const;

for (const architecture of ["rwkv4", "classic"] as const) {
  Deno.test(`Checkpoint.open() refuses ${architecture} cut at any byte`, async () => {
    const fields = { ...SMALLEST, architecture };
    const path = await tinyFile(fields, { train: SNAPSHOT });
    const { size } = await Deno.stat(path);
    assert(await opens(path));
    for (let length = size - 1; length >= 0; length--) {
      await Deno.truncate(path, length);
      assert(!await opens(path), `cut at ${length}`);
    }
  });

  Deno.test(`Checkpoint.open() survives ${architecture} mutated at random`, async () => {
    const fields = { ...SMALLEST, architecture };
    const whole = await tinyFile(fields, { train: SNAPSHOT });
    // Without checksums, so that the readers behind them are tried.
    const path = await changed(whole, () => {});
    const bytes = await Deno.readFile(path);
    // Written in place: making a file anew takes a hundred times as long.
    using file = await Deno.open(path, { write: true });
    const random = new Random(11);
    let refused = 0, slowest = 0;
    for (let round = 0; round < 2000; round++) {
      const mutation = mutated(bytes, random);
      file.seekSync(0, Deno.SeekMode.Start);
      file.writeSync(mutation);
      file.truncateSync(mutation.length);
      const started = performance.now();
      if (!await opens(path)) refused++;
      slowest = Math.max(slowest, performance.now() - started);
    }
    assert(refused > 500 && refused < 2000, `${refused}`);
    assertLess(slowest, 1000);
  });
}

for (const architecture of ["rwkv4", "classic"] as const) {
  Deno.test(`Checkpoint.open() names every flipped bit of ${architecture}`, async () => {
    const fields = { ...SMALLEST, architecture };
    const path = await tinyFile(fields, { train: SNAPSHOT });
    const bytes = await Deno.readFile(path);
    using file = await Deno.open(path, { write: true });
    const put = (at: number, byte: number) => {
      file.seekSync(at, Deno.SeekMode.Start);
      file.writeSync(Uint8Array.of(byte));
    };
    assert(await opens(path));
    // Every byte once, and every bit somewhere.
    for (let at = 0; at < bytes.length; at++) {
      put(at, bytes[at] ^ 1 << at % 8);
      assert(!await opens(path), `byte ${at}`);
      put(at, bytes[at]);
    }
    assert(await opens(path));
  });
}
