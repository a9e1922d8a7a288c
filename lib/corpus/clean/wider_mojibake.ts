/**
 * What cleaning repairs of text decoded with the wrong character set beyond
 * `mojibake.ts`: letters of other languages, other encodings, and sequences of
 * which a byte was lost. That repairs less, always the same: tokenizers are made
 * with it, and what they did to a text must not change.
 *
 * @module
 */

import { byteOf } from "./mojibake.ts";

/** What a mistaken reading turns the first bytes of sequences into. */
const LEADS = /[\u00c2-\u00f4](?=[^\0-\u007f\u00c0-\u00ff])/g;
/** Text read wrongly more often than this is beyond repair. */
const MAX_ROUNDS = 3;

/**
 * Turns UTF-8 that was decoded as Windows-1252 or Latin-1, once or several
 * times over, back into what was written. Only exact UTF-8 sequences that no
 * Portuguese word could hold are touched: «AMANHû keeps its Ã.
 *
 * @example
 * ```ts
 * import { repairMojibake } from "./wider_mojibake.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(repairMojibake("informaÃ§Ã£o â€“ opiniÃ£o"), "informação – opinião");
 * assertEquals(repairMojibake("«AMANHÃ»"), "«AMANHÃ»");
 * ```
 */
export function repairMojibake(text: string): string {
  text = restoreLost(repairForeign(text));
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
 * import { countMojibake } from "./wider_mojibake.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(countMojibake("informaÃ§Ã£o, «AMANHÃ»"), 2);
 * ```
 */
export function countMojibake(text: string): number {
  let count = 0;
  for (const _ of sequences(text)) count++;
  if (mayHaveLost(text) && LOST.test(text)) {
    count += text.match(LOST_SEQUENCE)?.length ?? 0;
  }
  return count;
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
): Generator<{ at: number; char: string; length: number }> {
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
  if (!plausible(lead, code)) {
    if (!isForeignLetter(text, at, length, code)) return undefined;
  }
  const char = String.fromCodePoint(code);
  if (length === 2 && isEndOfCapitals(text, at, char)) return undefined;
  return { char, length };
}

/** Characters of Portuguese text; a chance hit would land anywhere else. */
function plausible(lead: number, code: number): boolean {
  switch (lead) {
    case 0xc2: // Latin-1
    case 0xc3:
      return code >= 0xa0;
    case 0xe2: // general punctuation, currency, arrows, mathematical signs
      return code >= 0x2000;
    case 0xef: // byte order mark, replacement character, wide punctuation
      return code === 0xfeff || code === 0xfffd ||
        code > 0xff00 && code < 0xff5f;
    case 0xf0: // emoji
      return code >= 0x1f000 && code < 0x20000;
    default:
      return false;
  }
}

/**
 * Whether a sequence is a letter of another language, which its neighbours have
 * to confirm: a small letter, or another sequence.
 */
function isForeignLetter(
  text: string,
  at: number,
  length: number,
  code: number,
): boolean {
  if (length === 4 || code < 0x100) return false;
  if (code >= 0xd800 && code < 0xe000) return false;
  const char = String.fromCodePoint(code);
  if (!/[\p{L}\p{M}]/u.test(char)) return false;
  const bytes = text.slice(at + 1, at + length);
  if (length === 3 && /[\u1d00-\u1dff]/.test(char)) return false;
  const isPunctuation = [...bytes].every((byte) => PUNCTUATION.test(byte));
  const before = text[at - 1] ?? "",
    after = text.slice(at + length, at + length + 2);
  const besideSequence =
    /^[\u00c3-\u00f4][^\0-\u007f\u00c0-\u00ff]/.test(after) ||
    /[\u00c3-\u00f4][^\0-\u007f\u00c0-\u00ff]{1,2}$/.test(
      text.slice(Math.max(0, at - 3), at),
    );
  if (besideSequence) return true;
  if (isPunctuation || length === 3 && !/\p{Script=Latin}/u.test(char)) {
    return false;
  }
  return /\p{Ll}/u.test(before) || /^\p{Ll}/u.test(after);
}

/** Continuation bytes that are punctuation, which may follow a word. */
const PUNCTUATION =
  /[“”‘’–—…„‚‹›«»•·\u00a0\u0082\u0084\u0085\u008b\u0091-\u0097\u009b]/;

/**
 * Whether Â or Ã at `at` ends a word in capitals and real punctuation follows,
 * as in «AMANHû; inside a word in capitals (HISTÃ“RIA) it is mojibake.
 */
function isEndOfCapitals(text: string, at: number, decoded: string): boolean {
  // "Ã’s", more than one Ã.
  if (text.startsWith("\u00c3’", at) && !/\p{L}/u.test(text[at - 1] ?? "")) {
    return true;
  }
  if (at === 0 || !/\p{Lu}/u.test(text[at - 1])) return false;
  if (!PUNCTUATION.test(text[at + 1])) return false;
  return !(/\p{Lu}/u.test(decoded) && /^\p{Lu}/u.test(text.slice(at + 2)));
}

/** What tells that a byte was lost, or that a no-break space became a space. */
const LOST = /[ÃÂ] |[\u00c3-\u00f4][^\0-\u007f\u00c0-\u00ff]{0,3}\ufffd|â€\?/;
const LOST_SEQUENCE = /Ã\ufffd|â€[?\ufffd]/g;
/** Sequences of other languages and of emoji with a byte that is not known. */
const LOST_FOREIGN =
  /[\u00c4-\u00df]\ufffd|[\u00e0-\u00ef](?:\ufffd[\u0080-\u00bf\u0100-\u2fff]|[\u0080-\u00bf\u0100-\u2fff]\ufffd)|\u00f0[\u0080-\u00bf\u0100-\u2fff\ufffd]{3}/g;
/** What words begin with after Í and Á, of whose sequences a byte has no sign. */
const AFTER_I = /^(?:n[dfgqtv]|t[aei]|con|do|mp|ris|gne|S(?!\p{Ll})|N[DFT])/u;
const AFTER_A =
  /^(?:r[eavt]|fri|gu|s[ip]|l[bvc]|us|ci|gi|ud|tom|RI|RE|FRI|GU|SI|L[BVC]|CI|VE)/;

/** Whether {@linkcode LOST} need be looked for, which takes longer. */
function mayHaveLost(text: string): boolean {
  return ["\ufffd", "Ã ", "Â ", "â€?"].some((sign) => text.includes(sign));
}

/**
 * Repairs sequences of which a byte was lost: those that Windows-1252 has no
 * sign for, and the no-break space. The latter is told from a space only in a
 * line that has other mojibake.
 */
function restoreLost(text: string): string {
  if (!mayHaveLost(text) || !LOST.test(text)) return text;
  return text.split("\n").map((line) => {
    if (!LOST.test(line)) return line;
    const isSure = countMojibake(line) > 0;
    const quoted = line.replace(/â€[?\ufffd]/g, "”");
    const restored = quoted.replace(/Ã\ufffd/g, (_, at: number) => {
      const rest = quoted.slice(at + 2, at + 6);
      return AFTER_I.test(rest) ? "Í" : AFTER_A.test(rest) ? "Á" : "\ufffd";
    });
    if (!isSure) return restored;
    return restored
      .replace(
        LOST_FOREIGN,
        (seen) => seen.includes("\ufffd") ? "\ufffd" : seen,
      )
      .replace(/(?<!\p{L})Ã (?=s(?![\p{L}'’])|quel[aei])/gu, "à")
      .replace(/(?<!\p{Lu})Ã {1,2}(?=\p{L}|$)/gu, "à ")
      .replace(/(?<!\p{Lu})Â (?=[ \p{L}\d"“(]|$)/gu, " ");
  }).join("\n");
}

/** What Portuguese and its neighbours write beyond ASCII. */
const WRITTEN = "ÀÁÂÃÄÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜàáâãäçèéêëìíîïñòóôõöùúûüªº°§«»¡¿" +
  "“”‘’–—…•";
/** Where Windows-1252 and Code page 437 agree on nothing beyond ASCII. */
const CP437 =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐" +
  "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";

/** How those characters look in UTF-8 that was read in another encoding. */
const FOREIGN: readonly {
  readonly lead: RegExp;
  readonly pattern: RegExp;
  readonly chars: ReadonlyMap<string, string>;
}[] = ["macintosh", "windows-1251", "windows-1250", "cp437"].map((encoding) => {
  const chars = new Map<string, string>();
  for (const char of WRITTEN) {
    const bytes = new TextEncoder().encode(char);
    const seen = encoding === "cp437"
      ? [...bytes].map((byte) => CP437[byte - 0x80]).join("")
      : new TextDecoder(encoding).decode(bytes);
    // What Windows-1252 makes of it too is repaired with the rest.
    if (seen !== new TextDecoder("windows-1252").decode(bytes)) {
      chars.set(seen, char);
    }
  }
  const escaped = [...chars.keys()].sort((a, b) => b.length - a.length);
  const signs = [...new Set(escaped.map((seen) => seen[0]))].join("");
  return {
    lead: new RegExp(`[${signs}]`, "u"),
    // A letter beside it tells it from signs and from Cyrillic.
    pattern: new RegExp(
      `(?<=[a-z])(?:${escaped.join("|")})(?=[a-z\\s,.;:!?)${signs}]|$)|` +
        `(?:${escaped.join("|")})(?=[a-z])`,
      "g",
    ),
    chars,
  };
});

/** Repairs UTF-8 that was read as Mac Roman, Windows-1250 or -1251, or 437. */
function repairForeign(text: string): string {
  if (!/[√‚ГвĂâ├Γ┬¬]/.test(text)) return text;
  for (const { lead, pattern, chars } of FOREIGN) {
    if (!lead.test(text)) continue;
    text = text.replace(pattern, (seen) => chars.get(seen)!);
  }
  return text;
}
