/**
 * Small vocabularies for the tests of the exchange formats.
 *
 * @module
 */

import { BPEVocab } from "../../../lib/tokenizer/bpe/bpe_vocab.ts";
import { PTBRNormalizer } from "../../../lib/tokenizer/normalizer.ts";
import { tokenizerOf } from "../trained.ts";

/** Portuguese with accents, numbers, contractions and blanks. */
export const TEXT = Array.from(
  { length: 60 },
  (_, i) =>
    `No dia ${i * 37}, à tardinha, a professora não quis dizer a ninguém ` +
    `que o coração da cidade parou: 🇧🇷 às ${i % 24}h. it's we've\t ok\n\n`,
).join("");

/** A vocabulary learnt from {@linkcode TEXT}. */
export async function trained(
  normalizer: PTBRNormalizer = PTBRNormalizer.only("nfc"),
): Promise<BPEVocab> {
  return (await tokenizerOf(TEXT, { vocabSize: 700, normalizer })).vocab;
}

/** The bytes 0 to 255 as tokens of the same ids, then what is given. */
export function bytesAnd(...more: (number[] | string)[]): Uint8Array[] {
  return [
    ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
    ...more.map((token) =>
      typeof token === "string"
        ? new TextEncoder().encode(token)
        : Uint8Array.from(token)
    ),
  ];
}

/** A vocabulary of {@linkcode bytesAnd} with GPT-2's splitting. */
export function vocabWith(
  tokens: Uint8Array[],
  merges: [number, number][],
  special: [string, number][] = [],
): BPEVocab {
  return new BPEVocab({
    tokens,
    merges,
    specialTokens: new Map(special),
    preTokenizer: "gpt2",
    normalizer: PTBRNormalizer.off().settings,
  });
}

/** The original program's vocabulary: its splitting, bytes first. */
export const ORIGINAL_FILE = JSON.stringify({
  id_to_token: [
    ...Array.from({ length: 256 }, (_, byte) => [byte]),
    ...["[PAD]", "[UNK]", "[BOS]", "[EOS]", "[SEP]"].map((name) => [
      ...new TextEncoder().encode(name),
    ]),
    [100, 101],
    [0xc4, 0xa0],
    [0xc4, 0xa0, 100, 101],
    [100, 101],
  ],
  merges: [[100, 101], [196, 160], [262, 264]],
  special_tokens: {
    "[PAD]": 256,
    "[UNK]": 257,
    "[BOS]": 258,
    "[EOS]": 259,
    "[SEP]": 260,
  },
});
