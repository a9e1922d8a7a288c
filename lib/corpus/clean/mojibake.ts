/**
 * Repairs of text that was decoded with the wrong character set: C1 controls
 * that were Windows-1252 punctuation, and UTF-8 that was read as Windows-1252
 * ("informaÃ§Ã£o"). Both give back what was written; no accent is ever lost.
 *
 * Run {@linkcode repairMojibake} first: it needs the five bytes that
 * {@linkcode repairC1} has to drop.
 *
 * @module
 */

/** What Windows-1252 puts at 0x80 … 0x9F; a space where it leaves a hole. */
const CP1252 = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ";

/** The byte of every character above U+00FF that Windows-1252 can write. */
const BYTE_OF = new Map(
  [...CP1252].map((char, i) => [char, 0x80 + i] as const)
    .filter(([char]) => char !== " "),
);

/**
 * Reads C1 control characters (U+0080 … U+009F) as the Windows-1252 characters
 * they were before somebody took the file for Latin-1: U+0097 is an em dash.
 * The five that Windows-1252 does not define are removed.
 *
 * @example
 * ```ts
 * import { repairC1 } from "./mojibake.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(repairC1("\u0097 Sim\u0085"), "— Sim…");
 * ```
 */
export function repairC1(text: string): string {
  return text.replace(
    /[\u0080-\u009f]/g,
    (char) => CP1252[char.charCodeAt(0) - 0x80].trim(),
  );
}

/** The first bytes that a mistaken reading turns into Â, Ã, â, ï, ð. */
const LEADS = /[\u00c2\u00c3\u00e2\u00ef\u00f0]/g;
/** Text read wrongly more often than this is beyond repair. */
const MAX_ROUNDS = 3;

/**
 * Turns UTF-8 that was decoded as Windows-1252 or Latin-1, once or several
 * times over, back into what was written. Only exact UTF-8 sequences that no
 * Portuguese word could hold are touched: «AMANHû keeps its Ã.
 *
 * @example
 * ```ts
 * import { repairMojibake } from "./mojibake.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(repairMojibake("informaÃ§Ã£o â€“ opiniÃ£o"), "informação – opinião");
 * assertEquals(repairMojibake("«AMANHÃ»"), "«AMANHÃ»");
 * ```
 */
export function repairMojibake(text: string): string {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const repaired = repairOnce(text);
    if (repaired === text) break;
    text = repaired;
  }
  return text;
}

/**
 * How many sequences {@linkcode repairMojibake} would decode.
 *
 * @example
 * ```ts
 * import { countMojibake } from "./mojibake.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(countMojibake("informaÃ§Ã£o, «AMANHÃ»"), 2);
 * ```
 */
export function countMojibake(text: string): number {
  let count = 0;
  for (const _ of sequences(text)) count++;
  return count;
}

/** Where the first sequence stands that {@linkcode repairMojibake} would decode. */
export function findMojibake(
  text: string,
): { at: number; length: number } | undefined {
  const { value } = sequences(text).next();
  return value === undefined
    ? undefined
    : { at: value.at, length: value.length };
}

function repairOnce(text: string): string {
  let result = "", done = 0;
  for (const { at, char, length } of sequences(text)) {
    result += text.slice(done, at) + char;
    done = at + length;
  }
  return done === 0 ? text : result + text.slice(done);
}

/** What was decoded wrongly, and where. */
function* sequences(
  text: string,
): Generator<{ at: number; char: string; length: number }, undefined> {
  for (let next = 0;;) {
    LEADS.lastIndex = next;
    const match = LEADS.exec(text);
    if (match === null) return;
    const found = sequenceAt(text, match.index);
    next = match.index + (found?.length ?? 1);
    if (found !== undefined) yield { at: match.index, ...found };
  }
}

/** The character whose UTF-8 bytes stand at `at`, if they plausibly do. */
function sequenceAt(
  text: string,
  at: number,
): { char: string; length: number } | undefined {
  const lead = text.charCodeAt(at);
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  let code = lead & (0xff >> (length + 1));
  for (let i = 1; i < length; i++) {
    const byte = byteOf(text[at + i]);
    if (byte === undefined || (byte & 0xc0) !== 0x80) return undefined;
    code = code << 6 | byte & 0x3f;
  }
  if (!plausible(lead, code)) return undefined;
  const char = String.fromCodePoint(code);
  if (length === 2 && isEndOfCapitals(text, at, char)) return undefined;
  return { char, length };
}

/** The byte of a character in Windows-1252, where it has one. */
export function byteOf(char: string | undefined): number | undefined {
  if (char === undefined) return undefined;
  const code = char.charCodeAt(0);
  return code <= 0xff ? code : BYTE_OF.get(char);
}

/** Characters of Portuguese text; a chance hit would land anywhere else. */
function plausible(lead: number, code: number): boolean {
  switch (lead) {
    case 0xe2: // general punctuation, currency, arrows, mathematical signs
      return code >= 0x2000;
    case 0xef: // byte order mark, replacement character
      return code === 0xfeff || code === 0xfffd;
    case 0xf0: // emoji
      return code >= 0x1f000 && code < 0x20000;
    default: // Latin-1
      return true;
  }
}

/** Continuation bytes that are punctuation, which may follow a word. */
const PUNCTUATION =
  /[“”‘’–—…„‚‹›«»•·\u00a0\u0082\u0084\u0085\u008b\u0091-\u0097\u009b]/;

/**
 * Whether Â or Ã at `at` ends a word in capitals and real punctuation follows,
 * as in «AMANHû; inside a word in capitals (HISTÃ“RIA) it is mojibake.
 */
function isEndOfCapitals(text: string, at: number, decoded: string): boolean {
  if (at === 0 || !/\p{Lu}/u.test(text[at - 1])) return false;
  if (!PUNCTUATION.test(text[at + 1])) return false;
  return !(/\p{Lu}/u.test(decoded) && /^\p{Lu}/u.test(text.slice(at + 2)));
}
