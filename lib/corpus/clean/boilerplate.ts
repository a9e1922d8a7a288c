/**
 * Lines about a text or a site rather than of it: what wikis, sites and
 * editions put around a text, headers of pages, and lines that many files
 * begin or end with.
 *
 * @module
 */

import { TextHash } from "../../text_hash.ts";

/**
 * Each is the shape of a whole line: what a sentence may begin with is no
 * boilerplate yet.
 */
const BOILERPLATE = [
  /^(?:categoria|category|predefinição|template): ?[\p{Lu}\d][^.!?;]{0,60}$/iu,
  /^(?:ficheiro|arquivo|imagem|file|image): ?[^:]{1,100}\.(?:jpe?g|png|gif|svg|tiff?|webp|og[gv]|webm|pdf|djvu)(?:\|.{0,100})?$/i,
  /^esta página foi (?:editada|modificada|alterada)(?: pela última vez)?(?: às| em| no dia| a)? \d.{0,60}$/i,
  /^este (?:artigo|verbete)(?: (?:sobre|relacionado (?:a|à|ao)|de) .{1,60})?,? (?:é um esboço|carece de|não cita|precisa de)\b.{0,120}$/i,
  /^(?:obtid[ao]|disponível|recuperad[ao]|acessad[ao]) (?:de|em):? ?["“<]?(?:https?:|www\.).{0,200}$/i,
  /^origem: wikip[eé]dia\b.{0,40}$/i,
  /^todos os direitos reservados(?:[.,:;!–—-]? ?(?:©|\(c\)|\d{4}|[aà]o? \p{Lu}|por \p{Lu}|\p{Lu}).{0,60}|[.!]?)$/u,
  /^todos os direitos (?:desta edição |desta obra )?(?:são )?reservados(?: (?:à|ao|a|por) .{1,60}|[.!]?)$/i,
  /^(?:copyright|©)(?: ?(?:©|\(c\)))?,? ?(?:(?:by|de|da|do) |\d{4}|©|\p{Lu}).{0,100}$/u,
  /^(?:copyright|©)(?: ?(?:©|\(c\)))?,? ?(?:by |\d{4}|©).{0,100}$/i,
  /^página \d{1,5}(?: de \d{1,5})?$/i,
  /^\[? ?(?:editar|ocultar|esconder)(?: ?\| ?editar código-fonte)? ?\]?$/i,
  /^(?:voltar ao (?:topo|início)|compartilhe|leia também|clique aqui|saiba mais)(?: ?[:.!…»>|-].{0,60}| (?:no|na|nas|em|via|pelo) .{1,20}| (?:para|e) (?:ler|ver|ouvir|acess|baix|saber|assin|conhe).{0,40})?$/i,
  /^este texto não substitui o publicado\b.{0,100}$/i,
  /^(?:\*{3,5} ?.{0,100}|(?:the|end of (?:the |this )?) ?)project gutenberg(?:'s|’s)?\b.{0,100}$/i,
  /^texto[- ]fonte ?(?:: ?.{0,160})?$/i,
  /^publicad[oa] originalmente(?: (?:em|no|na|nos|nas|por|pel[oa]))?(?: [^.;!?]{0,20})?$/i,
  /^publicad[oa] originalmente (?:em|no|na|nos|nas|por|pel[oa]) (?!\d)[^;!?]{0,120}$/i,
  /^publicad[oa] originalmente\b[^;!?]{0,150}\d{4}\.?$/i,
  /^(?:[^.;!?]{0,60}[,:] ?|.{0,16})(?:editora )?nova aguilar\b[\s,.;:(]{0,4}(?:rio de.{0,12}|v(?:ol)?\b.{0,20}|\d{4}.{0,3})?(?:,? ?\d{4}\)?[.,]?)?$/i,
  /^(?:https?:\/\/|www\.)\S{1,2000}$/i,
];
/** What one of those begins with, or holds: most lines do not. */
const LIKELY =
  /^ ?(?:cate|pred|templ|fich|arqui|imag|file|est[ae] |obti|disp|recu|aces|orig|todo|copy|©|p[aá]gina|\[|edita|ocult|escon|volta|compa|leia|cliqu|saiba|\*{3}|the|end of|proj|texto|publi|http|www)|nova aguilar/i;
/** All boilerplate but addresses is shorter. */
const MAX_BOILERPLATE = 300;
/** A sentence that says something about what it begins with. */
const STATEMENT =
  /, (?:[oa]s?|eis|essa?|este|esta|isso) (?!partir )\p{Ll}|[ ,:](?:é|foi|são|era|teve|eis|\p{Ll}{3,20}(?:ou|eu|iu)) /u;

/** Whether a line is maintenance or boilerplate of a wiki, site or edition. */
export function isBoilerplate(line: string): boolean {
  if (line.length > MAX_BOILERPLATE) {
    return /^https?:\/\/\S{1,2000}$/i.test(line);
  }
  return LIKELY.test(line) &&
    BOILERPLATE.some((pattern) => pattern.test(line)) &&
    (/^est[ae] /i.test(line) || !STATEMENT.test(line));
}

/** Headings that many texts have of their own. */
const STRUCTURE =
  /^(?:cap[ií]tulo|parte|livro|t[ií]tulo|se[çc][ãa]o|ato|cena|canto|pr[óo]logo|pref[áa]cio|personagens|advert[êe]ncia|ep[íi]logo|artigo|art\.|[ivxlcdm#]+(?:[ .,–-]|$))/;
/** Chronicles and letters have dates for headings. */
const DATE =
  /(?<!\brio )\bde (?:janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro)\b/;
/** What is shorter may be a name in a play, "Fim", or a refrain. */
const MIN_CHARS = 12;
const MAX_CHARS = 100;

/** A line as it is told from others: numbers and case do not count. */
function keyOf(line: string): string | undefined {
  if (line.length < MIN_CHARS || line.length > MAX_CHARS) return undefined;
  const key = line.toLowerCase().replace(/\d+/g, "#");
  return STRUCTURE.test(key) || DATE.test(key) ? undefined : key;
}

/** The lines at a file's beginning and end that may be repeated ones. */
export const EDGE_LINES = 12;
/** How many files, and what share of them, make a line a repeated one. */
const MIN_FILES = 5;
const MIN_SHARE = 0.02;
/** How many different lines are kept in memory at most. */
const MAX_LINES = 1_000_000;

/** The lines of a file that may be repeated ones. */
export function edgesOf(lines: readonly string[]): readonly string[] {
  return lines.length <= 2 * EDGE_LINES
    ? lines
    : [...lines.slice(0, EDGE_LINES), ...lines.slice(-EDGE_LINES)];
}

/**
 * Finds the lines that many files begin or end with, such as the name of the
 * edition they are from.
 *
 * @example
 * ```ts
 * import { RepeatedLines } from "./boilerplate.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const repeated = new RepeatedLines();
 * for (const title of ["Mar", "Sol", "Rio", "Céu", "Dia"]) {
 *   repeated.add([`A história do ${title}`, "Obras Reunidas, vol. 1", "Era."]);
 * }
 * assertEquals(
 *   ["Lua", "Obras Reunidas, vol. 2"].filter((line, i) =>
 *     !repeated.isRepeated(line, i, 40)
 *   ),
 *   ["Lua"],
 * );
 * ```
 */
export class RepeatedLines {
  readonly #files = new Map<string, number>();
  /** The edges of files so far, as copies of one file repeat everything. */
  readonly #seen = new Set<string>();
  #count = 0;

  /** Takes note of a file's lines; {@linkcode edgesOf} them will do. */
  add(lines: readonly string[]): void {
    const edges = edgesOf(lines);
    const keys = new Set(edges.map(keyOf));
    const hash = new TextHash();
    hash.update(edges.join("\n"));
    const edge = hash.digest().join();
    if (this.#seen.has(edge)) return;
    if (this.#seen.size < MAX_LINES) this.#seen.add(edge);
    this.#count++;
    for (const key of keys) {
      if (key === undefined) continue;
      const files = this.#files.get(key) ?? 0;
      if (files > 0 || this.#files.size < MAX_LINES) {
        this.#files.set(key, files + 1);
      }
    }
  }

  /** Whether a line is one that many files begin or end with. */
  isRepeated(line: string, index: number, count: number): boolean {
    if (index >= EDGE_LINES && index < count - EDGE_LINES) return false;
    const key = keyOf(line);
    return key !== undefined && (this.#files.get(key) ?? 0) >=
        Math.max(MIN_FILES, MIN_SHARE * this.#count);
  }
}

/** A header stands on more pages than this. */
const MIN_PAGES = 5;
/** Steps from page to page that must go up, as some headers are misread. */
const MIN_RISING = 0.9;

/**
 * Finds headers and footers of pages: one line again and again, but for a
 * number that rises.
 *
 * @returns Whether a line is such a header.
 *
 * @example
 * ```ts
 * import { pageHeaders } from "./boilerplate.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const lines = [1, 2, 3, 4, 5].flatMap((n) => [`${n} A vida no mar`, "Sim."]);
 * const isHeader = pageHeaders(lines);
 * assertEquals([isHeader("7 A vida no mar"), isHeader("Sim.")], [true, false]);
 * ```
 */
export function pageHeaders(
  lines: readonly string[],
): (line: string) => boolean {
  const pages = new Map<
    string,
    { count: number; rising: number; last: number }
  >();
  for (const line of lines) {
    if (!isDigit(line, 0) && !isDigit(line, line.length - 1)) continue;
    const number = Number(/^\d{1,5}\b|\b\d{1,5}$/.exec(line)?.[0] ?? NaN);
    const key = Number.isNaN(number) ? undefined : keyOfHeader(line);
    if (key === undefined) continue;
    const page = pages.get(key);
    if (page === undefined) {
      pages.set(key, { count: 1, rising: 1, last: number });
    } else {
      page.count++;
      if (number > page.last) page.rising++;
      page.last = number;
    }
  }
  const headers = new Set(
    [...pages].filter(([, { count, rising }]) =>
      count >= MIN_PAGES && rising >= MIN_RISING * count
    ).map(([key]) => key),
  );
  return (line) => {
    const key = headers.size === 0 ? undefined : keyOfHeader(line);
    return key !== undefined && headers.has(key);
  };
}

function isDigit(line: string, at: number): boolean {
  const code = line.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

/** As {@linkcode keyOf}, though the number may come first. */
function keyOfHeader(line: string): string | undefined {
  const key = keyOf(line.replace(/^\d+\W*/, ""));
  return key === undefined ? undefined : /^\d/.test(line) ? `#${key}` : key;
}
