/**
 * `train-tokenizer`: text to a vocabulary.
 *
 * @module
 */

import { AtomicFile } from "../files.ts";
import { type InputFile, listTextFiles, totalSize } from "../input_files.ts";
import { BPETrainer, MIN_VOCAB_SIZE } from "../tokenizer/bpe/bpe_trainer.ts";
import { identityOf, MAX_VOCAB_SIZE } from "../tokenizer/tokenizer.ts";
import { NORMALIZER_RULES, PTBRNormalizer } from "../tokenizer/normalizer.ts";
import {
  readTextChunks,
  takeBytes,
  type TextChunk,
} from "../corpus/documents/text_chunks.ts";
import { countWords, type WordCount } from "../tokenizer/count/word_counter.ts";
import {
  readWordCount,
  type WordCountSource,
  writeWordCount,
} from "../tokenizer/count/word_counter_file.ts";
import { usefulThreads } from "../workers.ts";
import type { Command } from "./shared/command.ts";
import {
  choice,
  flag,
  integer,
  type Option,
  requiredText,
  text,
  TEXT_INPUT,
  THREADS,
  UsageError,
  type Values,
} from "./shared/options.ts";
import { megabytes, type Output } from "./shared/output.ts";
import { placeIn } from "./shared/tokenizer_files.ts";

/** Where counted words are kept, beside the vocabulary. */
const COUNTS_NAME = "word-counts.bin";

const NORMALIZERS = {
  ptbr: () => new PTBRNormalizer(),
  nfc: () => PTBRNormalizer.only("nfc"),
  none: () => PTBRNormalizer.off(),
};

/** A number of bytes, as people write it. */
const limit: Option<number | undefined> = {
  value: "SIZE",
  description: "use so much of the corpus only, such as 500MB",
  parse(given, name) {
    const [, digits, unit] = /^(\d+(?:\.\d+)?) ?([kMG]?)B?$/.exec(given) ?? [];
    const factor = { "": 1, k: 1e3, M: 1e6, G: 1e9 }[unit];
    const bytes = Math.floor(Number(digits) * (factor ?? NaN));
    if (!Number.isSafeInteger(bytes) || bytes < 1) {
      throw new UsageError(`--${name} takes a size as 500MB, not "${given}"`);
    }
    return bytes;
  },
};

const options = {
  corpus: requiredText("PATH", TEXT_INPUT),
  output: requiredText("PATH", "tokenizer.json to write, or the folder for it"),
  "vocab-size": integer("ids in all: 5 special tokens, 256 bytes, merges", {
    default: 32_000,
    min: MIN_VOCAB_SIZE,
    max: MAX_VOCAB_SIZE,
  }),
  "min-frequency": integer("how often a pair must occur to become a token", {
    default: 2,
    min: 1,
  }),
  normalizer: choice(
    ["ptbr", "nfc", "none"],
    "what text is brought to, stored in the file",
    { default: "ptbr" },
  ),
  keep: text(
    "RULES",
    `what it leaves alone, some of ${NORMALIZER_RULES.join(",")}`,
  ),
  lowercase: flag("bring all text to small letters"),
  limit,
  counts: choice(
    ["auto", "new", "off"],
    `use and keep the counted words in ${COUNTS_NAME}, only keep them, neither`,
    { default: "auto" },
  ),
  ...THREADS,
};

