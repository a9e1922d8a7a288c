import { assertEquals, assertThrows } from "@std/assert";
import { draw } from "./screen.ts";

Deno.test("draw() draws over what stood there", () => {
  const { rows, wrapped, cursor } = draw(
    "50 % of it\rdone\b\b\x1b[K\r\nend",
    20,
  );
  assertEquals([rows, wrapped], [["do", "end"], []]);
  assertEquals(cursor, { row: 1, column: 3 });
});

Deno.test("draw() knows a bar that left something behind", () => {
  assertEquals(draw("12345678\r\x1b[Kend", 5), {
    rows: ["12345", "end"],
    wrapped: [0],
    cursor: { row: 1, column: 3 },
  });
  // A line that just fits goes on nowhere.
  assertEquals(draw("12345\r\n", 5).wrapped, []);
});

Deno.test("draw() goes back to rows above", () => {
  const { rows } = draw("one\r\ntwo\x1b[0G\x1b[2K\x1b[1A\x1b[2K\x1b[Jthree", 9);
  assertEquals(rows, ["three"]);
  const below = draw("one\r\ntwo\x1b[1A\x1b[2B\rfour", 9);
  assertEquals(below.rows, ["one", "two", "four"]);
});

Deno.test("draw() leaves colours out and counts characters, not bytes", () => {
  const { rows, cursor } = draw("\x1b[1;32mação\x1b[0m a\u0303", 9);
  assertEquals([rows, cursor.column], [["ação a"], 6]);
});

Deno.test("draw() refuses what it does not know", () => {
  assertThrows(() => draw("\x1b[5S", 9), SyntaxError, "Cannot draw");
});
