import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import { memorySource } from "../../../../lib/checkpoint/encoding/byte_source.ts";
import { parsePickle } from "../../../../lib/checkpoint/formats/torch/pickle.ts";
import { readTorch } from "../../../../lib/checkpoint/formats/torch/torch.ts";
import { readZip } from "../../../../lib/checkpoint/formats/torch/zip.ts";
import { type Given, numbers } from "../../foreign_files.ts";
import { joined } from "../../mutations.ts";
import {
  type Entry,
  type Layout,
  pickle,
  pickledTensor,
  torchFile,
  zipFile,
} from "../../torch_files.ts";

const TENSORS: readonly Given[] = [
  {
    name: "a.weight",
    shape: [2, 3],
    values: Float32Array.of(1, 2, 3, 4, 5, 6),
  },
  { name: "b", shape: [1, 1, 2], values: Float32Array.of(-1, 0.5) },
];

const read = (bytes: Uint8Array) => readTorch(memorySource('model "m"', bytes));

for (const type of ["Float", "Half", "BFloat16"] as const) {
  for (const large of [false, true]) {
    Deno.test(`readTorch() reads ${type}Storage, zip64 ${large}`, () => {
      const tensors = read(torchFile(TENSORS, { type, large }));
      assertEquals([...tensors.keys()], ["a.weight", "b"]);
      for (const { name, shape, values } of TENSORS) {
        assertEquals(tensors.get(name)!.shape, shape);
        assertEquals(tensors.get(name)!.read(), values);
      }
    });
  }
}

const layouts = (b: Layout) => ({ layouts: { b } });

Deno.test("readTorch() follows strides and shared storages", () => {
  const cases: [Layout, number[]][] = [
    [{ shape: [3, 2], strides: [1, 3] }, [1, 4, 2, 5, 3, 6]],
    [{ shape: [2], strides: [3], offset: 2 }, [3, 6]],
    [{ shape: [3], offset: 3 }, [4, 5, 6]],
    [{ shape: [2, 1, 2], strides: [3, 77, 2] }, [1, 3, 4, 6]],
    [{ shape: [1], strides: [9], offset: 5 }, [6]],
    [{ shape: [2, 2], strides: [1, 1] }, [1, 2, 2, 3]],
  ];
  for (const [layout, expected] of cases) {
    const shared = { storage: "0", length: 6, ...layout };
    const b = read(torchFile(TENSORS, layouts(shared))).get("b")!;
    assertEquals(b.shape, layout.shape!);
    assertEquals([...b.read()], expected);
  }
});

Deno.test("readTorch() takes parameters, and files that name no byte order", () => {
  const program = joined(
    pickle.proto,
    pickle.emptyDict,
    pickle.mark,
    pickle.text("b"),
    pickle.global("torch._utils", "_rebuild_parameter"),
    pickle.mark,
    pickledTensor(TENSORS[1], { type: "Float", key: "0" }),
    pickle.no,
    pickle.emptyDict,
    pickle.tuple,
    pickle.reduce,
    pickle.setItems,
    pickle.stop,
  );
  const bytes = zipFile([
    { name: "x/data.pkl", bytes: program },
    { name: "x/data/0", bytes: new Uint8Array(TENSORS[1].values.buffer) },
  ]);
  assertEquals(read(bytes).get("b")!.read(), TENSORS[1].values);
});

const LAYOUT_FAULTS: [string, Layout, string][] = [
  ["a place beyond its storage", { offset: 1 }, "b lies beyond its storage"],
  ["strides beyond it", { strides: [1, 1, 2] }, "b lies beyond its storage"],
  ["huge strides", { strides: [1, 1, 2 ** 31 - 1] }, "b lies beyond"],
  ["one value as many", { shape: [9], strides: [0] }, "values more than once"],
  ["no value", { shape: [0] }, "b has no shape"],
  ["a negative extent", { shape: [-1] }, "not as PyTorch writes it"],
  ["a negative stride", { strides: [1, 1, -1] }, "not as PyTorch writes it"],
  ["a negative offset", { offset: -1 }, "not as PyTorch writes it"],
  ["too few strides", { strides: [1] }, "not as PyTorch writes it"],
  ["another length", { length: 3 }, "the storage of b is not as it should be"],
  ["a storage that is not there", { storage: "9" }, "the storage of b"],
  ["a storage elsewhere", { storage: "../version" }, "the storage of b"],
];

for (const [what, layout, reason] of LAYOUT_FAULTS) {
  Deno.test(`readTorch() refuses ${what}`, () => {
    assertThrows(
      () => read(torchFile(TENSORS, layouts(layout))),
      SyntaxError,
      reason,
    );
  });
}

