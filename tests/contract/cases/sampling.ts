/** Choosing tokens: every way of choosing, ties, and logits of no use. */

import type { SamplingOptions } from "../../../lib/backend/sampling.ts";
import { hashKey } from "../../../lib/random.ts";
import { type Case, defineCase, garbage, normal } from "../case.ts";

const WIDTHS = [1, 5, 255, 257, 1000];

const OPTIONS: readonly SamplingOptions[] = [
  { temperature: 0 },
  { temperature: 1 },
  { temperature: 0.3 },
  { temperature: 2, topK: 1 },
  { temperature: 1, topK: 40 },
  { temperature: 1, topK: 254 },
  { temperature: 0.8, topP: 0.01 },
  { temperature: 0.8, topP: 0.9 },
  { temperature: 1.5, topP: 0.999 },
  { temperature: 0.8, topK: 40, topP: 0.9 },
  { temperature: 1, topK: 3, topP: 0.5 },
];

/** Chooses a token for each of many rows. */
function sampled(
  name: string,
  logits: Float32Array,
  width: number,
  options: SamplingOptions,
): Case {
  const rows = logits.length / width;
  return defineCase({
    name: `${name} of ${width} ${JSON.stringify(options)}`,
    memories: { logits, guard: garbage(1) },
    ids: Array.from({ length: rows + 3 }, (_, i) => 100_000 + i),
    choosesIds: true,
    outputs: [],
    tolerance: 0,
    call: (backend, { logits }, ids) => {
      const keys = backend.allocIndices(rows);
      const all = Array.from({ length: rows }, (_, row) => hashKey(7, row));
      backend.writeIndices(keys, all);
      const shape = { rows, width, position: 11 };
      backend.sample(ids, logits, keys, { ...shape, ...options });
    },
  });
}

/** Whole numbers, so that many are equal; both zeros among them. */
function tied(length: number): Float32Array {
  return normal(length, 2).map(Math.round);
}

/** Rows that have no answer, and rows that nearly have none. */
function extremes(width: number): Float32Array {
  const rows = Array.from({ length: 7 }, () => normal(width));
  rows[0][width >> 1] = NaN;
  rows[1][width - 1] = Infinity;
  rows[2].fill(-Infinity);
  rows[3].fill(-Infinity, 1); // forbidden, all but one
  rows[4].fill(-Infinity, 0, width - 1);
  rows[5].fill(3e38); // the largest float is 3.4e38
  rows[5][1] = -3e38;
  rows[6].fill(-0);
  return Float32Array.from(rows.flatMap((row) => [...row]));
}

/** Every case of choosing tokens. */
export const SAMPLING_CASES: Readonly<Record<string, readonly Case[]>> = {
  sample: [
    ...OPTIONS.flatMap((options) => [
      ...WIDTHS.flatMap((width) => [
        sampled("rows", normal(4 * width, 3), width, options),
        sampled("ties", tied(4 * width), width, options),
      ]),
      sampled("extremes", extremes(300), 300, options),
    ]),
    ...[{ temperature: 0 }, { temperature: 1 }, OPTIONS[9]].flatMap((options) =>
      [32_000, 65_536].map((width) =>
        sampled("vocabulary", normal(2 * width, 3), width, options)
      )
    ),
    sampled("cold", normal(3000, 3), 300, { temperature: 1e-40 }),
    sampled("hot", normal(3000, 3), 300, { temperature: 1e6, topP: 0.5 }),
  ],
};
