/**
 * Models in files: ours, and those of other programs in both directions.
 *
 * ```ts
 * import { ReferenceBackend } from "@ptbr-slm/ptbr-slm/backend";
 * import { loadModel, saveModel } from "@ptbr-slm/ptbr-slm/checkpoint";
 * import { RWKV, RWKVConfig } from "@ptbr-slm/ptbr-slm/model";
 * import { assertEquals } from "@std/assert";
 *
 * const backend = new ReferenceBackend();
 * const config = new RWKVConfig({ vocabSize: 10, dModel: 8, dFfn: 16 });
 * const path = await Deno.makeTempDir() + "/model_final.mpk";
 * await saveModel(path, new RWKV(config, backend));
 * assertEquals((await loadModel(path, backend)).config, config);
 * ```
 *
 * @module
 */

export type { SignalOptions, Staging, WriteOptions } from "../files.ts";
export {
  EXPORT_TYPES,
  type ExportType,
  type OutgoingTensor,
} from "./encoding/tensor_encoding.ts";
export { type BurnType, writeBurn } from "./export/burn_writer.ts";
export { classicAsRwkv4 } from "./export/classic_as_rwkv4.ts";
export {
  huggingFaceConfig,
  officialTensors,
  tokenizerConfig,
} from "./export/hugging_face_folder.ts";
export {
  type DataFigures,
  modelCard,
  type ModelFacts,
} from "./export/model_card.ts";
export {
  type AdaptedModel,
  type Adapter,
  ADAPTER_LAYOUTS,
  type AdapterLayout,
  type AdapterReading,
  writeAdapter,
} from "./formats/adapter_file.ts";
export { ggufModel, ggufTensors } from "./formats/gguf/gguf_model.ts";
export {
  type GgufTokenizer,
  ggufTokenizer,
} from "./formats/gguf/gguf_tokenizer.ts";
export {
  type GgufFields,
  type GgufValue,
  writeGguf,
} from "./formats/gguf/gguf_writer.ts";
export { writeSafetensors } from "./formats/safetensors_writer.ts";
export {
  ForeignModel,
  type ImportFormat,
  type ImportOptions,
} from "./import/foreign_model.ts";
export { loadAdapter, openAdapter } from "../load_adapter.ts";
export {
  type AdapterOptions,
  loadCheckpoint,
  type LoadedCheckpoint,
  type LoadOptions,
} from "../load_checkpoint.ts";
export type { Assumptions } from "./native/burn_layout.ts";
export {
  Checkpoint,
  loadModel,
  type Opening,
  type OpenOptions,
  WEIGHTS,
  type WhichWeights,
} from "./native/mpk_reader.ts";
export { saveModel, type TrainSnapshot } from "./native/mpk_writer.ts";
export {
  BEST_MODEL,
  checkpointName,
  FINAL_MODEL,
  newestCheckpoint,
  resolveCheckpoint,
} from "./native/paths.ts";
export {
  openTokenizer,
  readAnyVocab,
  readVocab,
  writeVocab,
} from "../tokenizer/vocab/vocab_file.ts";
export { STORED_TYPES, type StoredType } from "./quantized/packing.ts";
export {
  QUANTIZE_FORMATS,
  type QuantizeFormat,
} from "./quantized/quantized_model.ts";
export type {
  AwaitingLine,
  BaseModel,
  DataIdentity,
  MomentReaders,
  Moments,
  TokensIdentity,
  TrainState,
  UnloggedSteps,
} from "./native/train_state.ts";
