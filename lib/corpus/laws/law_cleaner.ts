/**
 * From a page of Planalto, or one made like it, to the text of the law: what
 * is in force, without the page's header, footer and index.
 *
 * @module
 */

import { plainSpaces } from "../wikitext/lines.ts";
import { repairText } from "../clean/text_cleaner.ts";
import { type HtmlBlock, htmlBlocks, MARKS } from "./html_blocks.ts";
import { isLawName, isNavigation, withoutNotes } from "./law_notes.ts";

/** How to clean. */
export interface LawCleanerOptions {
  /** Whether notes of amendments stay, such as "(Incluído pela Lei nº ...)". */
  readonly keepNotes?: boolean;
}

/** What was found on a page, besides its text. */
export interface LawCounts {
  /** Paragraphs struck out wholly or in part. */
  revoked: number;
  /** Notes of amendments taken out. */
  notes: number;
  /** Lines of header, footer, index and links. */
  pageLines: number;
  /** Rows of tables kept as a line. */
  tableRows: number;
  /** Articles that follow one of their own number: a revision left standing. */
  repeatedArticles: number;
  /** Elements that strike out and that nothing ends: they end with their block. */
  strikesLeftOpen: number;
}

/** A law. */
export interface Law {
  /** Its name as on the page, "LEI Nº 10.406, DE 10 DE JANEIRO DE 2002". */
  readonly title?: string;
  /** Kind, number and year, the same for every revision: "LEI 10406/2002". */
  readonly identity?: string;
  /** A paragraph a line; "" where the page holds no text. */
  readonly text: string;
  /** What was found besides. */
  readonly counts: LawCounts;
}

/** The law's beginning, with all that sites put there, is no longer. */
const FRONT_LINES = 60;
/** How many entries in a row make an index. */
const INDEX_ENTRIES = 3;
const ENACTING =
  /^(?:[OA] (?:VICE-)?PRESIDENT[EA] DA REP[ÚU]BLICA|Fa[çc]o saber|Art\. ?1)/i;
