/**
 * What a training run needs beside the weights to go on as if it had never
 * stopped, and how a checkpoint holds it.
 *
 * @module
 */

import { weightsOfParts } from "../../model/adapter.ts";
import type { Shapes } from "../../model/foreign.ts";
import { TrainingConfig } from "../../training_config.ts";
import { Span } from "../encoding/byte_source.ts";
import { LazyBytes } from "../encoding/msgpack_writer.ts";
import { countOf } from "../encoding/tensor_encoding.ts";
import { isRecord, scalarFields } from "./burn_layout.ts";
import { readStatesTree, type StoredBlockState } from "./states_tree.ts";

/** What tells the tokens of a file from others. */
export interface TokensIdentity {
  /** How many they are. */
  readonly tokens: number;
  /** CRC-32 of their bytes, in hex. */
  readonly crc32: string;
}

/** What tells one dataset of a run from another, by what it trains on. */
export interface DataIdentity extends TokensIdentity {
  /** What is held out; absent where that is nothing, and in old files. */
  readonly heldOut?: TokensIdentity;
  /** Its share among the datasets of the run. */
  readonly weight: number;
}

/** Where a training run stands; the moments are held apart. */
export interface TrainState {
  /** Steps done. */
  readonly step: number;
  /** Updates the optimiser has made: fewer, where steps were skipped. */
  readonly optimizerStep: number;
  /** Tokens seen. */
  readonly tokens: number;
  /** The recipe. */
  readonly training: TrainingConfig;
  /** Where the data loader goes on. */
  readonly dataPosition: number;
  /**
   * What the rates of the schedule are multiplied by, below 1 once the run went
   * back to a checkpoint; 1 unless there.
   */
  readonly rateScale?: number;
  /** What tells the run from others, 64 random bits in hex; not in old files. */
  readonly run?: string;
  /** What it is trained on; not in old files. */
  readonly data?: readonly DataIdentity[];
  /** What the next line of the log begins with; absent where that is nothing. */
  readonly unlogged?: UnloggedSteps;
  /** The model beside which an adapter is trained. */
  readonly base?: BaseModel;
}

/** The model that a checkpoint needs and does not hold. */
export interface BaseModel {
  /** Where its file was. */
  readonly path: string;
  /** CRC-32 of its weights, in hex; see `Checkpoint.weightsCrc32()`. */
  readonly crc32: string;
}

/** Steps since the last line of a run's log. */
export interface UnloggedSteps {
  /** The sum of their losses, those that were skipped left out. */
  readonly loss: number;
  /** How many that are. */
  readonly steps: number;
  /** The training windows that those which were skipped began with. */
  readonly skippedAt: readonly number[];
  /** What else that line says, where only its validation is missing. */
  readonly awaiting?: AwaitingLine;
}

/** What a line of a run's log says of its step alone. */
export interface AwaitingLine {
  /** The gradients' global norm before clipping; not finite where skipped. */
  readonly gradientNorm: number;
  /** The rate the step was made with. */
  readonly learningRate: number;
  /** How far the step moved the weights, where that was measured. */
  readonly updateRatio?: number;
  /** Speed since the line before. */
  readonly tokensPerSecond: number;
}

/** What the optimizer keeps of one parameter, in the parameter's own layout. */
export interface Moments {
  /** Running mean of the gradient: AdamW's, or Muon's momentum. */
  readonly first: Float32Array;
  /** Running mean of its square; AdamW's alone. */
  readonly second?: Float32Array;
  /** Running mean of the parameter, where averages are kept. */
  readonly average?: Float32Array;
}

/** Fetch what is kept of one parameter, when it is its turn to be written. */
export type MomentReaders = {
  readonly [M in keyof Moments]: () => Promise<Float32Array>;
};

/** Where the moments of one parameter stand in a file. */
export type StoredMoments = { readonly [M in keyof Moments]: Span };

/**
 * `train` of a checkpoint.
 *
 * @param state Where the run stands.
 * @param shapes The shape of each parameter.
 * @param moments Fetches the moments of the named parameter.
 * @returns A tree for the MessagePack writer.
 */
export function trainTree(
  state: TrainState,
  shapes: Shapes,
  moments: (name: string) => MomentReaders,
): object {
  return {
    ...state,
    training: state.training.toJSON(),
    moments: Object.fromEntries(
      [...trainedShapes(shapes, state.training)].map(([name, shape]) => [
        name,
        momentsTree(countOf(shape), moments(name)),
      ]),
    ),
  };
}

function momentsTree(length: number, moments: MomentReaders): object {
  return Object.fromEntries(
    Object.entries(moments).map(([name, fetch]) => [
      name,
      LazyBytes.ofValues(length, fetch),
    ]),
  );
}

/**
 * Reads `train` of a checkpoint.
 *
 * @param tree As the MessagePack reader gives it.
 * @param shapes The shape of each parameter.
 * @throws {SyntaxError} For what is missing or not what it must be; the
 * message is the reason alone.
 * @throws {RangeError} For a recipe that cannot be.
 */
