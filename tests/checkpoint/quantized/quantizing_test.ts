import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import {
  byteLengthOf,
  ELEMENT_TYPES,
} from "../../../lib/checkpoint/encoding/elements.ts";
import { encodedPieces } from "../../../lib/checkpoint/encoding/tensor_encoding.ts";
import {
  quantized,
  type QuantizedType,
} from "../../../lib/checkpoint/quantized/quantizing.ts";
import { Random } from "../../../lib/random.ts";

const random = new Random(5);
const COUNT = 4096;
const VALUES = Float32Array.from({ length: COUNT }, () => random.normal());

function decoded(type: QuantizedType, blocks: Uint8Array): Float32Array {
  const back = new Float32Array(COUNT);
  ELEMENT_TYPES[type].decode(blocks, back);
  return back;
}

function errorOf(back: Float32Array, weights?: Float32Array): number {
  return back.reduce((sum, x, i) => {
    const weight = weights === undefined ? 1 : weights[i % weights.length];
    return sum + weight * (x - VALUES[i]) ** 2;
  }, 0);
}

/** What rounding by the largest value alone gives. */
function plain(type: "Q5_1" | "Q4_0"): Float32Array {
  return Float32Array.from({ length: COUNT }, (_, i) => {
    const from = i - i % 32, block = VALUES.subarray(from, from + 32);
    const low = Math.min(...block), high = Math.max(...block);
    if (type === "Q5_1") {
      const d = (high - low) / 31;
      return low + d * Math.round((VALUES[i] - low) / d);
    }
    const d = (high > -low ? high : low) / -8;
    return d * Math.min(7, Math.round(VALUES[i] / d));
  });
}

Deno.test("quantized() errs less than rounding by the largest value", () => {
  const [reference] = encodedPieces({
    ...{ name: "w", shape: [COUNT], type: "Q8_0", values: () => VALUES },
  });
  const eight = decoded("Q8_0", quantized("Q8_0", VALUES));
  assertLess(errorOf(eight), errorOf(decoded("Q8_0", reference)));
  for (const type of ["Q5_1", "Q4_0"] as const) {
    const found = decoded(type, quantized(type, VALUES));
    assertLess(errorOf(found), 0.9 * errorOf(plain(type)), type);
  }
});

Deno.test("quantized() errs where it matters less", () => {
  const importance = Float32Array.from(
    { length: 64 },
    (_, i) => i % 3 === 0 ? 100 : 1,
  );
  for (const type of ["Q8_0", "Q5_1", "Q4_0"] as const) {
    const even = decoded(type, quantized(type, VALUES));
    const weighed = decoded(type, quantized(type, VALUES, importance));
    const share = errorOf(weighed, importance) / errorOf(even, importance);
    assertLess(share, type === "Q8_0" ? 1 : 0.9, type);
  }
});

Deno.test("quantized() keeps zeros", () => {
  for (const type of ["Q8_0", "Q5_1", "Q4_0"] as const) {
    const zeros = quantized(type, new Float32Array(64));
    assertEquals(zeros.length, byteLengthOf(type, 64));
    const back = new Float32Array(64).fill(1);
    ELEMENT_TYPES[type].decode(zeros, back);
    assert(back.every((x) => x === 0), type);
  }
});

Deno.test("quantized() refuses what f16 scales cannot hold", () => {
  for (const value of [NaN, Infinity, -1e6]) {
    const values = new Float32Array(32);
    values[7] = value;
    for (const type of ["Q8_0", "Q5_1", "Q4_0"] as const) {
      assertThrows(
        () => quantized(type, values),
        RangeError,
        "Cannot quantise",
      );
    }
  }
});
