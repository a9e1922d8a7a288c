/**
 * The splitting of text as Hugging Face's files say it.
 *
 * @module
 */

import { isRecord } from "../parsing.ts";
import { PRE_TOKENIZERS, type PreTokenizer } from "../pre_tokenizer.ts";

/** Bytes as characters, and with `use_regex` GPT-2's pattern before. */
function byteLevel(use_regex: boolean): object {
  return {
    type: "ByteLevel",
    add_prefix_space: false,
    trim_offsets: false,
    use_regex,
  };
}

/** A pattern's words, then their bytes as characters. */
function byPattern(digits: string): object {
  const Regex = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+" +
    `|\\p{N}${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+` +
    "|\\s+(?!\\S)|\\s+";
  return {
    type: "Sequence",
    pretokenizers: [
      {
        type: "Split",
        pattern: { Regex },
        behavior: "Isolated",
        invert: false,
      },
      byteLevel(false),
    ],
  };
}

const SAID: Partial<Record<PreTokenizer, object>> = {
  gpt2: byteLevel(true),
  "gpt2-digits": {
    type: "Sequence",
    pretokenizers: [
      { type: "Digits", individual_digits: true },
      byteLevel(true),
    ],
  },
  llama3: byPattern("{1,3}"),
  qwen2: byPattern(""),
};

/**
 * Says a splitting.
 *
 * @returns The value of `pre_tokenizer` in the file; undefined for a splitting
 * that only our own file can say.
 *
 * @example
 * ```ts
 * import { saySplitting, understandSplitting } from "./splittings.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(understandSplitting(saySplitting("llama3")), "llama3");
 * assertEquals(saySplitting("original"), undefined);
 * ```
 */
export function saySplitting(kind: PreTokenizer): object | undefined {
  return SAID[kind];
}

/**
 * Understands a splitting that {@linkcode saySplitting} can say.
 *
 * @param value The value of `pre_tokenizer` in a file.
 * @returns Its name; undefined for another.
 */
export function understandSplitting(value: unknown): PreTokenizer | undefined {
  const said = JSON.stringify(essential(value));
  return PRE_TOKENIZERS.find((kind) =>
    SAID[kind] !== undefined && JSON.stringify(essential(SAID[kind])) === said
  );
}

/** A step, or a sequence of them, without what makes no other ids. */
function essential(value: unknown): unknown {
  if (!isRecord(value)) return undefined;
  const { type, pretokenizers } = value;
  if (type === "Sequence" && Array.isArray(pretokenizers)) {
    const steps = pretokenizers.map(essential);
    return steps.length === 1 ? steps[0] : steps;
  }
  if (type === "ByteLevel") {
    const { add_prefix_space, use_regex = true } = value;
    return { type, add_prefix_space, use_regex };
  }
  if (type === "Digits") {
    return { type, individual_digits: value.individual_digits };
  }
  const { pattern, behavior, invert } = value;
  return { type, pattern, behavior, invert };
}