Deno.test("readTorch() refuses many views of one storage", () => {
  const values = new Float32Array(1000);
  const tensors = Array.from(
    { length: 100 },
    (_, i) => ({ name: `t${i}`, shape: [1000], values: values.subarray(0, 1) }),
  );
  tensors[0] = { ...tensors[0], values };
  const shared = { storage: "0", length: 1000, shape: [1000] };
  const names = tensors.map(({ name }) => [name, shared] as const);
  assertThrows(
    () => read(torchFile(tensors, { layouts: Object.fromEntries(names) })),
    SyntaxError,
    "many more than it holds",
  );
});

Deno.test("readTorch() refuses big-endian files and zips of others", () => {
  assertThrows(
    () => read(torchFile(TENSORS, { order: "big" })),
    SyntaxError,
    "not little-endian",
  );
  assertThrows(
    () => read(zipFile([{ name: "a.txt", bytes: numbers(4, 1) }])),
    SyntaxError,
    "no data.pkl",
  );
});

const machine = (...parts: Uint8Array[]) => parsePickle(joined(...parts));

Deno.test("parsePickle() refuses every name but those of weights", () => {
  const names: [string, string][] = [
    ["os", "system"],
    ["builtins", "eval"],
    ["__builtin__", "exec"],
    ["posix", "system"],
    ["torch", "load"],
    ["torch.hub", "load"],
    ["torch", "LongStorage"],
    ["torch._utils", "_rebuild_tensor_v3"],
    ["collections", "OrderedDict.fromkeys"],
    ["__main__", "Weights"],
    ["numpy.core.multiarray", "_reconstruct"],
  ];
  for (const [module, name] of names) {
    const error = assertThrows(
      () =>
        machine(
          pickle.proto,
          pickle.global(module, name),
          pickle.mark,
          pickle.text("echo oops"),
          pickle.tuple,
          pickle.reduce,
          pickle.stop,
        ),
      SyntaxError,
    );
    assert(
      error.message.startsWith(
        `it names ${module}.${name}, which no weights need`,
      ),
      error.message,
    );
  }
  assertThrows(
    () => machine(pickle.global("a".repeat(1e5), "b"), pickle.stop),
    SyntaxError,
    "it names aaa",
  );
});

Deno.test("parsePickle() refuses every opcode but those of weights", () => {
  const allowed = new Set([
    ...[0x47, 0x61, 0x65], // floats and lists, which trainers keep beside
    ...[0x28, 0x29, 0x2e, 0x4a, 0x4b, 0x4d, 0x4e, 0x51, 0x52, 0x58, 0x5d],
    ...[0x62, 0x63, 0x68, 0x6a, 0x71, 0x72, 0x73, 0x74, 0x75, 0x7d, 0x80],
    ...[0x85, 0x86, 0x87, 0x88, 0x89, 0x8a],
  ]);
  for (let opcode = 0; opcode < 256; opcode++) {
    const error = assertThrows(
      () => machine(Uint8Array.of(opcode), new Uint8Array(8)),
      SyntaxError,
    );
    assertEquals(
      error.message.startsWith(`opcode 0x${opcode.toString(16)} is not for`),
      !allowed.has(opcode),
      error.message,
    );
  }
});

const ordered = joined(
  pickle.global("collections", "OrderedDict"),
  pickle.emptyTuple,
  pickle.reduce,
);
const storage = pickle.global("torch", "FloatStorage");

