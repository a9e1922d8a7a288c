/**
 * From the text of a MediaWiki XML dump to its pages, one at a time, whatever
 * they are.
 *
 * @module
 */

import { SaxesParser, type SaxesTagPlain } from "npm:saxes@6.0.0";

/** MediaWiki's own limit for a page is 2 MiB. */
const MAX_PAGE_CHARS = 16 << 20;
/** A dump nests six elements; deeper is hostile. */
const MAX_DEPTH = 64;
/** How much is parsed before its pages are handed on, in characters. */
const PARSE_CHARS = 1 << 16;

/** A page as the dump has it, with its latest revision. */
export interface Page {
  /** Full title, with the namespace's prefix. */
  readonly title: string;
  /** The page's number, where the dump gives it. */
  readonly id?: number;
  /** The namespace, where the dump gives it. */
  readonly namespace?: number;
  /** Where `<redirect>` leads. */
  readonly redirect?: string;
  /** Its content model, such as `wikitext`, where the dump gives it. */
  readonly model?: string;
  /** The wikitext; "" where it was deleted. */
  readonly text: string;
}

/** What a dump holds, in order. */
export type DumpItem =
  | { page: Page }
  /** A namespace that the dump declares: its number, and its name. */
  | { namespace: { readonly key: number; readonly name: string } }
  /** The name of the wiki's database, or the address of its main page. */
  | { site: { readonly database?: string; readonly base?: string } };

/**
 * Reads pages from XML text. Of several revisions the latest is taken.
 *
 * @param maxPageChars The longest page to accept, in characters.
 * @throws {SyntaxError} At a DOCTYPE, a page that is too long, and XML that is
 * not well formed or is cut off.
 *
 * @example
 * ```ts
 * import { readPages } from "./dump_pages.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const xml = "<mediawiki><page><title>Sol</title><revision>" +
 *   "<text>Uma estrela.</text></revision></page></mediawiki>";
 * const items = await Array.fromAsync(readPages(ReadableStream.from([xml])));
 * assertEquals(items, [{ page: { title: "Sol", text: "Uma estrela." } }]);
 * ```
 */
export async function* readPages(
  chunks: AsyncIterable<string>,
  maxPageChars?: number,
): AsyncGenerator<DumpItem> {
  const reader = new PageReader(maxPageChars);
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += PARSE_CHARS) {
      yield* reader.write(chunk.slice(at, at + PARSE_CHARS));
    }
  }
  yield* reader.end();
}

interface Revision {
  id?: string;
  timestamp?: string;
  model?: string;
  text: string;
}

/** The elements whose text is wanted, with those around them. */
const WITH_CONTENT: ReadonlySet<string> = new Set(
  ("namespaces/namespace siteinfo/dbname siteinfo/base page/title page/ns " +
    "page/id revision/id revision/timestamp revision/model revision/text")
    .split(" "),
);

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Reads pages from the text of a dump that is written to it piece by piece. It
 * follows the parser's events.
 */
export class PageReader {
  readonly #parser = new SaxesParser();
  readonly #maxPageChars: number;
  #items: DumpItem[] = [];
  #path: string[] = [];
  /** The content of the innermost element, where it is one of interest. */
  #content?: string;
  #namespaceKey?: number;
  #page: Partial<Writable<Page>> = {};
  #revision?: Revision;
  #latest?: Revision;
  #written = 0;
  /** Where in the text the last event came, to the chunk. */
  #progress = 0;

