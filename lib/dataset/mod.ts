/**
 * From ids to token files and from there to batches.
 *
 * ```ts
 * import { DataLoader, MmapDataset } from "@ptbr-slm/ptbr-slm/dataset";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempDir() + "/train.bin";
 * await Deno.writeFile(path, new Uint8Array(Uint16Array.of(1, 2, 3).buffer));
 * using dataset = MmapDataset.open(path);
 * const loader = new DataLoader(dataset, {
 *   batchSize: 1,
 *   contextLength: 2,
 *   seed: 42,
 * });
 * assertEquals([...loader.next().inputs], [1, 2]);
 * ```
 *
 * @module
 */

export {
  type Batch,
  type BatchShape,
  DataLoader,
  type DataLoaderOptions,
  type EpochOptions,
  sequentialBatches,
  type TokenSequence,
  TokenWindows,
  type Window,
  type WindowLoader,
} from "./data_loader.ts";
export {
  type DatasetInfo,
  readDatasetInfo,
  type SplitInfo,
} from "./dataset_info.ts";
export type { WorkersOptions } from "../workers.ts";
export { type BorderOptions, DocumentBorders } from "./document_borders.ts";
export { TokenizedDatasetWriter } from "./dataset_writer.ts";
export { type EncodedDocument, encodeDocuments } from "./document_encoder.ts";
export { splitDocuments, type TextDocument } from "./documents.ts";
export { type EvenWindows, evenWindows } from "./even_windows.ts";
export { MixedLoader, type MixedSource } from "./mixed_loader.ts";
export {
  type CheckOptions,
  MmapDataset,
  type MmapDatasetOptions,
} from "./mmap_dataset.ts";
export { type OpenDataset, openDataset } from "./open_dataset.ts";
export {
  openTokenizer,
  readAnyVocab,
  readVocab,
  writeVocab,
} from "../tokenizer/vocab/vocab_file.ts";
export type { SplitName } from "./split.ts";
export {
  StreamLoader,
  type StreamLoaderOptions,
  type StreamSource,
} from "./stream_loader.ts";
