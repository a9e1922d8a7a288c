/**
 * `import-tokenizer`: another program's vocabulary to ours.
 *
 * @module
 */

import { BPEVocab } from "../tokenizer/bpe/bpe_vocab.ts";
import { identityOf } from "../tokenizer/tokenizer.ts";
import { writeVocab } from "../tokenizer/vocab/vocab_file.ts";
import type { Command } from "./shared/command.ts";
import { requiredText, text, UsageError } from "./shared/options.ts";
import {
  checkApart,
  placeIn,
  readTokenizerFile,
} from "../stages/tokenizer_files.ts";

const options = {
  input: requiredText(
    "PATH",
    "the file, either of GPT-2's two, or their folder",
  ),
  output: requiredText("FILE", "tokenizer.json to write, or the folder for it"),
  "special-tokens": text(
    "NAME=ID,...",
    "special tokens of tiktoken's format, which has none",
  ),
  bos: text("NAME", "the special token that begins a document"),
  eos: text("NAME", "the special token that ends a document"),
};

/** The command. */
export const importTokenizer: Command<typeof options> = {
  name: "import-tokenizer",
  summary: "Use another program's tokenizer",
  options,
  examples: [
    "--input data/hf/tokenizer.json --output data/tokenizer.json",
    "--input data/gpt2 --output data/tokenizer.json",
    '--input data/a.tiktoken --output data --special-tokens "[BOS]=0,[EOS]=1"',
  ],
  notes: "Reads Hugging Face's tokenizer.json, tiktoken's ranks, GPT-2's" +
    "\nvocab.json and merges.txt, the text of RWKV's World vocabularies, and the" +
    "\ntokenizer.json of the original Rust program; which it is shows in the content. Ids stay as they are. Only" +
    "\nbyte-level vocabularies split as GPT-2, Llama 3, Qwen 2 or SmolLM give the same ids" +
    "\nhere; others are refused.",
  async run({ input, output: place, ...values }, output) {
    const specialTokens = specialTokensOf(values["special-tokens"]);
    const { vocab, notes, format, path } = await readTokenizerFile(
      input,
      { specialTokens, bos: values.bos, eos: values.eos },
    );
    const to = await placeIn(place, "tokenizer.json");
    await checkApart(to, path);
    await writeVocab(to, vocab);
    for (const note of notes) output.note(note);
    const missing = ["[BOS]", "[EOS]"].filter((name) =>
      !vocab.specialTokens.has(name)
    );
    if (missing.length > 0) {
      output.note(
        `It has no ${missing.join(" and no ")}, which tokenize frames with; ` +
          "--bos and --eos say which special tokens these are",
      );
    }
    const merges = vocab instanceof BPEVocab ? vocab.merges.length : 0;
    output.print(
      `${to}: ${vocab.size} ids, ${merges} merges, ` +
        `${vocab.specialTokens.size} special tokens`,
    );
    return {
      input: path,
      format,
      tokenizer: to,
      sha256: await identityOf(vocab),
      vocabSize: vocab.size,
      merges,
      specialTokens: Object.fromEntries(vocab.specialTokens),
      notes,
    };
  },
};

function specialTokensOf(
  given: string | undefined,
): Map<string, number> | undefined {
  if (given === undefined) return undefined;
  const tokens = new Map<string, number>();
  for (const part of given.split(",")) {
    const [, name, digits] = part.match(/^(.+)=(\d{1,5})$/s) ?? [];
    if (name === undefined || tokens.has(name)) {
      throw new UsageError(
        `--special-tokens takes different NAME=ID, not "${part}"`,
      );
    }
    tokens.set(name, Number(digits));
  }
  if (new Set(tokens.values()).size < tokens.size) {
    throw new UsageError("--special-tokens gives two names one id");
  }
  return tokens;
}
