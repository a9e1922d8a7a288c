/**
 * The notes that editors put into a law: who changed what, and from when. They
 * stand in parentheses, or are links beside the text.
 *
 * @module
 */

import { plainSpaces } from "../wikitext/lines.ts";

const NAMED =
  /^(?:LEI|DECRETO|MEDIDA PROVISÓRIA|EMENDA CONSTITUCIONAL|CONSTITUIÇÃO|RESOLUÇÃO|PORTARIA|INSTRUÇÃO NORMATIVA|ATO)\b.{0,40}?\b(?:N[º°o.]|DE \d)/;
const MAX_NAME = 200;

/** Whether a line names a law: its kind in capitals, then number or date. */
export function isLawName(line: string): boolean {
  return line.length <= MAX_NAME && NAMED.test(line);
}

/** How a note in parentheses begins; "(Revogado)" and "(VETADO)" are text. */
const NOTE_WORDS = [
  "Reda[çc][ãa]o (?:dada|anterior|original)",
  "(?:Inclu[íi]d|Acrescid|Acrescentad|Alterad|Renumerad|Restabelecid)[oa]s?",
  "(?:Convertid|Transformad|Repristinad|Revigorad|Retificad|Suprimid)[oa]s?",
  "(?:Revogad|Declarad|Suspens|Prorrogad|Regulamentad|Promulgad)[oa]s? (?!por lei\\b)(?:pel|por|ante|inconst|a partir|no|na)",
  "(?:Vide|Vig[êe]ncia|Regulament(?:o|a[çc][ãa]o)|Produ[çc][ãa]o de efeitos?)",
  "(?:Promulga[çc][ãa]o|Partes? (?:mantida|vetada)s?|Mensagem de veto)",
  "(?:Express[ãa]o|Execu[çc][ãa]o) (?:\\S+ ){0,6}(?:inconstitucional|suspensa)",
  "Vig[êe]ncia encerrada|Sem efic[áa]cia|Texto compilado|Republicad[oa]",
];
const NOTE_START = NOTE_WORDS.join("|");
/** A note in parentheses, with at most one pair of them inside. */
const NOTE = new RegExp(
  `\\((?=[\\s\\ufdd2\\ufdd3]*(?:${NOTE_START}))` +
    "[^()]{0,400}(?:\\([^()]{0,100}\\)[^()]{0,200})?\\)",
  "giu",
);
/** A note that is a link, without parentheses. */
const LINKED_NOTE = new RegExp(
  `[\\ufdd2\\ufdd3]\\s*(?:${NOTE_START})[^\\ufdd2-\\ufdd4]{0,120}\\ufdd4`,
  "giu",
);

/**
 * Takes the notes out of a paragraph. Where nothing but its number would be
 * left, "§ 2º (Revogado pela Lei nº 12.036, de 2009)", that note stays, so that
 * numbers go on without a gap.
 *
 * @param text One paragraph, links marked.
 * @returns The text, and how many notes it lost.
 *
 * @example
 * ```ts
 * import { withoutNotes } from "./law_notes.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const note = "(Incluído pela Lei nº 9, de 1999)";
 * assertEquals(withoutNotes(`Vale. ${note}`), { kept: "Vale. ", notes: 1 });
 * assertEquals(withoutNotes("§ 2º (Revogado pela Lei nº 9, de 1999)").notes, 0);
 * ```
 */
export function withoutNotes(text: string): { kept: string; notes: number } {
  const all = without(text, /^/);
  const isNumberOnly = all.notes > 0 && isBareLabel(all.kept) &&
    /[\p{L}\p{N}]/u.test(all.kept);
  return isNumberOnly ? without(text, /^\((?!\W*(?:Revog|Suprim))/i) : all;
}

/** Without the notes that begin as given. */
function without(
  text: string,
  start: RegExp,
): { kept: string; notes: number } {
  let notes = 0;
  const drop = (note: string) => {
    if (!start.test(note)) return note;
    notes++;
    return "";
  };
  const kept = text.replace(NOTE, drop).replace(LINKED_NOTE, drop);
  return { kept, notes };
}

/** Whether a line is the number of an article or item and no more. */
function isBareLabel(text: string): boolean {
  const line = plainSpaces(text.replace(/[\ufdd0-\ufdd4]/g, ""));
  return /^(?:Arts?\.? ?\d[\d.]*[ºo°]?(?:-[A-Z]{1,2})?(?: (?:a|e) \d[\d.]*º?)?|§ ?\d+[ºo°]?(?:-[A-Z])?|Parágrafo único|[IVXLCDM]+|[a-z])?[\s\-–.:;,)]*$/iu
    .test(line);
}

const NAVIGATION = new RegExp(
  `^(?:[(*\\s]*(?:${NOTE_START}|[íi]ndice|texto (?:para impress[ãa]o|original|atualizado)|vers[ãa]o (?:para impress[ãa]o|original)|convers[ãa]o da|exposi[çc][ãa]o de motivos|publica[çc][ãa]o original|atos? correlatos?|normas? correlatas?|atualiza[çc][õo]es|legisla[çc][ãa]o citada))`,
  "iu",
);
const MAX_NAVIGATION = 160;

/**
 * Whether a line before a law's beginning is a link or note of the site, such
 * as "Mensagem de veto" or "Texto compilado".
 */
export function isNavigation(line: string): boolean {
  return line.length <= MAX_NAVIGATION && NAVIGATION.test(line);
}