  /** @param maxPageChars The longest page to accept, in characters. */
  constructor(maxPageChars: number = MAX_PAGE_CHARS) {
    this.#maxPageChars = maxPageChars;
    const parser = this.#parser;
    const moved = () => this.#progress = this.#written;
    parser.on("doctype", () => {
      throw new SyntaxError("a dump has no DOCTYPE");
    });
    parser.on("xmldecl", ({ encoding }) => {
      if (encoding !== undefined && !/^utf-?(8|16)$/i.test(encoding)) {
        throw new SyntaxError(`the encoding "${encoding}" is not UTF-8`);
      }
    });
    parser.on("opentag", (tag) => (moved(), this.#open(tag)));
    parser.on("closetag", () => (moved(), this.#close()));
    parser.on("text", (text) => (moved(), this.#append(text)));
    parser.on("cdata", (text) => (moved(), this.#append(text)));
    parser.on("comment", moved);
    parser.on("processinginstruction", moved);
  }

  /** Parses a piece of text; returns what it completed. */
  write(text: string): DumpItem[] {
    // The parser holds a token until it ends: refuse one that does not.
    if (this.#written - this.#progress > this.#maxPageChars) {
      throw tooLong(this.#maxPageChars);
    }
    this.#written += text.length;
    return this.#run(() => this.#parser.write(text));
  }

  /** Checks that the document is complete. */
  end(): DumpItem[] {
    if (this.#written === 0) {
      throw new SyntaxError("Cannot parse the dump: it is empty");
    }
    const inside = this.#path.at(-1);
    if (inside !== undefined) {
      throw new SyntaxError(
        `Cannot parse the dump: it is cut off inside <${inside}>`,
      );
    }
    return this.#run(() => this.#parser.close());
  }

  #run(parse: () => void): DumpItem[] {
    try {
      parse();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new SyntaxError(`Cannot parse the dump: ${oneLine(reason)}`, {
        cause: error,
      });
    }
    const items = this.#items;
    this.#items = [];
    return items;
  }

  #open({ name, attributes }: SaxesTagPlain): void {
    const parent = this.#path.at(-1);
    if (parent === undefined && name !== "mediawiki") {
      throw new SyntaxError(`<${name.slice(0, 40)}> is not a MediaWiki dump`);
    }
    if (this.#path.push(name) > MAX_DEPTH) {
      throw new SyntaxError("its elements nest too deeply");
    }
    const element = `${parent}/${name}`;
    this.#content = WITH_CONTENT.has(element) ? "" : undefined;
    switch (element) {
      case "namespaces/namespace":
        this.#namespaceKey = wholeNumber(attributes.key);
        break;
      case "mediawiki/page":
        this.#page = {};
        this.#latest = undefined;
        break;
      case "page/redirect":
        this.#page.redirect = attributes.title ?? "";
        break;
      case "page/revision":
        this.#revision = { text: "" };
        break;
    }
  }

  #append(text: string): void {
    if (this.#content === undefined) return;
    this.#content += text;
    if (this.#content.length > this.#maxPageChars) {
      throw tooLong(this.#maxPageChars);
    }
  }

  #close(): void {
    const name = this.#path.pop();
    const content = this.#content ?? "";
    this.#content = undefined;
    switch (`${this.#path.at(-1)}/${name}`) {
      case "namespaces/namespace":
        if (this.#namespaceKey !== undefined) {
          const namespace = { key: this.#namespaceKey, name: content };
          this.#items.push({ namespace });
        }
        break;
      case "siteinfo/dbname":
        this.#items.push({ site: { database: content } });
        break;
      case "siteinfo/base":
        this.#items.push({ site: { base: content } });
        break;
      case "page/title":
        this.#page.title = content;
        break;
      case "page/ns":
        this.#page.namespace = wholeNumber(content);
        break;
      case "page/id":
        this.#page.id = wholeNumber(content);
        break;
      case "revision/id":
      case "revision/timestamp":
      case "revision/model":
      case "revision/text":
        this.#revision![name as keyof Revision] = content;
        break;
      case "page/revision":
        if (isLater(this.#revision!, this.#latest)) {
          this.#latest = this.#revision;
        }
        break;
      case "mediawiki/page":
        this.#finishPage();
        break;
    }
  }

  #finishPage(): void {
    const { title, id, namespace, redirect } = this.#page;
    if (title === undefined) throw new SyntaxError("a page without a title");
    const { text, model } = this.#latest ?? { text: "" };
    this.#items.push({
      page: {
        title,
        ...(id === undefined ? {} : { id }),
        ...(namespace === undefined ? {} : { namespace }),
        ...(redirect === undefined ? {} : { redirect }),
        ...(model === undefined ? {} : { model }),
        text,
      },
    });
  }
}

/** Timestamps are ISO 8601, so they compare as text; the later in file wins. */
function isLater(a: Revision, b: Revision | undefined): boolean {
  if (b === undefined) return true;
  if (a.timestamp !== b.timestamp) {
    return (a.timestamp ?? "") > (b.timestamp ?? "");
  }
  return Number(a.id ?? 0) >= Number(b.id ?? 0);
}

function wholeNumber(text = ""): number | undefined {
  return /^\s*-?\d{1,15}\s*$/.test(text) ? Number(text) : undefined;
}

function tooLong(limit: number): SyntaxError {
  return new SyntaxError(
    `Cannot parse the dump: a page is longer than ${limit} characters`,
  );
}

function oneLine(message: string): string {
  return message.replace("Cannot parse the dump: ", "").split("\n", 1)[0];
}
