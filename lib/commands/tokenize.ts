/**
 * `tokenize`: text and a vocabulary to a dataset.
 *
 * @module
 */

import { tokenize as tokenizeText } from "../stages/tokenize.ts";
import type { Command } from "./shared/command.ts";
import {
  ABOUT_DOCUMENTS,
  DOCUMENTS,
  noteDocuments,
} from "./shared/documents.ts";
import { onInterrupt, unlessInterrupted } from "./shared/interrupt.ts";
import { count, decimals, t } from "./shared/language.ts";
import {
  decimal,
  flag,
  requiredText,
  stageValues,
  TEXT_INPUT,
  THREADS,
} from "./shared/options.ts";
import { PassBars } from "./shared/pass_bars.ts";
import { portuguese } from "./tokenize.pt.ts";

const options = {
  input: requiredText("PATH", TEXT_INPUT),
  output: requiredText(
    "FOLDER",
    "where the token files, dataset.json and tokenizer.json go",
  ),
  tokenizer: requiredText(
    "FILE",
    "the tokenizer.json or its folder, or a World vocabulary",
  ),
  ...DOCUMENTS,
  "val-fraction": decimal("share of the text held out; 0 for none", {
    default: 0.01,
    max: 0.9,
  }),
  "keep-bytes": flag("keep bytes that are not UTF-8, as tokens of one byte"),
  ...THREADS,
};

/** The command. */
export const tokenize: Command<typeof options> = {
  name: "tokenize",
  summary: "Turn text into tokens to train on",
  options,
  portuguese,
  examples: [
    "--input data/wiki_clean --output data/tokenized --tokenizer data/tokenizer.json",
  ],
  notes: `${ABOUT_DOCUMENTS}

Each document is framed by [BOS] and [EOS]. Whole ones are held out, as many as
come nearest to the share of the text's bytes, in the order of a hash of their
text: so they stay on their side from run to run. Any number of threads gives
the same files.

Text that is not UTF-8 is refused, with the file's name, and nothing is
written: clean-corpus converts such files. With --keep-bytes the broken bytes
become tokens of one byte each, and the rest is read as usual.`,
  async run(values, output) {
    using interrupt = onInterrupt(output, t`stopping`);
    using bars = new PassBars(output);
    const result = await unlessInterrupted(
      interrupt,
      tokenizeText({
        ...stageValues(values),
        valFraction: values["val-fraction"],
        keepBytes: values["keep-bytes"],
        signal: interrupt.signal,
        onFiles: (files) => noteDocuments(files, output),
        onProgress: ({ phase, done, total }) =>
          phase === "choosing"
            ? bars.update(t`choosing what is held out`, done, total)
            // Until the first batch is there, nobody knows how fast it goes.
            : bars.update("tokenize", done, done === 0 ? 0 : total),
      }),
    );
    if (result === undefined) {
      output.print(t`interrupted; nothing was written`);
      return { complete: false, output: values.output };
    }
    if (result.valTokens === 0 && values["val-fraction"] > 0) {
      output.note(
        t`Nothing is held out: all the text is one work, or copies of one, and a work stays whole`,
      );
    }
    if (result.heldOutShare > 2 * values["val-fraction"] + 0.05) {
      output.note(
        t`Much is held out, as a document stays whole; --val-fraction 0 holds out nothing`,
      );
    }
    if (result.keptBytes > 0) {
      output.note(
        t`Bytes that are not UTF-8 and were kept: ${count(result.keptBytes)}`,
      );
    }
    const share = decimals(100 * result.heldOutShare, 2);
    output.print(
      t`${result.output}: ${
        count(result.trainTokens)
      } [token|tokens] to train on, ${
        count(result.valTokens)
      } held out (${share} % of the text), of ${
        count(result.documents)
      } [document|documents] in ${decimals(result.seconds, 1)} s; ${
        decimals(result.tokensPerWord, 2)
      } tokens a word`,
    );
    return { ...result };
  },
};
