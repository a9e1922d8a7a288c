/**
 * PTBR-SLM: from public Brazilian-Portuguese text to a small RWKV language
 * model, in TypeScript.
 *
 * The whole pipeline, from a dump to a text:
 *
 * ```ts
 * import {
 *   BPETokenizer,
 *   BPETrainer,
 *   CpuBackend,
 *   DataLoader,
 *   Generator,
 *   identityOf,
 *   MmapDataset,
 *   RWKV,
 *   RWKVConfig,
 *   TokenizedDatasetWriter,
 *   Trainer,
 *   TrainingConfig,
 *   WikiCleaner,
 *   WikiStreamParser,
 * } from "@ptbr-slm/ptbr-slm";
 * import { assert } from "@std/assert";
 *
 * // A dump to clean text; a real one is Deno.open("dump.xml.bz2").readable.
 * const dump = new Blob([`<mediawiki><page><title>Sol</title><ns>0</ns>
 *   <revision><text>O '''Sol''' é uma [[estrela]]. O Sol brilha, o dia
 *   começa, a noite acaba e o dia volta.</text></revision></page></mediawiki>`]);
 * const cleaner = new WikiCleaner();
 * const texts: string[] = [];
 * for await (const { title, text } of new WikiStreamParser(dump.stream())) {
 *   texts.push(cleaner.clean(text, title));
 * }
 * assert(texts[0].startsWith("O Sol é uma estrela."));
 *
 * // Text to tokens.
 * const bytes = new TextEncoder().encode(texts.join("\n") + "\n");
 * const { vocab } = await new BPETrainer({ vocabSize: 300 })
 *   .train([{ name: "text", bytes }]);
 * const tokenizer = new BPETokenizer(vocab);
 * const folder = await Deno.makeTempDir();
 * {
 *   await using writer = await TokenizedDatasetWriter.create(folder, tokenizer);
 *   for (const text of texts) {
 *     await writer.write("train", tokenizer.encode(text), text.length);
 *   }
 *   await writer.finish();
 * }
 *
 * // Tokens to a model.
 * using backend = await CpuBackend.create({ threads: 1, blas: "none" });
 * const config = new RWKVConfig({
 *   vocabSize: vocab.size,
 *   dModel: 64,
 *   nLayers: 2,
 *   dFfn: 128,
 *   maxSeqLen: 8,
 *   dropout: 0,
 * });
 * const model = new RWKV(config, backend, { training: true });
 * model.initialize(42);
 * const trainer = new Trainer(
 *   model,
 *   new TrainingConfig({
 *     maxSteps: 30,
 *     warmupSteps: 2,
 *     learningRate: 1e-2,
 *     gradientAccumulation: 1,
 *   }),
 * );
 * using dataset = MmapDataset.open(`${folder}/train.bin`);
 * const loader = new DataLoader(dataset, {
 *   batchSize: 2,
 *   contextLength: 8,
 *   seed: 42,
 * });
 * while (trainer.step < 30) await trainer.trainStep(() => loader.next());
 * await trainer.saveCheckpoint(`${folder}/checkpoint_30.mpk`, {
 *   dataPosition: loader.position,
 *   tokenizerSha256: await identityOf(vocab),
 * });
 *
 * // A model to text.
 * const generator = new Generator(model, tokenizer);
 * let written = "O Sol";
 * for await (
 *   const piece of generator.generate(written, {
 *     maxTokens: 12,
 *     temperature: 0,
 *     seed: 1,
 *   })
 * ) written += piece;
 * assert(written.length > "O Sol".length);
 * ```
 *
 * The same steps as commands, with everything a real run needs, are in the
 * README.
 *
 * @module
 */

