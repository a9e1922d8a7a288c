/**
 * Plain text and Markdown made fit for training: wrong characters repaired,
 * hard line breaks undone (but not a poem's), markup and boilerplate taken out.
 *
 * @module
 */

import { repairC1, repairMojibake } from "./mojibake.ts";
import { Namespaces } from "./namespaces.ts";
import { decodeEntities } from "./wikitext/entities.ts";
import { expand } from "./wikitext/expand.ts";
import { plainSpaces, stripLeftovers } from "./wikitext/lines.ts";
import { GONE, Residue, withoutMarks } from "./wikitext/marks.ts";
import { stripTags } from "./wikitext/tags.ts";

/** What blank lines divide. */
export type BlankLines = "auto" | "documents" | "paragraphs";

/** How to clean. */
export interface TextCleanerOptions {
  /** Whether the text is Markdown. */
  readonly markdown?: boolean;
  /** What blank lines divide; found out by the text's shape unless given. */
  readonly blankLines?: BlankLines;
}

/** Clean text and what was done to it. */
export interface CleanedText {
  /** A paragraph a line, a blank line between documents. */
  readonly text: string;
  /** Lines of the source that were boilerplate or held no letter. */
  readonly dropped: number;
  /** Whether hard line breaks were undone. */
  readonly unwrapped: boolean;
  /** How many documents there are. */
  readonly documents: number;
}

/**
 * Reads a text file's bytes: UTF-8, UTF-16 by its byte order mark, and for
 * what is neither Windows-1252, in which Portuguese was written before.
 *
 * @param bytes A whole file.
 *
 * @example
 * ```ts
 * import { decodeLegacy } from "./text_cleaner.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(decodeLegacy(Uint8Array.fromHex("e36f")).text, "ão");
 * ```
 */
export function decodeLegacy(
  bytes: Uint8Array,
): { text: string; encoding: string } {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe
    ? "utf-16le"
    : bytes[0] === 0xfe && bytes[1] === 0xff
    ? "utf-16be"
    : "utf-8";
  try {
    const decoder = new TextDecoder(encoding, { fatal: true });
    return { text: decoder.decode(bytes), encoding };
  } catch {
    const text = new TextDecoder("windows-1252").decode(bytes);
    return { text, encoding: "windows-1252" };
  }
}

/**
 * Repairs characters and nothing else: mojibake, C1 controls, composition
 * (NFC), line ends, controls, spaces of every kind.
 *
 * @param text Any text.
 * @returns The text with the lines it had.
 *
 * @example
 * ```ts
 * import { repairText } from "./text_cleaner.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(repairText("Na\u0303o\u0085\u00a0 NÃ£o\r\n"), "Não… Não\n");
 * ```
 */
export function repairText(text: string): string {
  return repairC1(repairMojibake(withoutMarks(text).replace(/^\ufeff/, "")))
    .split("\n").map((line) => plainSpaces(line.replaceAll("\f", " ")))
    .join("\n").normalize("NFC");
}

/**
 * Cleans a text.
 *
 * @param source The text of a file.
 * @param options How to clean.
 *
 * @example
 * ```ts
 * import { cleanText } from "./text_cleaner.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { text } = cleanText("Era uma vez\num rei\nque ria.\n\nE uma\nrainha.");
 * assertEquals(text, "Era uma vez um rei que ria.\nE uma rainha.\n");
 * ```
 */
export function cleanText(
  source: string,
  { markdown = false, blankLines = "auto" }: TextCleanerOptions = {},
): CleanedText {
  const blocks = toBlocks(repairText(source));
  const unwrapped = isHardWrapped(blocks);
  const width = unwrapped ? wrapWidth(blocks) : 0;
  const asParagraphs = blankLines === "paragraphs" ||
    blankLines === "auto" && (unwrapped || isSpacedOut(blocks));
  const stripper = new MarkupStripper(markdown);
  let dropped = 0;
  const documents: string[] = [];
  for (const block of blocks) {
    const lines = unwrapped ? unwrap(block, width) : block;
    const clean = lines.map((line) => stripper.strip(line))
      .filter((line) => /\p{L}/u.test(line) && !isBoilerplate(line));
    dropped += lines.length - clean.length;
    if (clean.length > 0) documents.push(clean.join("\n"));
  }
  const text = documents.join(asParagraphs ? "\n" : "\n\n");
  return {
    text: text === "" ? "" : `${text}\n`,
    dropped,
    unwrapped,
    documents: asParagraphs ? Math.min(1, documents.length) : documents.length,
  };
}

/** The runs of lines that blank lines divide. */
function toBlocks(text: string): string[][] {
  const blocks: string[][] = [];
  let block: string[] = [];
  for (const line of [...text.split("\n"), ""]) {
    if (line !== "") block.push(line);
    else if (block.length > 0) {
      blocks.push(block);
      block = [];
    }
  }
  return blocks;
}

/** Share of single-line blocks from which blank lines divide paragraphs. */
const SPACED_OUT = 0.8;

/** Whether nearly every line has a blank one after it, as in Markdown. */
function isSpacedOut(blocks: readonly string[][]): boolean {
  const single = blocks.filter((block) => block.length === 1).length;
  return blocks.length > 2 && single >= SPACED_OUT * blocks.length;
}

/** Fewer lines than this tell nothing. */
const MIN_CONTINUATIONS = 3;
/** Verse is shorter than this, and its stanzas longer than two lines. */
const VERSE_CHARS = 50;

