/**
 * Takes markup out of single lines of text: wikitext, HTML, Markdown.
 *
 * @module
 */

import { decodeEntities } from "../wikitext/entities.ts";
import { expand } from "../wikitext/expand.ts";
import { plainSpaces, stripLeftovers } from "../wikitext/lines.ts";
import { GONE, Residue } from "../wikitext/marks.ts";
import { Namespaces } from "../wikitext/namespaces.ts";
import { stripTags } from "../wikitext/tags.ts";

const NAMESPACES = new Namespaces();

/** Takes markup out of single lines. */
export class MarkupStripper {
  readonly #markdown: boolean;
  readonly #residue = new Residue();

  constructor(markdown: boolean) {
    this.#markdown = markdown;
  }

  strip(source: string): string {
    let line = source;
    if (line.includes("{{") || line.includes("[[")) {
      const context = {
        title: "",
        namespaces: NAMESPACES,
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