export * from "./lib/backend/backend.ts";
export type {
  Blas,
  BlasChoice,
  BlasSearch,
  Sgemm,
  Sgemv,
} from "./lib/backend/cpu/blas.ts";
export { CpuBackend, type CpuOptions } from "./lib/backend/cpu/cpu_backend.ts";
export type {
  ArgumentsOf,
  CrossEntropyOptions,
  FieldsOf,
  Kind as OpKind,
  MemoriesOf,
  Op,
  OperandOf,
  OpName,
  Settings,
  SettingsOf,
  Shapes as OpShapes,
  Slices as OpSlices,
} from "./lib/backend/ops.ts";
export { OPS } from "./lib/backend/ops.ts";
export type { AnyMemories } from "./lib/backend/plan.ts";
export * from "./lib/backend/reference/reference_backend.ts";
export type { Counts } from "./lib/backend/webgpu/commands.ts";
export {
  type AdapterFacts,
  type Device,
  type DeviceOptions,
  OutOfMemoryError,
} from "./lib/backend/webgpu/device.ts";
export type { Tiling, Tuning } from "./lib/backend/webgpu/matmul.ts";
export type { KernelTime } from "./lib/backend/webgpu/profile.ts";
export {
  tune,
  type TuneOptions,
  type TuningReport,
} from "./lib/backend/webgpu/tuning.ts";
export * from "./lib/backend/webgpu/webgpu_backend.ts";
export type { Assumptions } from "./lib/checkpoint/native/burn_layout.ts";
export * from "./lib/checkpoint/export/burn_writer.ts";
export * from "./lib/checkpoint/export/classic_as_rwkv4.ts";
export {
  ggufModel,
  ggufTensors,
} from "./lib/checkpoint/formats/gguf/gguf_model.ts";
export * from "./lib/checkpoint/formats/gguf/gguf_tokenizer.ts";
export * from "./lib/checkpoint/formats/gguf/gguf_writer.ts";
export {
  huggingFaceConfig,
  officialTensors,
  tokenizerConfig,
} from "./lib/checkpoint/export/hugging_face_folder.ts";
export * from "./lib/checkpoint/import/foreign_model.ts";
export * from "./lib/checkpoint/export/model_card.ts";
export * from "./lib/checkpoint/native/mpk.ts";
export * from "./lib/checkpoint/native/paths.ts";
export * from "./lib/checkpoint/formats/safetensors_writer.ts";
export {
  EXPORT_TYPES,
  type ExportType,
  type OutgoingTensor,
} from "./lib/checkpoint/encoding/tensor_encoding.ts";
export type {
  Moments,
  TrainState,
} from "./lib/checkpoint/native/train_state.ts";
export { countFaults, type Faults } from "./lib/corpus/audit/faults.ts";
export {
  RepeatCounter,
  type Repeats,
  TextHash,
} from "./lib/corpus/audit/repeat_counter.ts";
export {
  type AuditFile,
  type Histogram,
  type Languages,
  type Repetitions,
  SourceAudit,
  type SourceReport,
  type TextCounts,
  type WorstFile,
} from "./lib/corpus/audit/source_audit.ts";
export { RepeatedLines } from "./lib/corpus/clean/boilerplate.ts";
export type { BuildPass } from "./lib/corpus/build/corpus_builder.ts";
export type {
  CorpusFile,
  CorpusManifest,
  SourceSummary,
} from "./lib/corpus/build/corpus_files.ts";
export type { SourceTally, Tally } from "./lib/corpus/build/decisions.ts";
export {
  type Filters,
  judge,
  type Judged,
  PRESETS,
  RULE_NAMES,
  type Verdict,
} from "./lib/corpus/build/filters.ts";
export type {
  ArticleBatch,
  ArticleOptions,
  Site,
} from "./lib/corpus/wiki/article_batch.ts";
export type { Page } from "./lib/corpus/dump/dump_pages.ts";
export {
  type IdentifiedLanguage,
  type LanguageIdentifier,
  loadLanguageIdentifier,
} from "./lib/corpus/measures/language.ts";
export type {
  CorpusFormat,
  DocumentBatch,
  PageCounts,
} from "./lib/corpus/output/document_batch.ts";
export * from "./lib/corpus/laws/html_encoding.ts";
export * from "./lib/corpus/laws/law_cleaner.ts";
export { repairC1, repairMojibake } from "./lib/corpus/clean/mojibake.ts";
export { Namespaces } from "./lib/corpus/wikitext/namespaces.ts";
export * from "./lib/corpus/build/recipe.ts";
export { type Project, PROJECTS } from "./lib/corpus/wiki/projects.ts";
export {
  type BlankLines,
  type CleanedText,
  type CleaningCounts,
  cleanText,
  decodeLegacy,
  repairText,
  type TextCleanerOptions,
} from "./lib/corpus/clean/text_cleaner.ts";
export * from "./lib/corpus/wikitext/wiki_cleaner.ts";
export type { DumpPlace, DumpSource } from "./lib/corpus/dump/dump_source.ts";
export {
  type Article,
  PageSelector,
  type WikiStreamOptions,
  type WikiStreamStats,
} from "./lib/corpus/wiki/page_selector.ts";
export * from "./lib/corpus/wiki/wiki_dump.ts";
export * from "./lib/corpus/wiki/wiki_stream_parser.ts";
export type { Words } from "./lib/corpus/measures/words.ts";
export * from "./lib/dataset/data_loader.ts";
export {
  type DatasetInfo,
  readDatasetInfo,
  type SplitInfo,
} from "./lib/dataset/dataset_info.ts";
export * from "./lib/dataset/dataset_writer.ts";
export { MixedLoader, type MixedSource } from "./lib/dataset/mixed_loader.ts";
export * from "./lib/dataset/mmap_dataset.ts";
export * from "./lib/dataset/open_dataset.ts";
export type { SplitName } from "./lib/dataset/split.ts";
export type { Field, Fields } from "./lib/fields.ts";
export * from "./lib/generate/generator.ts";
export * from "./lib/generate/logits.ts";
export * from "./lib/generate/sampler.ts";
export * from "./lib/model/architecture.ts";
export {
  type ClassicFields,
  TIME_MIXINGS,
  type TimeMixingKind,
} from "./lib/model/classic.ts";
export * from "./lib/model/config.ts";
export * from "./lib/model/foreign.ts";
export type { Initializer } from "./lib/model/initialize.ts";
export {
  type FlatGroup,
  LayerParameters,
  type OptimizerGroup,
  Parameter,
  ParameterSet,
} from "./lib/model/parameters.ts";
export { type ForwardOptions, RWKV } from "./lib/model/rwkv.ts";
export type { Rwkv6Fields } from "./lib/model/rwkv6.ts";
export type { Rwkv7Fields } from "./lib/model/rwkv7.ts";
export {
  type BlockState,
  type MixingState,
  RWKVState,
  type SavedBlockState,
  type SavedState,
} from "./lib/model/state.ts";
export { hashKey, Random, uniformAt } from "./lib/random.ts";
export * from "./lib/stages/mod.ts";
export * from "./lib/tensor/tape.ts";
export * from "./lib/tensor/tensor.ts";
export * from "./lib/tokenizer/vocab/any_tokenizer.ts";
export {
  BPETokenizer,
  type EncodeOptions,
} from "./lib/tokenizer/bpe/bpe_tokenizer.ts";
export * from "./lib/tokenizer/bpe/bpe_trainer.ts";
export {
  BPEVocab,
  type BPEVocabFields,
  SPECIAL_TOKENS,
} from "./lib/tokenizer/bpe/bpe_vocab.ts";
export type {
  Exported,
  Imported,
} from "./lib/tokenizer/interchange/exchange.ts";
export * from "./lib/tokenizer/interchange/gpt2.ts";
export * from "./lib/tokenizer/interchange/hugging_face.ts";
export * from "./lib/tokenizer/interchange/parse_tokenizer.ts";
export * from "./lib/tokenizer/interchange/tiktoken.ts";
export * from "./lib/tokenizer/normalizer.ts";
export type { PreTokenizer } from "./lib/tokenizer/pre_tokenizer.ts";
export * from "./lib/tokenizer/stream_decoder.ts";
export type { TextChunk } from "./lib/corpus/documents/text_chunks.ts";
export * from "./lib/tokenizer/tokenizer.ts";
export * from "./lib/tokenizer/vocab/vocab_file.ts";
export type { WordCount } from "./lib/tokenizer/count/word_counter.ts";
export type {
  PackedWords,
  WordTable,
} from "./lib/tokenizer/count/word_table.ts";
export * from "./lib/tokenizer/world/world_tokenizer.ts";
export { WorldVocab } from "./lib/tokenizer/world/world_vocab.ts";
export * from "./lib/train/evaluate.ts";
export * from "./lib/train/memory.ts";
export * from "./lib/train/run.ts";
export * from "./lib/train/run_log.ts";
export * from "./lib/train/schedule.ts";
export * from "./lib/train/trainer.ts";
export * from "./lib/training_config.ts";
