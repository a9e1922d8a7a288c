/**
 * Where models compute: on all cores, on a GPU, or plainly.
 *
 * ```ts
 * import { openBackend } from "@ptbr-slm/ptbr-slm/backend";
 * import { assert } from "@std/assert";
 *
 * // "auto" would take a GPU where one answers.
 * using backend = await openBackend("cpu", { threads: 1, blas: "none" });
 * assert(backend.description.startsWith("cpu: 1 thread"));
 * ```
 *
 * @module
 */

export type {
  AdamWOptions,
  Backend,
  Dropout,
  FileIdentity,
  HeadRowShape,
  HeadShape,
  Indices,
  MappedFile,
  MatmulOptions,
  Memory,
  MemoryPart,
  MuonDirectionOptions,
  MuonUpdateOptions,
  PolynomialOptions,
  ProductShape,
  RowShape,
  SequenceShape,
} from "./backend.ts";
export {
  BACKEND_NAMES,
  type BackendChoice,
  type BackendHint,
  type BackendName,
  chooseBackend,
  openBackend,
  type OpenBackendOptions,
} from "./choice/open_backend.ts";
export type {
  Blas,
  BlasChoice,
  BlasSearch,
  Sgemm,
  Sgemv,
} from "./cpu/blas_calls.ts";
export type { BlasPlace } from "./cpu/blas_places.ts";
export { DENO_HOST } from "./cpu/deno_host.ts";
export type {
  CpuHost,
  HostThread,
  MappingPlace,
  OpenedBlas,
} from "./cpu/host.ts";
export type { ThreadSettings } from "./cpu/thread.ts";
export { webHost } from "./cpu/web_host.ts";
export { CpuBackend, type CpuOptions } from "./cpu/cpu_backend.ts";
export type {
  ArgumentsOf,
  CrossEntropyOptions,
  FieldsOf,
  MemoriesOf,
  OperandOf,
  OpName,
  OPS,
  Settings,
  SettingsOf,
  Shapes as OpShapes,
} from "./ops.ts";
export type { AnyMemories } from "./plan.ts";
export { ReferenceBackend } from "./reference/reference_backend.ts";
export type { SamplingOptions } from "./sampling.ts";
export { OutOfMemoryError } from "./out_of_memory.ts";
export type { DeviceOptions } from "./webgpu/device.ts";
export type { Tiling, Tuning } from "./webgpu/matmul.ts";
export { tune, type TuneOptions, type TuningReport } from "./webgpu/tuning.ts";
export { WebGpuBackend, type WebGpuOptions } from "./webgpu/webgpu_backend.ts";
export type { RecordedCall, Recorder, Work } from "./webgpu/recording.ts";
