import { decode, encode } from "@msgpack/msgpack";
import {
  assert,
  assertEquals,
  assertLess,
  assertRejects,
  assertThrows,
} from "@std/assert";
import {
  memorySource,
  Span,
} from "../../../lib/checkpoint/encoding/byte_source.ts";
import { FileSource } from "../../../lib/checkpoint/encoding/file_source.ts";
import { readMsgpack } from "../../../lib/checkpoint/encoding/msgpack_reader.ts";
import {
  LazyBytes,
  MAX_DEPTH,
  writeMsgpack,
} from "../../../lib/checkpoint/encoding/msgpack_writer.ts";
import { Random } from "../../../lib/random.ts";
import { NO_REAL_DATA, REAL_DATA } from "../../real_data.ts";

const TINY_LAYOUT = `${REAL_DATA}/burn/tiny-layout.mpk`;

async function written(value: unknown): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const write = (piece: Uint8Array) => {
    pieces.push(piece.slice());
    return Promise.resolve();
  };
  await writeMsgpack({ write }, value);
  return new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer());
}

function read(bytes: Uint8Array | number[]): unknown {
  return readMsgpack(memorySource("input", new Uint8Array(bytes)));
}

/** The tree with the bytes of each span in its place. */
function filled(tree: unknown, bytes: Uint8Array): unknown {
  if (tree instanceof Span) {
    return bytes.subarray(tree.offset, tree.offset + tree.length);
  }
  if (Array.isArray(tree)) return tree.map((child) => filled(child, bytes));
  if (typeof tree !== "object" || tree === null) return tree;
  return Object.fromEntries(
    Object.entries(tree).map(([key, child]) => [key, filled(child, bytes)]),
  );
}

