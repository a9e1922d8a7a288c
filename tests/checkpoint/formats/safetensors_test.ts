import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import { memorySource } from "../../../lib/checkpoint/encoding/byte_source.ts";
import { readSafetensors } from "../../../lib/checkpoint/formats/safetensors.ts";
import { parseStrictJson } from "../../../lib/checkpoint/formats/strict_json.ts";
import { type Given, numbers, safetensorsFile } from "../foreign_files.ts";
import { joined } from "../mutations.ts";

const TENSORS: readonly Given[] = [
  {
    name: "a.weight",
    shape: [2, 3],
    values: Float32Array.of(1, 2, 3, 4, 5, 6),
  },
  { name: "b", shape: [2], values: Float32Array.of(-1, 0.5) },
];

const read = (bytes: Uint8Array) =>
  readSafetensors(memorySource('model "m"', bytes));

Deno.test("readSafetensors() reads f32, f16 and bf16", () => {
  for (const type of ["F32", "F16", "BF16"] as const) {
    const bytes = safetensorsFile(
      TENSORS.map((tensor) => ({ ...tensor, type })),
      (header) => ({ __metadata__: { format: "pt" }, ...header }),
    );
    const { tensors, metadata } = read(bytes);
    assertEquals([...metadata], [["format", "pt"]]);
    assertEquals([...tensors.keys()], ["a.weight", "b"]);
    for (const { name, shape, values } of TENSORS) {
      assertEquals(tensors.get(name)!.shape, shape);
      assertEquals(tensors.get(name)!.type, type);
      assertEquals(tensors.get(name)!.read(), values);
    }
  }
});

Deno.test("readSafetensors() takes a header that is filled up with blanks", () => {
  const bytes = safetensorsFile(TENSORS, (h) => JSON.stringify(h) + "   \n");
  assertEquals(read(bytes).tensors.size, 2);
});

const entry = (fields: object) => (header: Record<string, object>) => ({
  ...header,
  b: { ...header.b, ...fields },
});

const FAULTS: [string, Parameters<typeof safetensorsFile>[1], string][] = [
  [
    "another type",
    entry({ dtype: "I64" }),
    "b is stored as I64, not as F64, F32",
  ],
  ["no type", entry({ dtype: undefined }), "b is stored as nothing"],
  ["a type that is a map", entry({ dtype: {} }), "b is stored as"],
  ["no shape", entry({ shape: "2" }), "b has no shape"],
  ["a negative extent", entry({ shape: [-2, -1] }), "b has no shape"],
  ["a fraction", entry({ shape: [2.5] }), "b has no shape"],
  ["a huge shape", entry({ shape: [2 ** 31, 2 ** 31] }), "b has no shape"],
  ["nine extents", entry({ shape: Array(9).fill(1) }), "b has no shape"],
  ["another shape", entry({ shape: [3] }), "b is not at a place of 12 bytes"],
  ["no place", entry({ data_offsets: [24] }), "b is not at a place"],
  ["a place in texts", entry({ data_offsets: ["24", "32"] }), "b is not at"],
  ["a place before", entry({ data_offsets: [-8, 0] }), "b is not at a place"],
  ["an end before", entry({ data_offsets: [32, 24] }), "b is not at a place"],
  ["a place beyond", entry({ data_offsets: [28, 36] }), "b lies beyond"],
  [
    "a place beyond numbers",
    entry({ data_offsets: [2 ** 53, 2 ** 53 + 8] }),
    "b is not at a place",
  ],
  ["an overlap", entry({ data_offsets: [16, 24] }), "b and a.weight overlap"],
  ["a list", () => "[]", "it is not an object"],
  ["no JSON", () => "{", "its header cannot be read"],
  [
    "JSON and more",
    (h) => JSON.stringify(h) + "x",
    "its header cannot be read",
  ],
  ["a comment", (h) => JSON.stringify(h) + "//", "its header cannot be read"],
  ["a number", (h) => ({ ...h, c: 1 }), "c is stored as nothing"],
  [
    "a name twice",
    (h) => JSON.stringify(h).replace("a.weight", "b"),
    "it has b twice",
  ],
  [
    "metadata of numbers",
    (h) => ({ ...h, __metadata__: { a: 1 } }),
    "__metadata__ is not a map of texts",
  ],
  [
    "a long name",
    (h) => ({ ...h, ["x".repeat(257)]: h.b }),
    "a name is longer than 256 characters",
  ],
  ["depth", () => "[".repeat(2 ** 20), "nested deeper than 3"],
  ["lists of nothing", () => `{"a":[${"[],".repeat(9)}[[[]]]]}`, "deeper"],
  [
    "many values",
    () => `{"a":[${"0,".repeat(1_100_000)}0]}`,
    "more than 262144 values",
  ],
];

