/**
 * Models wherever TypeScript runs, browsers too: what they compute on, their
 * files as bytes, and the texts that they write. Nothing here needs Deno, Node
 * or a disk.
 *
 * ```ts
 * import {
 *   CpuBackend,
 *   Generator,
 *   readModelFolder,
 * } from "@ptbr-slm/ptbr-slm/model";
 *
 * // Writes on from a text with the model that a person chose on a page.
 * async function write(files: Iterable<File>, text: string): Promise<string> {
 *   using backend = await CpuBackend.create();
 *   const { model, tokenizer } = await readModelFolder(files, backend);
 *   const generator = new Generator(model, tokenizer);
 *   const settings = { maxTokens: 40, temperature: 0.8, topP: 0.9, seed: 1 };
 *   for await (const piece of generator.generate(text, settings)) text += piece;
 *   return text;
 * }
 * ```
 *
 * `WebGpuBackend` in place of `CpuBackend` computes on the GPU. Either belongs
 * in a dedicated worker of the page, as one waits for the threads and a page may
 * not; and there is more than one thread only where the page is isolated from
 * other origins (the headers COOP and COEP).
 *
 * @module
 */

export * from "../generate/mod.ts";
export type {
  Backend,
  Indices,
  MatmulOptions,
  Memory,
  MemoryPart,
} from "../backend/backend.ts";
export type {
  Blas,
  BlasChoice,
  BlasSearch,
  Sgemm,
  Sgemv,
} from "../backend/cpu/blas_calls.ts";
export { CpuBackend, type CpuOptions } from "../backend/cpu/cpu_backend.ts";
export type {
  CpuHost,
  HostThread,
  MappingPlace,
  OpenedBlas,
} from "../backend/cpu/host.ts";
export type { ThreadSettings } from "../backend/cpu/thread.ts";
export { webHost } from "../backend/cpu/web_host.ts";
export { ReferenceBackend } from "../backend/reference/reference_backend.ts";
export { OutOfMemoryError } from "../backend/out_of_memory.ts";
export type { DeviceOptions } from "../backend/webgpu/device.ts";
export {
  WebGpuBackend,
  type WebGpuOptions,
} from "../backend/webgpu/webgpu_backend.ts";
export {
  type ByteSource,
  memorySource,
} from "../checkpoint/encoding/byte_source.ts";
export type { ImportFormat } from "../checkpoint/import/file_format.ts";
export {
  type ForeignOptions,
  ForeignReader,
} from "../checkpoint/import/foreign_reader.ts";
export type { ByteSink } from "../checkpoint/encoding/msgpack_writer.ts";
export { saveModel } from "../checkpoint/native/mpk_writer.ts";
export {
  CheckpointReader,
  type Opening,
  type WhichWeights,
} from "../checkpoint/native/checkpoint_reader.ts";
export {
  type ModelInput,
  openInput,
  type ReadInputOptions,
} from "../model_input.ts";
export {
  type ReadModel,
  readModel,
  readModelFolder,
  type ReadModelOptions,
  readTokenizer,
} from "../read_model.ts";

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
