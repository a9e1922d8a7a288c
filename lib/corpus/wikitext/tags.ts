/**
 * Everything between angle brackets: comments, tags whose content is not prose
 * (dropped with it), nowiki (kept as it is), and the HTML around prose.
 *
 * Each function passes once over the text; what is searched for ahead is
 * remembered, so that a page of a million openers costs no more than another.
 *
 * @module
 */

import {
  BREAK,
  escape,
  escapeBrackets,
  escapeCode,
  GONE,
  type Residue,
} from "./marks.ts";

import { raised } from "./numbers.ts";

/** Tags dropped with their content. */
const DROPPED =
  "ref references math chem ce score timeline gallery imagemap graph " +
  "templatedata templatestyles includeonly syntaxhighlight source hiero " +
  "mapframe maplink categorytree inputbox indicator style script";
const LITERAL = ["nowiki", "pre"];
/** Tags around code; some projects keep it. */
const CODE_BLOCKS = ["syntaxhighlight", "source"];
/** Tags around code within a sentence, in which MediaWiki expands templates. */
const INLINE_CODE =
  /(<(?:code|tt|kbd|samp)(?:\s[^<>]{0,200})?>)([^<]{1,2000})(?=<\/)/gi;
const RAW_OPENER = new RegExp(
  `<(?:!--|(${[...DROPPED.split(" "), ...LITERAL].join("|")})(?=[\\s/>]))`,
  "gi",
);

/** Tags that end a line. */
const BLOCKS: ReadonlySet<string> = new Set(
  ("p div blockquote center h1 h2 h3 h4 h5 h6 li ul ol dl dt dd hr tr td th " +
    "caption table tbody thead poem pre gallery").split(" "),
);
/** Tags that go without a trace. */
const INLINE: ReadonlySet<string> = new Set(
  ("span small big sub sup b i em strong u s del ins strike tt code kbd samp " +
    "var abbr cite q dfn font bdi bdo mark wbr noinclude onlyinclude " +
    "includeonly nowiki references math ruby rb rp rt time data nobr " +
    "translate section label a img ce chem score timeline style script source " +
    "syntaxhighlight indicator templatestyles noindex pagequality pages pagelist")
    .split(" "),
);
const ANY_TAG = /<(\/?)([a-z][a-z0-9]*)(?=[\s/>])/gi;

/** A tag longer than this is not one. */
const MAX_TAG = 2000;
/** `<sup>` around more than this is not an exponent. */
const MAX_SUPERSCRIPT = 12;

/**
 * Removes comments and tags with content that is not prose, and hides the
 * meaning of what nowiki and pre hold.
 *
 * @param residue Where tags that never close are counted.
 * @param keepCode Whether blocks of code are kept, as code.
 */
export function dropRaw(
  source: string,
  residue: Residue,
  keepCode = false,
): string {
  const text = /<(?:code|tt|kbd|samp)\b/i.test(source)
    ? source.replace(
      INLINE_CODE,
      (_, tag: string, code: string) =>
        tag + (holdsMarkup(code) ? code : escapeBrackets(code)),
    )
    : source;
  const closers = new Closers(text);
  const out: string[] = [];
  let done = 0;
  RAW_OPENER.lastIndex = 0;
  for (
    let match = RAW_OPENER.exec(text);
    match !== null;
    match = RAW_OPENER.exec(text)
  ) {
    const start = match.index;
    const name = match[1]?.toLowerCase();
    out.push(text.slice(done, start));
    done = name === undefined
      ? endOfComment(text, start, closers)
      : rawTag(text, { start, name, keepCode }, closers, out, residue);
    RAW_OPENER.lastIndex = done;
  }
  if (done === 0) return text;
  out.push(text.slice(done));
  return out.join("");
}

/** A comment alone on its line goes with the line, as in MediaWiki. */
function endOfComment(text: string, start: number, closers: Closers): number {
  const close = closers.find("-->", start);
  if (close === undefined) return text.length;
  let before = start;
  while (text[before - 1] === " ") before--;
  if (before > 0 && text[before - 1] !== "\n") return close.end;
  let after = close.end;
  while (text[after] === " ") after++;
  return text[after] === "\n" ? after + 1 : close.end;
}

/** Whether code holds templates or links, which MediaWiki expands in it. */
function holdsMarkup(code: string): boolean {
  return /\{\{[^{}\n]{1,200}\}\}|\[\[[^[\]\n]{1,200}\]\]/.test(code);
}