for (const [what, change, reason] of FAULTS) {
  Deno.test(`readSafetensors() refuses ${what}`, () => {
    const bytes = safetensorsFile(TENSORS, change);
    const start = performance.now();
    const error = assertThrows(() => read(bytes), SyntaxError, reason);
    assert(error.message.startsWith('Cannot read model "m": '), error.message);
    assertLess(performance.now() - start, 2000);
  });
}

Deno.test("readSafetensors() refuses a gap, and a byte after the end", () => {
  const bytes = safetensorsFile(TENSORS);
  assertThrows(
    () => read(joined(bytes, Uint8Array.of(0))),
    SyntaxError,
    "its tensors do not fill it",
  );
  const gap = safetensorsFile(TENSORS, ({ b }) => ({ b }));
  assertThrows(() => read(gap), SyntaxError, "its tensors do not fill it");
});

Deno.test("readSafetensors() refuses a huge header before it reads it", () => {
  for (const size of [2 ** 23 + 1, 2 ** 53, 2 ** 63]) {
    const head = new Uint8Array(8);
    new DataView(head.buffer).setBigUint64(0, BigInt(size), true);
    assertThrows(() => read(joined(head, TENS)), SyntaxError, "its header has");
  }
  assertThrows(
    () => read(joined(numbers(8, 2 ** 23), TENS)),
    SyntaxError,
    "it is cut short",
  );
});

const TENS = new Uint8Array(10).fill(10);

Deno.test("readSafetensors() refuses a file cut at any byte", () => {
  const bytes = safetensorsFile(TENSORS);
  for (let length = 0; length < bytes.length; length++) {
    assertThrows(() => read(bytes.subarray(0, length)), SyntaxError);
  }
});

Deno.test("parseStrictJson() reads what JSON.parse() does", () => {
  const limits = { depth: 4, values: 100 };
  const values = [
    null,
    true,
    false,
    0,
    -1.5e-3,
    2 ** 53,
    "",
    'é"\\\n\u2028',
    [],
    {},
    [[1, "a"], []],
    { a: { b: [null] }, c: "d" },
  ];
  const plain = (value: unknown): unknown =>
    value instanceof Map
      ? Object.fromEntries([...value].map(([k, v]) => [k, plain(v)]))
      : Array.isArray(value)
      ? value.map(plain)
      : value;
  for (const value of values) {
    for (const indent of [0, 2]) {
      const text = JSON.stringify(value, null, indent);
      assertEquals(plain(parseStrictJson(text, limits)), value);
    }
  }
  const proto = parseStrictJson('{"__proto__": 1}', limits);
  assertEquals(proto, new Map([["__proto__", 1]]));
});

Deno.test("parseStrictJson() refuses what JSON.parse() does", () => {
  const wrong = ["", " ", "{", "[1,]", "[,]", '{"a"}', '{"a":}', "{a:1}", "01"]
    .concat([
      "1.",
      ".5",
      "+1",
      "tru",
      "nul",
      '"',
      '"\\',
      '"\\x"',
      '"\n"',
      "1 2",
    ])
    .concat(["{} {}", "[1}", '{"a":1,}', "NaN", "'a'", '"\\u12"', "-"]);
  for (const text of wrong) {
    assertThrows(
      () => parseStrictJson(text, { depth: 4, values: 100 }),
      SyntaxError,
      "",
      text,
    );
  }
});
