/**
 * How tokens are chosen, as requests say it: the names and bounds of OpenAI's
 * parameters, and of those that llama-server and vLLM have added to them.
 *
 * @module
 */

import type { ChoosingSettings } from "../../generate/choosing.ts";
import type { Engine, ServedModel } from "../engine.ts";
import { badRequest } from "./errors.ts";
import { objectOf, type Schema } from "./schema.ts";

/** What holds where a request says nothing, as for `generate`. */
export const DEFAULTS = {
  temperature: 0.7,
  topP: 0.9,
  dryMultiplier: 0.8,
  dryBase: 1.75,
  dryAllowedLength: 2,
  completionTokens: 16,
  chatTokens: 512,
} as const;

/** Texts that one request may ask for. */
export const MAX_TEXTS = 64;
/** Likeliest tokens that may be told of each, as OpenAI has it. */
export const MAX_LIKELIEST = 20;
/** Seeds are 32 bits; others are folded into them. */
const SEEDS = 2 ** 32;

/** The parameters that say how tokens are chosen. */
export const CHOOSING: Readonly<Record<string, Schema>> = {
  temperature: {
    type: "number",
    minimum: 0,
    maximum: 2,
    default: DEFAULTS.temperature,
    description: "0 for the likeliest token, higher for variety.",
  },
  top_p: {
    type: "number",
    minimum: 0,
    maximum: 1,
    default: DEFAULTS.topP,
    description:
      "Only the likeliest tokens that reach this probability; 0 for the likeliest.",
  },
  top_k: {
    type: "integer",
    minimum: 0,
    maximum: 65_536,
    description: "Only so many of the likeliest tokens; 0 for all.",
  },
  min_p: {
    type: "number",
    minimum: 0,
    maximum: 1,
    description: "Only tokens so likely, times the likeliest's probability.",
  },
  typical_p: {
    type: "number",
    exclusiveMinimum: 0,
    maximum: 1,
    description: "Only the most typical tokens that reach this probability.",
  },
  repetition_penalty: {
    type: "number",
    exclusiveMinimum: 0,
    maximum: 10,
    description: "Makes tokens that were there less likely; 1 does nothing.",
  },
  presence_penalty: {
    type: "number",
    minimum: -2,
    maximum: 2,
    description: "Taken from the logits of tokens that were there.",
  },
  frequency_penalty: {
    type: "number",
    minimum: -2,
    maximum: 2,
    description: "The same for each time that they were there.",
  },
  penalty_window: {
    type: "integer",
    minimum: 1,
    maximum: 8192,
    description: "Penalties and DRY look back so many tokens.",
  },
  dry_multiplier: {
    type: "number",
    minimum: 0,
    maximum: 100,
    description:
      `DRY, a penalty on going on with a repetition within a line; 0 for none, as at a temperature of 0; else ${DEFAULTS.dryMultiplier} unless given.`,
  },
  dry_base: {
    type: "number",
    minimum: 1,
    maximum: 10,
    default: DEFAULTS.dryBase,
    description: "How it grows with each token of the repetition.",
  },
  dry_allowed_length: {
    type: "integer",
    minimum: 1,
    maximum: 1000,
    default: DEFAULTS.dryAllowedLength,
    description: "Repetitions of so many tokens cost nothing.",
  },
  logit_bias: {
    type: "object",
    additionalProperties: { type: "number", minimum: -100, maximum: 100 },
    description: "Added to the logits of tokens, by id.",
  },
  seed: {
    type: "integer",
    minimum: Number.MIN_SAFE_INTEGER,
    maximum: Number.MAX_SAFE_INTEGER,
    description:
      "Equal seeds give equal texts; without it none is like another.",
  },
};

/** What clients note with a request, bounded as OpenAI bounds it. */
export const METADATA: Schema = {
  type: "object",
  maxProperties: 16,
  propertyNames: { maxLength: 64 },
  additionalProperties: { type: "string", maxLength: 512 },
};

/** The parameter that says where texts end. */
export const STOP: Schema = {
  anyOf: [
    { type: "string", minLength: 1, maxLength: 1000 },
    {
      type: "array",
      maxItems: 16,
      items: { type: "string", minLength: 1, maxLength: 1000 },
    },
  ],
  description: "Texts at which it ends; they are not part of it.",
};

/** What every endpoint that writes is told. */
export function writingParameters({ maxTokens, maxTexts }: {
  readonly maxTokens: number;
  readonly maxTexts: number;
}): Readonly<Record<string, Schema>> {
  return {
    model: {
      type: "string",
      description: "A model of /v1/models; the first where none is named.",
    },
    stream: { type: "boolean", default: false },
    stop: STOP,
    ...CHOOSING,
    max_tokens: { type: "integer", minimum: 1, maximum: maxTokens },
    n: {
      type: "integer",
      minimum: 1,
      maximum: maxTexts,
      default: 1,
      description: "Texts to write, with the seeds from seed on.",
    },
    stream_options: objectOf({
      include_usage: {
        type: "boolean",
        description: "A last event has the usage.",
      },
    }),
    user: { type: "string", description: "Not looked at." },
  };
}

