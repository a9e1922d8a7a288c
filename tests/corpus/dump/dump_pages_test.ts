import { assertEquals, assertLess, assertRejects } from "@std/assert";
import {
  type DumpItem,
  type Page,
  readPages,
} from "../../../lib/corpus/dump/dump_pages.ts";

function parse(xml: string, size = xml.length || 1): Promise<DumpItem[]> {
  const chunks: string[] = [];
  for (let at = 0; at < xml.length; at += size) {
    chunks.push(xml.slice(at, at + size));
  }
  return Array.fromAsync(readPages(ReadableStream.from(chunks)));
}

async function pages(xml: string, size?: number): Promise<Page[]> {
  return (await parse(xml, size)).flatMap((item) =>
    "page" in item ? [item.page] : []
  );
}

function page(title: string, ...revisions: string[]): string {
  return `<page><title>${title}</title>${revisions.join("")}</page>`;
}

function revision(text: string, rest = ""): string {
  return `<revision>${rest}<text xml:space="preserve">${text}</text></revision>`;
}

Deno.test("readPages() reads every field, cut anywhere", async () => {
  const xml = `<?xml version="1.0" encoding="utf-8"?>
<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/">
  <siteinfo><namespaces>
    <namespace key="-2">Multimédia</namespace>
    <namespace key="0" />
    <namespace key="6" case="first-letter">Ficheiro</namespace>
  </namespaces></siteinfo>
  <page>
    <title>Água &amp; sal</title><ns>0</ns><id>12</id>
    <redirect title="Salmoura" />
    <revision><id>99</id><timestamp>2024-01-01T00:00:00Z</timestamp>
      <contributor><username>ana</username><id>7</id></contributor>
      <model>wikitext</model>
      <text bytes="9">um &lt;b&gt;<![CDATA[ & ]]>&#x41;</text></revision>
  </page>
  <page><title>Vazia</title><ns>0</ns><id>13</id>
    <revision><text deleted="deleted" /></revision></page>
</mediawiki>`;
  for (const size of [1, 7, 1000, xml.length]) {
    assertEquals(await parse(xml, size), [
      { namespace: { key: -2, name: "Multimédia" } },
      { namespace: { key: 0, name: "" } },
      { namespace: { key: 6, name: "Ficheiro" } },
      {
        page: {
          title: "Água & sal",
          id: 12,
          namespace: 0,
          redirect: "Salmoura",
          model: "wikitext",
          text: "um <b> & A",
        },
      },
      { page: { title: "Vazia", id: 13, namespace: 0, text: "" } },
    ]);
  }
});

Deno.test("readPages() takes the latest of several revisions", async () => {
  const stamp = (day: number) =>
    `<timestamp>2024-01-0${day}T00:00:00Z</timestamp>`;
  const xml = "<mediawiki>" +
    page("a", revision("novo", stamp(2)), revision("velho", stamp(1))) +
    page("b", revision("velho", stamp(1)), revision("novo", stamp(2))) +
    page("c", revision("velho"), revision("novo")) +
    page("d", revision("novo", "<id>2</id>"), revision("velho", "<id>1</id>")) +
    page("e") +
    "</mediawiki>";
  assertEquals(
    (await pages(xml)).map(({ text }) => text),
    ["novo", "novo", "novo", "novo", ""],
  );
});

Deno.test("readPages() hands on each page when it is complete", async () => {
  const pulled: string[] = [];
  async function* chunks() {
    yield "<mediawiki>";
    for (const title of ["a", "b", "c"]) {
      pulled.push(title);
      yield page(title, revision("x"));
    }
    yield "</mediawiki>";
  }
  for await (const _ of readPages(chunks())) break;
  assertEquals(pulled, ["a"]);
});

Deno.test("readPages() reports XML that is cut or broken in one line", async () => {
  const sound = `<mediawiki>${page("a", revision("x"))}</mediawiki>`;
  for (let length = 1; length < sound.length; length++) {
    const error = await assertRejects(
      () => parse(sound.slice(0, length)),
      SyntaxError,
      "Cannot parse the dump: ",
    );
    assertEquals(error.message.split("\n").length, 1);
  }
  await assertRejects(
    () => parse(sound.slice(0, -19)),
    SyntaxError,
    "Cannot parse the dump: it is cut off inside <page>",
  );
  for (
    const [xml, reason] of [
      ["", "it is empty"],
      ["<html></html>", "<html> is not a MediaWiki dump"],
      ["<mediawiki><page></page></mediawiki>", "a page without a title"],
      ["<mediawiki>&foo;</mediawiki>", "undefined entity"],
      ["<mediawiki></page>", "unexpected close tag"],
      ["nada", "text data outside of root node"],
      ['<?xml version="1.0" encoding="latin1"?><mediawiki/>', "latin1"],
    ]
  ) {
    await assertRejects(() => parse(xml), SyntaxError, reason);
  }
});

Deno.test("readPages() refuses a DOCTYPE and so every entity bomb", async () => {
  await assertRejects(
    () =>
      parse(
        '<!DOCTYPE mediawiki [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' +
          "<mediawiki>&b;</mediawiki>",
      ),
    SyntaxError,
    "a dump has no DOCTYPE",
  );
});

Deno.test("readPages() bounds pages, tokens and depth", async () => {
  const start = performance.now();
  async function* endless(opening: string, more: string) {
    yield opening;
    for (let i = 0; i < 40; i++) yield more;
    throw new Error("read to the end");
  }
  const piece = "x".repeat(10_000);
  const open = "<mediawiki><page><title>a</title><revision><text>";
  for (
    const [opening, more] of [
      [open, piece],
      [open, `${piece}<![CDATA[${piece}]]>`],
      ["<mediawiki><!--", piece],
      ['<mediawiki a="', piece],
      [`<${"m".repeat(10)}`, piece],
      ["<!DOCTYPE ", piece],
      ["<mediawiki>", "<a>".repeat(1000)],
    ]
  ) {
    await assertRejects(
      () => Array.fromAsync(readPages(endless(opening, more), 200_000)),
      SyntaxError,
      "Cannot parse the dump: ",
    );
  }
  assertLess(performance.now() - start, 5000);
});