function rawTag(
  text: string,
  { start, name, keepCode }: {
    readonly start: number;
    readonly name: string;
    readonly keepCode: boolean;
  },
  closers: Closers,
  out: string[],
  residue: Residue,
): number {
  const tag = tagEnd(text, start + 1 + name.length);
  if (tag === undefined) {
    residue.add(`<${name}`);
    return start + 1 + name.length;
  }
  const literal = LITERAL.includes(name);
  if (tag.selfClosing) {
    if (!literal) out.push(GONE);
    return tag.end;
  }
  const close = closers.find(name, tag.end);
  // A heading inside a note means that somebody forgot to close the note.
  const forgotten = close === undefined ||
    name === "ref" && closers.headingBetween(tag.end, close.start);
  if (forgotten) {
    residue.add(`<${name}`);
    if (literal) return tag.end;
    const end = text.indexOf(name === "ref" ? "\n" : "\n\n", tag.end);
    return end < 0 ? text.length : end;
  }
  const formula = name === "math"
    ? plainFormula(text.slice(tag.end, close.start))
    : undefined;
  if (formula !== undefined) {
    out.push(escape(formula));
  } else if (name === "nowiki") {
    out.push(escape(text.slice(tag.end, close.start)));
  } else if (name === "pre" || keepCode && isBlock(name, text, start, tag)) {
    out.push("\n\n", escapeCode(text.slice(tag.end, close.start)), "\n\n");
  } else if (CODE_BLOCKS.includes(name) && !isBlock(name, text, start, tag)) {
    out.push(escape(text.slice(tag.end, close.start).trim()));
  } else {
    out.push(GONE);
  }
  return close.end;
}

/** A longer formula is none of a sentence's. */
const MAX_FORMULA = 60;

/**
 * A formula that needs no setting, such as "n + 1" or "x^2", as text; a sentence
 * would lose its variables.
 */
