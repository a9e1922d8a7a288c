/** Parts of an analysis as files. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  decodePart,
  emptyColumns,
  encodePart,
  joinAnalyses,
  outcomeOf,
  REASONS,
} from "../../../lib/corpus/build/analysis.ts";

const analysis = (count: number, first: number) => {
  const columns = emptyColumns(count);
  for (let i = 0; i < count; i++) {
    columns.offset[i] = first + i;
    columns.bands[14 * i + 13] = first + i;
  }
  return { count, columns, names: { 0: `n${first}` }, languages: {} };
};

Deno.test("joinAnalyses() keeps the order and the notes", () => {
  const joined = joinAnalyses([analysis(2, 0), analysis(0, 9), analysis(3, 2)]);
  assertEquals([...joined.columns.offset], [0, 1, 2, 3, 4]);
  assertEquals(joined.columns.bands[14 * 4 + 13], 4);
  assertEquals(joined.names[2], "n2");
});

Deno.test("decodePart() gives back what encodePart() took", () => {
  const next = { source: 1, file: 2, offset: 2 ** 40 };
  for (const count of [0, 1, 77]) {
    const part = { ...analysis(count, 5), source: 1, next };
    assertEquals(decodePart(encodePart(part)), part);
  }
});

Deno.test("decodePart() refuses a part cut anywhere", () => {
  const next = { source: 1, file: 0, offset: 0 };
  const bytes = encodePart({ ...analysis(3, 0), source: 0, next });
  for (let length = 0; length < bytes.length; length++) {
    assertThrows(() => decodePart(bytes.slice(0, length)), SyntaxError);
  }
});

Deno.test("REASONS are different, and few enough for a byte", () => {
  assertEquals(new Set(REASONS).size, REASONS.length);
  assert(Math.max(...REASONS.map(outcomeOf)) < 256);
});
