/**
 * Models of other programs: the same weights from every format, what is found
 * out about them, and files that are none.
 *
 * @module
 */

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { ReferenceBackend } from "../../../lib/backend/reference/reference_backend.ts";
import { ForeignModel } from "../../../lib/checkpoint/import/foreign_model.ts";
import {
  Checkpoint,
  loadModel,
} from "../../../lib/checkpoint/native/mpk_reader.ts";
import { logitsAfter } from "../../../lib/generate/logits.ts";
import type { RWKVFields } from "../../../lib/model/config.ts";
import type { RWKV } from "../../../lib/model/rwkv.ts";
import {
  type Given,
  rwkvCppFile,
  safetensorsFile,
  written,
} from "../foreign_files.ts";
import { tinyModel, weightsOf } from "../models.ts";
import { torchFile } from "../torch_files.ts";

/** With vectors as official files have them: [1, 1, C]. */
async function officialTensors(model: RWKV): Promise<Given[]> {
  const tensors: Given[] = [];
  for (const { name, shape, data } of model.parameters) {
    const isVector = shape.length === 1 && !/ln|time_(decay|first)/.test(name);
    tensors.push({
      name,
      shape: isVector ? [1, 1, ...shape] : shape,
      values: await model.backend.read(data),
    });
  }
  return tensors;
}

/** What rwkv.cpp's converter makes of official weights. */
function converted(tensors: readonly Given[]): Given[] {
  const result: Given[] = [];
  const shifts: Given[] = [];
  for (const tensor of tensors) {
    const { name, shape, values } = tensor;
    if (/\.att\.x_[rwkvag]$/.test(name)) {
      shifts.push(tensor);
      if (shifts.length < 6) continue;
      const order = [..."rwkvag"].map((letter) =>
        shifts.find(({ name }) => name.endsWith(letter))!.values
      );
      result.push({
        name: name.replace(/x_.$/, "x_rwkvag"),
        shape: [6, 1, values.length],
        values: Float32Array.from(order.flatMap((part) => [...part])),
      });
      shifts.length = 0;
    } else if (/\.att\.[wavg][12]$/.test(name)) {
      const [rows, columns] = shape;
      const turned = values.map((_, i) =>
        values[(i % rows) * columns + Math.floor(i / rows)]
      );
      result.push({ name, shape: [columns, rows], values: turned });
    } else if (name.endsWith("time_decay")) {
      result.push({ name, shape, values: values.map((x) => -Math.exp(x)) });
    } else {
      result.push(tensor);
    }
  }
  return result;
}

const MODELS: Partial<RWKVFields>[] = [
  { architecture: "rwkv4" },
  {
    architecture: "rwkv7",
    headSize: 3,
    decayRank: 2,
    rateRank: 4,
    valueRank: 1,
    gateRank: 5,
  },
];

for (const fields of MODELS) {
  const { architecture } = fields;
  const model = tinyModel({ ...fields, maxSeqLen: 1024, dropout: 0 });

  Deno.test(`ForeignModel finds ${architecture} in every format`, async () => {
    const tensors = await officialTensors(model);
    const expected = await weightsOf(model);
    const files: [string, Uint8Array][] = [
      ["safetensors", safetensorsFile(tensors)],
      ["torch", torchFile(tensors)],
      ["torch", torchFile(tensors.toReversed(), { large: true })],
      ["rwkv.cpp", rwkvCppFile(converted(tensors))],
    ];
    for (const [format, bytes] of files) {
      using foreign = await ForeignModel.open(await written(bytes));
      assertEquals(foreign.format, format);
      assertEquals(foreign.config, model.config);
      assertEquals(foreign.notes, []);
      const got = await weightsOf(foreign.load(new ReferenceBackend()));
      assertEquals(Object.keys(got), Object.keys(expected));
      for (const [name, values] of Object.entries(expected)) {
        // What rwkv.cpp stores is exp() of it.
        const tolerance = name.endsWith("time_decay") ? 1e-6 : 0;
        values.forEach((value, i) =>
          assertAlmostEquals(got[name][i], value, tolerance, name)
        );
      }
    }
  });

  Deno.test(`ForeignModel.save() writes ${architecture} as ours`, async () => {
    const path = await written(
      safetensorsFile(await officialTensors(model)),
    );
    const to = await Deno.makeTempDir() + "/deep/model_final.mpk";
    using foreign = await ForeignModel.open(path, { maxSeqLen: 77 });
    const names: string[] = [];
    await foreign.save(to, {
      tokenizerSha256: "0".repeat(64),
      onWeight: (name) => names.push(name),
    });
    assertEquals(names, [...model.parameters].map(({ name }) => name));
    using checkpoint = await Checkpoint.open(to);
    assertEquals(checkpoint.config.maxSeqLen, 77);
    assertEquals(checkpoint.tokenizerSha256, "0".repeat(64));
    const loaded = await loadModel(to, new ReferenceBackend());
    assertEquals(await weightsOf(loaded), await weightsOf(model));
  });

  Deno.test(`ForeignModel.open() wants all of ${architecture}, and no more`, async () => {
    const tensors = await officialTensors(model);
    const open = async (tensors: readonly Given[]) => {
      using _ = await ForeignModel.open(await written(torchFile(tensors)));
    };
    for (const [i, { name }] of tensors.entries()) {
      const error = await assertRejects(
        () => open(tensors.toSpliced(i, 1)),
        SyntaxError,
        "Cannot read model ",
      );
      assertMatch(error.message, /^[^\n]{1,400}$/);
      assert(/missing|neither|lacks/.test(error.message), `${name}: ${error}`);
    }
    const extra = { name: "blocks.0.att.w9", shape: [1], values: ONE };
    await assertRejects(
      () => open([...tensors, extra]),
      SyntaxError,
      `blocks.0.att.w9 is a weight that ${architecture} lacks`,
    );
    const wrong = tensors.map((tensor) =>
      tensor.name === "blocks.1.ffn.value.weight"
        ? { ...tensor, shape: tensor.shape.toReversed() }
        : tensor
    );
    await assertRejects(
      () => open(wrong),
      SyntaxError,
      "blocks.1.ffn.value.weight has the shape [10, 6], not [6, 10]",
    );
  });
}

