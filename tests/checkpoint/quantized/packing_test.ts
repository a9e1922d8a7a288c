/** What is computed with is what the blocks say, to the bit. */

import { assertEquals, assertThrows } from "@std/assert";
import { ReferenceBackend } from "../../../lib/backend/reference/reference_backend.ts";
import { memorySource } from "../../../lib/checkpoint/encoding/byte_source.ts";
import {
  byteLengthOf,
  ELEMENT_TYPES,
  type ElementTypeName,
} from "../../../lib/checkpoint/encoding/elements.ts";
import { plainTensor } from "../../../lib/checkpoint/encoding/tensor_file.ts";
import {
  packedFormatOf,
  packedPartsOf,
} from "../../../lib/checkpoint/quantized/packing.ts";
import { Random } from "../../../lib/random.ts";
import {
  allocatePacked,
  multiplyPacked,
  writePacked,
} from "../../../lib/tensor/packed.ts";

const [OUTPUTS, WIDTH] = [3, 64];

/** A matrix of any bits but scales, and of floats that are finite. */
function matrix(type: ElementTypeName): Uint8Array<ArrayBuffer> {
  const random = new Random(7), count = OUTPUTS * WIDTH;
  const bytes = new Uint8Array(byteLengthOf(type, count));
  const view = new DataView(bytes.buffer);
  const size = ELEMENT_TYPES[type].bytes;
  for (let at = 0; at < bytes.length; at++) bytes[at] = random.next() & 255;
  for (let at = 0; at < bytes.length; at += size) {
    if (type === "BF16") view.setUint16(at, random.next() % 0x7f00, true);
    else view.setFloat16(at, random.normal(), true);
    if (type.endsWith("_1")) view.setFloat16(at + 2, random.normal(), true);
  }
  return bytes;
}

for (
  const type of [
    ...["Q8_0", "Q5_1", "Q5_0", "Q4_1", "Q4_0", "F16", "BF16"] as const,
  ]
) {
  Deno.test(`packedPartsOf() is exact: ${type}`, async () => {
    const bytes = matrix(type);
    const shape = [OUTPUTS, WIDTH];
    const place = { type, offset: 0, shape };
    const tensor = plainTensor(memorySource("w", bytes), place, "w");
    const backend = new ReferenceBackend("f64");
    const format = packedFormatOf(tensor)!;
    const packed = allocatePacked(backend, format, shape);
    writePacked(backend, packed, packedPartsOf(tensor));
    // Each row of x picks one column.
    const x = backend.alloc(WIDTH * WIDTH), y = backend.alloc(WIDTH * OUTPUTS);
    const ones = new Float32Array(WIDTH * WIDTH);
    for (let c = 0; c < WIDTH; c++) ones[c * WIDTH + c] = 1;
    backend.write(x, ones);
    multiplyPacked(backend, y, x, packed, {
      ...{ rows: WIDTH, width: WIDTH, outputs: OUTPUTS },
    });
    const found = await backend.read(y), values = tensor.read();
    assertEquals(
      Float32Array.from(
        values,
        (_, i) => found[i % WIDTH * OUTPUTS + Math.floor(i / WIDTH)],
      ),
      values,
    );
  });
}

Deno.test("packedFormatOf() leaves what is no matrix of whole groups to f32", () => {
  const tensorOf = (type: ElementTypeName, shape: number[]) => ({
    type,
    shape,
    read: () => new Float32Array(),
  });
  assertEquals(packedFormatOf(tensorOf("F32", [2, 64])), undefined);
  assertEquals(packedFormatOf(tensorOf("F16", [2, 63])), undefined);
  assertEquals(packedFormatOf(tensorOf("F16", [1, 2, 64])), undefined);
  assertEquals(packedFormatOf(tensorOf("F16", [2, 64])), "f16");
  // Turned, its blocks are along the other axis.
  assertEquals(packedFormatOf(tensorOf("Q8_0", [2, 64])), undefined);
});

Deno.test("readBlocks() refuses a scale that is not finite", () => {
  const bytes = matrix("Q4_1");
  new DataView(bytes.buffer).setFloat16(22, Infinity, true);
  const place = { type: "Q4_1", offset: 0, shape: [OUTPUTS, WIDTH] } as const;
  const tensor = plainTensor(memorySource("w", bytes), place, "w");
  assertThrows(
    () => packedPartsOf(tensor),
    SyntaxError,
    "w has values that are not finite",
  );
});
