/** Baselines cost what their plain definitions say. */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { constants, zstdCompressSync } from "node:zlib";
import { measureBaseline } from "../../lib/evaluation/baselines.ts";
import { findCompressor } from "../../lib/evaluation/compressors.ts";
import { framedDocument } from "../../lib/evaluation/documents.ts";
import { POSITIONS, sumOf } from "../../lib/evaluation/cost.ts";
import { unigramCost } from "../../lib/evaluation/unigram.ts";

const FRAME = { start: 0, end: 1 };
const TEXTS = ["o rio corre para o mar. ".repeat(40), "a chuva. ".repeat(90)];
const encoder = new TextEncoder();
const BYTES = TEXTS.map((text) => encoder.encode(text));
/** A byte a token, behind the two of the frame. */
const DOCUMENTS = BYTES.map((bytes, i) =>
  framedDocument(
    { name: `${i}`, source: 0, bytes: bytes.length },
    Array.from(bytes, (byte) => byte + 2),
    FRAME,
  )
);
const byteLengths = Array.from({ length: 258 }, (_, id) => id < 2 ? 0 : 1);
const ON = {
  documents: DOCUMENTS,
  textOf: (index: number) => BYTES[index],
  byteLengths,
};

Deno.test("unigramCost() counts what came, in what it learnt from and before", () => {
  const counts = new Float64Array(258);
  for (const byte of BYTES[1]) counts[byte + 2]++;
  const found = unigramCost(DOCUMENTS[0], { byteLengths, counts });
  const ids = [...Array.from(BYTES[0], (byte) => byte + 2), FRAME.end];
  let nats = 0;
  for (const [i, id] of ids.entries()) {
    const before = ids.slice(0, i);
    const own = before.filter((other) => other === id).length + counts[id];
    const all = before.length + BYTES[1].length;
    nats -= Math.log((own + 0.5) / (all + 258 / 2));
  }
  assertAlmostEquals(found.nats, nats, 1e-6);
  assertEquals(found.tokens, ids.length);
  assertEquals(found.bytes, BYTES[0].length);
  assertEquals(found.parts?.length, POSITIONS.length);
  assertAlmostEquals(sumOf(found.parts!).nats, nats, 1e-6);
  assertEquals(found.parts![0].bytes, 256);
});

Deno.test("measureBaseline() charges compressors for what a document adds", async () => {
  const size = (bytes: Uint8Array) => {
    const options = {
      pledgedSrcSize: bytes.length,
      params: {
        [constants.ZSTD_c_compressionLevel]: 22,
        [constants.ZSTD_c_contentSizeFlag]: 0,
      },
    };
    return zstdCompressSync(bytes, options).length;
  };
  const learnt = { counts: [], bytes: encoder.encode(TEXTS.join("")) };
  for (const before of [undefined, learnt]) {
    const found = await measureBaseline("zstd", { ...ON, learnt: before });
    assert(typeof found !== "string");
    const own = before?.bytes ?? new Uint8Array();
    for (const [i, { nats, bytes, tokens }] of found.entries()) {
      const both = new Uint8Array([...own, ...BYTES[i]]);
      const bits = 8 * (size(both) - size(own));
      assertAlmostEquals(nats, bits * Math.LN2);
      assertEquals([bytes, tokens], [BYTES[i].length, 0]);
    }
  }
});

Deno.test("measureBaseline() says what is too much, before anything is compressed", async () => {
  const [document] = DOCUMENTS;
  const documents = [{ ...document, bytes: 2 ** 30 + 1 }];
  assertEquals(await measureBaseline("zstd", { ...ON, documents }), "too-much");
});

Deno.test({
  name: "findCompressor() names programs that may not be started",
  permissions: { run: false, read: true },
  fn: async () => {
    assertEquals(await findCompressor("xz"), "not-permitted");
    assertEquals(await findCompressor("ppmd"), "not-permitted");
  },
});

for (const name of ["xz", "ppmd"] as const) {
  const found = await findCompressor(name);
  Deno.test({
    name: typeof found === "string"
      ? `${name} compresses (left out: ${found})`
      : `${name} compresses`,
    ignore: typeof found === "string",
    fn: async () => {
      assert(typeof found !== "string");
      const [bytes] = BYTES;
      const random = crypto.getRandomValues(new Uint8Array(bytes.length));
      assert(await found(bytes) < 100);
      assert(await found(random) > bytes.length - 10);
    },
  });
}
