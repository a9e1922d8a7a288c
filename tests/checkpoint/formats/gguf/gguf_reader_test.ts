import type { RWKVFields } from "../../../../lib/model/config.ts";
import { assertEquals, assertLess, assertThrows } from "@std/assert";
import { memorySource } from "../../../../lib/checkpoint/encoding/byte_source.ts";
import {
  ggufModel,
  ggufTensors,
} from "../../../../lib/checkpoint/formats/gguf/gguf_model.ts";
import { readGguf } from "../../../../lib/checkpoint/formats/gguf/gguf_reader.ts";
import { writeGguf } from "../../../../lib/checkpoint/formats/gguf/gguf_writer.ts";
import { ForeignModel } from "../../../../lib/checkpoint/import/foreign_model.ts";
import { Checkpoint } from "../../../../lib/checkpoint/native/mpk_reader.ts";
import { saveModel } from "../../../../lib/checkpoint/native/mpk_writer.ts";
import {
  GGUF_FIELDS,
  ggufField,
  ggufFile,
  ggufText,
  type Given,
  numbers,
  type TensorInfo,
} from "../../foreign_files.ts";
import { tinyModel } from "../../models.ts";

function counting(name: string, ...shape: number[]): Given {
  const length = shape.reduce((a, b) => a * b);
  return {
    name,
    shape,
    values: Float32Array.from({ length }, (_, i) => i + 1),
  };
}

const read = (bytes: Uint8Array) => readGguf(memorySource('model "m"', bytes));

Deno.test("readGguf() undoes what llama.cpp's converter did", () => {
  const tensors = read(ggufFile([
    counting("token_embd.weight", 3, 2),
    counting("blk.12.time_mix_lerp_fused.weight", 6, 1, 1, 2),
    counting("blk.12.time_mix_g2.weight", 2, 3),
    counting("blk.12.time_mix_r_k.weight", 4),
    counting("blk.12.channel_mix_lerp_k.weight", 2),
  ]));
  const shifts = ["r", "w", "k", "v", "a", "g"];
  assertEquals([...tensors.keys()], [
    "emb.weight",
    ...shifts.map((letter) => `blocks.12.att.x_${letter}`),
    "blocks.12.att.g2",
    "blocks.12.att.r_k",
    "blocks.12.ffn.x_k",
  ]);
  assertEquals(tensors.get("emb.weight")!.shape, [3, 2]);
  assertEquals([...tensors.get("blocks.12.att.x_g")!.read()], [11, 12]);
  assertEquals(tensors.get("blocks.12.att.g2")!.shape, [3, 2]);
  assertEquals([...tensors.get("blocks.12.att.g2")!.read()], [
    1,
    4,
    2,
    5,
    3,
    6,
  ]);
  assertEquals(tensors.get("blocks.12.att.r_k")!.shape, [2, 2]);
});

/** What is exported, and how many of its tensors nothing uses. */
const EXPORTED: readonly (readonly [Partial<RWKVFields>, notes: number])[] = [
  [{
    architecture: "rwkv7",
    dModel: 128,
    headSize: 64,
    decayRank: 4,
    rateRank: 8,
    valueRank: 2,
    gateRank: 16,
  }, 1], // v0, v1 and v2 of the first block
  [
    {
      architecture: "rwkv6",
      dModel: 128,
      headSize: 64,
      mixRank: 8,
      decayRank: 4,
    },
    0,
  ],
  // One head: an extent of 1.
  [
    {
      architecture: "rwkv6",
      dModel: 64,
      headSize: 64,
      mixRank: 8,
      decayRank: 4,
    },
    0,
  ],
];

for (const [fields, notes] of EXPORTED) {
  const { architecture, dModel } = fields;
  Deno.test(`ForeignModel reads back what is exported to GGUF: ${architecture} of ${dModel}`, async () => {
    const model = tinyModel({
      ...fields,
      dFfn: 64,
      maxSeqLen: 1024,
      dropout: 0,
    });
    const folder = await Deno.makeTempDir();
    await saveModel(`${folder}/model_final.mpk`, model);
    using checkpoint = await Checkpoint.open(folder);
    const path = `${folder}/model.gguf`;
    await writeGguf(
      path,
      ggufModel(checkpoint, { name: "x", type: "F32" }),
      ggufTensors(checkpoint, "F32"),
    );
    using foreign = await ForeignModel.open(path);
    assertEquals(foreign.format, "gguf");
    assertEquals(foreign.config, model.config);
    assertEquals(foreign.notes.length, notes);
    for (const name of foreign.shapes.keys()) {
      assertEquals(foreign.readWeight(name), checkpoint.readWeight(name), name);
    }
  });
}

