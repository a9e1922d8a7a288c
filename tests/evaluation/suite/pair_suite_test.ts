/** Pairs as models and n-grams find them. */

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
} from "@std/assert";
import { CpuBackend } from "../../../lib/backend/cpu/cpu_backend.ts";
import { ReferenceBackend } from "../../../lib/backend/reference/reference_backend.ts";
import { grammarPairs } from "../../../lib/evaluation/pairs/grammar_pairs.ts";
import { accuracyOf } from "../../../lib/evaluation/suite/accuracy.ts";
import { NgramModel } from "../../../lib/evaluation/suite/ngram_model.ts";
import {
  scorePairs,
  tokensOfPairs,
} from "../../../lib/evaluation/suite/pair_suite.ts";
import {
  ngramScorerOf,
  scorerOf,
} from "../../../lib/evaluation/suite/scorers.ts";
import { Session } from "../../../lib/generate/session.ts";
import { RWKVConfig } from "../../../lib/model/config.ts";
import { RWKV } from "../../../lib/model/rwkv.ts";
import { BPETokenizer } from "../../../lib/tokenizer/bpe/bpe_tokenizer.ts";
import { BPETrainer } from "../../../lib/tokenizer/bpe/bpe_trainer.ts";

async function smallTokenizer(): Promise<BPETokenizer> {
  const text = grammarPairs().map(({ right, wrong }) => `${right}\n${wrong}\n`);
  const bytes = new TextEncoder().encode(text.join(""));
  const trainer = new BPETrainer({ vocabSize: 1000 });
  const { vocab } = await trainer.train([{ name: "a", bytes }]);
  return new BPETokenizer(vocab);
}

Deno.test("pairs are a coin to unigrams, and none to n-grams of what is right", async () => {
  const tokenizer = await smallTokenizer(), pairs = grammarPairs();
  const tokens = tokensOfPairs(pairs, tokenizer);
  const found = async (order: number) => {
    // Some more often than others: what is equally frequent is a draw.
    const right = tokens.filter((_, i) => i % 2 === 0)
      .flatMap((ids, i) => Array<number[]>(1 + i % 7).fill(ids));
    const options = {
      order,
      vocabSize: tokenizer.vocab.size,
      start: tokens[0][0],
    };
    const ngrams = await NgramModel.count(right, options);
    return await scorePairs(pairs, tokens, ngramScorerOf(ngrams));
  };
  const unigram = await found(1), ngram = await found(6);
  assertAlmostEquals(unigram.accuracy, 0.5, 0.02);
  assertGreater(ngram.accuracy, 0.95);
  const all = unigram.phenomena.reduce((sum, { count }) => sum + count, 0);
  assertEquals(all, pairs.length);
});

for (const name of ["reference", "cpu"]) {
  Deno.test(`scorerOf() adds up what each token costs, on ${name}`, async () => {
    using backend = name === "cpu"
      ? await CpuBackend.create({ threads: 1, blas: "none" })
      : new ReferenceBackend();
    const config = new RWKVConfig({ vocabSize: 30, dModel: 16, dFfn: 32 });
    const model = new RWKV(config, backend);
    model.initialize(3);
    const texts = [[1, 5, 9, 2, 7], [1, 5], [1], [1, ...Array(40).fill(8)]];
    const scores = await scorerOf(model)(texts);
    for (const [i, ids] of texts.entries()) {
      using session = new Session(model);
      let sum = 0;
      for (const [at, id] of ids.entries()) {
        if (at > 0) {
          const logits = await session.logits();
          const most = Math.max(...logits);
          const all = logits.reduce((a, z) => a + Math.exp(z - most), 0);
          sum += logits[id] - most - Math.log(all);
        }
        await session.feed([id]);
      }
      assertAlmostEquals(scores[i], sum, 1e-3);
    }
  });
}

Deno.test("accuracyOf() is sure of much, and unsure of little", () => {
  const few = accuracyOf(5, 5), many = accuracyOf(500, 500);
  assertEquals([few.accuracy, few.interval[1]], [1, 1]);
  assert(few.interval[0] < 0.6 && many.interval[0] > 0.99);
  const none = accuracyOf(0, 5);
  assertAlmostEquals(none.interval[1], 1 - few.interval[0], 1e-12);
});
