/**
 * Small models with weights that are all different, for the tests of
 * checkpoints.
 *
 * @module
 */

import type { Backend } from "../../lib/backend/backend.ts";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import type {
  MomentReaders,
  Moments,
  TrainState,
} from "../../lib/checkpoint/native/train_state.ts";
import { RWKVConfig, type RWKVFields } from "../../lib/model/config.ts";
import type { Parameter } from "../../lib/model/parameters.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import { hashKey, Random } from "../../lib/random.ts";
import { TrainingConfig } from "../../lib/training_config.ts";
import type { Given } from "./foreign_files.ts";

/** Every family and variant. */
export const VARIANTS: readonly Partial<RWKVFields>[] = [
  { architecture: "rwkv4" },
  { architecture: "classic" },
  { architecture: "classic", timeMixing: "channels", embeddingNorm: false },
  { architecture: "rwkv7", headSize: 3, decayRank: 2, gateRank: 3 },
];

/** A model of a few hundred random weights. */
export function tinyModel(
  fields: Partial<RWKVFields>,
  { seed = 1, backend = new ReferenceBackend(), training }: {
    seed?: number;
    backend?: Backend;
    training?: boolean;
  } = {},
): RWKV {
  const config = new RWKVConfig({
    vocabSize: 11,
    dModel: 6,
    nLayers: 2,
    dFfn: 10,
    maxSeqLen: 16,
    ...fields,
  });
  const model = new RWKV(config, backend, { training });
  for (const parameter of model.parameters) {
    backend.write(parameter.data, randomValues(parameter, seed));
  }
  return model;
}

/** Normal numbers that depend on the parameter and the seed. */
export function randomValues(
  { name, length }: { name: string; length: number },
  seed: number,
): Float32Array {
  const random = new Random(seed, hashKey(...new TextEncoder().encode(name)));
  return Float32Array.from({ length }, () => random.normal());
}

/** Moments that depend on the parameter. */
export function momentsOf(
  parameter: Parameter,
): Required<Omit<Moments, "average">> {
  return {
    first: randomValues(parameter, 100),
    second: randomValues(parameter, 200),
  };
}

/** What fetches moments for a file. */
export function readersOf(
  { first, second, average }: Moments,
): MomentReaders {
  return {
    first: () => Promise.resolve(first),
    ...second && { second: () => Promise.resolve(second) },
    ...average && { average: () => Promise.resolve(average) },
  };
}

/** The state of a run with something in every field. */
export const STATE: TrainState = {
  step: 2500,
  optimizerStep: 2499,
  tokens: 2 ** 40 + 1,
  training: new TrainingConfig({ maxSteps: 3000, sequenceLength: 16 }),
  dataPosition: 2 ** 41 + 7,
};

/** The identity of some tokenizer. */
export const TOKENIZER = "0123456789abcdef".repeat(4);

/** A model's weights by their names. */
export async function weightsOf(
  model: RWKV,
): Promise<Record<string, Float32Array>> {
  const tensors = await tensorsOf(model);
  return Object.fromEntries(tensors.map(({ name, values }) => [name, values]));
}

/** A model's weights as another program may write them. */
export async function tensorsOf(model: RWKV): Promise<Given[]> {
  const tensors: Given[] = [];
  for (const { name, shape, data } of model.parameters) {
    tensors.push({ name, shape, values: await model.backend.read(data) });
  }
  return tensors;
}

/** Those of a model that has more ids than the small World vocabulary. */
export async function worldTensors(): Promise<Given[]> {
  return await tensorsOf(tinyModel({
    architecture: "rwkv7",
    vocabSize: 320,
    dModel: 8,
    headSize: 4,
  }));
}