export function readTrainTree(
  tree: unknown,
  shapes: Shapes,
): {
  state: TrainState;
  moments: Map<string, StoredMoments>;
  states: readonly (readonly StoredBlockState[])[];
} {
  const train = record(tree, "train");
  const state: TrainState = {
    step: whole(train, "step"),
    optimizerStep: whole(train, "optimizerStep"),
    tokens: whole(train, "tokens"),
    training: readRecipe(train),
    dataPosition: whole(train, "dataPosition"),
    ...(train.rateScale === undefined ? {} : { rateScale: scaleOf(train) }),
    ...(train.run === undefined ? {} : { run: hex(train, "run", 16) }),
    ...(train.data === undefined ? {} : { data: identities(train.data) }),
    ...(train.unlogged === undefined
      ? {}
      : { unlogged: unloggedOf(train.unlogged) }),
    ...(train.base === undefined ? {} : { base: baseOf(train.base) }),
  };
  const stored = record(train.moments, "train.moments");
  const { optimizer, emaDecay } = state.training;
  const isNeeded: Record<keyof Moments, boolean> = {
    first: true,
    second: optimizer === "adamw", // Muon's matrices have none
    average: emaDecay !== undefined,
  };
  const moments = new Map<string, StoredMoments>();
  for (const [name, shape] of trainedShapes(shapes, state.training)) {
    const length = countOf(shape);
    const kept = record(stored[name], `train.moments of ${name}`);
    const isWhole = ([moment, span]: [string, unknown]) =>
      Object.hasOwn(isNeeded, moment) && span instanceof Span &&
      span.length === 4 * length;
    const isThere = ([moment, needed]: [string, boolean]) =>
      !needed || kept[moment] !== undefined;
    if (
      !Object.entries(kept).every(isWhole) ||
      !Object.entries(isNeeded).every(isThere)
    ) {
      throw new SyntaxError(`the moments of ${name} are not ${length} values`);
    }
    moments.set(name, kept as unknown as StoredMoments);
  }
  const { states: carried } = train;
  if ((carried !== undefined) !== state.training.carryState) {
    throw new SyntaxError(
      "train.states are not what the recipe's carryState says",
    );
  }
  const states = carried === undefined ? [] : readStatesTree(carried);
  return { state, moments, states };
}

/**
 * The recipe in `train` of a checkpoint.
 *
 * @param tree As the MessagePack reader gives it.
 * @throws {SyntaxError} When it is no recipe; the message is the reason alone.
 * @throws {RangeError} For a recipe that cannot be.
 */
export function readRecipe(tree: unknown): TrainingConfig {
  const { training } = record(tree, "train");
  return new TrainingConfig(scalarFields(training, "train.training"));
}

/** The parameters of a file that have moments: those that are trained. */
function trainedShapes(shapes: Shapes, training: TrainingConfig): Shapes {
  const frozen = training.frozenParts;
  if (training.adapter !== undefined || frozen.length === 0) return shapes;
  const still = weightsOfParts(shapes, frozen);
  return new Map([...shapes].filter(([name]) => !still.has(name)));
}

function baseOf(value: unknown): BaseModel {
  const base = record(value, "train.base");
  if (typeof base.path !== "string") {
    throw new SyntaxError("train.base has no path");
  }
  return { path: base.path, crc32: hex(base, "crc32", 8) };
}

function record(value: unknown, name: string): Record<string, unknown> {
  if (isRecord(value)) return value;
  throw new SyntaxError(`${name} is not a map`);
}

function whole(train: Record<string, unknown>, key: string): number {
  const value = train[key];
  if (Number.isSafeInteger(value) && (value as number) >= 0) {
    return value as number;
  }
  throw new SyntaxError(`train.${key} is not a whole number`);
}

function scaleOf({ rateScale }: Record<string, unknown>): number {
  if (typeof rateScale === "number" && rateScale > 0 && rateScale < 1) {
    return rateScale;
  }
  throw new SyntaxError("train.rateScale is not between 0 and 1");
}

function identities(value: unknown): DataIdentity[] {
  if (!Array.isArray(value)) throw new SyntaxError("train.data is not a list");
  return value.map((element) => {
    const data = record(element, "train.data");
    if (typeof data.weight !== "number" || !(data.weight > 0)) {
      throw new SyntaxError("train.weight is not a positive number");
    }
    const { heldOut } = data;
    return {
      ...tokensIdentity(data),
      weight: data.weight,
      ...heldOut !== undefined && {
        heldOut: tokensIdentity(record(heldOut, "train.data.heldOut")),
      },
    };
  });
}

function tokensIdentity(data: Record<string, unknown>): TokensIdentity {
  return { tokens: whole(data, "tokens"), crc32: hex(data, "crc32", 8) };
}

function unloggedOf(value: unknown): UnloggedSteps {
  const { loss, steps, skippedAt, awaiting } = record(value, "train.unlogged");
  const isCount = (value: unknown): value is number =>
    Number.isSafeInteger(value) && (value as number) >= 0;
  if (
    typeof loss !== "number" || !Number.isFinite(loss) || !isCount(steps) ||
    !Array.isArray(skippedAt) || !skippedAt.every(isCount)
  ) throw new SyntaxError("train.unlogged is not the loss of steps");
  if (awaiting === undefined) return { loss, steps, skippedAt };
  return { loss, steps, skippedAt, awaiting: awaitingOf(awaiting) };
}

function awaitingOf(value: unknown): AwaitingLine {
  const line = record(value, "train.unlogged.awaiting");
  const { gradientNorm, learningRate, updateRatio, tokensPerSecond } = line;
  const isNumber = (value: unknown): value is number =>
    typeof value === "number";
  if (
    !isNumber(gradientNorm) || !isNumber(learningRate) ||
    !isNumber(tokensPerSecond) || !isNumber(updateRatio ?? 0)
  ) throw new SyntaxError("train.unlogged.awaiting is no line of a log");
  return {
    gradientNorm,
    learningRate,
    ...(isNumber(updateRatio) && { updateRatio }),
    tokensPerSecond,
  };
}

function hex(
  train: Record<string, unknown>,
  key: string,
  digits: number,
): string {
  const value = train[key];
  if (typeof value === "string" && /^[0-9a-f]+$/.test(value)) {
    if (value.length === digits) return value;
  }
  throw new SyntaxError(`train.${key} is not ${digits} digits of hex`);
}