function equals(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

const SIZES = [0, 1, 15, 16, 31, 32, 255, 256, 65_535, 65_536];
const VALUES: Record<string, unknown> = {
  nil: null,
  booleans: [true, false],
  "numbers at the borders of their forms": [7, 8, 15, 16, 31, 32, 53].flatMap(
    (bits) => [2 ** bits - 1, -(2 ** bits) + 1],
  ).concat([127, 128, 2 ** 32, 0, -1, -32, -33, -128, -129, -32_768, -32_769])
    .concat([-(2 ** 31), -(2 ** 31) - 1]),
  "numbers with a fraction": [0.1, 1e300, Infinity, NaN, 2 ** 60],
  strings: SIZES.map((size) => "a".repeat(size)).concat("coração 𝄞"),
  binaries: SIZES.concat(200_000).map((size) => new Uint8Array(size).fill(7)),
  arrays: SIZES.map((size) => Array(Math.min(size, 70_000)).fill(1)),
  maps: [0, 1, 15, 16, 65_536].map((size) =>
    Object.fromEntries(Array.from({ length: size }, (_, i) => [`k${i}`, i]))
  ),
};

for (const [kind, value] of Object.entries(VALUES)) {
  Deno.test(`writeMsgpack() writes ${kind} as @msgpack/msgpack does`, async () => {
    for (const one of Array.isArray(value) ? value : [value]) {
      const bytes = await written(one);
      // Faster than assertEquals() on half a million values.
      assert(equals(bytes, encode(one)));
      assert(equals(encode(filled(read(bytes), bytes)), bytes));
    }
  });
}

Deno.test("writeMsgpack() keeps the sign of zero", async () => {
  assertEquals(read(await written([-0, 0])), [-0, 0]);
});

Deno.test("writeMsgpack() joins lazy pieces and checks their length", async () => {
  const pieces = async function* () {
    yield new Uint8Array(70_000).fill(1);
    yield await Promise.resolve(new Uint8Array([2, 3]));
  };
  const expected = new Uint8Array(70_002).fill(1);
  expected.set([2, 3], 70_000);
  const bytes = await written({ a: new LazyBytes(70_002, pieces), b: 1 });
  assertEquals(bytes, encode({ a: expected, b: 1 }));
  for (const length of [70_001, 70_003]) {
    await assertRejects(
      () => written(new LazyBytes(length, pieces)),
      RangeError,
      "was given",
    );
  }
});

Deno.test("writeMsgpack() refuses what the reader would", async () => {
  let deep: unknown = 1;
  for (let i = 0; i < MAX_DEPTH; i++) deep = [deep];
  assertEquals(read(await written(deep)), deep);
  await assertRejects(() => written([deep]), RangeError, "nested");
  await assertRejects(() => written("a".repeat(65_537)), RangeError, "string");
  await assertRejects(() => written(Array(2 ** 18 + 1).fill(0)), RangeError);
  await assertRejects(
    () => written(Array(200).fill("a".repeat(60_000))),
    RangeError,
    "not binary",
  );
  await assertRejects(
    () => written(new LazyBytes(2 ** 32, async function* () {})),
    RangeError,
    "binary",
  );
  await assertRejects(() => written({ a: new Map() }), TypeError, "Map");
  await assertRejects(() => written([() => 1]), TypeError);
});

Deno.test("writeMsgpack() leaves out undefined fields", async () => {
  assertEquals(await written({ a: undefined, b: 1 }), encode({ b: 1 }));
});

Deno.test({
  name:
    "writeMsgpack() gives a Burn file back byte for byte (needs PTBR_SLM_TEST_DATA)",
  ignore: NO_REAL_DATA,
  fn: async () => {
    const bytes = await Deno.readFile(TINY_LAYOUT);
    const tree = filled(read(bytes), bytes);
    assertEquals(await written(tree), bytes);
    assertEquals(await written(decode(bytes)), bytes);
  },
});

Deno.test("readMsgpack() refuses a map or array longer than its bytes", () => {
  for (const head of [0xdd, 0xdf]) {
    const error = assertThrows(
      () => read([head, 0xff, 0xff, 0xff, 0xff, 0xc0]),
      SyntaxError,
    );
    assertEquals(error.message, "Cannot read input: it is cut short (byte 0)");
  }
});

Deno.test("readMsgpack() refuses lengths past the end", () => {
  for (const head of [0xc6, 0xdb, 0xc9]) {
    assertThrows(() => read([head, 0xff, 0xff, 0xff, 0xff, 1]), SyntaxError);
  }
});

Deno.test("readMsgpack() refuses nested bombs before it builds them", () => {
  const started = performance.now();
  // 16 M-element arrays, each in the first place of the one before.
  const arrays = new Uint8Array(40).map((_, i) =>
    [0xdd, 0x00, 0xff, 0xff, 0xff][i % 5]
  );
  assertThrows(() => read(arrays), SyntaxError, "cut short");
  const full = new Uint8Array(2 ** 25);
  full.set(arrays);
  assertThrows(() => read(full), SyntaxError, "more than");
  assertThrows(
    () => read(new Uint8Array(2 ** 20).fill(0x91)),
    SyntaxError,
    "nested deeper than 32",
  );
  assertThrows(
    () => read(new Uint8Array(2 ** 20).fill(0x81)),
    SyntaxError,
    "a key is not a string",
  );
  assertLess(performance.now() - started, 1000);
});

Deno.test("readMsgpack() refuses more values or text than a checkpoint has", async () => {
  const many = new Uint8Array(5 + 2 ** 19).fill(0x90);
  many.set([0xdd, 0x00, 0x08, 0x00, 0x00]);
  assertThrows(() => read(many), SyntaxError, "values");
  // 200 times 60 kB: each is allowed, together they are not.
  const texts = await new Blob([
    new Uint8Array([0xdc, 0, 200]),
    ...Array<Uint8Array<ArrayBuffer>>(200).fill(
      encode("a".repeat(60_000)) as Uint8Array<ArrayBuffer>,
    ),
  ]).arrayBuffer();
  assertThrows(() => read(new Uint8Array(texts)), SyntaxError, "not binary");
});

Deno.test("readMsgpack() refuses what no checkpoint holds", () => {
  const cases: [number[], string][] = [
    [[], "it is empty"],
    [[0xc1], "0xc1 starts no value"],
    [[0xd4, 1, 0], "0xd4 starts no value"],
    [[0xd8, 1, ...Array(16).fill(0)], "0xd8 starts no value"],
    [[0xc0, 0xc0], "1 bytes follow its end"],
    [[0x81, 0x01, 0x01], "a key is not a string"],
    [[0x81, 0x90, 0x01], "a key is not a string"],
    [[0xdb, 0, 1, 0, 1, ...Array(65_537).fill(65)], "a string has 65537 bytes"],
  ];
  for (const [bytes, reason] of cases) {
    assertThrows(() => read(bytes), SyntaxError, reason);
  }
  const proto = encode(JSON.parse('{"__proto__": 1}'));
  assertThrows(() => read(proto), SyntaxError, "__proto__");
});

Deno.test("readMsgpack() takes no more memory for a bomb than for its bytes", () => {
  const before = Deno.memoryUsage().rss;
  const bomb = new Uint8Array(5 + 2 ** 18).fill(0x80); // 262,144 empty maps
  bomb.set([0xdd, 0x00, 0x03, 0xff, 0xff]);
  assertThrows(() => read(bomb), SyntaxError, "follow");
  assertEquals((read(bomb.subarray(0, 5 + 2 ** 18 - 1)) as []).length, 262_143);
  assertLess(Deno.memoryUsage().rss - before, 64e6);
});

Deno.test("readMsgpack() reads across the borders of its window", () => {
  const random = new Random(3);
  const texts = Array.from(
    { length: 300 },
    (_, i) => String(i).repeat(random.next() % 1500),
  );
  const bytes = encode(texts);
  assert(bytes.length > 300_000);
  assertEquals(read(bytes), texts);
});

Deno.test("FileSource.open() says why a file cannot be read", async () => {
  const folder = await Deno.makeTempDir();
  await assertRejects(
    () => FileSource.open(`${folder}/absent`, "checkpoint"),
    Error,
    `Cannot read checkpoint "${folder}/absent": no such file or folder`,
  );
  await assertRejects(
    () => FileSource.open(folder, "checkpoint"),
    Error,
    "it is a folder",
  );
  await assertRejects(
    () => FileSource.open("/dev/zero", "checkpoint"),
    Error,
    "it is not a plain file",
  );
});

Deno.test("FileSource.read() reports a file that became shorter", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, new Uint8Array(10));
  using source = await FileSource.open(path, "checkpoint");
  await Deno.truncate(path, 4);
  assertThrows(
    () => source.read(new Uint8Array(10), 0),
    Error,
    "it became shorter meanwhile",
  );
});
