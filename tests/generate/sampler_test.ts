import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import { sample, topTokens } from "../../lib/generate/sampler.ts";
import { Random } from "../../lib/random.ts";

const LOGITS = new Float32Array([1, 3, 2, 3, -50]);

/** How often each id is chosen in many draws. */
function shares(options: Parameters<typeof sample>[1], logits = LOGITS) {
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

Deno.test("sample() refuses logits that are not numbers", () => {
  assertThrows(
    () => sample(new Float32Array([1, NaN]), { temperature: 1 }, 0.5),
    RangeError,
    "the logit of 1 is not a number",
  );
});

Deno.test("topTokens() lists probabilities in falling order", () => {
  const top = topTokens(LOGITS, 3);
  assertEquals(top.map(({ id }) => id), [1, 3, 2]);
  assertAlmostEquals(top[0].probability, 0.3995, 1e-3);
});
