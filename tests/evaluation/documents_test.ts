/** The documents of token files, however they are framed. */

import { assertEquals } from "@std/assert";
import { documentsIn } from "../../lib/evaluation/documents.ts";

function found(ids: readonly number[], frame = { start: 2, end: 3 }) {
  const tokens = Uint16Array.from(ids);
  const file = {
    path: "data/val.bin",
    length: tokens.length,
    read: (at: number, into: Uint16Array) =>
      into.set(tokens.subarray(at, at + into.length)),
  };
  const byteLengths = Array.from(
    { length: 100 },
    (_, id) => id < 2 || id > 3 ? 1 : 0,
  );
  return [...documentsIn(file, 4, { frame, byteLengths })].map((document) => {
    const own = new Uint16Array(document.length);
    document.read(0, own);
    const { name, source, bytes } = document;
    assertEquals(source, 4);
    return [name, bytes, [...own]];
  });
}

Deno.test("documentsIn() finds documents by their frames", () => {
  assertEquals(found([2, 7, 8, 3, 2, 9, 3]), [
    ["val.bin 1", 2, [2, 7, 8, 3]],
    ["val.bin 2", 1, [2, 9, 3]],
  ]);
});

Deno.test("documentsIn() takes what a file was cut to as documents too", () => {
  assertEquals(found([7, 8, 3, 2, 9]), [
    ["val.bin 1", 2, [7, 8, 3]],
    ["val.bin 2", 1, [2, 9]],
  ]);
  assertEquals(found([5, 6, 2, 9, 2, 4]), [
    ["val.bin 1", 2, [5, 6]],
    ["val.bin 2", 1, [2, 9]],
    ["val.bin 3", 1, [2, 4]],
  ]);
  assertEquals(found([7, 8, 9]), [["val.bin 1", 3, [7, 8, 9]]]);
  assertEquals(found([3]), []);
});

Deno.test("documentsIn() reads frames of one token for both ends", () => {
  assertEquals(found([3, 7, 8, 3, 9, 3], { start: 3, end: 3 }), [
    ["val.bin 1", 2, [3, 7, 8, 3]],
    ["val.bin 2", 1, [3, 9, 3]],
  ]);
});

Deno.test("documentsIn() finds documents that lie across the parts it reads", () => {
  const long = Array.from({ length: 70_000 }, (_, i) => 4 + i % 90);
  const documents = found([2, ...long, 3, 2, 9, 3]);
  assertEquals(documents.map(([, bytes]) => bytes), [70_000, 1]);
  assertEquals(documents[0][2], [2, ...long, 3]);
});
