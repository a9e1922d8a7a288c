/**
 * `export-tokenizer`: a vocabulary to another program's format.
 *
 * @module
 */

import { withoutSlash, writeFileAtomic } from "../files.ts";
import { BPEVocab } from "../tokenizer/bpe/bpe_vocab.ts";
import type { Exported } from "../tokenizer/interchange/exchange.ts";
import { toGpt2 } from "../tokenizer/interchange/gpt2.ts";
import { toHuggingFace } from "../tokenizer/interchange/hugging_face.ts";
import { toTiktoken } from "../tokenizer/interchange/tiktoken.ts";
import type { Command } from "./shared/command.ts";
import { requiredChoice, requiredText } from "./shared/options.ts";
import {
  checkApart,
  placeIn,
  readTokenizerFile,
} from "../stages/tokenizer_files.ts";

const FORMATS: Record<
  "hf" | "tiktoken" | "gpt2",
  (vocab: BPEVocab) => Exported
> = { hf: toHuggingFace, tiktoken: toTiktoken, gpt2: toGpt2 };

const options = {
  tokenizer: requiredText("FILE", "the tokenizer.json, or its folder"),
  format: requiredChoice(["hf", "tiktoken", "gpt2"], "what to write"),
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
  examples: [
    "--tokenizer data/tokenizer.json --format hf --output data/hf/tokenizer.json",
    "--tokenizer data/tokenizer.json --format gpt2 --output data/gpt2",
  ],
  notes: "hf is Hugging Face's tokenizer.json, tiktoken its ranks, gpt2" +
    "\nvocab.json and merges.txt. Ids are the same for text that is normalised" +
    "\nalready; what a format cannot say is noted, and refused where ids would" +
    "\ndiffer. hf carries the normaliser but for the repair of mojibake and" +
    "\nlower-casing, the others none of it.",
  async run({ tokenizer, format, output: place }, output) {
    const { vocab, path } = await readTokenizerFile(tokenizer);
    if (!(vocab instanceof BPEVocab)) {
      throw new RangeError(
        `Cannot export to ${format}: a vocabulary of longest matches has no merges`,
      );
    }
    const { files, notes } = FORMATS[format](vocab);
    const paths: string[] = [];
    for (const { name } of files) {
      const to = files.length > 1
        ? `${withoutSlash(place)}/${name}`
        : await placeIn(place, name);
      await checkApart(to, path);
      paths.push(to);
    }
    for (const [i, { content }] of files.entries()) {
      await writeFileAtomic(paths[i], content);
    }
    for (const note of notes) output.note(note);
    output.print(
      `${paths.join(", ")}: ${vocab.size} ids, ${vocab.merges.length} merges`,
    );
    return {
      tokenizer: path,
      format,
      files: paths,
      vocabSize: vocab.size,
      merges: vocab.merges.length,
      notes,
    };
  },
};