function plainFormula(tex: string): string | undefined {
  if (tex.length > MAX_FORMULA) return undefined;
  const plain = tex.trim()
    .replace(
      /\^(?:\{([+-]?\d{1,9})\}|(\d))/g,
      (_, group?: string, digit?: string) => raised(group ?? digit!),
    )
    .replace(
      /_(?:\{(\d{1,9})\}|(\d))/g,
      (_, group?: string, digit?: string) =>
        [...(group ?? digit!)].map((each) => "₀₁₂₃₄₅₆₇₈₉"[Number(each)]).join(
          "",
        ),
    );
  return /^[\p{L}\d⁺⁻⁰¹²³⁴-⁹₀-₉ +=<>.,;:()!'|/-]+$/u.test(plain) &&
      /[\p{L}\d]/u.test(plain)
    ? plain
    : undefined;
}

/** Whether a tag holds a block of code, and not a word of a sentence. */
function isBlock(
  name: string,
  text: string,
  start: number,
  { end }: TagEnd,
): boolean {
  return CODE_BLOCKS.includes(name) &&
    !/\sinline(?=[\s=>/])/i.test(text.slice(start, end));
}

/** The next closing tag of each name, searched for once, going forward. */
class Closers {
  readonly #text: string;
  readonly #found = new Map<string, { start: number; end: number } | null>();

  constructor(text: string) {
    this.#text = text;
  }

  /** The next `-->` or closing tag of a name from `from` on. */
  find(name: string, from: number): { start: number; end: number } | undefined {
    const pattern = name === "-->"
      ? /-->/g
      : new RegExp(`</${name}[ \\t\\n]{0,20}>`, "gi");
    return this.#next(name, pattern, from);
  }

  headingBetween(from: number, to: number): boolean {
    const heading = this.#next("heading", /\n==/g, from);
    return heading !== undefined && heading.start < to;
  }

  #next(
    key: string,
    pattern: RegExp,
    from: number,
  ): { start: number; end: number } | undefined {
    let found = this.#found.get(key);
    if (found === undefined || found !== null && found.start < from) {
      pattern.lastIndex = from;
      const match = pattern.exec(this.#text);
      found = match === null
        ? null
        : { start: match.index, end: pattern.lastIndex };
      this.#found.set(key, found);
    }
    return found ?? undefined;
  }
}

interface TagEnd {
  readonly end: number;
  readonly selfClosing: boolean;
}

/**
 * The end of a tag, from after its name; `>` and `/` may stand in quotes.
 * Undefined when it does not end before the next `<`.
 */
function tagEnd(text: string, from: number): TagEnd | undefined {
  const limit = Math.min(text.length, from + MAX_TAG);
  let quote = "", plain: number | undefined;
  for (let at = from; at < limit; at++) {
    const char = text[at];
    if (char === "<") break;
    if (char === ">") {
      plain ??= at;
      if (quote === "") return closed(text, at);
    } else if (quote !== "") {
      if (char === quote) quote = "";
    } else if ((char === '"' || char === "'") && text[at - 1] === "=") {
      quote = char;
    }
  }
  // The quote is never closed: the tag ends at its first `>`.
  return plain === undefined ? undefined : closed(text, plain);
}

function closed(text: string, at: number): TagEnd {
  return { end: at + 1, selfClosing: text[at - 1] === "/" };
}

/**
 * Removes HTML: tables with their content, other tags alone. Tags that divide
 * leave a line end, `<br>` a space, so that words never stick together.
 *
 * @param residue Where closing notes without an opener are counted.
 */
export function stripTags(text: string, residue: Residue): string {
  const out: string[] = [];
  const tables: number[] = [];
  let done = 0, poems = 0;
  /** What is not shown: its tag, how deep, where it began. */
  let hidden: { name: string; depth: number; from: number } | undefined;
  const copy = (to: number) => {
    const piece = text.slice(done, to);
    // Colons indent verses.
    out.push(
      poems > 0
        ? piece.replace(
          /(^|\n)(\n*):*/g,
          (_, first, more) => (first + more).replaceAll("\n", BREAK),
        )
        : piece,
    );
  };
  ANY_TAG.lastIndex = 0;
  for (
    let match = ANY_TAG.exec(text);
    match !== null;
    match = ANY_TAG.exec(text)
  ) {
    const closing = match[1] !== "";
    const name = match[2].toLowerCase();
    const tag = tagEnd(text, ANY_TAG.lastIndex);
    if (tag === undefined || !isKnown(name)) continue;
    copy(match.index);
    done = tag.end;
    if (hidden?.name === name) {
      hidden.depth += closing ? -1 : tag.selfClosing ? 0 : 1;
      if (hidden.depth === 0) {
        out.length = Math.min(out.length, hidden.from);
        out.push(GONE);
        hidden = undefined;
      }
    } else if (
      hidden === undefined && !closing && !tag.selfClosing && name !== "br" &&
      HIDING.test(text.slice(match.index, tag.end))
    ) hidden = { name, depth: 1, from: out.length };
    if (name === "table") {
      if (!closing) tables.push(out.length);
      else out.length = tables.pop() ?? out.length;
      out.push("\n\n");
    } else if (name === "poem") {
      out.push("\n\n");
      poems = Math.max(0, poems + (closing ? -1 : 1));
    } else if (name === "br") {
      out.push(poems > 0 ? BREAK : " ");
    } else if (name === "sup" && !closing) {
      const exponent = superscriptAt(text, done);
      if (exponent !== undefined) {
        out.push(exponent.text);
        done = exponent.end;
      }
    } else if (name === "ref") {
      residue.add("<ref");
    } else if (BLOCKS.has(name)) {
      out.push("\n\n");
    }
    ANY_TAG.lastIndex = done;
  }
  if (done === 0) return text;
  copy(text.length);
  return out.join("");
}

/** What keeps an element from being shown. */
const HIDING = /\sstyle\s*=[^>]*display\s*:\s*none|\shidden(?=[\s>=/])/i;

function isKnown(name: string): boolean {
  return BLOCKS.has(name) || INLINE.has(name) || name === "br" ||
    name === "ref";
}

const ORDINALS: Readonly<Record<string, string>> = {
  o: "º",
  a: "ª",
  os: "ºs",
  as: "ªs",
  "º": "º",
  "ª": "ª",
};

/** 10⁶ must not become 106; what has no superscript stays as it is. */
function superscriptAt(
  text: string,
  from: number,
): { text: string; end: number } | undefined {
  const piece = text.slice(from, from + MAX_SUPERSCRIPT + 6);
  const close = piece.search(/<\/sup>/i);
  if (close < 1) return undefined;
  const inner = piece.slice(0, close);
  const end = from + close + 6;
  if (/^[0-9+\-−–]+$/.test(inner)) {
    return { text: raised(inner), end };
  }
  const ordinal = ORDINALS[inner.toLowerCase()];
  // After a number, or the n of "number".
  const isNumber = /(?:[0-9]|(?<!\p{L})n)\.?(?:<[a-z]+>)*<[^<>]*>$/iu.test(
    text.slice(Math.max(0, from - 16), from),
  );
  return ordinal !== undefined && isNumber ? { text: ordinal, end } : undefined;
}
