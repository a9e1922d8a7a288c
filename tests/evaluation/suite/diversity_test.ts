/** Repetition as it is counted by hand. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  diversityOf,
  endsInLoop,
  repeatedShare,
} from "../../../lib/evaluation/suite/diversity.ts";

Deno.test("diversityOf() tells texts that repeat themselves from those that do not", () => {
  const words = Array.from({ length: 60 }, (_, i) => `palavra${i}`);
  const plain = diversityOf([words.join(" ")]);
  assertEquals(plain.distinct, [1, 1, 1]);
  assertEquals(
    [plain.repeatedFours, plain.sharedFours, plain.loops],
    [0, 0, 0],
  );
  const loop = diversityOf(["o rio corre, ".repeat(20)]);
  assertEquals(loop.distinct, [3 / 60, 3 / 59, 3 / 58]);
  assertEquals([loop.repeatedFours, loop.loops], [54 / 57, 1]);
  assert(loop.compression > plain.compression);
});

Deno.test("diversityOf() finds what texts have in common", () => {
  const found = diversityOf([
    "A casa do rio.",
    "a CASA do rio",
    "o mar é azul",
  ]);
  assertEquals(found.sharedFours, 2 / 3);
  assertEquals(found.words, 12);
  assertEquals(found.distinct[0], 8 / 12);
});

Deno.test("diversityOf() takes texts of a few words, and refuses none", () => {
  assertEquals(diversityOf(["sim", ""]).repeatedFours, 0);
  assertThrows(() => diversityOf(["...", ""]), RangeError, "no words");
});

Deno.test("endsInLoop() asks for three times, and for some length", () => {
  const ha = (times: number) => Array<string>(times).fill("ha");
  assertEquals([endsInLoop(ha(23)), endsInLoop(ha(24))], [false, true]);
  const stretch = Array.from({ length: 10 }, (_, i) => i);
  assert(!endsInLoop([...stretch, ...stretch]));
  assert(endsInLoop([7, ...stretch, ...stretch, ...stretch]));
  assertEquals(repeatedShare([1, 2, 3, 4, 1, 2, 3, 4]), 1 / 5);
});
