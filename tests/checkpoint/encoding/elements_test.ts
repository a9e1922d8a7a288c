import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { memorySource } from "../../../lib/checkpoint/encoding/byte_source.ts";
import {
  byteLengthOf,
  ELEMENT_TYPES,
  type ElementTypeName,
  readElements,
} from "../../../lib/checkpoint/encoding/elements.ts";
import { Random } from "../../../lib/random.ts";
import { encoded } from "../foreign_files.ts";
import { joined } from "../mutations.ts";

function normals(length: number): Float32Array {
  const random = new Random(4);
  return Float32Array.from({ length }, () => random.normal());
}

/** How far a value may be off, as a share of the largest of its block. */
const TOLERANCES: Record<ElementTypeName, number> = {
  F64: 0,
  F32: 0,
  F16: 2 ** -11,
  BF16: 2 ** -8,
  Q8_0: 0.6 / 127,
  Q5_0: 1.1 / 16,
  Q5_1: 1.1 / 31,
  Q4_0: 1.1 / 8,
  Q4_1: 1.1 / 15,
};

for (const [name, { values: block }] of Object.entries(ELEMENT_TYPES)) {
  const type = name as ElementTypeName;

  Deno.test(`readElements() reads ${type} at any byte`, () => {
    const values = normals(32 * 9);
    const bytes = encoded(values, type);
    assertEquals(bytes.length, byteLengthOf(type, values.length));
    for (const offset of [0, 1, 2, 3]) {
      const source = memorySource("x", joined(new Uint8Array(offset), bytes));
      const length = values.length;
      const read = readElements(source, { type, offset, length }, "x");
      for (let i = 0; i < length; i += 32) {
        const most = Math.max(...values.subarray(i, i + 32).map(Math.abs));
        for (let j = i; j < i + 32; j++) {
          const range = block > 1 && type.endsWith("1") ? 2 * most : most;
          assertAlmostEquals(read[j], values[j], TOLERANCES[type] * range);
        }
      }
    }
  });
}

Deno.test("readElements() reads more than a piece", () => {
  for (const type of ["F16", "Q8_0"] as const) {
    const values = Float32Array.from({ length: 2 ** 18 + 64 }, (_, i) => i % 8);
    const source = memorySource("x", encoded(values, type));
    const stored = { type, offset: 0, length: values.length };
    const read = readElements(source, stored, "x");
    assertAlmostEquals(read[2 ** 18 + 63], 7, 0.03);
    assertAlmostEquals(read[2 ** 18 + 33], 1, 0.03);
  }
});

// Each block by hand: what is documented of it, bit by bit.
Deno.test("readElements() knows where a block keeps its bits", () => {
  const read = (type: ElementTypeName, block: number[]) =>
    readElements(
      memorySource("x", new Uint8Array(block)),
      { type, offset: 0, length: 32 },
      "x",
    );
  const one = [0x00, 0x3c], two = [0x00, 0x40]; // 1 and 2 as f16
  const quanta = Array.from({ length: 16 }, () => 0x00);
  quanta[0] = 0xa1; // element 0 is 1, element 16 is 10
  quanta[15] = 0x0f; // element 15 is 15, element 31 is 0
  const pick = (values: Float32Array) => [0, 15, 16, 31].map((i) => values[i]);
  assertEquals(pick(read("Q4_0", [...two, ...quanta])), [-14, 14, 4, -16]);
  assertEquals(pick(read("Q4_1", [...two, ...one, ...quanta])), [3, 31, 21, 1]);
  const fifths = [0x01, 0x80, 0x00, 0x80]; // of elements 0, 15 and 31
  assertEquals(
    pick(read("Q5_0", [...two, ...fifths, ...quanta])),
    [2, 30, -12, 0],
  );
  assertEquals(
    pick(read("Q5_1", [...two, ...one, ...fifths, ...quanta])),
    [35, 63, 21, 33],
  );
  const bytes = Array.from({ length: 32 }, (_, i) => i === 31 ? 0x80 : i);
  assertEquals(pick(read("Q8_0", [...two, ...bytes])), [0, 30, 32, -256]);
});

Deno.test("readElements() refuses what is not finite", () => {
  for (const type of ["F32", "F16", "BF16"] as const) {
    for (const wrong of [NaN, Infinity, -Infinity]) {
      const source = memorySource(
        'model "a"',
        encoded(Float32Array.of(1, wrong), type),
      );
      assertThrows(
        () => readElements(source, { type, offset: 0, length: 2 }, "x.y"),
        SyntaxError,
        'Cannot read model "a": x.y has values that are not finite',
      );
    }
  }
});

Deno.test("readElements() tells a number that is too large from one that is none", () => {
  const read = (value: number) => {
    const bytes = new Uint8Array(Float64Array.of(1, 2, value).buffer);
    const source = memorySource("a file", bytes);
    return readElements(source, { type: "F64", offset: 0, length: 3 }, "w");
  };
  for (const large of [1e39, -1e39]) {
    assertThrows(
      () => read(large),
      SyntaxError,
      "w has values that are too large for f32",
    );
  }
  for (const value of [NaN, Infinity]) {
    assertThrows(
      () => read(value),
      SyntaxError,
      "w has values that are not finite",
    );
  }
});