const FOOTER = /^[(*"“ ]*este texto n[ãa]o substitui\b/i;
const ANNEX = /^(?:ANEXOS?|AP[ÊE]NDICE|TABELA)\b/;
const HEADER =
  /^(?:Presidência da República|Casa Civil|Secretaria[- ]Geral|Secretaria Especial para Assuntos Jurídicos|Subchefia para Assuntos Jurídicos|Gabinete Civil|Senado Federal|Câmara dos Deputados|Subsecretaria de Informações|Centro de Estudos Jurídicos da Presidência)(?: ?\/? ?(?:da Presidência da República|Casa Civil|Subchefia para Assuntos Jurídicos|SAJ))*$/i;

/**
 * Cleans a page of legislation. It never fails, whatever the page.
 *
 * @example
 * ```ts
 * import { cleanLaw } from "./law_cleaner.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { text, identity } = cleanLaw(`<p>Presidência da República</p>
 *   <p>LEI N<u><sup>o</sup></u> 7, DE 2 DE MAIO DE 1999</p>
 *   <p><strike>Art. 1<sup>o</sup> Fica assim.</strike>
 *   <p>Art. 1<sup>o</sup> Fica como est&aacute;. <a href="l8.htm">(Redação dada
 *   pela Lei nº 8, de 2000)</a>
 *   <p>Este texto não substitui o publicado no DOU de 3.5.1999`);
 * assertEquals(
 *   text,
 *   "LEI Nº 7, DE 2 DE MAIO DE 1999\nArt. 1º Fica como está.",
 * );
 * assertEquals(identity, "LEI 7/1999");
 * ```
 */
export function cleanLaw(
  html: string,
  { keepNotes = false }: LawCleanerOptions = {},
): Law {
  const { blocks, struck, leftOpen } = htmlBlocks(html);
  const counts: LawCounts = {
    revoked: struck,
    notes: 0,
    pageLines: 0,
    tableRows: 0,
    repeatedArticles: 0,
    strikesLeftOpen: leftOpen,
  };
  const body = withoutPage(blocks, counts);
  const lines: string[] = [];
  for (const { cells } of body) {
    const clean = cells.map((cell) => cleanCell(cell, keepNotes, counts))
      .filter((cell) => cell !== "");
    if (clean.length > 1) counts.tableRows++;
    if (clean.length > 0) lines.push(clean.join(" | "));
  }
  const joined = joinFalseItems(joinBroken(joinNumbers(lines)));
  counts.repeatedArticles = countRepeats(joined);
  const title = joined.slice(0, FRONT_LINES).find(isLawName);
  return {
    title,
    identity: title === undefined ? undefined : identityOf(title),
    text: joined.join("\n"),
    counts,
  };
}

/** Without what is the site's: header, links before the law, index, footer. */
function withoutPage(
  blocks: readonly HtmlBlock[],
  counts: LawCounts,
): HtmlBlock[] {
  const plain = blocks.map(({ cells }) => plainSpaces(withoutMarks(cells[0])));
  const enacting = plain.slice(0, FRONT_LINES).findIndex((line) =>
    ENACTING.test(line)
  );
  const inIndex = indexEntries(blocks);
  const kept: HtmlBlock[] = [];
  let ended = false;
  for (const [i, block] of blocks.entries()) {
    const line = plain[i];
    if (FOOTER.test(line)) ended = true;
    else if (ended && ANNEX.test(line)) ended = false;
    const parts = i < enacting ? frontParts(block) : [block];
    if (ended || inIndex[i] || parts.length === 0) counts.pageLines++;
    else kept.push(...parts);
  }
  return kept;
}

/** Before the law begins tables are layout, and links lead elsewhere. */
function frontParts({ cells }: HtmlBlock): HtmlBlock[] {
  return cells.filter((cell) => {
    const line = plainSpaces(withoutMarks(cell));
    if (isLawName(line)) return true;
    return !HEADER.test(line) && !isNavigation(line) &&
      outsideLinks(cell) !== "";
  }).map((cell) => ({ cells: [cell] }));
}

/** Which blocks hold only links into the page, some such in a row. */
function indexEntries(blocks: readonly HtmlBlock[]): boolean[] {
  const isEntry = blocks.map(({ cells }) =>
    cells.every((cell) =>
      cell.includes(MARKS.anchor) && !cell.includes(MARKS.link) &&
      outsideLinks(cell) === ""
    )
  );
  for (let start = 0; start < isEntry.length; start++) {
    let end = start;
    while (isEntry[end]) end++;
    if (end - start < INDEX_ENTRIES) isEntry.fill(false, start, end);
    start = end;
  }
  return isEntry;
}

/** What a text holds outside its links, without spaces and punctuation. */
function outsideLinks(text: string): string {
  return text.split(/[\ufdd2\ufdd3]/).map((part, i) => {
    const end = part.indexOf(MARKS.linkEnd);
    return i === 0 ? part : end < 0 ? "" : part.slice(end);
  }).join("").replace(/[^\p{L}\p{N}]+/gu, "");
}

function withoutMarks(text: string): string {
  return text.replace(/[\ufdd0-\ufdd4]/g, "");
}

/** A space within the groups of digits of one number. */
const CUT_GROUP =
  /(?<=\d) (?=\.\d{3}(?!\d))|(?<=\d\.) (?=\d{3}(?:[,/]|,? de \d))/g;

function cleanCell(
  cell: string,
  keepNotes: boolean,
  counts: LawCounts,
): string {
  let text = closeSpacedWords(ordinals(cell)).replace(/\s+/g, " ");
  if (!keepNotes) {
    const { kept, notes } = withoutNotes(text);
    counts.notes += notes;
    text = kept;
  }
  // "10 .406": groups of digits that a tag has cut.
  if (/ \.\d|\. \d/.test(text)) text = text.replace(CUT_GROUP, "");
  text = repairText(withoutMarks(text))
    .replace(/(?<=\() | (?=\))/g, "")
    .replace(
      /(?<=\p{L}-\p{L}{1,4}-) (?=(?:á|ão|ia|iam|ei|emos)(?!\p{L}))/gu,
      "",
    )
    .replace(/(?<=[.:;] )Regulamento \( ?\)$|\( ?\)/g, "")
    .replace(/(?<=\S) +(?=[,;:!?)](?:\s|$)|\.(?:\s|$))/g, "")
    .replace(/^(\p{L}) \) /u, "$1) ");
  return /[\p{L}\p{N}]/u.test(text) ? labels(text) : "";
}

/** Raised o and a after a number, or after the n of number. */
function ordinals(text: string): string {
  return text
    .replace(/(?<=(?:Art\.|§)\s{0,9}\d)\s*\ufdd0\s*0\s*\ufdd1/g, "º")
    .replace(
      /(?<=\d|\b[nN])[\s\ufdd0]*\ufdd0[\s\ufdd0]*(?:(os?|º|°)|(as?|ª))(?=[\s\ufdd1]|$|\ufdd0)([\s\ufdd1]*)/g,
      (_, male?: string, female?: string, space = "") => {
        const sign = male !== undefined ? "º" : "ª";
        const plural = (male ?? female)!.endsWith("s") ? "s" : "";
        return sign + plural + (/\s/.test(space) ? " " : "");
      },
    )
    .replace(
      /(?<=\p{L})\ufdd0([23])\ufdd1/gu,
      (_, digit) => digit === "2" ? "²" : "³",
    );
}

/** "P A R T E   G E R A L", as titles were spaced out. */
function closeSpacedWords(text: string): string {
  return text.replace(
    /(?<!\S)\p{Lu}(?:[ \u00a0]\p{Lu}){2,}(?!\S)/gu,
    (word) => word.replace(/[ \u00a0]/g, ""),
  );
}

/** "§ 2", "§§ 1, 2 e 5-A", "arts. 3 a 12": one number or several. */
const REFERENCES =
  /(?:§§? |\b[Aa]rts?\. )\d[\d.]*º?(?:-[A-Z]\b)?(?:(?:, | e | a | ou )\d[\d.]*º?(?:-[A-Z]\b)?)*(?=[ ,;:)]|\.?$)/g;

