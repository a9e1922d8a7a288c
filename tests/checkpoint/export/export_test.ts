/**
 * What is written for other programs, read back by a reader of this file's own
 * and by the project's. GGUF is in `gguf_writer_test.ts`.
 *
 * @module
 */

import { decode } from "@msgpack/msgpack";
import {
  assert,
  assertEquals,
  assertLess,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { ReferenceBackend } from "../../../lib/backend/reference/reference_backend.ts";
import { memorySource } from "../../../lib/checkpoint/encoding/byte_source.ts";
import { ELEMENT_TYPES } from "../../../lib/checkpoint/encoding/elements.ts";
import {
  encodedPieces,
  type ExportType,
} from "../../../lib/checkpoint/encoding/tensor_encoding.ts";
import { writeBurn } from "../../../lib/checkpoint/export/burn_writer.ts";
import { classicAsRwkv4 } from "../../../lib/checkpoint/export/classic_as_rwkv4.ts";
import { officialTensors } from "../../../lib/checkpoint/export/hugging_face_folder.ts";
import { writeGguf } from "../../../lib/checkpoint/formats/gguf/gguf_writer.ts";
import { readSafetensors } from "../../../lib/checkpoint/formats/safetensors.ts";
import { writeSafetensors } from "../../../lib/checkpoint/formats/safetensors_writer.ts";
import { Checkpoint } from "../../../lib/checkpoint/native/mpk_reader.ts";
import { saveModel } from "../../../lib/checkpoint/native/mpk_writer.ts";
import { logitsAfter } from "../../../lib/generate/logits.ts";
import type { RWKVFields } from "../../../lib/model/config.ts";
import { RWKV } from "../../../lib/model/rwkv.ts";
import { randomValues, tinyModel } from "../models.ts";
import { weights } from "../weights.ts";

async function file(): Promise<string> {
  return await Deno.makeTempDir() + "/model";
}

function encoded(type: ExportType, values: Float32Array): Uint8Array {
  const tensor = { name: "w", shape: [values.length], type };
  const pieces = [...encodedPieces({ ...tensor, values: () => values })];
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

Deno.test("encodedPieces() quantises to Q8_0 as ggml's reference does", () => {
  const values = Float32Array.from({ length: 64 }, (_, i) => i < 32 ? i : 0);
  values[1] = -127; // a scale of exactly 1
  values[2] = 0.5;
  values[3] = -0.5; // halves go away from zero
  values[4] = 2.4999;
  const bytes = encoded("Q8_0", values);
  assertEquals(bytes.length, 68);
  const view = new DataView(bytes.buffer);
  assertEquals(view.getFloat16(0, true), 1);
  const first = Array.from({ length: 6 }, (_, i) => view.getInt8(2 + i));
  assertEquals(first, [0, -127, 1, -1, 2, 5]);
  assertEquals(bytes.subarray(34), new Uint8Array(34));
});

Deno.test("encodedPieces() stays within half a step of every value", () => {
  const length = 2 ** 17;
  const values = randomValues({ name: "x", length }, 5);
  const back = new Float32Array(length);
  ELEMENT_TYPES.Q8_0.decode(encoded("Q8_0", values), back);
  for (let from = 0; from < length; from += 32) {
    const block = values.subarray(from, from + 32);
    const largest = Math.max(...block.map(Math.abs));
    // Half a step, and what the scale loses as f16, at most 127 times.
    const bound = largest / 127 / 2 + largest * 2 ** -11;
    for (let i = from; i < from + 32; i++) {
      assertLess(Math.abs(back[i] - values[i]), bound * 1.0001);
    }
  }
  const halves = new Float16Array(encoded("F16", values).buffer);
  assertEquals(halves, new Float16Array(values));
  const brain = new Float32Array(length);
  ELEMENT_TYPES.BF16.decode(encoded("BF16", values), brain);
  for (const [i, value] of values.entries()) {
    assertLess(Math.abs(brain[i] - value), Math.abs(value) * 2 ** -8);
  }
  // Halves between two neighbours go to the even one.
  const ties = Float32Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8, -0);
  const tied = new Float32Array(3);
  ELEMENT_TYPES.BF16.decode(encoded("BF16", ties), tied);
  assertEquals(tied, Float32Array.of(1, 1 + 2 ** -6, -0));
});

Deno.test("encodedPieces() refuses what would become infinite or is wrong", () => {
  const faults: [ExportType, number, string][] = [
    ["F32", NaN, "w: it has values that are not finite"],
    ["F16", -Infinity, "w: it has values that are not finite"],
    ["F16", 65_520, "w as F16: the value 65520 is too large"],
    ["BF16", 3.4e38, "w as BF16: the value 3.39"],
    ["Q8_0", 1e7, "w as Q8_0: the value 10000000 is too large"],
  ];
  for (const [type, value, reason] of faults) {
    const values = new Float32Array(32).fill(value);
    assertThrows(() => encoded(type, values), RangeError, reason);
  }
  encoded("F16", new Float32Array(1).fill(65_519)); // rounds to the largest
  const short = { name: "w", shape: [2, 2], type: "F32" } as const;
  assertThrows(
    () => [...encodedPieces({ ...short, values: () => new Float32Array(3) })],
    RangeError,
    "Cannot write w: it has 3 values, its shape is [2, 2]",
  );
});

/** safetensors by its specification alone. */
function parseSafetensors(bytes: Uint8Array): {
  metadata: Record<string, string>;
  tensors: Map<string, { dtype: string; shape: number[]; data: Uint8Array }>;
} {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  assertEquals(length % 8, 0);
  const { __metadata__: metadata, ...entries } = JSON.parse(
    new TextDecoder().decode(bytes.subarray(8, 8 + length)),
  );
  let end = 0;
  const tensors = new Map();
  for (const [name, entry] of Object.entries(entries)) {
    const { dtype, shape, data_offsets: [from, to] } = entry as {
      dtype: string;
      shape: number[];
      data_offsets: number[];
    };
    assertEquals(from, end);
    end = to;
    const data = bytes.slice(8 + length + from, 8 + length + to);
    tensors.set(name, { dtype, shape, data });
  }
  assertEquals(8 + length + end, bytes.length);
  return { metadata, tensors };
}

for (const architecture of ["rwkv4", "rwkv7"] as const) {
  Deno.test(`writeSafetensors() keeps every bit of ${architecture}`, async () => {
    const model = weights({ architecture });
    const path = await file();
    const tensors = officialTensors(model, "F32");
    const size = await writeSafetensors(path, tensors, { format: "pt" });
    const bytes = await Deno.readFile(path);
    assertEquals(bytes.length, size);
    const found = parseSafetensors(bytes);
    assertEquals(found.metadata, { format: "pt" });
    assertEquals([...found.tensors.keys()], [...model.shapes.keys()]);
    const ours = readSafetensors(memorySource("model", bytes)).tensors;
    for (const [name, shape] of model.shapes) {
      const { data, dtype, ...tensor } = found.tensors.get(name)!;
      const expected = model.readWeight(name);
      assertEquals(dtype, "F32");
      assertEquals(new Float32Array(data.buffer), expected);
      assertEquals(
        tensor.shape.filter((n) => n > 1),
        shape.filter((n) => n > 1),
      );
      assertEquals(ours.get(name)!.read(), expected);
    }
    const shapeOf = (name: string) => found.tensors.get(name)!.shape;
    const mix = architecture === "rwkv4" ? "time_mix_k" : "x_k";
    assertEquals(shapeOf(`blocks.1.att.${mix}`), [1, 1, 128]);
    assertEquals(shapeOf(`blocks.0.ffn.${mix}`), [1, 1, 128]);
    assertEquals(shapeOf("blocks.0.ln0.weight"), [128]);
    assertEquals(shapeOf("head.weight"), [40, 128]);
  });

  Deno.test(`writeSafetensors() rounds ${architecture} to f16`, async () => {
    const model = weights({ architecture });
    const path = await file();
    await writeSafetensors(path, officialTensors(model, "F16"));
    const { tensors } = parseSafetensors(await Deno.readFile(path));
    for (const name of model.shapes.keys()) {
      const { data, dtype } = tensors.get(name)!;
      assertEquals(dtype, "F16");
      const expected = new Float16Array(model.readWeight(name));
      assertEquals(new Float16Array(data.buffer), expected);
    }
  });
}

Deno.test("writers leave nothing behind where they fail", async () => {
  const folder = await Deno.makeTempDir();
  const values = () => Float32Array.of(1, NaN);
  const bad = { name: "b", shape: [2], type: "F32", values } as const;
  const good = { ...bad, name: "a", values: () => Float32Array.of(1, 2) };
  for (
    const write of [
      () => writeSafetensors(`${folder}/m`, [good, bad]),
      () => writeGguf(`${folder}/m`, new Map(), [good, bad]),
    ]
  ) {
    await assertRejects(write, RangeError, "Cannot write b: it has values");
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
  }
  await Deno.writeTextFile(`${folder}/plain`, "");
  await assertRejects(
    () => writeSafetensors(`${folder}/plain/m`, [good]),
    Error,
    "Cannot write ",
  );
});

Deno.test("writers refuse names and types that their format lacks", async () => {
  const values = () => new Float32Array(32);
  const tensor = { name: "a", shape: [32], type: "F32", values } as const;
  const faults: [Promise<unknown>, string][] = [
    [writeSafetensors("x", [tensor, tensor]), "a: the name is taken"],
    [
      writeSafetensors("x", [{ ...tensor, name: "__metadata__" }]),
      "__metadata__: the name is taken",
    ],
    [
      writeSafetensors("x", [{ ...tensor, type: "Q8_0" }]),
      "safetensors has no Q8_0",
    ],
    [writeGguf("x", new Map(), [tensor, tensor]), "the name is taken"],
    [
      writeGguf("x", new Map(), [{ ...tensor, name: "é".repeat(32) }]),
      "too long for GGUF",
    ],
    [
      writeGguf("x", new Map(), [{ ...tensor, shape: [32, 1, 1, 1, 1] }]),
      "GGUF has no tensors of 5 extents",
    ],
    [
      writeGguf("x", new Map(), [{ ...tensor, shape: [2, 16], type: "Q8_0" }]),
      "its rows of 16 values are not whole blocks of 32",
    ],
  ];
  for (const [written, reason] of faults) {
    await assertRejects(() => written, RangeError, reason);
  }
});

Deno.test("writeBurn() writes what the Rust program's recorders write", async () => {
  const model = tinyModel({ architecture: "classic" });
  const own = await file() + ".mpk";
  await saveModel(own, model);
  using checkpoint = await Checkpoint.open(own);
  const read = async (path: string) =>
    decode(await Deno.readFile(path)) as Record<string, unknown>;
  const { metadata, item, _b, ...rest } = await read(own);
  assertEquals(Object.keys(rest), ["config", "checksums"]);

  const full = await file() + ".mpk";
  const [note] = await writeBurn(full, checkpoint, "F32");
  assertStringIncludes(note, "takes the softmax over the channels");
  assertEquals(await read(full), { metadata, item, _b });

  const half = await file() + ".mpk";
  await writeBurn(half, checkpoint, "F16");
  assertEquals((await read(half)).metadata, {
    float: "half::binary16::f16",
    int: "i16",
    format: "burn_core::record::file::NamedMpkFileRecorder<" +
      "burn_core::record::settings::HalfPrecisionSettings>",
    version: "0.14.0",
    settings: "HalfPrecisionSettings",
  });
  using back = await Checkpoint.open(half, { timeMixing: "attention" });
  for (const name of checkpoint.shapes.keys()) {
    const rounded = new Float16Array(checkpoint.readWeight(name));
    assertEquals(back.readWeight(name), new Float32Array(rounded), name);
  }
});

Deno.test("writeBurn() refuses what the Rust program cannot load", async () => {
  const faults: [Partial<RWKVFields>, string][] = [
    [{ architecture: "rwkv4" }, "the Rust program has no rwkv4"],
    [
      { architecture: "classic", embeddingNorm: false },
      "the Rust program has no model without ln_pre",
    ],
  ];
  for (const [fields, reason] of faults) {
    await assertRejects(
      () => writeBurn("x", weights(fields), "F32"),
      RangeError,
      reason,
    );
  }
  const channels = { architecture: "classic", timeMixing: "channels" } as const;
  const path = await file() + ".mpk";
  assertEquals(await writeBurn(path, weights(channels), "F16"), []);
});

Deno.test("classicAsRwkv4() gives a model that computes the same", async () => {
  const classic = tinyModel({ architecture: "classic" });
  const path = await file() + ".mpk";
  await saveModel(path, classic);
  using checkpoint = await Checkpoint.open(path);
  const source = classicAsRwkv4(checkpoint);
  const backend = new ReferenceBackend();
  const model = new RWKV(source.config, backend);
  for (const { name, data, shape } of model.parameters) {
    assertEquals(source.shapes.get(name), shape);
    backend.write(data, source.readWeight(name));
  }
  const ids = Array.from({ length: 40 }, (_, i) => (i * i + 3) % 11);
  const expected = await logitsAfter(classic, ids);
  const found = await logitsAfter(model, ids);
  const furthest = Math.max(...found.map((x, i) => Math.abs(x - expected[i])));
  assertLess(furthest, 1e-5);
  assert(Math.max(...expected) > 0.1);
  for (const other of [{ timeMixing: "channels" }, { embeddingNorm: false }]) {
    const fields = { architecture: "classic", ...other } as Partial<RWKVFields>;
    assertThrows(
      () => classicAsRwkv4(weights(fields)),
      RangeError,
      "no official RWKV-4 computes what a classic model with",
    );
  }
});