/** {@linkcode CHOOSING} as it is in a body that was checked. */
export interface ChoosingBody {
  readonly temperature?: number | null;
  readonly top_p?: number | null;
  readonly top_k?: number | null;
  readonly min_p?: number | null;
  readonly typical_p?: number | null;
  readonly repetition_penalty?: number | null;
  readonly presence_penalty?: number | null;
  readonly frequency_penalty?: number | null;
  readonly penalty_window?: number | null;
  readonly dry_multiplier?: number | null;
  readonly dry_base?: number | null;
  readonly dry_allowed_length?: number | null;
  readonly logit_bias?: Readonly<Record<string, number>> | null;
  readonly seed?: number | null;
}

/**
 * What a request says of choosing, for the engine.
 *
 * @param body The request.
 * @param model Whose tokens they are.
 * @param engine Knows them.
 * @throws {ApiError} When it names tokens that there are not.
 */
export async function choosingOf(
  body: ChoosingBody,
  model: ServedModel,
  engine: Engine,
): Promise<ChoosingSettings> {
  const { top_p: topP, top_k: topK } = body;
  // Of no probability at all the likeliest is what is left.
  const temperature = topP === 0 ? 0 : body.temperature;
  // What is asked to be the likeliest text is not to be another one.
  const multiplier = body.dry_multiplier ??
    (temperature === 0 ? 0 : DEFAULTS.dryMultiplier);
  return {
    temperature: temperature ?? DEFAULTS.temperature,
    topP: topP || DEFAULTS.topP,
    topK: topK ? Math.min(topK, model.vocabSize) : undefined,
    minP: body.min_p ?? undefined,
    typicalP: body.typical_p ?? undefined,
    repetitionPenalty: body.repetition_penalty ?? undefined,
    presencePenalty: body.presence_penalty ?? undefined,
    frequencyPenalty: body.frequency_penalty ?? undefined,
    penaltyWindow: body.penalty_window ?? undefined,
    dry: multiplier > 0
      ? {
        multiplier,
        base: body.dry_base ?? DEFAULTS.dryBase,
        allowedLength: body.dry_allowed_length ?? DEFAULTS.dryAllowedLength,
        breakers: await lineEnds(model, engine),
      }
      : undefined,
    logitBias: biasOf(body.logit_bias, model),
    seed: seedOf(body.seed),
  };
}

/** The same for the next of several texts. */
export function nextSeed(
  settings: ChoosingSettings,
  i: number,
): ChoosingSettings {
  return { ...settings, seed: (settings.seed + i) % SEEDS };
}

/** Texts at which another ends. */
export function stopsOf(
  stop: string | readonly string[] | null | undefined,
): readonly string[] {
  return typeof stop === "string" ? [stop] : stop ?? [];
}

/**
 * Throws unless ids are a model's tokens.
 *
 * @param param What the request calls them.
 */
export function assertTokens(
  ids: readonly number[],
  { vocabSize }: ServedModel,
  param: string,
): void {
  for (const id of ids) {
    if (Number.isInteger(id) && id >= 0 && id < vocabSize) continue;
    throw badRequest(
      param,
      `Cannot use ${param}: the model has no token ${id}, only those below ${vocabSize}`,
    );
  }
}

/** Tokens that end lines; forms that repeat, as of turns, have one between. */
async function lineEnds(
  { name }: ServedModel,
  engine: Engine,
): Promise<readonly number[]> {
  const ends = await Promise.all(
    ["\n", "\n\n"].map((end) => engine.encode(name, end)),
  );
  return [...new Set(ends.flatMap((ids) => [...ids]))];
}

function biasOf(
  bias: Readonly<Record<string, number>> | null | undefined,
  model: ServedModel,
): ReadonlyMap<number, number> | undefined {
  const entries = Object.entries(bias ?? {});
  if (entries.length === 0) return undefined;
  const read = entries.map(([key, value]) => {
    if (!/^\d{1,6}$/.test(key)) {
      throw badRequest(
        "logit_bias",
        "Cannot use logit_bias: its keys must be ids of tokens",
      );
    }
    return [Number(key), value] as const;
  });
  assertTokens(read.map(([id]) => id), model, "logit_bias");
  return new Map(read);
}

function seedOf(seed: number | null | undefined): number {
  if (typeof seed !== "number") {
    return crypto.getRandomValues(new Uint32Array(1))[0];
  }
  return ((seed % SEEDS) + SEEDS) % SEEDS;
}
