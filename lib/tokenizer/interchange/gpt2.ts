/**
 * GPT-2's two files: `vocab.json`, every token's id, and `merges.txt`, a pair
 * of tokens a line.
 *
 * They say neither how text is normalised nor which tokens are special: an
 * entry that is no byte and that no merge makes is read as special.
 *
 * @module
 */

import type { BPEVocab } from "../bpe/bpe_vocab.ts";
import { PTBRNormalizer } from "../normalizer.ts";
import { malformed, parseJson, record } from "../parsing.ts";
import { fromCharacters } from "./byte_characters.ts";
import {
  checkPlain,
  type Exported,
  type Imported,
  listed,
  namesOf,
  normalizerNotes,
  unexportable,
  vocabOf,
} from "./exchange.ts";

const FORMAT = "gpt2";
/** What `merges.txt` opens with. */
const HEADER = "#version: 0.2";

/**
 * Writes a vocabulary as GPT-2's files.
 *
 * @returns `vocab.json` and `merges.txt`, and what they cannot say.
 * @throws {RangeError} When ids would not be the same.
 *
 * @example
 * ```ts
 * import { fromGpt2, toGpt2 } from "./gpt2.ts";
 * import { BPETrainer } from "../bpe/bpe_trainer.ts";
 * import { PTBRNormalizer } from "../normalizer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("o dia, o dia\n");
 * const normalizer = PTBRNormalizer.off();
 * const { vocab } = await new BPETrainer({ normalizer })
 *   .train([{ name: "a", bytes }]);
 * const { files: [ids, merges] } = toGpt2(vocab);
 * const { vocab: again } = fromGpt2(ids.content, merges.content);
 * assertEquals(again.toString(), vocab.toString());
 * ```
 */
export function toGpt2(vocab: BPEVocab): Exported {
  checkPlain(vocab, FORMAT);
  const names = namesOf(vocab, FORMAT);
  const known = new Set(vocab.specialTokens.values());
  vocab.merges.forEach((_, i) => known.add(vocab.madeBy(i)));
  vocab.tokens.forEach((bytes, id) => {
    if (bytes.length > 1 && !known.has(id)) {
      throw unexportable(
        FORMAT,
        `no merge makes token ${id}, so it would be read as a special token`,
      );
    }
  });
  const ids = Object.fromEntries(names.map((name, id) => [name, id]));
  const pairs = vocab.merges.map(([left, right]) =>
    `${names[left]} ${names[right]}\n`
  );
  const notes = normalizerNotes(vocab.normalizer);
  if (vocab.specialTokens.size > 0) {
    notes.push(
      `The format does not say that ${
        listed([...vocab.specialTokens.keys()])
      } are special: tell the program that reads it`,
    );
  }
  return {
    files: [
      { name: "vocab.json", content: JSON.stringify(ids) + "\n" },
      { name: "merges.txt", content: `${HEADER}\n${pairs.join("")}` },
    ],
    notes,
  };
}

/**
 * Reads GPT-2's files.
 *
 * @param vocabJson The text of `vocab.json` (`encoder.json`).
 * @param mergesText The text of `merges.txt` (`vocab.bpe`).
 * @returns The vocabulary, ids as they were, without a normaliser.
 * @throws {SyntaxError} When they are not such files.
 */
export function fromGpt2(vocabJson: string, mergesText: string): Imported {
  const file = parseJson(vocabJson, "vocab.json is not JSON");
  const ids = record(file, "vocab.json");
  const merges = [...readMerges(mergesText)];
  const made = new Set(merges.map(([left, right]) => left + right));
  const vocab = vocabOf({
    ids: Object.entries(ids),
    merges,
    special: (name) => !made.has(name) && fromCharacters(name)?.length !== 1,
    normalizer: PTBRNormalizer.off().settings,
  });
  const notes = ["The files name no normaliser: none is used"];
  if (vocab.specialTokens.size > 0) {
    notes.push(
      `Read as special tokens, for no merge makes them: ${
        listed([...vocab.specialTokens.keys()])
      }`,
    );
  }
  return { vocab, notes };
}

function* readMerges(text: string): Generator<[string, string]> {
  let number = 0;
  for (const line of text.split(/\r?\n/)) {
    number++;
    if (line === "" || (number === 1 && line.startsWith("#version"))) continue;
    const [left, right, ...more] = line.split(" ");
    if (!left || !right || more.length > 0) {
      throw malformed(`line ${number} of merges.txt is not a pair of tokens`);
    }
    yield [left, right];
  }
}
