import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import { sample } from "../../lib/backend/sampling.ts";
import type { ChoosingSettings } from "../../lib/generate/choosing.ts";
import {
  checkChoosing,
  isForDevice,
  TokenChooser,
} from "../../lib/generate/token_chooser.ts";
import { hashKey, Random, uniformAt } from "../../lib/random.ts";
import { plainlyChosen } from "./plain_chooser.ts";

const SEED = { temperature: 1, seed: 5 };

/** Logits as a model's: a few likely ones, some equal. */
function someLogits(random: Random, count: number): Float32Array {
  return Float32Array.from({ length: count }, () => {
    const logit = 8 * random.uniform() ** 3 - 4;
    return random.uniform() < 0.2 ? Math.round(logit) : logit;
  });
}

/** One of some, or none of them. */
function oneOf<T>(random: Random, values: readonly T[]): T | undefined {
  return values[Math.floor((values.length + 1) * random.uniform())];
}

function someSettings(random: Random): ChoosingSettings {
  const one = <T>(...values: T[]) => oneOf(random, values);
  return {
    seed: Math.floor(1e6 * random.uniform()),
    temperature: one(0, 0.3, 0.7, 1.5) ?? 1,
    topK: one(1, 3, 20, 1000),
    topP: one(0.1, 0.5, 0.9, 1),
    minP: one(0, 0.05, 0.5, 1),
    typicalP: one(0.2, 0.6, 0.95, 1),
    repetitionPenalty: one(0.8, 1, 1.3),
    presencePenalty: one(-1, 0, 0.5, 2),
    frequencyPenalty: one(-0.2, 0, 0.3),
    penaltyWindow: one(0, 1, 7, 40),
    dry: one(
      { multiplier: 0.8, base: 1.75, allowedLength: 2 },
      { multiplier: 3, base: 1.2, allowedLength: 1, breakers: [0, 3] },
      { multiplier: 0, base: 2, allowedLength: 2 },
    ),
    logitBias: one(new Map([[2, 3], [4, -100]]), new Map([[1, -Infinity]])),
  };
}

Deno.test("TokenChooser chooses what sorting and comparing everything does", () => {
  const random = new Random(1);
  for (let round = 0; round < 400; round++) {
    const vocabSize = 6 + Math.floor(60 * random.uniform());
    const settings = someSettings(random);
    const chooser = new TokenChooser(settings, { vocabSize });
    const before = Array.from(
      { length: 30 },
      () => Math.floor(6 * random.uniform()),
    );
    chooser.readTokens(before);
    for (let position = 0; position < 20; position++) {
      const logits = someLogits(random, vocabSize);
      const id = plainlyChosen(logits, settings, before, position);
      assertEquals(chooser.next(logits), id, JSON.stringify(settings));
      before.push(id);
    }
  }
});

Deno.test("TokenChooser with what a device knows chooses as sample() does", () => {
  const random = new Random(2);
  const logits = someLogits(random, 65_536);
  for (
    const sampling of [
      { temperature: 0 },
      { temperature: 1 },
      { temperature: 0.7, topP: 0.9 },
      { temperature: 1.2, topK: 40 },
      { temperature: 1.2, topK: 400, topP: 0.99 },
    ]
  ) {
    const settings = { ...sampling, seed: 11 };
    assert(isForDevice(settings));
    const chooser = new TokenChooser(settings, { vocabSize: 65_536 });
    chooser.readTokens([1, 2, 3]);
    for (let position = 0; position < 5; position++) {
      const uniform = uniformAt(hashKey(11), position);
      assertEquals(chooser.next(logits), sample(logits, sampling, uniform));
    }
  }
});

Deno.test("TokenChooser tells probabilities by the logits alone", () => {
  const logits = new Float32Array([1, 3, 2, 3, -50]);
  const total = Math.log([...logits].reduce((sum, z) => sum + Math.exp(z), 0));
  const chooser = new TokenChooser({
    temperature: 0,
    seed: 1,
    logitBias: new Map([[4, 100]]),
  }, { vocabSize: 5, likeliest: 3 });
  const { id, logprob, likeliest } = chooser.choose(logits);
  assertEquals(id, 4);
  assertAlmostEquals(logprob, -50 - total, 1e-9);
  assertEquals(likeliest.map(({ id }) => id), [1, 3, 2]);
  assertAlmostEquals(likeliest[2].logprob, 2 - total, 1e-9);
  assertEquals(logits, new Float32Array([1, 3, 2, 3, -50]));
});

Deno.test("TokenChooser tells as many likely tokens as it is asked for", () => {
  const logits = someLogits(new Random(3), 65_536);
  const sorted = [...logits.keys()].sort((a, b) =>
    logits[b] - logits[a] || a - b
  );
  for (const likeliest of [0, 1, 20, 3000, 65_536]) {
    const chooser = new TokenChooser(SEED, { vocabSize: 65_536, likeliest });
    const told = chooser.choose(logits).likeliest;
    assertEquals(told.map(({ id }) => id), sorted.slice(0, likeliest));
  }
});

