/**
 * The models, their configurations, and what a pass through one needs.
 *
 * ```ts
 * import { ReferenceBackend } from "@ptbr-slm/ptbr-slm/backend";
 * import { RWKV, RWKVConfig } from "@ptbr-slm/ptbr-slm/model";
 * import { assertEquals } from "@std/assert";
 *
 * const config = new RWKVConfig({ vocabSize: 10, dModel: 8, dFfn: 16 });
 * const model = new RWKV(config, new ReferenceBackend());
 * model.initialize(42);
 * assertEquals(model.numParameters(), config.numParameters());
 * ```
 *
 * @module
 */

export { hashKey, Random, uniformAt } from "../random.ts";
export { type GradientClaim, Tape } from "../tensor/tape.ts";
export type { PackedFormat, PackedMatrix } from "../tensor/packed.ts";
export type { Lora, Operand, Tensor, Weight } from "../tensor/tensor.ts";
export {
  ADAPTER_KINDS,
  type AdapterKind,
  type AdapterShape,
  adapterTensors,
} from "./adapter.ts";
export {
  type ArchitectureFields,
  type ArchitectureName,
  ARCHITECTURES,
} from "./architecture.ts";
export {
  type ClassicFields,
  TIME_MIXINGS,
  type TimeMixingKind,
} from "./classic.ts";
export {
  MODEL_SIZES,
  type ModelSize,
  type RWKVAliases,
  RWKVConfig,
  type RWKVFields,
} from "./config.ts";
export type { Shapes, WeightSource } from "./foreign.ts";
export type { Initializer } from "./initialize.ts";
export {
  type FlatGroup,
  type OptimizerGroup,
  Parameter,
  type ParameterKind,
  ParameterSet,
} from "./parameters.ts";
export { type ForwardOptions, RWKV, type TrainedParts } from "./rwkv.ts";
export type { Rwkv6Fields } from "./rwkv6.ts";
export type { Rwkv7Fields } from "./rwkv7.ts";
export type { CarriedState } from "../ops/apply.ts";
export {
  type BlockPass,
  type BlockState,
  type MixingPass,
  type MixingState,
  RWKVState,
  type SavedBlockState,
  type SavedState,
} from "./state.ts";