const ONE = Float32Array.of(1);

Deno.test("ForeignModel leaves out what RWKV-7's first block never uses", async () => {
  const tensors = await officialTensors(tinyModel(MODELS[1]));
  for (const name of ["v0", "v1", "v2"]) {
    tensors.push({ name: `blocks.0.att.${name}`, shape: [1], values: ONE });
  }
  using foreign = await ForeignModel.open(
    await written(safetensorsFile(tensors)),
  );
  assertEquals(foreign.notes, [
    "Left out, since RWKV-7 never uses them: blocks.0.att.v0, " +
    "blocks.0.att.v1, blocks.0.att.v2",
  ]);
});

Deno.test("ForeignModel takes 65,536 ids and no more", async () => {
  const sizes = { dModel: 1, nLayers: 1, dFfn: 1 };
  for (const vocabSize of [65_536, 65_537]) {
    const model = tinyModel({ ...sizes, vocabSize: 2, architecture: "rwkv4" });
    const tensors = (await officialTensors(model)).map((tensor) =>
      /^(emb|head)/.test(tensor.name)
        ? {
          ...tensor,
          shape: [vocabSize, 1],
          values: new Float32Array(vocabSize).fill(1),
        }
        : tensor
    );
    const path = await written(safetensorsFile(tensors));
    if (vocabSize > 65_536) {
      await assertRejects(
        () => ForeignModel.open(path),
        SyntaxError,
        "cannot use vocabSize 65537",
      );
      continue;
    }
    using foreign = await ForeignModel.open(path);
    const loaded = foreign.load(new ReferenceBackend());
    assertEquals((await logitsAfter(loaded, [65_535])).length, 65_536);
  }
});

Deno.test("ForeignModel.open() names the architectures that it cannot use", async () => {
  const cases: [string[], string][] = [
    [["blocks.0.att.time_decay", "blocks.0.att.ln_x.weight"], "an RWKV-5"],
    [["wte.weight"], "it is no RWKV-4 or RWKV-6 or RWKV-7"],
    [["blocks.0.att.time_first"], "emb.weight is missing"],
  ];
  for (const [names, reason] of cases) {
    const tensors = names.map((name) => ({ name, shape: [1], values: ONE }));
    await assertRejects(
      async () => await ForeignModel.open(await written(torchFile(tensors))),
      SyntaxError,
      reason,
    );
  }
});

Deno.test("ForeignModel.open() says what a file is not", async () => {
  const old = [0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20];
  const cases: [Uint8Array, string][] = [
    [new Uint8Array(0), "it is none of safetensors"],
    [new Uint8Array(100), "it is none of safetensors"],
    [new TextEncoder().encode("<html>not found</html>"), "it is none of"],
    [Uint8Array.from(old), "PyTorch's format from before 1.6"],
    [Uint8Array.of(0x80, 4, 0x95), "it is a bare pickle"],
    [Uint8Array.of(0x1f, 0x8b, 8, 0, 0), "Cannot read model"],
    [Uint8Array.of(0x50, 0x4b), "the zip's end is not there"],
    [Uint8Array.of(0x81), "it is cut short"],
    [Uint8Array.of(0x66, 0x6d, 0x67, 0x67), "it is cut short"],
  ];
  for (const [bytes, reason] of cases) {
    const path = await written(bytes);
    const scratch = await Deno.makeTempDir();
    const error = await assertRejects(
      () => ForeignModel.open(path, { scratch }),
      SyntaxError,
      reason,
    );
    assert(error.message.startsWith(`Cannot read model "${path}": `));
  }
});

Deno.test("ForeignModel.load() refuses values that are not finite", async () => {
  const tensors = await officialTensors(tinyModel(MODELS[0]));
  tensors[3].values[1] = NaN;
  using foreign = await ForeignModel.open(
    await written(safetensorsFile(tensors)),
  );
  assertThrows(
    () => foreign.load(new ReferenceBackend()),
    SyntaxError,
    `${tensors[3].name} has values that are not finite`,
  );
  const to = await Deno.makeTempDir();
  await assertRejects(() => foreign.save(`${to}/model_final.mpk`), SyntaxError);
  assertEquals([...Deno.readDirSync(to)], []);
});
