/**
 * Templates and links, matched by one pass with one stack, as they nest in one
 * another. What never closes is given back as text, so that a missing bracket
 * does not cost the page; what closes too often is dropped.
 *
 * Time is linear: only the outermost levels are looked into, and text is put
 * together by appending.
 *
 * @module
 */

import type { Namespaces } from "./namespaces.ts";
import { externalLinkText, isFileLink, linkText, SCHEME } from "./links.ts";
import { escapeBrackets, GONE, type Residue } from "./marks.ts";
import { expandTemplate, type OwnTemplate } from "./templates.ts";

/** MediaWiki itself goes no deeper than 40. */
const MAX_DEPTH = 40;
/** Braces and brackets, all that matters while nothing is open. */
const PAGE_TOKEN = /\{{2,}|\}{2,}|\[+|\]+/g;
const BAR = 0x7c, LINE_END = 0x0a;
/** How far back an opening bracket is looked for. */
const LOOK_BACK = 300;
/** What stands in "{{1, 2}, {3}}". */
const SETS = /^[^{}\n]*\}(?:[^{}\n]*\{[^{}\n]*\})*[^{}\n]*\{[^{}\n]*$/;
/** What stands in "[[1, 2], [3, 4]]". */
const NUMBERS = /^[\d\s.,;:'"+*/()=[\]-]{1,300}$/;
const TOKEN = /\{{2,}|\}{2,}|\[+|\]+|\||\n/g;

/** Something open. */
interface Frame {
  readonly kind: "page" | "braces" | "link" | "external";
  /** How many braces opened it and have not been closed. */
  braces: number;
  /** Its parts that a `|` has ended. */
  parts: string[];
  /** The text after the last `|`, or all of it. */
  text: string;
}

/** What is known of the page. */
export interface ExpandContext {
  /** The page's title, which `{{PAGENAME}}` shows. */
  readonly title: string;
  /** The wiki's namespaces. */
  readonly namespaces: Namespaces;
  /** The wiki's own templates that stand for an argument: for which. */
  readonly templates?: ReadonlyMap<string, OwnTemplate>;
  /** Where brackets that match nothing are counted. */
  readonly residue: Residue;
}

/**
 * Replaces templates and links by what they leave behind.
 *
 * @param text Wikitext without comments, nowiki and the like.
 *
 * @example
 * ```ts
 * import { expand } from "./expand.ts";
 * import { Namespaces } from "./namespaces.ts";
 * import { Residue } from "./marks.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const context = {
 *   title: "Sol",
 *   namespaces: new Namespaces(),
 *   residue: new Residue(),
 * };
 * const text = "O [[Sol|astro]]-rei tem {{formatnum:{{nowrap|4600}}}} milhões.";
 * assertEquals(expand(text, context), "O astro-rei tem 4.600 milhões.");
 * ```
 */
export function expand(text: string, context: ExpandContext): string {
  return new Expander(text, context).run();
}

class Expander {
  readonly #source: string;
  readonly #context: ExpandContext;
  readonly #stack: Frame[] = [open("page")];
  /** How many frames of the stack are braces. */
  #openBraces = 0;

  constructor(source: string, context: ExpandContext) {
    this.#source = source;
    this.#context = context;
  }

  get #top(): Frame {
    return this.#stack[this.#stack.length - 1];
  }

  run(): string {
    const source = this.#source;
    let done = 0;
    for (;;) {
      const token = this.#stack.length === 1 ? PAGE_TOKEN : TOKEN;
      token.lastIndex = done;
      // A token is one character or a run of it; to be told where it ends is
      // enough, and costs half of a match.
      if (!token.test(source)) break;
      const end = token.lastIndex;
      const code = source.charCodeAt(end - 1);
      let start = end - 1;
      if (code !== BAR && code !== LINE_END) {
        while (start > done && source.charCodeAt(start - 1) === code) start--;
      }
      if (start > done) this.#top.text += source.slice(done, start);
      done = end;
      this.#take(code, start, end - start);
    }
    this.#top.text += source.slice(done);
    while (this.#stack.length > 1) this.#abandon();
    return this.#top.text;
  }

  /** Takes a token: its character, where it starts, how often it stands. */
  #take(code: number, at: number, count: number): void {
    switch (code) {
      case 0x7b:
        this.#stack.push(open("braces", count));
        this.#openBraces++;
        break;
      case 0x7d:
        this.#closeBraces(count, at);
        break;
      case 0x5b:
        this.#openBrackets(count, at + count);
        break;
      case 0x5d:
        this.#closeBrackets(count, at);
        break;
      case BAR:
        this.#bar();
        break;
      default:
        this.#lineEnd(at);
    }
  }

  #bar(): void {
    const top = this.#top;
    if (top.kind === "braces" || top.kind === "link") {
      top.parts.push(top.text);
      top.text = "";
    } else {
      top.text += "|";
    }
  }

  /** Links do not span paragraphs, nor their targets and addresses lines. */
  #lineEnd(at: number): void {
    const next = this.#source[at + 1];
    if (this.#top.kind === "external") this.#abandon();
    const paragraphEnds = next === "\n" || next === "=";
    while (
      this.#top.kind === "link" &&
      (paragraphEnds || this.#top.parts.length === 0)
    ) this.#abandon();
    this.#top.text += "\n";
  }

  #openBrackets(count: number, next: number): void {
    if (count >= 2) {
      this.#top.text += "[".repeat(count - 2);
      this.#stack.push(open("link"));
    } else if (
      this.#top.kind !== "external" &&
      SCHEME.test(this.#source.slice(next, next + 10))
    ) {
      this.#stack.push(open("external"));
    } else {
      this.#top.text += "[";
    }
  }

  /** Whether single brackets are open on the line, which these close. */
  #closesText(opener: string, closer: string, at: number): boolean {
    const source = this.#source, least = Math.max(0, at - LOOK_BACK);
    let depth = 0;
    for (let i = at - 1; i >= least; i--) {
      const char = source[i];
      if (char === "\n") return false;
      if (char === closer) depth--;
      if (char !== opener) continue;
      depth++;
      // Some together are wikitext's, and close on their own.
      let run = 1;
      for (; source[i - 1] === opener; run++, i--) depth++;
      // "{|" starts a table.
      if (run === 1 && depth > 0 && source[i + 1] !== "|") return true;
    }
    return false;
  }

  #closeBrackets(count: number, at: number): void {
    while (count > 0) {
      const { kind } = this.#top;
      if (kind === "external") {
        const { text } = this.#stack.pop()!;
        this.#top.text += this.#deep ? text : externalLinkText(text);
        count--;
      } else if (kind === "link" && count >= 2) {
        this.#closeLink();
        count -= 2;
      } else if (count >= 2) {
        if (this.#closesText("[", "]", at)) {
          this.#top.text += escapeBrackets("]]");
        } else this.#context.residue.add("]]");
        count -= 2;
      } else {
        this.#top.text += "]";
        count--;
      }
    }
  }

  #closeLink(): void {
    const { parts, text } = this.#stack.pop()!;
    const isText = parts.length === 0 && /\].{0,3}\[/.test(text) &&
      NUMBERS.test(text);
    this.#top.text += this.#deep
      ? text
      : isText
      ? escapeBrackets(`[[${text}]]`)
      : linkText([...parts, text], this.#context.namespaces);
  }

  #closeBraces(count: number, at: number): void {
    if (this.#openBraces === 0) {
      // "{1, {2, 3}}": braces of the text.
      if (this.#closesText("{", "}", at)) {
        this.#top.text += escapeBrackets("}".repeat(count));
      } else this.#context.residue.add("}}");
      return;
    }
    // A link that is still open inside a template was never closed.
    while (this.#top.kind !== "braces") this.#abandon();
    while (count >= 2 && this.#top.kind === "braces") {
      const frame = this.#stack.pop()!;
      this.#openBraces--;
      const used = Math.min(3, count, frame.braces);
      const { parts } = frame;
      parts.push(frame.text);
      const result = this.#deep ? GONE : used === 3
        ? parts[1] ?? GONE // {{{name|default}}}
        : parts.length === 1 && parts[0].includes("}") && SETS.test(parts[0])
        ? escapeBrackets(`{{${parts.join("|")}}}`) // "{{1, 2}, {3}}"
        : expandTemplate(parts, this.#context.title, this.#context.templates);
      count -= used;
      const left = frame.braces - used;
      if (left >= 2) {
        this.#stack.push({ ...open("braces", left), text: result });
        this.#openBraces++;
      } else {
        this.#top.text += result;
      }
    }
    if (count >= 2) this.#context.residue.add("}}");
  }

  /** Whether the frame just taken off lies too deep to look into. */
  get #deep(): boolean {
    return this.#stack.length > MAX_DEPTH;
  }

  /** Takes the innermost open thing for text. */
  #abandon(): void {
    const { kind, parts, text } = this.#stack.pop()!;
    if (kind === "external") {
      this.#top.text += text;
      return;
    }
    this.#context.residue.add(kind === "link" ? "[[" : "{{");
    if (kind === "braces") this.#openBraces--;
    if (this.#deep || parts.length === 0) {
      this.#top.text += text;
      return;
    }
    if (kind === "link" && isFileLink(parts[0], this.#context.namespaces)) {
      return; // a caption at most
    }
    // The name or target goes; a template's further lines start with their
    // bar, by which they are known for no prose.
    const line = parts[0].indexOf("\n");
    let rest = kind === "braces" && line >= 0 ? parts[0].slice(line) + "|" : "";
    for (const part of parts.slice(1)) rest += part + "|";
    this.#top.text += rest + text;
  }
}

function open(kind: Frame["kind"], braces = 0): Frame {
  return { kind, braces, parts: [], text: "" };
}