const PICKLE_FAULTS: [string, Uint8Array[], string][] = [
  ["nothing", [], "it is cut short"],
  ["no value", [pickle.stop], "it is cut short"],
  ["a mark as value", [pickle.mark, pickle.stop], "it is cut short"],
  ["two values", [pickle.no, pickle.no, pickle.stop], "something follows"],
  ["bytes after the end", [pickle.no, pickle.stop, pickle.no], "follows"],
  ["another protocol", [Uint8Array.of(0x80, 4)], "its protocol is 4"],
  ["a recall of nothing", [pickle.get(7)], "what is not there"],
  ["a tuple without a mark", [pickle.no, pickle.tuple], "a mark is missing"],
  [
    "a call of a text",
    [pickle.text("a"), pickle.emptyTuple, pickle.reduce],
    "no function",
  ],
  [
    "a call of a storage",
    [storage, pickle.emptyTuple, pickle.reduce],
    "it calls torch.FloatStorage",
  ],
  ["a call without a tuple", [
    pickle.global("collections", "OrderedDict"),
    pickle.no,
    pickle.reduce,
  ], "no function"],
  ["entries of a call", [
    pickle.global("collections", "OrderedDict"),
    pickle.mark,
    pickle.no,
    pickle.tuple,
    pickle.reduce,
  ], "not built by entries"],
  [
    "a storage of nothing",
    [pickle.text("x"), pickle.persistent],
    "a storage is not",
  ],
  ["entries of a text", [
    pickle.text("x"),
    pickle.mark,
    pickle.no,
    pickle.no,
    pickle.setItems,
  ], "entries belong to no map"],
  [
    "half an entry",
    [pickle.emptyDict, pickle.mark, pickle.no, pickle.setItems],
    "entries belong to no map",
  ],
  ["a map as key", [
    pickle.emptyDict,
    pickle.mark,
    pickle.emptyDict,
    pickle.no,
    pickle.setItems,
  ], "a key is no name"],
  ["a key twice", [
    ordered,
    pickle.mark,
    pickle.text("a"),
    pickle.no,
    pickle.text("a"),
    pickle.no,
    pickle.setItems,
  ], "it has a twice"],
  [
    "a state of an object",
    [pickle.text("x"), pickle.no, pickle.build],
    "an object is built",
  ],
  ["a large number", [Uint8Array.of(0x8a, 9), new Uint8Array(9)], "too large"],
  [
    "a text beyond the end",
    [Uint8Array.of(0x58, 255, 255, 255, 255)],
    "it is cut short",
  ],
];

for (const [what, parts, reason] of PICKLE_FAULTS) {
  Deno.test(`parsePickle() refuses ${what}`, () => {
    assertThrows(() => machine(...parts), SyntaxError, reason);
  });
}

Deno.test("parsePickle() keeps nested bombs small", () => {
  const start = performance.now();
  // Each list holds the one before twice: 2^500 leaves, were they copied.
  const level = joined(
    pickle.put(0),
    pickle.get(0),
    Uint8Array.of(0x86), // TUPLE2
  );
  const bomb = joined(
    pickle.emptyTuple,
    ...Array(500).fill(level),
    pickle.stop,
  );
  assert(Array.isArray(parsePickle(bomb)));
  const deep = joined(
    pickle.no,
    new Uint8Array(2 ** 19).fill(0x85),
    pickle.stop,
  );
  assert(Array.isArray(parsePickle(deep)));
  assertThrows(
    () => machine(new Uint8Array(2 ** 22).fill(0x28)),
    SyntaxError,
    "it takes too many steps",
  );
  assertLess(performance.now() - start, 4000);
});

const FILE: Entry = { name: "m/data.pkl", bytes: numbers(4, 1, 2, 3) };

Deno.test("readZip() refuses what PyTorch does not write", () => {
  const cases: [Uint8Array, string][] = [
    [zipFile([{ ...FILE, method: 8 }]), "m/data.pkl is compressed"],
    [zipFile([FILE, FILE]), "it has m/data.pkl twice"],
    [zipFile([{ ...FILE, size: 2 ** 31 }]), "m/data.pkl lies beyond its data"],
    [zipFile([{ ...FILE, offset: 2 ** 31 }]), "lies beyond its data"],
    [zipFile([{ ...FILE, offset: 5 }]), "not where the index says"],
    [
      zipFile([FILE, { ...FILE, name: "b", offset: 0 }]),
      "overlap",
    ],
    [zipFile([FILE], { count: 2 }), "its index cannot be true"],
    [zipFile([FILE], { count: 60_000 }), "its index cannot be true"],
    [
      zipFile([{ ...FILE, size: 2 ** 52 }], { large: true }),
      "its index cannot be true",
    ],
    [
      zipFile([{ ...FILE, offset: 2 ** 52 }], { large: true }),
      "its index cannot be true",
    ],
    [zipFile([FILE], { large: true, count: 2 ** 40 }), "cannot be true"],
  ];
  for (const [bytes, reason] of cases) {
    assertThrows(
      () => readZip(memorySource('model "m"', bytes)),
      SyntaxError,
      reason,
    );
  }
});

Deno.test("readZip() finds the end before a comment", () => {
  const bytes = zipFile([FILE]);
  bytes[bytes.length - 2] = 5;
  const entries = readZip(
    memorySource("m", joined(bytes, new TextEncoder().encode("PK\x05\x06!"))),
  );
  assertEquals([...entries.keys()], ["m/data.pkl"]);
});

for (const large of [false, true]) {
  Deno.test(`readTorch() refuses a file cut at any byte, zip64 ${large}`, () => {
    const bytes = torchFile(TENSORS, { large });
    for (let length = 0; length < bytes.length; length++) {
      assertThrows(() => read(bytes.subarray(0, length)), SyntaxError);
    }
  });
}
