import { assert, assertEquals } from "@std/assert";
import {
  PLAIN,
  planOf,
  type Product,
  shardsOf,
  spansOf,
  type Tuning,
  UNTUNED,
} from "../../../lib/backend/webgpu/matmul.ts";
import { specialize } from "../../../lib/backend/webgpu/specialize.ts";
import { CANDIDATES } from "../../../lib/backend/webgpu/tuning.ts";
import { kernelNamed } from "../../../lib/backend/webgpu/kernels.ts";

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

/** What is in use by default, and each candidate by itself. */
const TUNINGS: readonly Tuning[] = [
  UNTUNED,
  PLAIN,
  ...CANDIDATES.map((tiling) => ({ tilings: [tiling], busy: 100 })),
];

Deno.test("planOf() covers every output and all of k", () => {
  for (const tuning of TUNINGS) {
    for (const [m, k, n] of SHAPES) {
      const { grid, part, specialization } = planOf(product(m, k, n), tuning);
      const { TILE = 32, DEPTH = part } = specialization.constants as Record<
        string,
        number
      >;
      const [columns, rows, parts] = grid;
      assertEquals([columns, rows], [Math.ceil(n / TILE), Math.ceil(m / TILE)]);
      assert(part * parts >= k && part * (parts - 1) < k);
      assertEquals(part % DEPTH, 0);
    }
  }
});

Deno.test("planOf() cuts k where there are few tiles, and only there", () => {
  assertEquals(planOf(product(256, 4096, 256), UNTUNED).grid, [4, 4, 8]);
  assertEquals(planOf(product(64, 300, 64), UNTUNED).grid[2], 1);
  assertEquals(planOf(product(4096, 4096, 4096), UNTUNED).grid, [32, 32, 1]);
  assertEquals(planOf(product(256, 4096, 256), PLAIN).grid, [8, 8, 1]);
});

Deno.test("planOf() leaves edges out only where there are none", () => {
  const evenOf = (m: number, k: number, n: number, aStride = k) => {
    const whole = { ...product(m, k, n, [false, false]), aStride };
    const { specialization } = planOf(whole, {
      tilings: [CANDIDATES[0]],
      busy: 1,
    });
    const { ALIGNED, EVEN, FOURS } = specialization.constants;
    return [ALIGNED, EVEN, FOURS];
  };
  assertEquals(evenOf(128, 32, 256), [true, true, true]);
  assertEquals(evenOf(132, 32, 256), [true, false, true]);
  assertEquals(evenOf(128, 36, 256), [true, false, true]);
  assertEquals(evenOf(128, 32, 260), [true, false, true]);
  assertEquals(evenOf(128, 32, 256, 33), [false, false, true]);
  assertEquals(evenOf(128, 32, 255), [false, false, false]);
});

Deno.test("CANDIDATES stay within WebGPU's default limits", () => {
  for (const tiling of CANDIDATES) {
    const { tile, depth, side } = tiling;
    const across = tile / side;
    assert(across === 8 || across === 16, "threads along a side");
    assert(depth % 4 === 0 && side % 4 === 0);
    assert(2 * 4 * tile * depth <= 16384, "bytes of workgroup memory");
    const tuning = { tilings: [tiling], busy: 1 };
    const { specialization } = planOf(product(8, 8, 8), tuning);
    const { text } = kernelNamed("matmulTiled");
    specialize(text, specialization.constants);
  }
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
