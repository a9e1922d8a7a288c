/**
 * `export-tokenizer`: a vocabulary to another program's format.
 *
 * @module
 */

import {
  exportTokenizer as exportOne,
  TOKENIZER_FORMATS,
} from "../stages/export_tokenizer.ts";
import { portuguese } from "./export_tokenizer.pt.ts";
import type { Command } from "./shared/command.ts";
import { count, sayError, t } from "./shared/language.ts";
import { requiredChoice, requiredText, stageValues } from "./shared/options.ts";

const options = {
  tokenizer: requiredText("FILE", "the tokenizer.json, or its folder"),
  format: requiredChoice(TOKENIZER_FORMATS, "what to write"),
  output: requiredText(
    "PATH",
    "the file, or the folder for it; for gpt2 the folder",
  ),
};

/** The command. */
export const exportTokenizer: Command<typeof options> = {
  name: "export-tokenizer",
  summary: "Write a tokenizer for other programs",
  options,
  portuguese,
  examples: [
    "--tokenizer data/tokenizer.json --format hf --output data/hf/tokenizer.json",
    "--tokenizer data/tokenizer.json --format gpt2 --output data/gpt2",
  ],
  notes:
    `hf is Hugging Face's tokenizer.json, tiktoken its ranks, gpt2 vocab.json and
merges.txt. Ids are the same for text that is normalised already; what a format
cannot say is noted, and refused where ids would differ. hf carries the
normaliser but for the repair of mojibake and lower-casing, the others none of
it.`,
  async run(values, output) {
    const result = await exportOne(stageValues(values));
    for (const note of result.notes) output.warn(sayError(note));
    output.print(
      t`${result.files.join(", ")}: ${count(result.vocabSize)} [id|ids], ${
        count(result.merges)
      } [merge|merges]`,
    );
    return { ...result };
  },
};
