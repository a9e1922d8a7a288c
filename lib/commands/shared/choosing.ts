/**
 * The flags that say how tokens are chosen.
 *
 * @module
 */

import { WRITING, type WritingOptions } from "../../stages/writing.ts";
import {
  decimal,
  integer,
  list,
  type Options,
  SEED,
  UsageError,
  type Values,
} from "./options.ts";

/** How tokens are chosen. */
export const CHOOSING_OPTIONS = grouped({
  temperature: decimal("0 for the likeliest token, higher for variety", {
    default: WRITING.temperature,
    max: 2, // as in OpenAI's API; far above, any token is as likely as another
  }),
  "top-k": integer("choose among the N likeliest tokens only", { min: 1 }),
  "top-p": decimal(
    "choose among the likeliest tokens that reach this probability",
    { default: WRITING.topP, min: 0.0001, max: 1 },
  ),
  "min-p": decimal(
    "choose among tokens at least X times as likely as the likeliest",
    { max: 1 },
  ),
  "typical-p": decimal(
    "choose among the most typical tokens that reach this probability",
    { min: 0.0001, max: 1 },
  ),
  "repetition-penalty": decimal(
    "above 1, tokens that were there are less likely",
    { min: 0.01, max: 100 },
  ),
  "presence-penalty": decimal(
    "taken from the logit of a token that was there",
    { min: -100, max: 100 },
  ),
  "frequency-penalty": decimal("the same, for each time that it was there", {
    min: -100,
    max: 100,
  }),
  "penalty-window": integer(
    "tokens that penalties and DRY look back at (default: 1024)",
    { max: 8192 },
  ),
  "dry-multiplier": decimal(
    "how strongly DRY keeps the text from repeating itself; 0 for not at all",
    { default: WRITING.dry.multiplier, max: 1000 },
  ),
  "dry-base": decimal("by what that grows with every token repeated", {
    default: WRITING.dry.base,
    min: 1,
    max: 100,
  }),
  "dry-allowed-length": integer("tokens that may be repeated for nothing", {
    default: WRITING.dry.allowedLength,
    min: 1,
    max: 8192,
  }),
  "logit-bias": list(
    "ID=X,...",
    "added to the logits of tokens, by id",
    biasesOf,
  ),
  stop: list(
    "TEXT",
    "text at which it ends, \\n for a line end; may be given several times",
    (given) => [unescaped(given)],
  ),
  ...SEED,
});

/** The same options, among one another in the help. */
function grouped<O extends Options>(options: O): O {
  return Object.fromEntries(
    Object.entries(options).map(([name, option]) =>
      [name, { ...option, group: "choosing" }] as const
    ),
  ) as O;
}

/** What they say. */
export function choosingOf(
  values: Values<typeof CHOOSING_OPTIONS>,
): Partial<WritingOptions> {
  const biases = values["logit-bias"];
  return {
    temperature: values.temperature,
    topK: values["top-k"],
    topP: values["top-p"],
    minP: values["min-p"],
    typicalP: values["typical-p"],
    repetitionPenalty: values["repetition-penalty"],
    presencePenalty: values["presence-penalty"],
    frequencyPenalty: values["frequency-penalty"],
    penaltyWindow: values["penalty-window"],
    dry: {
      multiplier: values["dry-multiplier"],
      base: values["dry-base"],
      allowedLength: values["dry-allowed-length"],
    },
    logitBias: biases.length === 0 ? undefined : new Map(biases),
    stop: values.stop,
    seed: values.seed,
  };
}

function biasesOf(given: string, flag: string): [number, number][] {
  return given.split(",").map((pair) => {
    const [, id, bias] = /^(\d+)=([-+]?[\d.]+)$/.exec(pair.trim()) ?? [];
    if (id === undefined || !Number.isFinite(Number(bias))) {
      throw new UsageError(
        `--${flag} takes ids and what is added, such as 12=-100,7=1.5, not "${pair}"`,
      );
    }
    return [Number(id), Number(bias)];
  });
}

/** A text in which \n, \t and \\ stand for what shells make hard to type. */
function unescaped(given: string): string {
  return given.replace(
    /\\([nt\\])/g,
    (_, letter) => letter === "n" ? "\n" : letter === "t" ? "\t" : "\\",
  );
}
