/**
 * From HTML to the paragraphs that a reader of the page sees, with what was
 * struck out left out.
 *
 * It works on tags as they come, without a tree: what old pages hold is not
 * well nested, and a tree of a hostile page can be a million deep. Only the
 * depth of every tag name is counted, so time is linear and memory is that of
 * the text.
 *
 * @module
 */

import { Tokenizer, type TokenizerCallbacks } from "npm:htmlparser2@12.0.0";

/** What is inside text until the law's own rules have used it. */
export const MARKS = {
  /** Raised or underlined text begins. */
  raised: "\ufdd0",
  /** Raised or underlined text ends. */
  lowered: "\ufdd1",
  /** A link to another page begins. */
  link: "\ufdd2",
  /** A link to a place of this page begins. */
  anchor: "\ufdd3",
  /** A link ends. */
  linkEnd: "\ufdd4",
} as const;

/** A paragraph, or a row of a table. */
export interface HtmlBlock {
  /** The text of each cell, {@linkcode MARKS} in it; one for a paragraph. */
  readonly cells: readonly string[];
}

const VOID = new Set(
  "area base basefont bgsound br col embed frame hr img input link meta param source track wbr"
    .split(" "),
);
const BLOCKS = new Set(
  ("address article aside blockquote body caption center dd details dir div dl " +
    "dt fieldset figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 " +
    "header hr html legend li main menu nav ol p pre section summary table " +
    "tbody td tfoot th thead title tr ul").split(" "),
);
/** Elements whose text is not the page's. */
const HIDDEN = new Set(
  "button iframe noframes noscript object script select style svg template textarea title"
    .split(" "),
);
const STRUCK = new Set(["strike", "s", "del"]);
const STRUCK_STYLE = /text-decoration[^;]*line-through/i;
const HIDING_STYLE = /display\s*:\s*none/i;
/** HTML has fewer names than this; more at a time are not looked after. */
const MAX_OPEN_NAMES = 200;
/** Longer values of attributes are cut. */
const MAX_ATTRIBUTE = 1000;
/** Style sheets are read as far as this. */
const MAX_STYLES = 1 << 18;
/** A row with a longer cell is layout, not a table of figures. */
const MAX_CELL = 200;

/**
 * Reads the paragraphs of a page.
 *
 * @returns The paragraphs and rows in order, how many paragraphs were struck
 * out wholly or in part, and how often such an element was left open: that ends
 * with its paragraph.
 *
 * @example
 * ```ts
 * import { htmlBlocks } from "./html_blocks.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { blocks, struck } = htmlBlocks("<p>Vale <s>isto<p>e isso</s> aquilo");
 * assertEquals(blocks.map(({ cells }) => cells.join()), ["Vale", "aquilo"]);
 * assertEquals(struck, 2);
 * ```
 */
export function htmlBlocks(
  html: string,
): {
  readonly blocks: HtmlBlock[];
  readonly struck: number;
  readonly leftOpen: number;
} {
  const plain = html.replace(/[\ufdd0-\ufdef]/g, "");
  const reader = new BlockReader(plain, strikesLeftOpen(plain));
  const tokenizer = new Tokenizer({}, reader);
  tokenizer.write(reader.html);
  tokenizer.end();
  reader.onend();
  const { blocks, struck, leftOpen } = reader;
  return { blocks, struck, leftOpen };
}

/** Where elements that strike out start and nothing ends them. */
function strikesLeftOpen(html: string): ReadonlySet<number> {
  const open = new Map<string, number[]>();
  for (const match of html.matchAll(/<(\/?)(strike|s|del)(?=[\s>\/])/gi)) {
    const name = match[2].toLowerCase();
    const places = open.get(name) ?? [];
    open.set(name, places);
    if (match[1] === "") places.push(match.index + 1);
    else places.pop();
  }
  return new Set([...open.values()].flat());
}

/** The open elements of a name, and since which of them it hides. */
interface OpenElement {
  depth: number;
  hiddenSince?: number;
  /** Whether it hides because it strikes out. */
  strikes?: boolean;
  /** How many tables were open when it began to hide. */
  tables: number;
}

class BlockReader implements TokenizerCallbacks {
  readonly html: string;
  readonly blocks: HtmlBlock[] = [];
  struck = 0;
  leftOpen = 0;
  /** Where tags start whose elements nothing ends. */
  readonly #leftOpen: ReadonlySet<number>;
  /** The names of such elements that are open. */
  readonly #endingHere = new Set<string>();
  #tagAt = 0;
  readonly #open = new Map<string, OpenElement>();
  /** The names of open elements that hide. */
  readonly #hiding = new Set<string>();
  /** How many of these strike out. */
  #striking = 0;
  readonly #struckClasses = new Set<string>();
  #styles = 0;
  #tag = "";
  #attribute = "";
  #value = "";
  readonly #attributes = new Map<string, string>();
  #text: string[] = [];
  #struckHere = false;
  readonly #tables = new Rows((cells) => this.blocks.push({ cells }));

