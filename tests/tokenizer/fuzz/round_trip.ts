/**
 * Random Unicode through the tokenizer and back. The suite runs a short form;
 * the long one:
 *
 *     deno run tests/tokenizer/fuzz/round_trip.ts 10000000
 *
 * A second argument is the seed, 1 by itself.
 *
 * @module
 */

import type { BPETokenizer } from "../../../lib/tokenizer/bpe/bpe_tokenizer.ts";
import { PTBRNormalizer } from "../../../lib/tokenizer/normalizer.ts";
import { Random } from "../../../lib/random.ts";
import { tokenizerOf } from "../trained.ts";

/** The longest random string, in characters. */
const LONGEST = 24;

/** What the merges are learned from: several scripts, marks and runs. */
const TEXT = `Não há vagas: a ação começou à meia-noite, e ninguém veio.
“Coração”, disse — e calou-se… 3,14 e 2.718; R$ 1.000,00 (mil reais)?
日本語のテキスト 日本 한국어 Ελληνικά Русский текст עברית العربية हिन्दी ไทย
👩‍👩‍👧‍👦 🇧🇷🇵🇹 ❤️ 👍🏽 e\u0301 a\u0303 c\u0327 \u00a0\u2003\u200b\ufeff \t\t  \r\n   \n\n
if (a[0] != b->c) { return x++; } // '''"""\`\`\` ==== ---- ****
`;

/**
 * A tokenizer that normalises nothing and has merges across all kinds of
 * bytes.
 */
export async function fuzzTokenizer(): Promise<BPETokenizer> {
  const normalizer = PTBRNormalizer.off();
  return await tokenizerOf(TEXT.repeat(3), { vocabSize: 900, normalizer });
}

/** Every code point that can stand alone in text: all but the surrogates. */
export function* codePoints(): Generator<string> {
  for (let code = 0; code < 0x110000; code++) {
    if (code === 0xd800) code = 0xe000;
    yield String.fromCodePoint(code);
  }
}

/**
 * Random strings of every kind: ASCII, accents, any plane, blanks, marks that
 * combine, lone surrogates, pieces of the text that was learned.
 *
 * @param count How many.
 * @param seed Which.
 */
export function* randomStrings(
  count: number,
  seed: number,
): Generator<string> {
  const random = new Random(seed);
  for (let i = 0; i < count; i++) {
    let text = "";
    for (let length = random.next() % (LONGEST + 1); length > 0; length--) {
      text += randomPiece(random);
    }
    yield text;
  }
}

const BLANKS =
  " \t\n\r\v\f\u0085\u00a0\u1680\u2003\u2028\u2029\u202f\u3000\ufeff";

/** A character of any kind, or a few of a text. */
export function randomPiece(random: Random, text = TEXT): string {
  const draw = random.next(), kind = draw & 15, value = draw >>> 4;
  switch (kind) {
    case 0:
    case 1:
    case 2:
    case 3:
      return String.fromCharCode(0x20 + value % 0x5f);
    case 4:
    case 5:
      return String.fromCharCode(0x80 + value % 0x780);
    case 6:
      return BLANKS[value % BLANKS.length];
    case 7:
      return " ";
    case 8:
      return String.fromCharCode(0x300 + value % 0x70);
    case 9:
      return String.fromCharCode(value % 0x20);
    case 10:
      return String.fromCharCode(0xd800 + value % 0x800);
    case 11:
    case 12:
      return text.slice(value % text.length).slice(0, value % 7);
    default: // any code point, surrogates among them
      return String.fromCodePoint(value % 0x110000);
  }
}

/**
 * Encodes and decodes strings, comparing texts, bytes and counts.
 *
 * @param tokenizer One that normalises nothing.
 * @param strings Any strings; a lone surrogate comes back as U+FFFD.
 * @returns How many strings and bytes there were.
 * @throws {Error} At the first string that does not come back.
 */
export function checkRoundTrips(
  tokenizer: BPETokenizer,
  strings: Iterable<string>,
): { strings: number; bytes: number } {
  const encoder = new TextEncoder();
  const utf8 = new Uint8Array(2 ** 16);
  let count = 0, bytes = 0;
  for (const string of strings) {
    const ids = tokenizer.encode(string);
    const { written } = encoder.encodeInto(string, utf8);
    let at = 0;
    for (const id of ids) {
      for (const byte of tokenizer.bytesOf(id)) {
        if (byte !== utf8[at++]) throw failure(string, ids);
      }
    }
    if (
      at !== written || tokenizer.decode(ids) !== string.toWellFormed() ||
      tokenizer.count(string) !== ids.length
    ) throw failure(string, ids);
    count++;
    bytes += written;
  }
  return { strings: count, bytes };
}

function failure(string: string, ids: Uint16Array): Error {
  return new Error(
    `Cannot bring back ${JSON.stringify(string)}: its ids are ${ids}`,
  );
}

if (import.meta.main) {
  const [count = 1e7, seed = 1] = Deno.args.map(Number);
  const start = performance.now();
  const tokenizer = await fuzzTokenizer();
  const points = checkRoundTrips(tokenizer, codePoints());
  const random = checkRoundTrips(tokenizer, randomStrings(count, seed));
  console.log(
    `${points.strings} code points and ${random.strings} random strings, ${random.bytes} bytes, came back exactly in ${
      ((performance.now() - start) / 1000).toFixed(0)
    } s`,
  );
}
