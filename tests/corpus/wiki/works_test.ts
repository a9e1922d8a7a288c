import { assertEquals } from "@std/assert";
import { Works } from "../../../lib/corpus/wiki/works.ts";
import { WikiDump } from "../../../lib/corpus/wiki/wiki_dump.ts";

/** What becomes of pages of one work, given as number and text. */
function joined(...pages: [number: number, text: string][]): string[] {
  const works = new Works();
  for (const [number, text] of pages) {
    works.add({ work: "L", number, title: `L/${number}`, text });
  }
  return works.finish().map(({ text }) => text);
}

Deno.test("Works joins sentences and words over the ends of pages", () => {
  assertEquals(joined([3, "dade.\nFim."], [1, "I"], [2, "Era uma ci-"]), [
    "I\nEra uma cidade.\nFim.",
  ]);
  assertEquals(joined([1, "Ele veio,"], [2, "e ela foi."]), [
    "Ele veio, e ela foi.",
  ]);
  assertEquals(joined([1, "Foi na segunda-"], [2, "feira."]), [
    "Foi na segunda-feira.",
  ]);
});

Deno.test("Works keeps paragraphs, and parts what has a gap between", () => {
  assertEquals(joined([1, "Um."], [2, "Dois."], [4, "quatro."]), [
    "Um.\nDois.",
    "quatro.",
  ]);
  // An empty page is no gap.
  assertEquals(joined([1, "Um"], [2, ""], [3, "rei."], [5, ""]), ["Um rei."]);
});

Deno.test("Works goes by what the work itself writes", () => {
  assertEquals(
    joined([1, "Um corre-corre. Outro corre-"], [2, "corre no pátio."]),
    ["Um corre-corre. Outro corre-corre no pátio."],
  );
});

Deno.test("WikiDump puts works together at any number of threads", async () => {
  const page = (n: number, text: string) =>
    `<page><title>Página:A.pdf/${n}</title><ns>106</ns><revision><text>` +
    `&lt;noinclude&gt;&lt;pagequality level="3" /&gt;&lt;/noinclude&gt;${text}` +
    `</text></revision></page>`;
  const numbers = Array.from({ length: 60 }, (_, i) => (i * 37) % 60 + 1);
  const xml = new TextEncoder().encode(
    "<mediawiki><siteinfo><dbname>ptwikisource</dbname><namespaces>" +
      '<namespace key="106">Página</namespace></namespaces></siteinfo>' +
      numbers.map((n) => page(n, `${"pala-vra ".repeat(2000)}${n} e`)).join(
        "",
      ) +
      "</mediawiki>",
  );
  const texts: string[] = [];
  for (const threads of [1, 2]) {
    const dump = await WikiDump.open({
      read: (offset) => ReadableStream.from([xml.slice(offset)]),
    });
    let text = "";
    const options = {
      site: dump.site,
      project: "wikisource",
      format: "txt",
      minChars: 1,
      disambiguations: false,
    } as const;
    for await (const { bytes } of dump.documents(options, { threads })) {
      text += new TextDecoder().decode(bytes);
    }
    texts.push(text);
  }
  assertEquals(texts[0] === texts[1], true);
  const found = [...texts[0].matchAll(/ (\d+) e(?= |\n)/g)].map(([, n]) => n);
  assertEquals(found, numbers.map((_, i) => `${i + 1}`));
  assertEquals(texts[0].trim().includes("\n"), false);
});
