/** How text is asked for: what can be set, and what is sent of it. */

/**
 * What has a number. `off` is the value at which it does nothing, and is not
 * sent; where the server does something unless it is told, there is none.
 *
 * @type {readonly { name: string, word: string, isUsual?: boolean,
 * min: number, max: number, step: number, first: number, off?: number }[]}
 */
export const NUMBERS = [
  {
    name: "max_tokens",
    word: "maxTokens",
    isUsual: true,
    min: 1,
    max: 1024,
    step: 1,
    first: 200,
  },
  {
    name: "temperature",
    word: "temperature",
    isUsual: true,
    min: 0,
    max: 2,
    step: 0.05,
    first: 0.7,
  },
  {
    name: "top_p",
    word: "topP",
    isUsual: true,
    min: 0.01,
    max: 1,
    step: 0.01,
    first: 0.9,
  },
  { name: "top_k", word: "topK", min: 0, max: 200, step: 1, first: 0, off: 0 },
  {
    name: "min_p",
    word: "minP",
    min: 0,
    max: 0.5,
    step: 0.01,
    first: 0,
    off: 0,
  },
  {
    name: "repetition_penalty",
    word: "repetition",
    min: 1,
    max: 2,
    step: 0.01,
    first: 1,
    off: 1,
  },
  {
    name: "dry_multiplier",
    word: "dry",
    min: 0,
    max: 2,
    step: 0.05,
    first: 0.8,
  },
  {
    name: "presence_penalty",
    word: "presence",
    min: -2,
    max: 2,
    step: 0.05,
    first: 0,
    off: 0,
  },
  {
    name: "frequency_penalty",
    word: "frequency",
    min: -2,
    max: 2,
    step: 0.05,
    first: 0,
    off: 0,
  },
];

/** The likeliest tokens that are asked for in a token's place. */
const LIKELIEST = 5;
export const MAX_SEED = 2 ** 32 - 1;
const MAX_STOPS = 4;

/**
 * The numbers by their names, and the rest.
 *
 * @typedef {Record<string, any> & { seed?: number, stop: string,
 * system: string, tells: boolean, model?: string }} Settings
 */

/** @returns {Settings} */
export function firstSettings() {
  const numbers = NUMBERS.map(({ name, first }) => [name, first]);
  return {
    ...Object.fromEntries(numbers),
    stop: "",
    system: "",
    tells: true,
  };
}

/**
 * Settings from what somebody else may have written: what is no setting, or is
 * out of range, is as at first.
 *
 * @param {(name: string) => string | null} valueOf
 * @returns {Settings}
 */
export function settingsFrom(valueOf) {
  const settings = firstSettings();
  for (const { name, min, max, step } of NUMBERS) {
    const value = numberOf(valueOf(name));
    const most = name === "max_tokens" ? Number.MAX_SAFE_INTEGER : max;
    if (value < min || !(value <= most)) continue;
    settings[name] = step === 1 ? Math.round(value) : value;
  }
  const seed = numberOf(valueOf("seed"));
  if (Number.isInteger(seed) && seed >= 0 && seed <= MAX_SEED) {
    settings.seed = seed;
  }
  settings.stop = valueOf("stop") ?? "";
  settings.system = valueOf("system") ?? "";
  settings.tells = valueOf("tells") !== "false";
  settings.model = valueOf("model") ?? undefined;
  return settings;
}

function numberOf(text) {
  return text === null || text.trim() === "" ? NaN : Number(text);
}

/**
 * What is sent of them.
 *
 * @param {Settings} settings
 * @param {boolean} isChat
 * @returns {Record<string, unknown>} Parts of the API's request.
 */
export function requestOf(settings, isChat) {
  const request = {};
  if (settings.model) request.model = settings.model;
  for (const { name, off } of NUMBERS) {
    if (settings[name] !== off) request[name] = settings[name];
  }
  if (settings.seed !== undefined) request.seed = settings.seed;
  const stop = stopsOf(settings.stop);
  if (stop.length > 0) request.stop = stop;
  if (!settings.tells) return request;
  return isChat
    ? { ...request, logprobs: true, top_logprobs: LIKELIEST }
    : { ...request, logprobs: LIKELIEST };
}

/** A text a line, in which `\n` and `\t` stand for what they stand for. */
export function stopsOf(text) {
  const marks = { "\\n": "\n", "\\t": "\t", "\\\\": "\\" };
  return text.split("\n").filter((line) => line !== "").slice(0, MAX_STOPS)
    .map((line) => line.replaceAll(/\\[nt\\]/g, (mark) => marks[mark]));
}
