/**
 * A model learns from a text for so many seconds: the library's trainer on what
 * the page computes with, all weights, with a tenth of the text held out.
 *
 * @module
 */

import {
  DataLoader,
  sequentialBatches,
  type TokenSequence,
} from "../dataset/data_loader.ts";
import type { RWKV } from "../model/rwkv.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { Evaluator } from "../train/evaluate.ts";
import { Trainer } from "../train/trainer.ts";
import { TrainingConfig } from "../training_config.ts";
import { type Learnt, TroubleError } from "./protocol.ts";

/** Tokens below which there is nothing to be learnt. */
const FEWEST = 64;
/** Tokens of a window at most, and windows of a step. */
const WINDOW = 128, WINDOWS = 4;
/** The share of the text that is only looked at, and how often, in seconds. */
const HELD_OUT = 0.1, LOOK = 5;
/** The peak of the rate, for models as small as pages train. */
const RATE = 1e-3;
/** The share of the time in which the rate falls, and to what of its peak. */
const FALL = 0.4, LEAST = 0.1;

/** A model that learns. */
export interface Learning {
  /** The model, made to be trained. */
  readonly model: RWKV;
  readonly tokenizer: Tokenizer;
  readonly text: string;
  readonly seconds: number;
  /** Ends it early; what was learnt until then stays. */
  readonly signal: AbortSignal;
  /** Told of every step. */
  readonly onLearnt: (learnt: Learnt) => void;
}

/**
 * Trains a model.
 *
 * @throws {TroubleError} When the text is too short.
 */
export async function learn(learning: Learning): Promise<void> {
  const { model, tokenizer, seconds, signal, onLearnt } = learning;
  const { train, heldOut } = tokensOf(learning.text, tokenizer);
  const shape = shapeOf(train, model);
  const trainer = new Trainer(
    model,
    new TrainingConfig({
      learningRate: RATE,
      batchSize: shape.batchSize,
      gradientAccumulation: 1,
      sequenceLength: shape.contextLength,
      warmupSteps: 10,
      maxSteps: 1e9, // the time ends it
      schedule: "wsd",
      decayShare: 0,
    }),
  );
  const loader = new DataLoader(train, { ...shape, seed: 42 });
  const evaluator = new Evaluator(model, trainer.tape);
  const byteLengths = tokenizer.byteLengths();
  const look = async () => {
    if (heldOut === undefined) return undefined;
    const batches = sequentialBatches(heldOut, shape);
    return (await evaluator.evaluate(batches, byteLengths)).loss;
  };
  const start = performance.now();
  let looked = -Infinity;
  for (;;) {
    const before = (performance.now() - start) / 1000;
    if (before >= seconds || signal.aborted) return;
    trainer.rateScale = rateAt(before / seconds);
    const result = await trainer.trainStep(() => loader.next(), signal);
    if (result === undefined) return;
    const now = (performance.now() - start) / 1000;
    const isDue = now - looked >= LOOK || now >= seconds;
    onLearnt({
      step: result.step,
      seconds: now,
      loss: result.loss,
      heldOut: isDue ? await look() : undefined,
      tokensPerSecond: trainer.tokens / now,
    });
    if (isDue) looked = now;
  }
}

/** What the rate is multiplied by after a share of the time. */
function rateAt(share: number): number {
  const left = Math.min(1, (1 - share) / FALL);
  return LEAST + (1 - LEAST) * Math.max(0, left);
}

/** A text's tokens, as a document, in those to learn from and the others. */
function tokensOf(
  text: string,
  tokenizer: Tokenizer,
): { readonly train: TokenSequence; readonly heldOut?: TokenSequence } {
  const { vocab } = tokenizer;
  const [start, end] = ["[BOS]", "[EOS]"].map((name) => vocab.specialId(name));
  const ids = Uint16Array.of(start, ...tokenizer.encode(text), end);
  if (ids.length < FEWEST) {
    throw new TroubleError(
      "tooShort",
      `Cannot learn from ${ids.length} tokens: at least ${FEWEST} are needed`,
    );
  }
  const cut = Math.floor(ids.length * (1 - HELD_OUT));
  const rest = ids.length - cut;
  return {
    train: sequenceOf(ids.subarray(0, cut)),
    heldOut: rest < FEWEST / 2 ? undefined : sequenceOf(ids.subarray(cut)),
  };
}

function sequenceOf(ids: Uint16Array): TokenSequence {
  return {
    path: "the text",
    length: ids.length,
    read: (start, into) => into.set(ids.subarray(start, start + into.length)),
  };
}

/** Windows for the text that there is. */
function shapeOf({ length }: TokenSequence, { config }: RWKV) {
  const contextLength = Math.min(WINDOW, config.maxSeqLen, length >> 1);
  const windows = Math.floor((length - 1) / contextLength);
  return { contextLength, batchSize: Math.min(WINDOWS, windows) };
}
