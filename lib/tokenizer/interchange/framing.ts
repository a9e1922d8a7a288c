/**
 * Which special tokens of a vocabulary from elsewhere begin and end a document.
 * They get [BOS] and [EOS] as second names, by which every stage finds them;
 * ids stay as they are.
 *
 * @module
 */

import { type Imported, shown } from "./exchange.ts";

/** Names of the tokens at the ends of a document. */
export interface Frame {
  /** What begins it. */
  readonly bos?: string;
  /** What ends it. */
  readonly eos?: string;
}

/** A vocabulary whose special tokens can get other names. */
interface Renamable<V> {
  readonly specialTokens: ReadonlyMap<string, number>;
  withSpecialTokens(tokens: ReadonlyMap<string, number>): V;
}

/** What other programs call the two. */
const USUAL: Readonly<Record<keyof Frame, readonly string[]>> = {
  bos: [
    "<s>",
    "<bos>",
    "<|begin_of_text|>",
    "<|startoftext|>",
    "<|begin▁of▁sentence|>",
  ],
  eos: [
    "</s>",
    "<eos>",
    "<|end_of_text|>",
    "<|endoftext|>",
    "<|end▁of▁sentence|>",
  ],
};

/**
 * Names the two ends of documents [BOS] and [EOS]: those that are asked for,
 * else those that the file frames texts with, else those of usual names. Where
 * there is but one, as GPT-2 and GPT-NeoX have, it is both.
 *
 * @param imported A vocabulary from elsewhere.
 * @param asked Names to be used whatever the file says.
 * @returns The vocabulary with the names, and a note that says which.
 * @throws {RangeError} When it has no special token of a name asked for.
 *
 * @example
 * ```ts
 * import { framed } from "./framing.ts";
 * import { fromTiktoken } from "./tiktoken.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
 * const ranks = bytes.map((byte, id) => `${byte.toBase64()} ${id}\n`).join("");
 * const names = new Map([["<|endoftext|>", 256]]);
 * const { vocab } = framed(fromTiktoken(ranks, names));
 * assertEquals([vocab.specialId("[BOS]"), vocab.specialId("[EOS]")], [256, 256]);
 * ```
 */
export function framed<V extends Renamable<V>>(
  imported: Imported<V>,
  asked: Frame = {},
): Imported<V> {
  const { vocab, notes, frame = {} } = imported;
  const { specialTokens } = vocab;
  const found = (end: keyof Frame): string | undefined => {
    const name = asked[end];
    if (name !== undefined) {
      if (specialTokens.has(name)) return name;
      throw new RangeError(
        `Cannot use ${shown(name)} as [${end.toUpperCase()}]: the tokenizer ` +
          "has no special token of that name",
      );
    }
    const own = `[${end.toUpperCase()}]`;
    return [own, frame[end], ...USUAL[end]].find((name) =>
      name !== undefined && specialTokens.has(name)
    );
  };
  const bos = found("bos") ?? found("eos"), eos = found("eos") ?? bos;
  if (bos === undefined || eos === undefined) return imported;
  if (bos === "[BOS]" && eos === "[EOS]") return imported;
  const named = new Map(specialTokens);
  named.set("[BOS]", specialTokens.get(bos)!);
  named.set("[EOS]", specialTokens.get(eos)!);
  return {
    ...imported,
    vocab: vocab.withSpecialTokens(named),
    notes: [...notes, `[BOS] is ${shown(bos)} and [EOS] is ${shown(eos)} here`],
  };
}