  constructor(html: string, leftOpen: ReadonlySet<number>) {
    this.html = html;
    this.#leftOpen = leftOpen;
  }

  ontext(start: number, end: number): void {
    const text = this.html.slice(start, end);
    if (this.#tag === "style" && this.#open.has("style")) {
      this.#readStyles(text);
    }
    this.#add(text);
  }

  ontextentity(code: number): void {
    this.#add(String.fromCodePoint(code));
  }

  onopentagname(start: number, end: number): void {
    this.#tag = this.html.slice(start, Math.min(end, start + 40)).toLowerCase();
    this.#tagAt = start;
    this.#attributes.clear();
  }

  onattribname(start: number, end: number): void {
    this.#attribute = this.html.slice(start, Math.min(end, start + 20))
      .toLowerCase();
    this.#value = "";
  }

  onattribdata(start: number, end: number): void {
    const room = MAX_ATTRIBUTE - this.#value.length;
    if (room > 0) {
      this.#value += this.html.slice(start, Math.min(end, start + room));
    }
  }

  onattribentity(code: number): void {
    if (this.#value.length < MAX_ATTRIBUTE) {
      this.#value += String.fromCodePoint(code);
    }
  }

  onattribend(): void {
    if (["style", "class", "href", "hidden"].includes(this.#attribute)) {
      this.#attributes.set(this.#attribute, this.#value);
    }
  }

  onopentagend(): void {
    this.#start(this.#tag);
  }

  onselfclosingtag(): void {
    this.#start(this.#tag); // HTML knows no other meaning
  }

  onclosetag(start: number, end: number): void {
    const name = this.html.slice(start, Math.min(end, start + 40))
      .toLowerCase();
    if (BLOCKS.has(name) || name === "br") this.#endBlock();
    if (BLOCKS.has(name)) this.#endStrikes();
    if (name === "sup" || name === "u") this.#mark(MARKS.lowered);
    if (name === "a") this.#mark(MARKS.linkEnd);
    if (["td", "th", "tr", "table"].includes(name)) this.#leaveCells();
    this.#end(name);
    if (name === "tr") this.#tables.endRow();
    if (name === "table") this.#tables.endTable();
  }

  onend(): void {
    this.#endBlock();
    this.#tables.end();
  }

  oncdata(): void {}
  oncomment(): void {}
  ondeclaration(): void {}
  onprocessinginstruction(): void {}

  #start(name: string): void {
    if (BLOCKS.has(name) || name === "br") this.#endBlock();
    if (BLOCKS.has(name)) this.#endStrikes();
    if (VOID.has(name)) return;
    if (BLOCKS.has(name)) this.#closeAll("p");
    if (["td", "th", "tr"].includes(name)) this.#leaveCells();
    if (name === "td" || name === "th") this.#tables.startCell();
    if (name === "tr") this.#tables.endRow();
    if (name === "table") this.#tables.startTable();
    this.#enter(name);
    if (STRUCK.has(name) && this.#leftOpen.has(this.#tagAt)) {
      this.#endingHere.add(name);
      this.leftOpen++;
    }
    if (name === "sup" || name === "u") this.#mark(MARKS.raised);
    const href = name === "a" ? this.#attributes.get("href") : undefined;
    if (href !== undefined) {
      this.#mark(href.startsWith("#") ? MARKS.anchor : MARKS.link);
    }
  }

  #enter(name: string): void {
    const element = this.#open.get(name) ?? { depth: 0, tables: 0 };
    if (element.depth === 0) {
      if (this.#open.size === MAX_OPEN_NAMES) return;
      this.#open.set(name, element);
    }
    element.depth++;
    const strikes = this.#isStruck(name);
    const hides = strikes || this.#isHidden(name);
    if (!hides || element.hiddenSince !== undefined) return;
    element.hiddenSince = element.depth;
    element.strikes = strikes;
    element.tables = this.#tables.depth;
    this.#hiding.add(name);
    if (strikes) this.#striking++;
  }

