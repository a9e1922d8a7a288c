/** Smaller models in files of ours: what is stored, and what it computes. */

import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import { ReferenceBackend } from "../../../lib/backend/reference/reference_backend.ts";
import { ForeignModel } from "../../../lib/checkpoint/import/foreign_model.ts";
import {
  Checkpoint,
  loadModel,
} from "../../../lib/checkpoint/native/mpk_reader.ts";
import {
  saveModel,
  saveWeights,
} from "../../../lib/checkpoint/native/mpk_writer.ts";
import {
  QUANTIZE_FORMATS,
  quantizedModel,
  type QuantizeFormat,
} from "../../../lib/checkpoint/quantized/quantized_model.ts";
import { logitsAfter } from "../../../lib/generate/logits.ts";
import { inputSquares } from "../../../lib/model/input_squares.ts";
import type { RWKVFields } from "../../../lib/model/config.ts";
import { Tape } from "../../../lib/tensor/tape.ts";
import { rwkvCppFile } from "../foreign_files.ts";
import { tinyModel } from "../models.ts";

const SHAPE = { vocabSize: 40, dModel: 32, dFfn: 64 };
const FAMILIES: readonly Partial<RWKVFields>[] = [
  { ...SHAPE, architecture: "classic" },
  { ...SHAPE, architecture: "rwkv4" },
  { ...SHAPE, architecture: "rwkv6", headSize: 16 },
  { ...SHAPE, architecture: "rwkv7", headSize: 16 },
];

/** The file of a small model, and that of what is made of it. */
async function made(
  fields: Partial<RWKVFields>,
  format: QuantizeFormat,
): Promise<{ plain: string; small: string }> {
  const folder = await Deno.makeTempDir();
  const [plain, small] = [`${folder}/plain.mpk`, `${folder}/small.mpk`];
  await saveModel(plain, tinyModel(fields));
  using checkpoint = await Checkpoint.open(plain);
  await saveWeights(small, quantizedModel(checkpoint, format));
  return { plain, small };
}

for (const fields of FAMILIES) {
  Deno.test(`a quantised model computes with what its file says: ${fields.architecture}`, async () => {
    for (const format of QUANTIZE_FORMATS) {
      const { plain, small } = await made(fields, format);
      using checkpoint = await Checkpoint.open(small);
      checkpoint.verify();
      assertEquals(
        checkpoint.formats.get("blocks.1.ffn.value.weight") ??
          checkpoint.formats.get("blocks.1.channel_mixing.value.weight"),
        format,
      );
      const ids = [3, 1, 4, 1, 5];
      const packed = await loadModel(small, new ReferenceBackend());
      const wide = await loadModel(small, new ReferenceBackend(), {
        training: true,
      });
      const got = await logitsAfter(packed, ids);
      const want = await logitsAfter(wide, ids);
      got.forEach((z, i) => assertLess(Math.abs(z - want[i]), 1e-3));
      // Rounding has changed something, and not much.
      using before = await Checkpoint.open(plain);
      for (const [name, shape] of before.shapes) {
        const was = before.readWeight(name), is = checkpoint.readWeight(name);
        const furthest = Math.max(...was.map((x, i) => Math.abs(x - is[i])));
        if (shape.length === 1) assertEquals(furthest, 0, name);
        else assertLess(furthest, format === "q4" ? 0.6 : 0.2, name);
      }
    }
  });
}

Deno.test("a quantised model is not trained as such", async () => {
  const { small } = await made(FAMILIES[1], "q8");
  const backend = new ReferenceBackend();
  const model = await loadModel(small, backend);
  const tape = new Tape(backend), ids = backend.allocIndices(2);
  assertThrows(
    () => {
      model.forward(tape, ids, { batch: 1, time: 2 });
      tape.backward();
    },
    TypeError,
    "it was not given",
  );
});

Deno.test("inputSquares() are the mean squares of what maps are given", async () => {
  const model = tinyModel(FAMILIES[1]);
  const windows = [[1, 2, 3], [4, 5]];
  const all = await inputSquares(model, windows);
  assertEquals(all.size, 2 * 7 + 1);
  const tape = new Tape(model.backend, { recording: false });
  const expected = new Float64Array(32);
  for (const window of windows) {
    const ids = model.backend.allocIndices(window.length);
    model.backend.writeIndices(ids, window);
    const { data } = model.forward(tape, ids, {
      batch: 1,
      time: window.length,
    });
    const hidden = await model.backend.read(data);
    hidden.forEach((x, i) => expected[i % 32] += x * x / 5);
    tape.reset();
  }
  all.get("head.weight")!.forEach((x, i) =>
    assertLess(Math.abs(x - expected[i]), 1e-4 * (1 + expected[i]))
  );
});

Deno.test("ForeignModel keeps what rwkv.cpp has quantised", async () => {
  const model = tinyModel(FAMILIES[1]);
  const folder = await Deno.makeTempDir();
  for (const type of ["Q8_0", "Q5_1", "Q5_0", "Q4_1", "Q4_0"] as const) {
    const tensors = await Promise.all(
      [...model.parameters].map(async ({ name, shape, data }) => {
        const values = await model.backend.read(data);
        return {
          name,
          shape,
          values: name.endsWith("time_decay")
            ? values.map((x) => -Math.exp(x))
            : values,
        };
      }),
    );
    const path = `${folder}/${type}.bin`;
    await Deno.writeFile(path, rwkvCppFile(tensors, { type }));
    using foreign = await ForeignModel.open(path);
    assert(foreign.quantised.size > 0);
    await foreign.save(`${folder}/${type}.mpk`);
    using checkpoint = await Checkpoint.open(`${folder}/${type}.mpk`);
    assertEquals(checkpoint.typeOf("blocks.0.ffn.key.weight"), type);
    for (const name of checkpoint.shapes.keys()) {
      assertEquals(checkpoint.readWeight(name), foreign.readWeight(name));
    }
    const ours = await loadModel(checkpoint.path, new ReferenceBackend());
    const theirs = foreign.load(new ReferenceBackend());
    assertEquals(
      await logitsAfter(ours, [1, 2]),
      await logitsAfter(theirs, [1, 2]),
    );
  }
});
