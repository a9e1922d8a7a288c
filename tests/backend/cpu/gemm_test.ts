import { assert, assertEquals } from "@std/assert";
import { CpuBackend } from "../../../lib/backend/cpu/cpu_backend.ts";
import { DENO_HOST } from "../../../lib/backend/cpu/deno_host.ts";
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

for (const blas of ["none", "auto"]) {
  Deno.test(
    `CpuBackend.matmul() gives a row the same bits alone as with others (blas: ${blas})`,
    {
      sanitizeResources: false, // a BLAS is never closed
    },
    async () => {
      using backend = await CpuBackend.create({
        threads: 2,
        blas,
        host: DENO_HOST,
      });
      const n = 150;
      for (const transposeB of [false, true]) {
        for (const k of [7, 386, 600]) {
          const a = backend.alloc(64 * k), b = backend.alloc(k * n);
          const values = (length: number) =>
            Float32Array.from({ length }, (_, i) => Math.sin(1 + 7 * i));
          backend.write(b, values(k * n));
          const rows = values(64 * k);
          const product = async (row: number, m: number) => {
            const out = backend.alloc(m * n);
            backend.write(a, rows.slice(row * k, (row + m) * k));
            backend.matmul(out, a, b, { m, k, n }, { transposeB });
            return await backend.read(out);
          };
          const all = await product(0, 64);
          const parts = [[0, 1], [1, 1], [2, 2], [1, 3], [60, 4], [5, 16]];
          for (const [row, m] of [...parts, [63, 1], [7, 23]]) {
            const own = all.slice(row * n, (row + m) * n);
            assertEquals(await product(row, m), own, `${k} ${row} ${m}`);
          }
        }
      }
    },
  );
}
