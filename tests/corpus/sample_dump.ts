/**
 * Small dumps for tests: pages of every kind, any number of them.
 *
 * @module
 */

import type { PageCounts } from "../../lib/corpus/output/document_batch.ts";
import type { ArticleOptions } from "../../lib/corpus/wiki/article_batch.ts";
import { WikiCleaner } from "../../lib/corpus/wikitext/wiki_cleaner.ts";
import type { DumpSource } from "../../lib/corpus/dump/dump_source.ts";
import { WikiStreamParser } from "../../lib/corpus/wiki/wiki_stream_parser.ts";

/** What stands before the pages of a dump. */
export const HEADER = `<?xml version="1.0" encoding="utf-8"?>
<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="pt-BR">
  <siteinfo>
    <sitename>Wikipédia</sitename>
    <dbname>ptwiki</dbname>
    <base>https://pt.wikipedia.org/wiki/Wikip%C3%A9dia:P%C3%A1gina_principal</base>
    <namespaces>
      <namespace key="0" case="first-letter" />
      <namespace key="102" case="first-letter">Anexo</namespace>
    </namespaces>
  </siteinfo>
`;

/** One page; its text as it is written in XML. */
export function pageXml(
  number: number,
  title: string,
  text: string,
  { ns = 0, rest = "" }: { ns?: number; rest?: string } = {},
): string {
  return `  <page>
    <title>${title}</title>
    <ns>${ns}</ns>
    <id>${number}</id>${rest}
    <revision>
      <id>${number + 1000}</id>
      <timestamp>2024-01-01T00:00:00Z</timestamp>
      <contributor><username>Ana &amp; Zé</username><id>7</id></contributor>
      <model>wikitext</model>
      <format>text/x-wiki</format>
      <text bytes="${text.length}" xml:space="preserve">${text}</text>
      <sha1>x</sha1>
    </revision>
  </page>
`;
}

/** Pages of every kind in turn. */
export function pages(count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const words = `palavra ${i} — ação &quot;x&quot; `.repeat(i % 23 + 1);
    switch (i % 7) {
      case 0:
        return pageXml(i, `A${i}`, `#REDIRECIONAMENTO [[B${i}]]`, {
          rest: `\n    <redirect title="B${i}" />`,
        });
      case 1:
        return pageXml(i, `Anexo:L${i}`, words, { ns: 102 });
      case 2:
        return pageXml(i, `C&amp;D ${i}`, `{{desambiguação}} ${words}`);
      default:
        return pageXml(
          i,
          `P&amp;B ${i}`,
          `'''P''' &lt;ref&gt;n&lt;/ref&gt; [[a|b]] ${words}\n\n== V ==\n` +
            `{{x|${i}}} ${words} ]]\n`,
        );
    }
  });
}

/** A whole dump. */
export function dumpXml(pages: readonly string[]): string {
  return `${HEADER}${pages.join("")}</mediawiki>\n`;
}

/** Bytes as a source, in chunks. */
export function sourceOf(bytes: Uint8Array, chunk = 5000): DumpSource {
  return {
    async *read(offset) {
      for (let at = offset; at < bytes.length; at += chunk) {
        yield Uint8Array.from(bytes.subarray(at, at + chunk));
      }
    },
  };
}

/** What documents are made of the dumps here. */
export const OPTIONS: Omit<ArticleOptions, "site"> = {
  project: "wikipedia",
  format: "txt",
  minChars: 40,
  disambiguations: false,
};

/** The documents and counts by the careful way, one page after another. */
export async function expectedOf(
  bytes: Uint8Array,
): Promise<{ text: string; counts: PageCounts; residue: PageCounts }> {
  const parser = new WikiStreamParser(new Blob([bytes as BlobPart]).stream());
  const cleaner = new WikiCleaner({ namespaces: parser.namespaces });
  let text = "", tooShort = 0;
  for await (const article of parser) {
    const clean = cleaner.clean(article.text, article.title);
    if (clean.length < OPTIONS.minChars) tooShort++;
    else text += `${clean}\n\n`;
  }
  const { articles: _, ...counts } = parser.stats;
  return { text, counts: { ...counts, tooShort }, residue: cleaner.residue };
}
