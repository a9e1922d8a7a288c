import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import {
  checkSampling,
  NO_TOKEN,
  sample,
  type SamplingOptions,
} from "../../lib/backend/sampling.ts";
import { Random } from "../../lib/random.ts";

const LOGITS = new Float32Array([1, 3, 2, 3, -50]);

/** How often each id is chosen in many draws. */
function shares(options: SamplingOptions, logits = LOGITS) {
  const random = new Random(1);
  const counts = new Array(logits.length).fill(0);
  for (let i = 0; i < 20_000; i++) {
    counts[sample(logits, options, random.uniform())]++;
  }
  return counts.map((count) => count / 20_000);
}

Deno.test("sample() at temperature 0 takes the first of the likeliest", () => {
  for (const uniform of [0, 0.5, 0.999]) {
    assertEquals(sample(LOGITS, { temperature: 0 }, uniform), 1);
  }
});

Deno.test("sample() follows the softmax at any temperature", () => {
  for (const temperature of [0.5, 1, 2]) {
    const weights = [...LOGITS].map((logit) => Math.exp(logit / temperature));
    const total = weights.reduce((a, b) => a + b);
    shares({ temperature }).forEach((share, id) =>
      assertAlmostEquals(share, weights[id] / total, 0.015)
    );
  }
});

Deno.test("sample() with top-k leaves only the k likeliest", () => {
  const [, first, third, second] = shares({ temperature: 1, topK: 2 });
  assertAlmostEquals(first, 0.5, 0.015);
  assertAlmostEquals(second, 0.5, 0.015);
  assertEquals(third, 0);
});

Deno.test("sample() with top-p leaves the smallest set that reaches p", () => {
  // Probabilities 0.399, 0.399, 0.147, 0.054.
  assertEquals(shares({ temperature: 1, topP: 0.3 })[3], 0);
  assertEquals(shares({ temperature: 1, topP: 0.7 })[2], 0);
  assert(shares({ temperature: 1, topP: 0.9 })[2] > 0.1);
  assertEquals(shares({ temperature: 1, topP: 0.9 })[0], 0);
});

Deno.test("sample() with top-p takes in the whole tail where it must", () => {
  // 100,000 tokens far below the first, which together outweigh it.
  const logits = new Float32Array(100_000).fill(-21 - 1e-3);
  logits[7] = 0;
  const flat = new Float32Array(100_000).fill(-5);
  flat[7] = 0;
  assertEquals(sample(logits, { temperature: 1, topP: 0.5 }, 0.9), 7);
  assert(sample(flat, { temperature: 1, topP: 0.999 }, 0.9) !== 7);
});

Deno.test("sample() takes equal logits in the order of their ids", () => {
  const logits = new Float32Array([0, 5, 1, 5, 5, 1]);
  const chosen = (options: SamplingOptions) => {
    const ids = new Set<number>();
    for (let u = 0; u < 1; u += 0.01) ids.add(sample(logits, options, u));
    return [...ids];
  };
  assertEquals(chosen({ temperature: 1, topK: 2 }), [1, 3]);
  assertEquals(chosen({ temperature: 9, topK: 4 }), [1, 2, 3, 4]);
  assertEquals(chosen({ temperature: 1, topP: 0.5 }), [1, 3]);
  assertEquals(chosen({ temperature: 9, topK: 2, topP: 0.4 }), [1]);
});

Deno.test("sample() leaves what sorting all ids leaves", () => {
  const random = new Random(3);
  const kinds = [
    () => Math.round(30 * random.normal()) / 10, // ties
    () => 3 * random.normal(),
    () => random.uniform() < 0.98 ? -Infinity : random.normal(),
    () => Math.sign(random.normal()) * 10 ** (36 * random.uniform() - 30),
  ];
  const settings = [1, 3, 40, 1000, undefined].flatMap((topK) =>
    [0.1, 0.9, undefined].map((topP) => ({ temperature: 1, topK, topP }))
  );
  for (const kind of kinds) {
    for (const length of [1, 7, 100, 3000]) {
      const logits = new Float32Array(length).map(kind);
      logits[0] = 1;
      const ids = [...logits.keys()]
        .sort((a, b) => logits[b] - logits[a] || a - b);
      for (const options of settings) {
        const { topK = length, topP } = options;
        const weights = ids.slice(0, topK)
          .map((id) => Math.exp(logits[id] - logits[ids[0]]));
        const goal = (topP ?? 2) * weights.reduce((a, b) => a + b);
        let sum = 0;
        const end = weights.findIndex((weight) => (sum += weight) >= goal);
        const left = ids.slice(0, end < 0 ? topK : end + 1)
          .filter((_, i) => weights[i] > 0);
        assertEquals(sample(logits, options, 0), Math.min(...left));
        assertEquals(sample(logits, options, 1), Math.max(...left));
      }
    }
  }
});

Deno.test("sample() ends for logits as near or as far as f64 goes", () => {
  const options = { temperature: 1, topK: 70 };
  for (const [low, high] of [[0, 5e-324], [-1.7e308, 1.7e308], [3, 3]]) {
    const logits = new Float64Array(200).fill(low);
    logits[150] = high;
    const chosen = sample(logits, options, 0.9999);
    assertEquals(chosen, low === high ? 69 : 150);
  }
});

Deno.test("sample() gives no token for logits that are not numbers", () => {
  for (const temperature of [0, 1]) {
    for (const wrong of [[1, NaN], [1, Infinity], [-Infinity, -Infinity]]) {
      const logits = new Float32Array(wrong);
      assertEquals(sample(logits, { temperature }, 0.5), NO_TOKEN);
    }
  }
});

Deno.test("checkSampling() refuses options that make no sense", () => {
  assertEquals(checkSampling({ temperature: 0.7, topK: 3, topP: 1 }, 9), 0.7);
  for (
    const wrong of [
      { temperature: -1 },
      { temperature: NaN },
      { temperature: 1, topK: 0 },
      { temperature: 1, topK: 1.5 },
      { temperature: 1, topP: 0 },
      { temperature: 1, topP: 1.1 },
    ]
  ) {
    assertThrows(() => checkSampling(wrong, 9), RangeError, "Cannot sample");
  }
  assertThrows(
    () => checkSampling({ temperature: 1 }, 65_537),
    RangeError,
    "Cannot sample among 65537 tokens: at most 65536",
  );
});