/** The command. */
export const trainTokenizer: Command<typeof options> = {
  name: "train-tokenizer",
  summary: "Learn a vocabulary of byte pairs from text",
  options,
  examples: [
    "--corpus data/wiki_clean --output data/tokenizer.json",
    "--corpus data/livro.txt --output data --vocab-size 8000",
    "--corpus data/livros --output data --keep quotes,dashes --limit 1GB",
  ],
  notes: "The result depends on the text and the options alone, not on the " +
    "threads\nor the order of the files. A small text may give fewer ids." +
    "\nIn .jsonl files each line is an object whose text is a document." +
    "\n--limit takes the same share of every file, from its beginning." +
    `\nThe counted words stay beside the result, as ${COUNTS_NAME}, so that ` +
    "another\nsize of vocabulary for the same files is quick.",
  async run(values, output) {
    const trainer = new BPETrainer({
      vocabSize: values["vocab-size"],
      minFrequency: values["min-frequency"],
      normalizer: normalizerOf(values),
    });
    const { files } = await listTextFiles(values.corpus);
    const path = await placeIn(
      values.output,
      "tokenizer.json",
      /\.json$/,
    );
    // Created before anything is counted, so that a folder that cannot be
    // written to is noticed at once.
    await using file = await AtomicFile.create(path);
    const start = performance.now();
    const { count, counted } = await countOrRead(
      files,
      trainer.normalizer,
      path.replace(/[^/\\]*$/, COUNTS_NAME),
      values,
      output,
    );
    const { vocab, bytes, spacedWords, distinctWords, tokens } = await merge(
      trainer,
      count,
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
        megabytes(bytes)
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
      counted,
      seconds,
      mbPerSecond: bytes / 1e6 / seconds,
    };
  },
};

function normalizerOf(
  { normalizer, keep, lowercase }: Values<typeof options>,
): PTBRNormalizer {
  const settings: Record<string, boolean> = {
    ...NORMALIZERS[normalizer]().settings,
  };
  if (lowercase) settings.lowercase = true;
  for (const rule of keep?.split(",") ?? []) {
    if (!(rule in settings)) {
      throw new UsageError(
        `--keep takes some of ${NORMALIZER_RULES.join(",")}, not "${rule}"`,
      );
    }
    settings[rule] = false;
  }
  return new PTBRNormalizer(settings);
}

/** The corpus's words, from the file of an earlier run where it is one's. */
async function countOrRead(
  files: readonly InputFile[],
  normalizer: PTBRNormalizer,
  path: string,
  values: Values<typeof options>,
  output: Output,
): Promise<{ count: WordCount; counted: boolean }> {
  const { limit, counts } = values;
  const total = totalSize(files);
  const source = counts === "off"
    ? undefined
    : sourceOf(files, normalizer, limit);
  if (counts === "auto" && source !== undefined) {
    const count = await readWordCount(path, source).catch((error: Error) => {
      output.note(`${error.message}; counting anew`);
    });
    if (count !== undefined) {
      output.note(`The words were counted before, in ${path}`);
      return { count, counted: false };
    }
  }
  const wanted = Math.min(total, limit ?? Infinity);
  using progress = output.progress("Counting words");
  const count = await countWords(chunksOf(files, wanted / total), {
    normalizer,
    threads: values.threads ?? usefulThreads(wanted),
    onProgress: (bytes) => progress.update(bytes, wanted),
  });
  // Before the merging, which may be interrupted.
  if (source !== undefined) await writeWordCount(path, count, source);
  return { count, counted: true };
}

/** What tells this corpus from another; undefined where files have no times. */
function sourceOf(
  files: readonly InputFile[],
  normalizer: PTBRNormalizer,
  limit: number | undefined,
): WordCountSource | undefined {
  if (files.some(({ changed }) => changed === 0)) return undefined;
  const known = files.map(({ path, size, changed }) => ({
    path,
    size,
    time: changed,
  }));
  return { files: known, limit, normalizer: normalizer.settings };
}

/** The files' pieces, of each file the same share. */
async function* chunksOf(
  files: readonly InputFile[],
  share: number,
): AsyncGenerator<TextChunk> {
  if (share === 1) return yield* readTextChunks(files);
  for (const file of files) {
    yield* takeBytes(readTextChunks([file]), Math.floor(file.size * share));
  }
}

async function merge(
  trainer: BPETrainer,
  count: WordCount,
  output: Output,
): ReturnType<BPETrainer["trainWords"]> {
  using progress = output.progress("Merging");
  return await trainer.trainWords(count, {
    onProgress: (done, total) => progress.update(done, total),
  });
}
