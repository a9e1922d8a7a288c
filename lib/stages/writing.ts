/**
 * What the stages that write text have in common: how tokens are chosen unless
 * it is said otherwise, what is told of them, and states kept in files.
 *
 * @module
 */

import { crcOf, readWhole, writeFileAtomic } from "../files.ts";
import {
  type Choice,
  CHOOSING_KINDS,
  type ChoosingSettings,
} from "../generate/choosing.ts";
import type { SavedSession } from "../generate/session.ts";
import { decodeSession, encodeSession } from "../generate/session_file.ts";
import { checkChoosing } from "../generate/token_chooser.ts";
import { refuseOtherKinds } from "../input_kinds.ts";
import type { LoadedCheckpoint } from "../load_checkpoint.ts";
import { type OptionKinds, SEED } from "../option_kinds.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import type { ComputingOptions } from "./computing.ts";
import { MODEL_KINDS, type ModelFiles } from "./model_files.ts";
import type { Replaceable } from "./written_files.ts";

/** How texts are written unless it is said otherwise. */
export const WRITING = {
  maxTokens: 100,
  temperature: 0.7,
  topP: 0.9,
  seed: 42,
  dry: { multiplier: 0.8, base: 1.75, allowedLength: 2 },
} as const;

/** What a state may be written over. */
export const STATE: Replaceable = {
  kinds: ["state"],
  flag: "--save-state",
};

/** Most ids of a vocabulary. */
const MOST_IDS = 2 ** 16;
/** The state of no model that fits comes near this, in bytes. */
const MOST_STATE = 2 ** 31;

/** How the stages that write text do. */
export interface WritingOptions
  extends ComputingOptions, ModelFiles, Partial<ChoosingSettings> {
  /** Tokens to write at most; 100 unless given. */
  readonly maxTokens?: number;
  /** 0 for the likeliest token, higher for variety; 0.7 unless given. */
  readonly temperature?: number;
  /** Choose among the likeliest that reach this probability; 0.9 unless given. */
  readonly topP?: number;
  /** Equal seeds give equal texts; 42 unless given. */
  readonly seed?: number;
  /**
   * Against loops; 0.8, 1.75 and 2 unless given, and nothing with a multiplier
   * of 0. Without `breakers`, line ends are.
   */
  readonly dry?: ChoosingSettings["dry"];
  /** Texts at which a text ends; they are not part of it. */
  readonly stop?: readonly string[];
  /** Tells of every token, and of so many that were the likeliest. */
  readonly likeliest?: number;
  /** A file with a state, after which the prompt comes. */
  readonly loadState?: string;
}

/** What its options are. */
export const WRITING_KINDS: OptionKinds<WritingOptions> = {
  ...MODEL_KINDS,
  backend: "backend?",
  maxTokens: "number?",
  ...CHOOSING_KINDS,
  temperature: "number?",
  seed: SEED,
  stop: "texts?",
  likeliest: "number?",
  loadState: "text?",
  signal: "signal?",
  onProgress: "function?",
};

/** A token, in words. */
export interface ToldToken {
  /** Token id. */
  readonly id: number;
  /** What it stands for; a part of a character is U+FFFD. */
  readonly text: string;
  /** The natural logarithm of its probability before any choosing. */
  readonly logprob: number;
  /** The likeliest in its place, the likeliest first. */
  readonly likeliest?: readonly Omit<ToldToken, "likeliest">[];
}

/**
 * How tokens are chosen.
 *
 * @param options What was asked for.
 * @throws {RangeError} When it makes no sense.
 */
export function choosingOf(options: WritingOptions): ChoosingSettings {
  const { temperature, topP, seed, dry } = { ...WRITING, ...given(options) };
  const choosing: ChoosingSettings = {
    temperature,
    topP,
    seed,
    dry,
    topK: options.topK,
    minP: options.minP,
    typicalP: options.typicalP,
    repetitionPenalty: options.repetitionPenalty,
    presencePenalty: options.presencePenalty,
    frequencyPenalty: options.frequencyPenalty,
    penaltyWindow: options.penaltyWindow,
    logitBias: options.logitBias,
  };
  checkChoosing(choosing, MOST_IDS);
  return choosing;
}

/** Settings whose DRY does not reach across line ends, unless it says more. */
export function withBreakers(
  choosing: ChoosingSettings,
  tokenizer: Tokenizer,
): ChoosingSettings {
  const { dry } = choosing;
  if (dry === undefined || dry.breakers !== undefined) return choosing;
  const breakers: number[] = [];
  for (let id = 0; id < tokenizer.vocab.size; id++) {
    if (tokenizer.bytesOf(id).includes(10)) breakers.push(id);
  }
  return { ...choosing, dry: { ...dry, breakers } };
}

/** Options without those that are given as undefined. */
function given<T extends object>(options: T): T {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as T;
}

/** What was chosen, in words. */
export function toldTokens(
  choices: readonly Choice[],
  tokenizer: Tokenizer,
): ToldToken[] {
  const decoder = new TextDecoder();
  const textOf = (id: number) =>
    decoder.decode(tokenizer.bytesOf(id, { keepSpecial: true }));
  return choices.map(({ id, logprob, likeliest }) => ({
    id,
    text: textOf(id),
    logprob,
    likeliest: likeliest.map(({ id, logprob }) => ({
      id,
      text: textOf(id),
      logprob,
    })),
  }));
}

/**
 * Reads where a text stood.
 *
 * @param path A file that {@linkcode writeState} wrote.
 * @param loaded The model that shall go on.
 * @throws {Error} When it cannot be read, or is of another model.
 */
export async function readState(
  path: string,
  loaded: LoadedCheckpoint,
): Promise<SavedSession> {
  await refuseOtherKinds(path, "a saved state", ["state", "nothing"]);
  const bytes = await readWhole(path, MOST_STATE);
  const { config } = loaded.model;
  return decodeSession(bytes, config, { weights: await weightsOf(loaded) });
}

/**
 * Writes where a text stands. Check before the work whether the file may be
 * written: `assertReplaceable(path, STATE)`.
 *
 * @param path The file.
 * @param saved What it stands at.
 * @param loaded The model that wrote it.
 * @throws {Error} When it cannot be written.
 */
export async function writeState(
  path: string,
  saved: SavedSession,
  loaded: LoadedCheckpoint,
): Promise<void> {
  const weights = await weightsOf(loaded);
  const bytes = encodeSession(saved, loaded.model.config, { weights });
  await writeFileAtomic(path, bytes);
}

/** What the weights of a model are known by, its adapter's among them. */
async function weightsOf(
  { path, adapter }: LoadedCheckpoint,
): Promise<string> {
  const own = await crcOf(path);
  const both = adapter === undefined ? own : (own ^ await crcOf(adapter)) >>> 0;
  return both.toString(16).padStart(8, "0");
}
