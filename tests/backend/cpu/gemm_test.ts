import { assert, assertEquals } from "@std/assert";
import { tilingOf } from "../../../lib/backend/cpu/gemm.ts";

Deno.test("tilingOf() covers every output once", () => {
  for (const m of [1, 7, 128, 129, 511, 512, 1344, 32000]) {
    for (const n of [1, 9, 127, 256, 384, 1024, 1344, 32000]) {
      const { rows, columns, tiles } = tilingOf(m, n);
      const down = Math.ceil(m / rows), across = Math.ceil(n / columns);
      assertEquals(tiles, down * across);
      assert((down - 1) * rows < m && (across - 1) * columns < n);
      assert(rows <= 256 && columns <= 1024);
    }
  }
});

Deno.test("tilingOf() gives several threads something to do", () => {
  assert(tilingOf(512, 256).tiles >= 4);
  assert(tilingOf(256, 256).tiles >= 4);
});
