/**
 * `train-tokenizer`: text to a vocabulary.
 *
 * @module
 */

import { listTextFiles, readTextChunks } from "../dataset/text_files.ts";
import { AtomicFile } from "../files.ts";
import {
  BPETrainer,
  MAX_VOCAB_SIZE,
  MIN_VOCAB_SIZE,
} from "../tokenizer/bpe_trainer.ts";
import { identityOf } from "../tokenizer/bpe_vocab.ts";
import { PTBRNormalizer } from "../tokenizer/normalizer.ts";
import {
  choice,
  type Command,
  defineCommand,
  integer,
  text,
} from "./command.ts";
import type { Output } from "./output.ts";

/** A further thread pays from about so many bytes on. */
const BYTES_A_THREAD = 4e6;

const NORMALIZERS = {
  ptbr: () => new PTBRNormalizer(),
  nfc: () => PTBRNormalizer.only("nfc"),
  none: () => PTBRNormalizer.off(),
};

const options = {
  corpus: text("PATH", "text file, or folder of .txt and .md files", {
    required: true,
  }),
  output: text("PATH", "tokenizer.json to write, or the folder for it", {
    required: true,
  }),
  "vocab-size": integer("ids in all: 5 special tokens, 256 bytes, merges", {
    defaultValue: 32_000,
    min: MIN_VOCAB_SIZE,
    max: MAX_VOCAB_SIZE,
  }),
  "min-frequency": integer("how often a pair must occur to become a token", {
    defaultValue: 2,
    min: 1,
  }),
  normalizer: choice(
    ["ptbr", "nfc", "none"],
    "what text is brought to, stored in the file",
    { defaultValue: "ptbr" },
  ),
};

/** The command. */
export const trainTokenizer: Command<typeof options> = defineCommand({
  name: "train-tokenizer",
  summary: "Learn a vocabulary of byte pairs from text",
  options,
  examples: [
    "--corpus data/wiki_clean --output data/tokenizer.json",
    "--corpus data/livro.txt --output data --vocab-size 8000",
  ],
  notes: "The result depends on the text and the options alone, not on the " +
    "threads\nor the order of the files. A small text may give fewer ids.",
  async run(values, output) {
    const files = await listTextFiles(values.corpus);
    const total = files.reduce((sum, { size }) => sum + size, 0);
    const path = await tokenizerPath(values.output);
    // Made first: a folder that cannot be written to is best known now.
    await using file = await AtomicFile.create(path);
    const start = performance.now();
    const trainer = new BPETrainer({
      vocabSize: values["vocab-size"],
      minFrequency: values["min-frequency"],
      normalizer: NORMALIZERS[values.normalizer](),
    });
    const { vocab, bytes, spacedWords, distinctWords, tokens } = await train(
      trainer,
      readTextChunks(files),
      values.threads ?? usefulThreads(total),
      total,
      output,
    );
    await file.write(new TextEncoder().encode(vocab.toString()));
    await file.commit();
    const seconds = (performance.now() - start) / 1000;
    const tokensPerWord = tokens / spacedWords;
    if (vocab.size < trainer.vocabSize) {
      output.note(
        `The text has pairs for ${vocab.size} ids only, not ${trainer.vocabSize}`,
      );
    }
    output.print(
      `${path}: ${vocab.size} ids from ${files.length} files, ${
        (bytes / 1e6).toFixed(1)
      } MB in ${seconds.toFixed(1)} s; ${
        tokensPerWord.toFixed(2)
      } tokens a word`,
    );
    return {
      tokenizer: path,
      sha256: await identityOf(vocab),
      vocabSize: vocab.size,
      merges: vocab.merges.length,
      files: files.length,
      bytes,
      words: spacedWords,
      distinctWords,
      tokens,
      tokensPerWord,
      seconds,
      mbPerSecond: bytes / 1e6 / seconds,
    };
  },
});

async function train(
  trainer: BPETrainer,
  chunks: ReturnType<typeof readTextChunks>,
  threads: number,
  bytes: number,
  output: Output,
): ReturnType<BPETrainer["train"]> {
  using counting = output.progress("Counting words");
  using merging = output.progress("Merging");
  return await trainer.train(chunks, {
    threads,
    onProgress: (stage, done, total = bytes) =>
      stage === "count"
        ? counting.update(done, total)
        : merging.update(done, total),
  });
}

function usefulThreads(bytes: number): number {
  return Math.min(
    navigator.hardwareConcurrency,
    1 + Math.floor(bytes / BYTES_A_THREAD),
  );
}

/** A path that is no `.json` means the folder. */
async function tokenizerPath(output: string): Promise<string> {
  const isFolder = await Deno.stat(output).then(
    ({ isDirectory }) => isDirectory,
    () => !output.endsWith(".json"),
  );
  return isFolder
    ? `${output.replace(/(?<=.)[/\\]+$/, "")}/tokenizer.json`
    : output;
}
