import { assertEquals } from "@std/assert";
import { sequentialBatches } from "../../lib/dataset/data_loader.ts";
import { evenWindows } from "../../lib/dataset/even_windows.ts";
import type { TokenSequence } from "../../lib/dataset/windows.ts";

function sequence(first: number, length: number): TokenSequence {
  return {
    path: "a",
    length,
    read: (start, into) => {
      for (let i = 0; i < into.length; i++) into[i] = first + start + i;
    },
  };
}

const SHAPE = { batchSize: 2, contextLength: 4 };

Deno.test("evenWindows() takes windows of all the sequences", () => {
  const sequences = [sequence(0, 21), sequence(100, 3), sequence(200, 22)];
  const { windows, available, tokens, batches } = evenWindows(
    sequences,
    SHAPE,
    5,
  );
  assertEquals([windows, available, tokens], [5, 10, 20]);
  const all = [...batches()];
  assertEquals(all.map(({ rows }) => rows), [2, 2, 1]);
  const firsts = all.flatMap(({ rows, inputs }) =>
    Array.from({ length: rows }, (_, row) => inputs[row * 4])
  );
  assertEquals(firsts, [4, 12, 200, 208, 216]);
  assertEquals([...all[2].targets], [217, 218, 219, 220]);
  assertEquals([...batches()], all);
});

Deno.test("evenWindows() leaves nothing out where all are wanted", () => {
  const sequences = [sequence(0, 11), sequence(100, 1), sequence(200, 3)];
  for (const most of [undefined, 2, 1000]) {
    const { windows, tokens, batches } = evenWindows(sequences, SHAPE, most);
    assertEquals([windows, tokens], [4, 12]);
    assertEquals([...batches()], [
      ...sequentialBatches(sequences[0], SHAPE),
      ...sequentialBatches(sequences[2], SHAPE),
    ]);
  }
});