  #end(name: string): void {
    const element = this.#open.get(name);
    if (element === undefined) return;
    if (element.depth === element.hiddenSince) this.#show(name, element);
    if (--element.depth === 0) this.#open.delete(name);
  }

  /** An element that strikes out and is left open ends with its block. */
  #endStrikes(): void {
    if (this.#endingHere.size === 0) return;
    for (const name of this.#endingHere) this.#end(name);
    this.#endingHere.clear();
  }

  #closeAll(name: string): void {
    const element = this.#open.get(name);
    if (element === undefined) return;
    this.#show(name, element);
    this.#open.delete(name);
  }

  #show(name: string, element: OpenElement): void {
    if (element.hiddenSince === undefined) return;
    if (element.strikes) this.#striking--;
    element.hiddenSince = undefined;
    this.#hiding.delete(name);
  }

  /** What was struck out within a cell goes no further. */
  #leaveCells(): void {
    const { depth } = this.#tables;
    for (const name of this.#hiding) {
      const element = this.#open.get(name)!;
      if (depth > 0 && element.tables >= depth) this.#show(name, element);
    }
  }

  #isStruck(name: string): boolean {
    if (STRUCK.has(name)) return true;
    const style = this.#attributes.get("style");
    if (style !== undefined && STRUCK_STYLE.test(style)) return true;
    const classes = this.#attributes.get("class");
    return classes !== undefined && this.#struckClasses.size > 0 &&
      classes.split(/\s+/).some((name) => this.#struckClasses.has(name));
  }

  #isHidden(name: string): boolean {
    return HIDDEN.has(name) || this.#attributes.has("hidden") ||
      HIDING_STYLE.test(this.#attributes.get("style") ?? "");
  }

  /** Notes the classes that a style sheet strikes out. */
  #readStyles(text: string): void {
    if (this.#styles > MAX_STYLES) return;
    this.#styles += text.length;
    for (const rule of text.slice(0, MAX_STYLES).split("}")) {
      const [selectors, body = ""] = rule.split("{", 2);
      if (!STRUCK_STYLE.test(body)) continue;
      for (const [, name] of selectors.matchAll(/\.([\w-]+)\s*(?=,|$)/g)) {
        this.#struckClasses.add(name);
      }
    }
  }

  #mark(mark: string): void {
    if (this.#hiding.size === 0) this.#text.push(mark);
  }

  #add(text: string): void {
    if (this.#hiding.size === 0) {
      this.#text.push(text);
    } else if (this.#striking > 0 && /\S/.test(text)) {
      if (this.#isOrdinalSign(text)) this.#text.push(text.trim());
      else this.#struckHere = true;
    }
  }

  /** "1<s>º</s>": some editors draw the line under a raised o like this. */
  #isOrdinalSign(text: string): boolean {
    if (!/^\s{0,99}[oaºª°]\s{0,99}$/.test(text) || this.#struckHere) {
      return false;
    }
    return /\d\s{0,99}$/.test(this.#text.slice(-4).join("").slice(-100));
  }

  #endBlock(): void {
    if (this.#struckHere) this.struck++;
    this.#struckHere = false;
    if (this.#text.length === 0) return;
    const text = this.#text.join("").trim();
    this.#text = [];
    if (/[^\s\ufdd0-\ufdef]/.test(text)) this.#tables.add(text);
  }
}

/**
 * Puts the cells of a row together where a table holds figures; where it is
 * there for layout, its paragraphs stay paragraphs.
 */
class Rows {
  readonly #emit: (cells: string[]) => void;
  /** How many tables are open. */
  depth = 0;
  /** The cells of the current row, their paragraphs in each. */
  #row?: string[][];

  constructor(emit: (cells: string[]) => void) {
    this.#emit = emit;
  }

  add(text: string): void {
    const cell = this.#row?.at(-1);
    if (cell === undefined) this.#emit([text]);
    else cell.push(text);
  }

  /** What stands between cells joins the one before. */
  startCell(): void {
    if (this.depth > 0) (this.#row ??= []).push([]);
  }

  endRow(): void {
    const row = this.#row;
    this.#row = undefined;
    if (row === undefined) return;
    const cells = row.filter((cell) => cell.length > 0);
    const isRecord = cells.length > 1 &&
      cells.every(([text, ...more]) =>
        more.length === 0 && text.length <= MAX_CELL
      );
    if (isRecord) this.#emit(cells.map(([text]) => text));
    else for (const text of cells.flat()) this.#emit([text]);
  }

  /** A table within a cell: the row around it is layout. */
  startTable(): void {
    this.endRow();
    this.depth++;
  }

  endTable(): void {
    this.endRow();
    if (this.depth > 0) this.depth--;
  }

  end(): void {
    this.endRow();
    this.depth = 0;
  }
}
