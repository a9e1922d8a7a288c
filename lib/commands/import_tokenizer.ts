/**
 * `import-tokenizer`: another program's vocabulary to ours.
 *
 * @module
 */

import { importTokenizer as importOne } from "../stages/import_tokenizer.ts";
import { portuguese } from "./import_tokenizer.pt.ts";
import type { Command } from "./shared/command.ts";
import { count, sayError, t } from "./shared/language.ts";
import {
  requiredText,
  stageValues,
  text,
  UsageError,
} from "./shared/options.ts";

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
  portuguese,
  examples: [
    "--input data/hf/tokenizer.json --output data/tokenizer.json",
    "--input data/gpt2 --output data/tokenizer.json",
    '--input data/a.tiktoken --output data --special-tokens "[BOS]=0,[EOS]=1"',
  ],
  notes:
    `Reads Hugging Face's tokenizer.json, tiktoken's ranks, GPT-2's vocab.json
and merges.txt, the text of RWKV's World vocabularies, and the tokenizer.json
of the original Rust program; which it is shows in the content. Ids stay as
they are. Byte-level vocabularies split as GPT-2, Llama 3, Qwen 2 or SmolLM and
SentencePiece's with byte fallback (Llama 2, Mistral) give the same ids here;
others are refused.`,
  async run(values, output) {
    const result = await importOne({
      ...stageValues(values),
      specialTokens: specialTokensOf(values["special-tokens"]),
    });
    const { tokenizer, vocabSize, merges, specialTokens } = result;
    for (const note of result.notes) output.warn(sayError(note));
    const missing = ["[BOS]", "[EOS]"].filter((name) =>
      !(name in specialTokens)
    );
    if (missing.length > 0) {
      output.note(
        t`It has no special token to frame documents with, as tokenize does: ${
          missing.join(", ")
        }; --bos and --eos say which these are`,
      );
    }
    output.print(
      t`${tokenizer}: ${count(vocabSize)} [id|ids], ${
        count(merges)
      } [merge|merges], ${
        count(Object.keys(specialTokens).length)
      } [special token|special tokens]`,
    );
    return { ...result };
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