/** Numbers of articles and paragraphs as laws have them: 1º to 9º, then 10. */
function labels(text: string): string {
  return text
    .replace(/^Art ?[.,]? ?(?=\d)/i, "Art. ")
    .replace(
      /(?<=\b[Aa]rts?\. \d{1,5}|§§? ?\d{1,5}) ?[o°º](?= |[,.;:)]|-[A-Z]|$)/g,
      "º",
    )
    .replace(/\b([nN]) ?[oº°](?= ?\d)/g, "$1º")
    .replace(
      /^(Art\. |§ )(\d[\d.]*)((?:-[A-Z]{1,2})?): ?\.? /,
      (_, sign: string, number: string, letter: string) => {
        const ordinal = number.length === 1 ? "º" : "";
        const stop = ordinal === "" || letter !== "" ? "." : "";
        return `${sign}${number}${ordinal}${letter}${stop} `;
      },
    )
    .replace(/^Parágrafo único: ?\.? /, "Parágrafo único. ")
    .replace(
      REFERENCES,
      (list) => list.replace(/(?<![\d.,/-])\d(?![\dº./])/g, "$&º"),
    )
    .replace(/(?<=\d)º+ ?-(?=[A-Z]\b)/g, "º-")
    .replace(/ºº/g, "º");
}

/** An article or a paragraph whose number some tags have cut: "Art. 5º 7." */
const CUT_NUMBER =
  /^(Art\. |§ )(\d{1,4}(?:\.\d{1,2})?)º?\.? (\d{1,3})(º?)\.?(?= |$)/;

/**
 * Puts numbers together that follow the one before only if they are one:
 * after article 56 comes 57 and not "5º 7".
 */
function joinNumbers(lines: readonly string[]): string[] {
  const last = new Map<string, number>();
  return lines.map((line) => {
    const whole = /^(Art\. |§ )(\d[\d.]*)/.exec(line);
    if (whole === null) return line;
    const [, sign, digits] = whole;
    const before = last.get(sign) ?? 0;
    const cut = CUT_NUMBER.exec(line);
    const number = cut === null
      ? NaN
      : Number((cut[2] + cut[3]).replaceAll(".", ""));
    const given = Number(digits.replaceAll(".", ""));
    const isCut = cut !== null && number === before + 1 && given !== number &&
      given !== before + 1;
    last.set(sign, isCut ? number : given);
    if (sign === "Art. ") last.delete("§ ");
    if (!isCut) return line;
    const ordinal = number < 10 ? "º" : ".";
    return `${sign}${cut![2]}${cut![3]}${ordinal}${line.slice(cut![0].length)}`;
  });
}

/** What must come before an item that has a single letter for its number. */
const BEFORE: Readonly<Record<string, string>> = { L: "XLIX", C: "XCIX" };

/**
 * Puts words together whose first letters some page maker took for the number
 * of an item: "D - as Obras", "Vi - olação".
 */
function joinFalseItems(lines: readonly string[]): string[] {
  const seen = new Set<string>();
  return lines.map((line) => {
    const found = /^([IVXLCDM][ivxlcdm]+|[DMLC]) - (?=\p{Ll})/u.exec(line);
    const numeral = /^([IVXLCDM]+)(?:-[A-Z])? ?[-–]/.exec(line)?.[1];
    if (numeral !== undefined) seen.add(numeral);
    if (found === null || seen.has(BEFORE[found[1]])) return line;
    return found[1] + line.slice(found[0].length);
  });
}

/** Joins lines that a `<br>` or a stray tag broke in mid-sentence. */
function joinBroken(lines: readonly string[]): string[] {
  const joined: string[] = [];
  for (const line of lines) {
    const before = joined.at(-1);
    const goesOn = before !== undefined && /[\p{Ll},]$/u.test(before) &&
      /^\p{Ll}(?![).\-–])/u.test(line) && !/^[ivxlcdm]+ ?[-–]/.test(line);
    if (goesOn) joined[joined.length - 1] = `${before} ${line}`;
    else joined.push(line);
  }
  return joined;
}

function countRepeats(lines: readonly string[]): number {
  let repeats = 0, before = "";
  for (const line of lines) {
    const label = /^Art\. \d[\d.]*º?(?:-[A-Z]{1,2})?/.exec(line)?.[0];
    if (label === undefined) continue;
    if (label === before) repeats++;
    before = label;
  }
  return repeats;
}

/** "LEI Nº 10.406, DE 10 DE JANEIRO DE 2002" to "LEI 10406/2002". */
function identityOf(title: string): string | undefined {
  const found =
    /^(\P{N}+?)\s*(?:N(?:[º°o.]|úmero)*\s*)?(\d[\d.]*)(?:-\w+)?,?\s.{0,60}?\b(\d{4})\b/iu
      .exec(title);
  if (found === null) return undefined;
  const [, kind, number, year] = found;
  const name = kind.trim().replace(/\s+N$/i, "").toUpperCase();
  return `${name} ${number.replaceAll(".", "")}/${year}`;
}
