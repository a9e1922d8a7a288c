import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { memorySource } from "../../../lib/checkpoint/encoding/byte_source.ts";
import { readRwkvCpp } from "../../../lib/checkpoint/formats/rwkv_cpp.ts";
import { type Given, numbers, rwkvCppFile } from "../foreign_files.ts";
import { joined } from "../mutations.ts";

const read = (bytes: Uint8Array) =>
  readRwkvCpp(memorySource('model "m"', bytes));

function counting(name: string, ...shape: number[]): Given {
  const length = shape.reduce((a, b) => a * b);
  return {
    name,
    shape,
    values: Float32Array.from({ length }, (_, i) => i + 1),
  };
}

Deno.test("readRwkvCpp() gives shapes the usual way round", () => {
  const tensors = read(rwkvCppFile([
    counting("x", 5),
    counting("y.weight", 2, 3),
    counting("z", 1, 1, 4),
  ]));
  assertEquals(
    [...tensors].map(([name, { shape }]) => [name, shape]),
    [["x", [5]], ["y.weight", [2, 3]], ["z", [1, 1, 4]]],
  );
  assertEquals([...tensors.get("y.weight")!.read()], [1, 2, 3, 4, 5, 6]);
});

Deno.test("readRwkvCpp() undoes what the converter did to RWKV-7", () => {
  const tensors = read(rwkvCppFile([
    counting("blocks.3.att.x_rwkvag", 6, 1, 2),
    counting("blocks.3.att.w1", 3, 2),
    counting("blocks.0.att.r_k", 1, 2), // by which it is known
  ]));
  const names = ["x_r", "x_w", "x_k", "x_v", "x_a", "x_g", "w1"];
  assertEquals(
    [...tensors.keys()],
    [...names.map((name) => `blocks.3.att.${name}`), "blocks.0.att.r_k"],
  );
  assertEquals(tensors.get("blocks.3.att.x_k")!.shape, [1, 1, 2]);
  assertEquals([...tensors.get("blocks.3.att.x_k")!.read()], [5, 6]);
  assertEquals(tensors.get("blocks.3.att.w1")!.shape, [2, 3]);
  assertEquals([...tensors.get("blocks.3.att.w1")!.read()], [1, 3, 5, 2, 4, 6]);
});

Deno.test("readRwkvCpp() undoes what the converter did to RWKV-4", () => {
  const raw = [-5, 0, 1.5, -100];
  const tensors = read(rwkvCppFile([
    counting("blocks.0.att.time_first", 4),
    {
      name: "blocks.0.att.time_decay",
      shape: [5],
      values: Float32Array.from([...raw.map((x) => -Math.exp(x)), -0]),
    },
  ]));
  const decay = tensors.get("blocks.0.att.time_decay")!.read();
  // The last is one of the few numbers that near to none.
  raw.forEach((x, i) => assertAlmostEquals(decay[i], x, i < 3 ? 1e-6 : 0.02));
  // What f32 rounds to none stays none.
  assertEquals(Math.fround(-Math.exp(decay[4])), -0);
});

const HEADER = [0x67676d66, 101, 256, 1, 1, 0];
/** One tensor's head, then bytes. */
const file = (header: number[], head: number[], ...rest: Uint8Array[]) =>
  joined(numbers(4, ...header), numbers(4, ...head), ...rest);
const X = Uint8Array.of(0x78);
const ONE = new Uint8Array(4);

const FAULTS: [string, Uint8Array, string][] = [
  [
    "another version",
    numbers(4, HEADER[0], 99, 1, 1, 1, 0),
    "version 100 or 101 but 99",
  ],
  [
    "an extent of nothing",
    file(HEADER, [0, 1, 0], X),
    "a tensor has 0 extents",
  ],
  [
    "many extents",
    file(HEADER, [4, 1, 0, 1, 1, 1, 1], X, ONE),
    "has 4 extents",
  ],
  [
    "a negative number of extents",
    file(HEADER, [-1, 1, 0], X),
    "has -1 extents",
  ],
  ["no name", file(HEADER, [1, 0, 0, 1], ONE), "a name has 0 bytes"],
  ["a name beyond the end", file(HEADER, [1, 255, 0, 1], X), "it is cut short"],
  [
    "a huge name",
    file(HEADER, [1, 2 ** 31 - 1, 0, 1], X),
    "a name has 2147483647",
  ],
  [
    "a name of no text",
    file(HEADER, [1, 1, 0, 1], Uint8Array.of(255), ONE),
    "not UTF-8",
  ],
  [
    "an unknown type",
    file(HEADER, [1, 1, 4, 1], X, ONE),
    "a type unknown here, 4",
  ],
  [
    "a negative type",
    file(HEADER, [1, 1, -1, 1], X, ONE),
    "a type unknown here, -1",
  ],
  [
    "a negative extent",
    file(HEADER, [2, 1, 0, -1, -1], X, ONE),
    "cannot have the shape",
  ],
  ["an extent of 0", file(HEADER, [1, 1, 0, 0], X), "cannot have the shape"],
  [
    "extents beyond numbers",
    file(HEADER, [3, 1, 0, ...Array(3).fill(2 ** 31 - 1)], X),
    "cannot have the shape",
  ],
  [
    "values beyond the end",
    file(HEADER, [2, 1, 0, 65_536, 65_536], X, ONE),
    "it is cut short",
  ],
  [
    "half a block",
    file(HEADER, [1, 1, 9, 16], X, new Uint8Array(34)),
    "cannot have the shape",
  ],
  [
    "a name twice",
    file(HEADER, [1, 1, 0, 1], X, ONE, numbers(4, 1, 1, 0, 1), X, ONE),
    "it has x twice",
  ],
];

for (const [what, bytes, reason] of FAULTS) {
  Deno.test(`readRwkvCpp() refuses ${what}`, () => {
    assertThrows(() => read(bytes), SyntaxError, reason);
  });
}

Deno.test("readRwkvCpp() refuses blocks of an early version", () => {
  const tensor = counting("y.weight", 1, 32);
  const bytes = rwkvCppFile([tensor], { version: 100, type: "Q4_0" });
  assertThrows(() => read(bytes), SyntaxError, "quantise the model again");
  assertEquals(
    read(rwkvCppFile([tensor], { version: 100, type: "F16" })).size,
    1,
  );
});

Deno.test("readRwkvCpp() refuses a file cut within a tensor", () => {
  const bytes = rwkvCppFile([counting("x", 5)]);
  for (let length = 0; length < bytes.length; length++) {
    if (length === 24) continue; // a file of no tensors, which is no model
    assertThrows(() => read(bytes.subarray(0, length)), SyntaxError);
  }
});