Deno.test("TokenChooser takes and rules out tokens by biases of 100", () => {
  const vocabSize = 65_536;
  const logits = someLogits(new Random(4), vocabSize);
  const bias = (id: number, value: number) =>
    new TokenChooser({ ...SEED, logitBias: new Map([[id, value]]) }, {
      vocabSize,
    });
  assertEquals(bias(777, 100).next(logits), 777);
  const alone = new Float32Array(vocabSize).fill(-30);
  alone[9] = alone[12] = 20;
  for (const value of [-100, -Infinity]) {
    assertEquals(bias(9, value).next(alone), 12);
  }
});

Deno.test("TokenChooser chooses among tokens that all are penalised", () => {
  const logits = new Float32Array(4);
  const dry = { multiplier: 1e300, base: 1e300, allowedLength: 1 };
  const settings = { ...SEED, dry, frequencyPenalty: 100 };
  const chooser = new TokenChooser(settings, { vocabSize: 4 });
  for (let i = 0; i < 3000; i++) assert(chooser.next(logits) < 4);
});

Deno.test("TokenChooser refuses logits that are not numbers", () => {
  const settings = { ...SEED, minP: 0.1, presencePenalty: 1, typicalP: 0.9 };
  for (const wrong of [[NaN, 1], [1, NaN], [Infinity, 1], [-Infinity]]) {
    const logits = new Float32Array(8).fill(-Infinity);
    logits.set(wrong);
    for (const own of [SEED, settings, { ...settings, temperature: 0 }]) {
      const chooser = new TokenChooser(own, { vocabSize: 8 });
      assertThrows(
        () => chooser.next(logits),
        RangeError,
        "the model's logits are not numbers",
      );
      assertEquals(chooser.position, 0);
    }
  }
  assertThrows(
    () => new TokenChooser(SEED, { vocabSize: 7 }).next(new Float32Array(8)),
    RangeError,
    "there are 8 logits, not 7",
  );
});

Deno.test("TokenChooser forgets what is before the window", () => {
  const logits = new Float32Array([3, 2, 1, 0]);
  const settings = { temperature: 0, seed: 1, presencePenalty: 100 };
  const chosen = (penaltyWindow: number) => {
    const own = { ...settings, penaltyWindow };
    const chooser = new TokenChooser(own, { vocabSize: 4 });
    return Array.from({ length: 6 }, () => chooser.next(logits));
  };
  assertEquals(chosen(0), [0, 0, 0, 0, 0, 0]);
  assertEquals(chosen(1), [0, 1, 0, 1, 0, 1]);
  assertEquals(chosen(2), [0, 1, 2, 0, 1, 2]);
});

Deno.test("TokenChooser leaves a loop by DRY, and is quick in a long window", () => {
  const vocabSize = 16;
  const logits = new Float32Array(vocabSize);
  const dry = { multiplier: 0.8, base: 1.75, allowedLength: 2 };
  const settings = { temperature: 0, seed: 1, dry, penaltyWindow: 8192 };
  const chooser = new TokenChooser(settings, { vocabSize });
  // The worst text for whoever compares every suffix.
  chooser.readTokens(new Uint16Array(8192));
  const start = performance.now();
  logits[0] = 5;
  assertEquals(chooser.next(logits), 1);
  for (let i = 0; i < 200; i++) chooser.next(logits);
  assert(performance.now() - start < 5000); // 14 s, if it were quadratic
});

Deno.test("checkChoosing() refuses settings that make no sense", () => {
  const dry = { multiplier: 1, base: 1.75, allowedLength: 2 };
  const wrong: Partial<ChoosingSettings>[] = [
    { temperature: -1 },
    { topK: 0 },
    { topP: 1.5 },
    { minP: -0.1 },
    { minP: NaN },
    { typicalP: 0 },
    { repetitionPenalty: 0 },
    { repetitionPenalty: Infinity },
    { presencePenalty: NaN },
    { frequencyPenalty: -Infinity },
    { penaltyWindow: -1 },
    { penaltyWindow: 8193 },
    { penaltyWindow: 1.5 },
    { seed: NaN },
    { dry: { ...dry, multiplier: -1 } },
    { dry: { ...dry, base: 0.5 } },
    { dry: { ...dry, allowedLength: 0 } },
    { logitBias: new Map([[100, 1]]) },
    { logitBias: new Map([[-1, 1]]) },
    { logitBias: new Map([[1, NaN]]) },
    { logitBias: new Map([[1, Infinity]]) },
  ];
  for (const part of wrong) {
    assertThrows(() => checkChoosing({ ...SEED, ...part }, 100), RangeError);
  }
  for (const likeliest of [-1, 101, 0.5]) {
    assertThrows(
      () => new TokenChooser(SEED, { vocabSize: 100, likeliest }),
      RangeError,
    );
  }
});

Deno.test("isForDevice() is false as soon as more is asked for", () => {
  const more: Partial<ChoosingSettings>[] = [
    { minP: 0.1 },
    { typicalP: 0.9 },
    { repetitionPenalty: 1.1 },
    { presencePenalty: 1 },
    { frequencyPenalty: 1 },
    { dry: { multiplier: 1, base: 1.75, allowedLength: 2 } },
    { logitBias: new Map([[1, 1]]) },
  ];
  for (const part of more) assert(!isForDevice({ ...SEED, ...part }));
  assert(isForDevice({ ...SEED, minP: 0, typicalP: 1, penaltyWindow: 5 }));
});