const X = counting("token_embd.weight", 2, 2);
const [ARCHITECTURE, HEAD_SIZE] = GGUF_FIELDS;
const file = (...fields: Uint8Array[]) =>
  ggufFile([X], { fields: [ARCHITECTURE, HEAD_SIZE, ...fields] });
const info = (info: TensorInfo) => ggufFile([X], { info });

const FAULTS: [string, Uint8Array, string][] = [
  ["version 1", ggufFile([X], { version: 1 }), "its version is 1"],
  [
    "big-endian",
    ggufFile([X], { version: 2 ** 24 * 3 }),
    "its version is 50331648",
  ],
  ["no architecture", ggufFile([X], { fields: [] }), "the architecture ?"],
  [
    "another architecture",
    ggufFile([X], {
      fields: [ggufField("general.architecture", 8, ggufText("llama"))],
    }),
    "it is of the architecture llama; rwkv6, rwkv7 can be used",
  ],
  ["a key twice", file(HEAD_SIZE), "it has rwkv7.wkv.head_size twice"],
  [
    "an unknown type",
    file(ggufField("x", 13, numbers(4, 1))),
    "of the type 13",
  ],
  [
    "lists in lists",
    file(ggufField("x", 9, numbers(4, 9), numbers(8, 1))),
    "a value is of the type 9",
  ],
  [
    "a list beyond the end",
    file(ggufField("x", 9, numbers(4, 5), numbers(8, 2 ** 50))),
    "it is cut short",
  ],
  [
    "a list beyond numbers",
    file(
      ggufField("x", 9, numbers(4, 0), numbers(4, 2 ** 32 - 1, 2 ** 32 - 1)),
    ),
    "a number is too large",
  ],
  [
    "a list of many texts",
    file(ggufField("x", 9, numbers(4, 8), numbers(8, 2 ** 40))),
    "a list has 1099511627776 texts",
  ],
  [
    "a text beyond the end",
    file(ggufField("x", 8, numbers(8, 2 ** 40))),
    "cut short",
  ],
  ["a long key", file(ggufField("x".repeat(257), 0)), "a name has 257 bytes"],
  [
    "a crooked alignment",
    file(ggufField("general.alignment", 4, numbers(4, 33))),
    "its alignment is 33",
  ],
  [
    "no alignment",
    file(ggufField("general.alignment", 4, numbers(4, 0))),
    "its alignment is 0",
  ],
  ["a tensor twice", ggufFile([X, X]), "it has token_embd.weight twice"],
  [
    "overlaps",
    ggufFile([X, counting("output.weight", 2)], { info: { offset: 0 } }),
    "overlap",
  ],
  ["another place", info({ offset: 8 }), "does not lie at a multiple"],
  ["a place beyond", info({ offset: 2 ** 40 }), "lies beyond its data"],
  [
    "a huge shape",
    info({ extents: [2 ** 40, 2 ** 40] }),
    "cannot have the shape",
  ],
  ["no extents", info({ extents: [] }), "has 0 extents"],
  ["five extents", info({ extents: [1, 1, 1, 2, 2] }), "has 5 extents"],
  ["an extent of 0", info({ extents: [0, 2] }), "cannot have the shape"],
  ["half a block", info({ type: 8 }), "cannot have the shape"],
  ["an unknown type of tensor", info({ type: 12 }), "a type unknown here, 12"],
  [
    "an unknown name",
    info({ name: "rope.weight" }),
    "rope.weight is a weight that rwkv7 lacks",
  ],
  [
    "five shifts",
    ggufFile([counting("blk.0.time_mix_lerp_fused.weight", 5, 1)]),
    "is not 6 vectors",
  ],
  [
    "a vector for a matrix",
    ggufFile([counting("blk.0.time_mix_w1.weight", 5)]),
    "is no matrix",
  ],
];

for (const [what, bytes, reason] of FAULTS) {
  Deno.test(`readGguf() refuses ${what}`, () => {
    const start = performance.now();
    assertThrows(() => read(bytes), SyntaxError, reason);
    assertLess(performance.now() - start, 1000);
  });
}

Deno.test("readGguf() refuses counts that no file has", () => {
  for (const at of [8, 16]) {
    for (const count of [2 ** 20, 2 ** 52]) {
      const bytes = ggufFile([X]);
      bytes.set(numbers(8, count), at);
      assertThrows(() => read(bytes), SyntaxError, "more than can be");
    }
  }
});

Deno.test("readGguf() refuses a file cut at any byte", () => {
  const bytes = ggufFile([X, counting("output.weight", 8)]);
  for (let length = 0; length < bytes.length; length++) {
    assertThrows(() => read(bytes.subarray(0, length)), SyntaxError);
  }
});
