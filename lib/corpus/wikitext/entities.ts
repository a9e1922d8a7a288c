/**
 * Character references: numbers, and the names of HTML 4.
 *
 * @module
 */

import { pairs } from "./names.ts";

const LATIN_1 = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf " +
  "laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil " +
  "sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde " +
  "Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml " +
  "ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute " +
  "Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig " +
  "ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde " +
  "ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml " +
  "yacute thorn yuml";
const GREEK = "alpha beta gamma delta epsilon zeta eta theta iota kappa " +
  "lambda mu nu xi omicron pi rho sigmaf sigma tau upsilon phi chi psi omega";
const OTHERS: Readonly<Record<string, string>> = {
  quot: '"',
  amp: "&",
  lt: "<",
  gt: ">",
  apos: "'",
  ...pairs("OElig Œ oelig œ Scaron Š scaron š Yuml Ÿ fnof ƒ circ ˆ tilde ˜"),
  ...pairs("thetasym ϑ upsih ϒ piv ϖ ndash – mdash — lsquo ‘ rsquo ’ sbquo ‚"),
  ...pairs("ldquo “ rdquo ” bdquo „ dagger † Dagger ‡ bull • hellip …"),
  ...pairs("permil ‰ prime ′ Prime ″ lsaquo ‹ rsaquo › oline ‾ frasl ⁄ euro €"),
  ...pairs("image ℑ weierp ℘ real ℜ trade ™ alefsym ℵ larr ← uarr ↑ rarr →"),
  ...pairs("darr ↓ harr ↔ crarr ↵ lArr ⇐ uArr ⇑ rArr ⇒ dArr ⇓ hArr ⇔"),
  ...pairs("forall ∀ part ∂ exist ∃ empty ∅ nabla ∇ isin ∈ notin ∉ ni ∋"),
  ...pairs("prod ∏ sum ∑ minus − lowast ∗ radic √ prop ∝ infin ∞ ang ∠ and ∧"),
  ...pairs("or ∨ cap ∩ cup ∪ int ∫ there4 ∴ sim ∼ cong ≅ asymp ≈ ne ≠ equiv ≡"),
  ...pairs("le ≤ ge ≥ sub ⊂ sup ⊃ nsub ⊄ sube ⊆ supe ⊇ oplus ⊕ otimes ⊗"),
  ...pairs("perp ⊥ sdot ⋅ lceil ⌈ rceil ⌉ lfloor ⌊ rfloor ⌋ lang ⟨ rang ⟩"),
  ...pairs("loz ◊ spades ♠ clubs ♣ hearts ♥ diams ♦"),
  ensp: "\u2002",
  emsp: "\u2003",
  thinsp: "\u2009",
  zwnj: "\u200c",
  zwj: "\u200d",
  lrm: "\u200e",
  rlm: "\u200f",
};

const NAMED = new Map<string, string>(Object.entries(OTHERS));
for (const [i, name] of LATIN_1.split(" ").entries()) {
  NAMED.set(name, String.fromCharCode(0xa0 + i));
}
for (const [i, name] of GREEK.split(" ").entries()) {
  NAMED.set(name, String.fromCharCode(0x3b1 + i));
  const capital = name.slice(0, 1).toUpperCase() + name.slice(1);
  if (name !== "sigmaf") NAMED.set(capital, String.fromCharCode(0x391 + i));
}

/** What HTML makes of numbers that are Windows-1252's, from 128 on. */
const CP1252 = new TextDecoder("windows-1252").decode(
  Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i),
);

const REFERENCE =
  /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z][a-zA-Z0-9]{1,9}));/g;

/**
 * Decodes character references once; unknown ones stay.
 *
 * @example
 * ```ts
 * import { decodeEntities } from "./entities.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(decodeEntities("&Aacute;gua &#8211; &#x41; &foo;"), "Água – A &foo;");
 * ```
 */
export function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(
    REFERENCE,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return NAMED.get(name) ?? whole;
      const code = decimal === undefined ? parseInt(hex!, 16) : Number(decimal);
      return characterOf(code) ?? whole;
    },
  );
}

function characterOf(code: number): string | undefined {
  if (code >= 0x80 && code < 0xa0) return CP1252[code - 0x80];
  const isCharacter = code === 9 || code === 10 ||
    code >= 0x20 && code < 0xd800 ||
    code >= 0xe000 && code <= 0x10ffff &&
      !(code >= 0xfdd0 && code <= 0xfdef) && (code & 0xfffe) !== 0xfffe;
  return isCharacter ? String.fromCodePoint(code) : undefined;
}
