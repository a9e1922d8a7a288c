/** n-grams by number are what the equations say, and probabilities. */

import {
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertRejects,
} from "@std/assert";
import { NgramModel } from "../../../lib/evaluation/suite/ngram_model.ts";
import { Random } from "../../../lib/random.ts";

const START = 0;
const VOCABULARY = 12;

/** Documents whose ids lean to small numbers. */
function documents(count: number, length: number): number[][] {
  return Array.from({ length: count }, (_, i) => {
    const random = new Random(7, i);
    const ids = Array.from(
      { length },
      () => 1 + Math.floor(random.uniform() ** 3 * (VOCABULARY - 2)),
    );
    return [START, ...ids];
  });
}

/** Interpolated Kneser-Ney as the paper writes it, over maps of words. */
class PlainKneserNey {
  readonly #counts: Map<string, Map<number, number>>[] = [];
  readonly #discounts: number[] = [];
  readonly #order: number;

  constructor(texts: readonly number[][], order: number) {
    this.#order = order;
    const seen = new Map<string, [number[], number]>();
    for (const ids of texts) {
      const padded = [
        ...Array(Math.max(0, order - 2)).fill(START),
        ...ids,
      ];
      for (let i = Math.max(1, order - 1); i < padded.length; i++) {
        const gram = padded.slice(i - order + 1, i + 1);
        const [, count] = seen.get(gram.join()) ?? [gram, 0];
        seen.set(gram.join(), [gram, count + 1]);
      }
    }
    let grams = [...seen.values()];
    for (let n = order; n >= 1; n--) {
      const table = new Map<string, Map<number, number>>();
      for (const [gram, count] of grams) {
        const context = gram.slice(0, -1).join();
        const row = table.get(context) ?? new Map<number, number>();
        table.set(context, row.set(gram.at(-1)!, count));
      }
      this.#counts[n] = table;
      const once = grams.filter(([, count]) => count === 1).length;
      const twice = grams.filter(([, count]) => count === 2).length;
      this.#discounts[n] = once === 0 ? 0.5 : once / (once + 2 * twice);
      // Each different n-gram is one more token before the shorter one.
      const shorter = new Map<string, [number[], number]>();
      for (const [gram] of grams) {
        const rest = gram.slice(1);
        const [, count] = shorter.get(rest.join()) ?? [rest, 0];
        shorter.set(rest.join(), [rest, count + 1]);
      }
      grams = [...shorter.values()];
    }
  }

  probability(before: readonly number[], id: number): number {
    const padded = [...Array(this.#order).fill(START), ...before];
    let p = 1 / VOCABULARY;
    for (let n = 1; n <= this.#order; n++) {
      const context = n === 1 ? "" : padded.slice(1 - n).join();
      const row = this.#counts[n].get(context);
      if (row === undefined) break;
      const all = [...row.values()].reduce((sum, count) => sum + count, 0);
      const d = this.#discounts[n];
      p = (Math.max((row.get(id) ?? 0) - d, 0) + d * row.size * p) / all;
    }
    return p;
  }
}

for (const order of [1, 2, 3, 4]) {
  Deno.test(`NgramModel of order ${order} gives what Kneser-Ney's equations do`, async () => {
    const texts = documents(20, 30);
    const options = { order, vocabSize: VOCABULARY, start: START };
    const model = await NgramModel.count(texts, options);
    const plain = new PlainKneserNey(texts, order);
    for (const text of [...documents(3, 12), [START], [START, 11, 11, 11]]) {
      const found = model.distribution(text);
      assertAlmostEquals(found.reduce((sum, p) => sum + p, 0), 1, 1e-12);
      for (const [id, p] of found.entries()) {
        assertAlmostEquals(p, plain.probability(text, id), 1e-12);
      }
      let sum = 0;
      for (let i = 1; i < text.length; i++) {
        sum += Math.log(plain.probability(text.slice(0, i), text[i]));
      }
      assertAlmostEquals(model.logProbability(text), sum, 1e-9);
    }
  });
}

Deno.test("NgramModel counts different n-grams, and likes what it has read", async () => {
  const texts = [[0, 1, 2, 3], [0, 1, 2, 4]];
  const options = { order: 3, vocabSize: VOCABULARY, start: START };
  const model = await NgramModel.count(texts, options);
  assertEquals(model.sizes, [4, 4, 4]);
  assertGreater(
    model.logProbability([0, 1, 2, 3]),
    model.logProbability([0, 2, 1, 3]),
  );
});

Deno.test("NgramModel.count() refuses orders it has not, and no text", async () => {
  const count = (texts: number[][], order: number, signal?: AbortSignal) =>
    NgramModel.count(texts, { order, vocabSize: 9, start: START, signal });
  for (const order of [0, 1.5, 7]) {
    await assertRejects(
      () => count([[0, 1]], order),
      RangeError,
      "from 1 to 6",
    );
  }
  await assertRejects(() => count([], 3), RangeError, "there is no text");
  const reason = new Error("genug");
  await assertRejects(
    () => count([[0, 1]], 2, AbortSignal.abort(reason)),
    Error,
    "genug",
  );
});
