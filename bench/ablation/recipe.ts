/**
 * What an ablation compares: a file of variants, each some options of `train`
 * and, where it needs them, of `evaluate`.
 *
 *     tokens = 2_000_000        # that each is trained on
 *     seeds = [1, 2, 3]
 *     equal-minutes = true      # and again for the minutes of the first
 *
 *     [common]                  # options of train for all
 *     model-size = "micro"
 *     seq-len = 256
 *
 *     [variants.base]           # the others are compared with the first
 *     [variants.muon]
 *     optimizer = "muon"
 *     [variants.ema]
 *     ema-decay = 0.99
 *     [variants.ema.evaluate]
 *     weights = "average"
 *
 * @module
 */

import { parseToml } from "../../lib/toml.ts";

/** The share of the steps in which the rate climbs, unless a file says more. */
const WARMUP_SHARE = 0.05;
/** What `train` takes unless told. */
const BATCH_SIZE = 2, GRAD_ACCUM = 16;

/** Options of a command. */
type Given = Readonly<Record<string, string | number | boolean>>;

/** One of those that are compared. */
export interface Variant {
  readonly name: string;
  /** Options of `train`, the common ones among them. */
  readonly train: Given;
  /** Options of `evaluate`. */
  readonly evaluate: Given;
}

/** What an ablation compares. */
export interface Recipe {
  /** Tokens that each is trained on. */
  readonly tokens: number;
  readonly seeds: readonly number[];
  /** Whether each is trained again for the minutes of the first. */
  readonly equalMinutes: boolean;
  /** The first is what the others are compared with. */
  readonly variants: readonly Variant[];
}

/**
 * Reads a file of variants.
 *
 * @throws {Error} When it cannot be read or lacks something.
 */
export async function readRecipe(path: string): Promise<Recipe> {
  const what = `variants "${path}"`;
  const {
    tokens,
    seeds = [1],
    "equal-minutes": equalMinutes = false,
    common = {},
    variants,
    ...others
  } = parseToml(await Deno.readTextFile(path), what);
  const [other] = Object.keys(others);
  if (other !== undefined) throw refusal(`it has "${other}"`);
  if (!Number.isSafeInteger(tokens)) throw refusal("tokens must be a number");
  const isSeeds = Array.isArray(seeds) && seeds.length > 0 &&
    seeds.every((seed) => Number.isSafeInteger(seed));
  if (!isSeeds) throw refusal("seeds must be a list of numbers");
  const named = Object.entries(tableOf(variants, "variants"));
  if (named.length < 2) throw refusal("it has fewer than two variants");
  return {
    tokens: Number(tokens),
    seeds,
    equalMinutes: equalMinutes === true,
    variants: named.map(([name, value]) => {
      const { evaluate = {}, ...own } = tableOf(value, name);
      const train = { ...tableOf(common, "common"), ...own } as Given;
      if (train["seq-len"] === undefined) {
        throw refusal(`"${name}" and common say no seq-len`);
      }
      return { name, train, evaluate: tableOf(evaluate, name) as Given };
    }),
  };

  function refusal(reason: string): Error {
    return new TypeError(`Cannot use ${what}: ${reason}`);
  }

  function tableOf(value: unknown, name: string): Record<string, unknown> {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
    throw refusal(`"${name}" is no table`);
  }
}

/** How many tokens a step of a variant has. */
export function tokensPerStep({ train }: Variant): number {
  const {
    "batch-size": batch = BATCH_SIZE,
    "grad-accum": accumulation = GRAD_ACCUM,
    "seq-len": length,
  } = train;
  return Number(batch) * Number(accumulation) * Number(length);
}

/** What `train` is given for so many steps. */
export function trainArguments({ train }: Variant, steps: number): string[] {
  return argumentsOf({
    "warmup-steps": Math.ceil(WARMUP_SHARE * steps),
    ...train,
    "max-steps": steps,
    "eval-every": steps,
  });
}

/** Options as on a command line. */
export function argumentsOf(options: Given): string[] {
  return Object.entries(options).flatMap(([name, value]) =>
    value === true ? [`--${name}`] : value === false ? [] : [
      `--${name}`,
      String(value),
    ]
  );
}
