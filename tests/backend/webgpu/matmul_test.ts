import { assert, assertEquals } from "@std/assert";
import { openDevice } from "../../../lib/backend/webgpu/device.ts";
import {
  planTiled,
  type Product,
  shardsOf,
  spansOf,
} from "../../../lib/backend/webgpu/matmul.ts";
import { Pipelines } from "../../../lib/backend/webgpu/pipelines.ts";
import { gpuTest } from "./adapter.ts";

function product(
  m: number,
  k: number,
  n: number,
  [transposeA, transposeB]: readonly [boolean, boolean] = [false, true],
): Product {
  return {
    m,
    k,
    n,
    transposeA,
    transposeB,
    accumulate: false,
    aStride: transposeA ? m : k,
    bStride: transposeB ? k : n,
    outStride: n,
  };
}

const SHAPES = [[1, 1, 1], [130, 70, 9], [300, 1000, 200], [4096, 256, 4096]];
const TRANSPOSES = [false, true].flatMap((a) =>
  [false, true].map((b) => [a, b] as const)
);

Deno.test("planTiled() covers every output and all of k", () => {
  for (const [m, k, n] of SHAPES) {
    const { grid, part, specialization } = planTiled(product(m, k, n));
    const { TILE, DEPTH } = specialization.constants as Record<string, number>;
    const [columns, rows, parts] = grid;
    assertEquals([columns, rows], [Math.ceil(n / TILE), Math.ceil(m / TILE)]);
    assert(part * parts >= k && part * (parts - 1) < k);
    assertEquals(part % DEPTH, 0);
  }
});

Deno.test("planTiled() cuts k where there are few tiles, and only there", () => {
  assertEquals(planTiled(product(256, 4096, 256)).grid, [4, 4, 8]);
  assertEquals(planTiled(product(64, 300, 64)).grid[2], 1);
  assertEquals(planTiled(product(4096, 4096, 4096)).grid, [32, 32, 1]);
});

Deno.test("shardsOf() covers a product with parts that fit", () => {
  for (const transposes of TRANSPOSES) {
    for (const [m, k, n] of [[300, 200, 150], [310, 64, 64], [70, 300, 70]]) {
      const whole = product(m, k, n, transposes);
      let work = 0;
      for (const shard of shardsOf(whole, 20_000)) {
        const spans = spansOf(shard);
        assert(Math.max(spans.a, spans.b, spans.out) <= 20_000);
        for (const at of [shard.aStart, shard.bStart, shard.outStart]) {
          assertEquals(at % 64, 0);
        }
        work += shard.m * shard.k * shard.n;
      }
      assertEquals(work, m * k * n);
    }
  }
});

gpuTest("every tiling and way of transposing compiles", async () => {
  using device = await openDevice({ software: true });
  const pipelines = new Pipelines(device);
  for (const transposes of TRANSPOSES) {
    for (const [m, k, n] of [[20, 20, 20], [21, 21, 21], [2000, 16, 2000]]) {
      const { specialization } = planTiled(product(m, k, n, transposes));
      pipelines.get("matmulTiled", specialization).separate();
      pipelines.get("matmulTiled", specialization).shared();
    }
  }
  await device.settle();
  assertEquals(pipelines.made, 4 * 3 * 2);
});