/**
 * Whether lines end where the page's width did and not where a paragraph does.
 * Then most go on in lower case; verses seldom do, and where they do they are
 * short, of no common width, and in stanzas.
 *
 * @param blocks Runs of lines that blank lines divide.
 */
export function isHardWrapped(blocks: readonly string[][]): boolean {
  let continuations = 0, lower = 0, filled = 0, stanzas = 0;
  const width = wrapWidth(blocks);
  for (const block of blocks) {
    if (block.length > 1) stanzas++;
    for (let i = 1; i < block.length; i++) {
      continuations++;
      if (/^\p{Ll}/u.test(block[i])) lower++;
      const word = block[i].search(/ |$/);
      if (block[i - 1].length + 1 + word > width) filled++;
    }
  }
  if (continuations < MIN_CONTINUATIONS) return false;
  if (lower < continuations / 2) return false;
  const isVerse = width < VERSE_CHARS && filled < continuations / 2 &&
    continuations >= 2 * stanzas;
  return !isVerse;
}

/** The width that nine of ten wrapped lines keep. */
function wrapWidth(blocks: readonly string[][]): number {
  const lengths = blocks.flatMap((block) =>
    block.slice(0, -1).map((line) => line.length)
  ).sort((a, b) => a - b);
  return lengths[Math.floor(lengths.length * 0.9)] ?? 0;
}

/** Enclitic pronouns: the hyphen before them is theirs. */
const ENCLITICS =
  /^(?:me|te|se|nos|vos|lhes?|[oa]s?|l[oa]s?|n[oa]s?|m[oa]s?)(?![\p{L}])/u;

/** One line for a paragraph; a stanza within prose keeps its lines. */
function unwrap(block: readonly string[], width: number): string[] {
  if (isStanza(block, width)) return [...block];
  let line = block[0];
  for (const next of block.slice(1)) {
    if (/\p{L}-$/u.test(line) && /^\p{Ll}/u.test(next)) {
      line = (ENCLITICS.test(next) ? line : line.slice(0, -1)) + next;
    } else {
      line += ` ${next}`;
    }
  }
  return [line];
}

function isStanza(block: readonly string[], width: number): boolean {
  const capitals = block.filter((line) => !/^\p{Ll}/u.test(line)).length;
  return block.length >= 3 && capitals >= block.length - 1 &&
    block.every((line) => line.length < 0.75 * width);
}

/** Lines about a text or a site, not of it. */
const BOILERPLATE = [
  /^(?:categoria|predefinição|ficheiro|arquivo|imagem|category|file|template): ?\S/i,
  /^esta página foi (?:editada|modificada|alterada)/i,
  /^este (?:artigo|verbete) .{0,80}(?:esboço|carece|não cita|fontes)/i,
  /^(?:obtid[ao]|disponível|recuperad[ao]) (?:de|em)\b.{0,40}(?:https?:|www\.)/i,
  /^origem: wikip[eé]dia/i,
  /^todos os direitos reservados/i,
  /^(?:copyright\b|©)/i,
  /^página \d{1,5}(?: de \d{1,5})?$/i,
  /^\[? ?(?:editar|ocultar|esconder)(?: ?\| ?editar código-fonte)? ?\]?$/i,
  /^(?:voltar ao (?:topo|início)|compartilhe|leia também|clique aqui|saiba mais)\b.{0,40}$/i,
  /^este texto não substitui o publicado/i,
  /project gutenberg/i,
  /^texto[- ]fonte\b/i,
  /^publicad[oa] originalmente\b/i,
  /^.{0,80}\bnova aguilar\b.{0,40}$/i,
  /^(?:https?:\/\/|www\.)\S{1,2000}$/i,
];

/**
 * Whether a line is maintenance or boilerplate of a wiki, site or edition.
 *
 * @param line One line.
 */
export function isBoilerplate(line: string): boolean {
  return BOILERPLATE.some((pattern) => pattern.test(line));
}

/** Takes markup out of single lines. */
class MarkupStripper {
  readonly #markdown: boolean;
  readonly #namespaces = new Namespaces();
  readonly #residue = new Residue();

  constructor(markdown: boolean) {
    this.#markdown = markdown;
  }

  strip(source: string): string {
    let line = source;
    if (line.includes("{{") || line.includes("[[")) {
      const context = {
        title: "",
        namespaces: this.#namespaces,
        residue: this.#residue,
      };
      line = expand(line, context).replaceAll(GONE, " ");
      line = stripLeftovers(line, this.#residue);
    }
    if (/<\/?[a-z]/i.test(line)) {
      line = stripTags(line, this.#residue).replaceAll("\n", " ");
    }
    if (line.includes("&")) line = decodeEntities(line);
    if (this.#markdown) line = stripMarkdown(line);
    return line === source ? line : plainSpaces(line.replaceAll(GONE, " "));
  }
}

/** Headings, quotes, list marks, emphasis, links, pictures, table rules. */
function stripMarkdown(line: string): string {
  if (/^(?:```|~~~)/.test(line) || /^[|:\- =*_]+$/.test(line)) return "";
  return line
    .replace(/^(?:#{1,6} |> |[*+-] )+/, "")
    .replace(/ #{1,6}$/, "")
    .replace(/!?\[([^\[\]]{0,1000})\]\([^()\s]{0,1000}\)/g, "$1")
    .replace(
      /\*\*|__|`|(?<![\p{L}\p{N}])\*(?=\S)|(?<=\S)\*(?![\p{L}\p{N}])/gu,
      "",
    )
    .replace(/^\||\|$/g, "")
    .replaceAll("|", " ");
}
