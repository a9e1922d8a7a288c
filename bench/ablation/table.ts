/**
 * What came of an ablation, as a table in Markdown.
 *
 * @module
 */

import { differenceOf } from "../../lib/evaluation/bootstrap.ts";
import { bitsPerByteOf, type Cost, sumOf } from "../../lib/evaluation/cost.ts";
import { median } from "../shared.ts";
import type { Recipe, Variant } from "./recipe.ts";

/** What trainings are equal in. */
export type Equal = "tokens" | "minutes";

/** One training and what came of it. */
export interface Result {
  readonly variant: string;
  /** Its options, so that other ones are another training. */
  readonly key: string;
  readonly seed: number;
  readonly equal: Equal;
  readonly steps: number;
  readonly tokens: number;
  /** What each document that was held out cost. */
  readonly costs: readonly Cost[];
}

/** How fast a variant is, in tokens a second, once a round. */
export type Speeds = Readonly<Record<string, readonly number[]>>;

/** How documents are drawn for intervals. */
const DRAWS = { seed: 42, resamples: 2000 };

/** The table so far. */
export function tableOf(
  { variants, seeds, tokens, equalMinutes }: Recipe,
  results: readonly Result[],
  speeds: Speeds,
): string {
  const [base] = variants;
  const equals: readonly Equal[] = equalMinutes
    ? ["tokens", "minutes"]
    : ["tokens"];
  const head = [
    "variant",
    ...equals.flatMap((equal) => [
      `bits per byte, equal ${equal}`,
      "gain (95 %)",
      "gain, each seed",
    ]),
    "time a token",
  ];
  const rows = variants.map((variant) => [
    variant.name,
    ...equals.flatMap((equal) => cellsOf(variant, equal)),
    timeOf(variant),
  ]);
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const documents = results[0]?.costs ?? [];
  const { bytes } = sumOf(documents);
  return [
    `${tokens.toLocaleString("en")} tokens each, seeds ${seeds.join(", ")}; ` +
    `bits per byte on ${documents.length} works held out whole ` +
    `(${bytes.toLocaleString("en")} bytes), read from beginning to end with ` +
    `the state carried on. Gains are over ${base.name}: above zero is better. ` +
    "Intervals are over works, the seeds averaged; what seeds do beside that " +
    "is shown by the gain of each.",
    "",
    line(head),
    line(head.map((_, i) => i === 0 ? "---" : "--:")),
    ...rows.map(line),
    "",
  ].join("\n");

  /** The result of a variant with a seed. */
  function found(variant: string, equal: Equal, seed: number) {
    const of = (equal: Equal) =>
      results.findLast((result) =>
        result.variant === variant && result.equal === equal &&
        result.seed === seed
      );
    // The first has the minutes that it has.
    return of(variant === base.name ? "tokens" : equal);
  }

  function cellsOf({ name }: Variant, equal: Equal): string[] {
    const pairs = seeds.flatMap((seed) => {
      const own = found(name, equal, seed);
      const first = found(base.name, equal, seed);
      return own && first ? [{ own: own.costs, first: first.costs }] : [];
    });
    if (pairs.length === 0) return ["", "", ""];
    const own = summed(pairs.map(({ own }) => own));
    const bits = bitsPerByteOf(sumOf(own)).toFixed(4);
    if (name === base.name) return [bits, "", ""];
    const first = summed(pairs.map(({ first }) => first));
    const { bitsPerByte, interval } = differenceOf(first, own, DRAWS);
    const within = interval?.map((value) => signed(value)).join(" to ");
    const each = pairs.map(({ own, first }) =>
      signed(bitsPerByteOf(sumOf(first)) - bitsPerByteOf(sumOf(own)))
    );
    return [
      bits,
      within ? `${signed(bitsPerByte)} (${within})` : signed(bitsPerByte),
      each.join(" "),
    ];
  }

  function timeOf({ name }: Variant): string {
    const own = speeds[name], first = speeds[base.name];
    if (own === undefined || first === undefined) return "";
    const percent = 100 * timeRatio(speeds, name, base.name);
    return name === base.name ? "100 %" : `${percent.toFixed(1)} %`;
  }
}

/**
 * How many times as long as the first's a token of a variant takes: the median
 * over rounds, in each of which both were measured.
 */
export function timeRatio(speeds: Speeds, name: string, first: string): number {
  return median(
    speeds[name].map((speed, round) => speeds[first][round] / speed),
  );
}

/** What each document cost over all seeds. */
function summed(runs: readonly (readonly Cost[])[]): Cost[] {
  return runs[0].map((_, i) => sumOf(runs.map((costs) => costs[i])));
}

function signed(value: number): string {
  return `${value < 0 ? "-" : "+"}${Math.abs(value).toFixed(4)}`;
}
