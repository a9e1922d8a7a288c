/**
 * The cleaning of text, wherever TypeScript runs: wikitext, pages of law and
 * plain text that was typed, scanned or converted. Nothing here needs Deno, Node
 * or a disk.
 *
 * ```ts
 * import { cleanText, WikiCleaner } from "@ptbr-slm/ptbr-slm/cleaning";
 * import { assertEquals } from "@std/assert";
 *
 * const article = new WikiCleaner().clean("O '''Sol''' é uma [[estrela]].");
 * assertEquals(article, "O Sol é uma estrela.");
 * assertEquals(cleanText("O Sol  brilha .\n").text, "O Sol brilha .\n");
 * ```
 *
 * @module
 */

export { countFaults, type Faults } from "../corpus/audit/faults.ts";
export { RepeatedLines } from "../corpus/clean/boilerplate.ts";
export { WordForms } from "../corpus/clean/hyphens.ts";
export { repairC1, repairMojibake } from "../corpus/clean/mojibake.ts";
export {
  type BlankLines,
  type CleanedText,
  type CleaningCounts,
  cleanText,
  decodeLegacy,
  repairText,
  type TextCleanerOptions,
} from "../corpus/clean/text_cleaner.ts";
export { type DecodedHtml, decodeHtml } from "../corpus/laws/html_encoding.ts";
export {
  cleanLaw,
  type Law,
  type LawCleanerOptions,
  type LawCounts,
} from "../corpus/laws/law_cleaner.ts";
export { type Project, PROJECTS } from "../corpus/wiki/projects.ts";
export { Namespaces } from "../corpus/wikitext/namespaces.ts";
export {
  WikiCleaner,
  type WikiCleanerOptions,
} from "../corpus/wikitext/wiki_cleaner.ts";
