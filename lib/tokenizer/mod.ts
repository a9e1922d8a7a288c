/**
 * From text to ids and back: normaliser, trainer, tokenizers, and the files of
 * other programs.
 *
 * ```ts
 * import { BPETokenizer, BPETrainer } from "@ptbr-slm/ptbr-slm/tokenizer";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("o dia, o dia\n");
 * const { vocab } = await new BPETrainer().train([{ name: "a", bytes }]);
 * const tokenizer = new BPETokenizer(vocab);
 * assertEquals(tokenizer.decode(tokenizer.encode("o dia")), "o dia");
 * ```
 *
 * @module
 */

export type { TextChunk } from "../corpus/documents/text_chunk.ts";
export { BPETokenizer, type EncodeOptions } from "./bpe/bpe_tokenizer.ts";
export {
  type BPELearnOptions,
  BPETrainer,
  type BPETrainerOptions,
  type BPETrainingResult,
  type BPETrainOptions,
  MIN_VOCAB_SIZE,
} from "./bpe/bpe_trainer.ts";
export {
  type AddedToken,
  BPEVocab,
  type BPEVocabFields,
  SPECIAL_TOKENS,
} from "./bpe/bpe_vocab.ts";
export {
  type CountOptions,
  countWords,
  type WordCount,
} from "./count/word_counter.ts";
export type { PackedWords } from "./count/word_table.ts";
export type { Exported, Imported } from "./interchange/exchange.ts";
export type { Frame } from "./interchange/framing.ts";
export { fromGpt2, toGpt2 } from "./interchange/gpt2.ts";
export { fromHuggingFace, toHuggingFace } from "./interchange/hugging_face.ts";
export {
  fromSentencePiece,
  toSentencePiece,
} from "./interchange/hugging_face_sentencepiece.ts";
export {
  type FileFormat,
  type ParsedTokenizer,
  parseTokenizer,
  type TokenizerOptions,
} from "./interchange/parse_tokenizer.ts";
export { fromTiktoken, toTiktoken } from "./interchange/tiktoken.ts";
export {
  NORMALIZER_RULES,
  type NormalizerSettings,
  OPT_IN_RULES,
  PTBRNormalizer,
} from "./normalizer.ts";
export { PRE_TOKENIZERS, type PreTokenizer } from "./pre_tokenizer.ts";
export { StreamDecoder } from "./stream_decoder.ts";
export {
  type DecodeOptions,
  identityOf,
  MAX_VOCAB_SIZE,
  Tokenizer,
  Vocab,
} from "./tokenizer.ts";
export { SentencePieceTokenizer } from "./sentencepiece/sentencepiece_tokenizer.ts";
export {
  type Prefix,
  PREFIXES,
  type SentencePieceFields,
  SentencePieceVocab,
} from "./sentencepiece/sentencepiece_vocab.ts";
export {
  type AnyVocab,
  parseVocab,
  tokenizerOf,
} from "./vocab/any_tokenizer.ts";
export { WorldTokenizer } from "./world/world_tokenizer.ts";
export { WorldVocab } from "./world/world_vocab.ts";
