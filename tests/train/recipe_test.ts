import { assert, assertEquals } from "@std/assert";
import { recipeFor, type TrainingFacts } from "../../lib/train/recipe.ts";
import { TrainingConfig } from "../../lib/training_config.ts";

const FACTS: TrainingFacts = {
  model: { architecture: "rwkv4", dModel: 256 },
  contextLength: 256,
  dataTokens: 4_000_000,
};

/** Tokens of a step. */
function stepOf({ batchSize, gradientAccumulation }: TrainingConfig): number {
  return batchSize * gradientAccumulation * 256;
}

Deno.test('recipeFor("original") is the defaults, in as many steps as asked', () => {
  const { training, dropout } = recipeFor("original", FACTS);
  assertEquals(training, new TrainingConfig());
  assertEquals(dropout, undefined);
  const tokens = recipeFor("original", { ...FACTS, budget: { tokens: 1e6 } });
  assertEquals(tokens.training, new TrainingConfig({ maxSteps: 122 }));
  const steps = recipeFor("original", { ...FACTS, budget: { steps: 7 } });
  assertEquals(steps.training, new TrainingConfig({ maxSteps: 7 }));
});

Deno.test("recipeFor() reads as many tokens as asked, whatever the size of a step", () => {
  for (const tokens of [1e4, 1e5, 1e6, 1e7, 1e8, 1e10]) {
    const { training } = recipeFor("tuned", { ...FACTS, budget: { tokens } });
    const read = training.maxSteps * stepOf(training);
    assert(Math.abs(read / tokens - 1) < 0.05, `${read} of ${tokens}`);
    assert(training.warmupSteps < training.maxSteps / 10);
  }
});

Deno.test("recipeFor() takes longer steps in longer runs, of steps or of tokens", () => {
  const sizes = [1e3, 1e4, 1e5].map((steps) => {
    const byTokens = recipeFor("tuned", {
      ...FACTS,
      budget: { tokens: steps * steps },
    });
    const bySteps = recipeFor("tuned", { ...FACTS, budget: { steps } });
    assertEquals(stepOf(byTokens.training), stepOf(bySteps.training));
    return stepOf(bySteps.training);
  });
  assertEquals(sizes, sizes.toSorted((a, b) => a - b));
  assert(sizes[0] < sizes[2]);
});

Deno.test("recipeFor() drops branches only of what is read often", () => {
  assertEquals(recipeFor("tuned", FACTS).dropout, 0);
  const budget = { tokens: 10 * FACTS.dataTokens };
  assertEquals(recipeFor("tuned", { ...FACTS, budget }).dropout, 0.1);
});

Deno.test("recipeFor() leaves what is given as it is", () => {
  const given = {
    learningRate: 1e-4,
    batchSize: 3,
    gradientAccumulation: 5,
    maxSteps: 77,
    warmupSteps: 0,
    evalEvery: 9,
    saveEvery: 8,
    sequenceLength: 64,
    seed: 4,
  };
  const { training } = recipeFor("tuned", {
    ...FACTS,
    budget: { steps: 77 },
    given,
  });
  assertEquals({ ...training }, { ...new TrainingConfig(given) });
});

Deno.test("recipeFor() goes slower with wide models, and with what has learnt", () => {
  const rateOf = (facts: Partial<TrainingFacts>) =>
    recipeFor("tuned", { ...FACTS, ...facts }).training.learningRate;
  const wide = { architecture: "rwkv4", dModel: 768 } as const;
  assert(rateOf({ model: wide }) < rateOf({}) / 2);
  assertEquals(rateOf({ hasLearnt: true }), rateOf({}) / 10);
});
