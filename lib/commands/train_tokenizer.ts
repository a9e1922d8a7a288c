/**
 * `train-tokenizer`: text to a vocabulary.
 *
 * @module
 */

import { MIN_VOCAB_SIZE } from "../tokenizer/bpe/bpe_trainer.ts";
import { NORMALIZER_RULES, PTBRNormalizer } from "../tokenizer/normalizer.ts";
import { MAX_VOCAB_SIZE } from "../tokenizer/tokenizer.ts";
import {
  COUNTS_NAME,
  trainTokenizer as train,
} from "../stages/train_tokenizer.ts";
import type { Command } from "./shared/command.ts";
import { noteLeftOut } from "./shared/documents.ts";
import { onInterrupt, unlessInterrupted } from "./shared/interrupt.ts";
import { count, decimals, sayError, t } from "./shared/language.ts";
import {
  choice,
  flag,
  integer,
  type Option,
  requiredText,
  stageValues,
  text,
  TEXT_INPUT,
  THREADS,
  UsageError,
  type Values,
} from "./shared/options.ts";
import { filesOf, megabytes } from "./shared/output.ts";
import { placeIn } from "../stages/tokenizer_files.ts";
import { portuguese } from "./train_tokenizer.pt.ts";

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
  portuguese,
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
    using interrupt = onInterrupt(output, t`stopping`);
    const normalizer = normalizerOf(values);
    const path = await placeIn(values.output, "tokenizer.json", /\.json$/);
    using progress = output.progress("train-tokenizer");
    const result = await unlessInterrupted(
      interrupt,
      train({
        ...stageValues(values, "keep", "lowercase"),
        output: path,
        vocabSize: values["vocab-size"],
        minFrequency: values["min-frequency"],
        normalizer,
        signal: interrupt.signal,
        onFiles: (files) => noteLeftOut(files, output),
        onCounted: (path) =>
          output.note(t`The words were counted before, in ${path}`),
        onUseless: (error) =>
          output.note(t`${sayError(error.message)}; counting anew`),
        onProgress: ({ phase, done, total }) =>
          progress.update(
            done,
            total,
            phase === "merging"
              ? t`merging`
              : phase === "counting"
              ? t`counting words`
              : t`comparing with earlier counts`,
          ),
      }),
    );
    if (result === undefined) {
      output.print(t`interrupted; no tokenizer was written`);
      return { complete: false, tokenizer: path };
    }
    if (result.vocabSize < values["vocab-size"]) {
      output.note(
        t`The text has pairs for ${
          count(result.vocabSize)
        } [id|ids] only, not ${count(values["vocab-size"])}`,
      );
    }
    output.print(
      t`${path}: ${count(result.vocabSize)} [id|ids] from ${
        filesOf(result.files)
      }, ${megabytes(result.bytes)} MB in ${decimals(result.seconds, 1)} s; ${
        decimals(result.tokensPerWord, 2)
      } tokens a word`,
    );
    return { ...result };
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
