import { assert, assertEquals, assertRejects } from "@std/assert";
import type { PageCounts } from "../../../lib/corpus/output/document_batch.ts";
import type { DumpPlace } from "../../../lib/corpus/dump/dump_source.ts";
import { WikiDump } from "../../../lib/corpus/wiki/wiki_dump.ts";
import { bzip2, type EncodeOptions } from "../dump/bzip2_encoder.ts";
import {
  dumpXml,
  expectedOf,
  HEADER,
  OPTIONS,
  pages,
  pageXml,
  sourceOf,
} from "../sample_dump.ts";
import { NO_REAL_DATA, REAL_DATA } from "../../real_data.ts";

const DUMPS = `${REAL_DATA}/dumps`;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

interface Made {
  text: string;
  counts: PageCounts;
  residue: PageCounts;
  places: { place: DumpPlace; before: number }[];
}

async function make(
  bytes: Uint8Array,
  settings: { threads?: number; from?: DumpPlace; chunk?: number } = {},
): Promise<Made> {
  const dump = await WikiDump.open(sourceOf(bytes, settings.chunk));
  const made: Made = { text: "", counts: {}, residue: {}, places: [] };
  const options = { ...OPTIONS, site: dump.site };
  for await (const batch of dump.documents(options, settings)) {
    const { place } = batch;
    if (place !== undefined) {
      made.places.push({ place, before: made.text.length });
    }
    made.text += decoder.decode(batch.bytes);
    for (
      const [to, from] of [
        [made.counts, batch.counts],
        [made.residue, batch.residue],
      ]
    ) {
      for (const [name, count] of Object.entries(from)) {
        to[name] = (to[name] ?? 0) + count;
      }
    }
  }
  return made;
}

function streams(parts: string[], options?: EncodeOptions): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...bzip2(part, options)]));
}

Deno.test("WikiDump makes the same of a dump in every form, on any threads", async () => {
  const all = pages(120);
  const xml = encoder.encode(dumpXml(all));
  const { text, counts, residue } = await expectedOf(xml);
  assert(text.length > 20_000);
  const forms = {
    "XML": xml,
    "one stream": bzip2(xml, { blockBytes: 3001 }),
    "blocks of nearly nothing": bzip2(xml, { blockBytes: 397 }),
    "many streams": streams(
      [
        HEADER,
        ...Array.from(
          { length: 12 },
          (_, i) => all.slice(i * 10, i * 10 + 10).join(""),
        ),
        "</mediawiki>\n",
      ],
      { blockBytes: 2500, level: 3 },
    ),
    "empty streams between": streams(["", dumpXml(all), "", ""]),
  };
  for (const [form, bytes] of Object.entries(forms)) {
    for (const threads of [1, 3]) {
      for (const chunk of threads === 1 ? [bytes.length, 777] : [5000]) {
        const made = await make(bytes, { threads, chunk });
        assertEquals(made.text === text, true, `${form} ${threads} ${chunk}`);
        assertEquals(made.counts, counts);
        assertEquals(made.residue, residue);
      }
    }
  }
});

Deno.test("WikiDump goes on from any of its places", async () => {
  const bytes = bzip2(dumpXml(pages(80)), { blockBytes: 1500 });
  for (const form of [bytes, encoder.encode(dumpXml(pages(80)))]) {
    const whole = await make(form);
    assert(whole.places.length > (form === bytes ? 20 : 1));
    for (const { place, before } of whole.places) {
      const rest = await make(form, { from: place, threads: 1 });
      assertEquals(rest.text, whole.text.slice(before));
    }
  }
});

Deno.test("WikiDump goes on in plain XML that several threads read", async () => {
  // Pieces of plain XML have 2 MiB.
  const long = "uma palavra e outra ".repeat(5000);
  const articles = Array.from({ length: 60 }, (_, i) => pageXml(i, "A", long));
  const xml = encoder.encode(dumpXml(articles));
  const all = await make(xml, { threads: 2 });
  assertEquals(all.places, (await make(xml)).places);
  assert(all.places.some(({ place }) => place.bit > 0));
  const { place, before } = all.places.at(-1)!;
  const rest = await make(xml, { threads: 2, from: place });
  assertEquals(rest.text, all.text.slice(before));
});

Deno.test("WikiDump reads what MediaWiki does not write as carefully", async () => {
  const middle = (unusual: string) => {
    const all = pages(60);
    return dumpXml([...all.slice(0, 30), unusual, ...all.slice(30)]);
  };
  const long = "texto que tem mais do que quarenta letras ao todo ";
  const dumps: Record<string, string> = {
    "numbers": middle(pageXml(1, "N", `&#65;&#x42; ${long} a &#13; b`)),
    "CDATA": middle(pageXml(1, "N", `<![CDATA[<page>${long}</page>]]>`)),
    "a comment": middle(`<!-- <page><title>não</title></page> -->`),
    "a comment across": middle(`<!-- ${"<page> ".repeat(3000)} -->`),
    "an instruction": middle(`<?x <page> ?>`),
    "another element": middle(`<logitem><id>1</id></logitem>`),
    "carriage returns": middle(pageXml(1, "N", `a\r\nb ${long}`)),
    "text between": middle("palavras"),
    "nothing but pages": HEADER.slice(0, 0) +
      `<mediawiki>${pages(9).join("")}</mediawiki>`,
    "no pages": `${HEADER}</mediawiki>`,
    "more after": dumpXml(pages(9)) + "\n\n<!-- fim -->\n",
    "revisions": middle(
      "<page><title>R</title><ns>0</ns><id>5</id>" +
        `<revision><timestamp>2024-01-02T00:00:00Z</timestamp><text>novo ${long}</text></revision>` +
        `<revision><timestamp>2024-01-01T00:00:00Z</timestamp><text>velho ${long}</text></revision></page>`,
    ),
    "no numbers": middle(
      `<page><title>Anexo:R</title><revision><text>${long}</text></revision></page>` +
        `<page><title>R</title><ns> 0 </ns><id>x</id><revision><text>${long}</text></revision></page>`,
    ),
    "a byte order mark": "\ufeff" + dumpXml(pages(9)),
    "a redirect after a space": middle(
      pageXml(1, "N", `\u00a0#REDIRECIONAMENTO [[x]] ${long}`) +
        pageXml(1, "N", `&#160;#REDIRECT [[x]] ${long}`) +
        pageXml(2, "N", `  #redirect: [[x]] ${long}`),
    ),
  };
  for (const [what, xml] of Object.entries(dumps)) {
    const bytes = encoder.encode(xml);
    const { text, counts, residue } = await expectedOf(bytes);
    for (const form of [bytes, bzip2(bytes, { blockBytes: 2000 })]) {
      const made = await make(form);
      assertEquals(made.text, text, what);
      assertEquals(made.counts, counts, what);
      assertEquals(made.residue, residue, what);
    }
  }
});

Deno.test("WikiDump leaves its Workers where pieces cannot be told", async () => {
  const all = pages(60);
  const xml = dumpXml([
    ...all.slice(0, 50),
    "<!-- <page> -->",
    ...all.slice(50),
  ]);
  const { text } = await expectedOf(encoder.encode(xml));
  const bytes = bzip2(xml, { blockBytes: 1000 });
  assertEquals((await make(bytes, { threads: 2 })).text, text);
  bytes[bytes.length - 9] ^= 1;
  await assertRejects(() => make(bytes, { threads: 2 }), SyntaxError);
});

Deno.test("WikiDump says what is wrong as the careful reader does", async () => {
  const xml = dumpXml(pages(60));
  const sound = bzip2(xml, { blockBytes: 2000 });
  const flipped = sound.slice();
  flipped[flipped.length >> 1] ^= 1;
  const wrongSum = sound.slice();
  wrongSum[wrongSum.length - 2] ^= 1;
  const cases: [string, Uint8Array][] = [
    ["cut off", sound.subarray(0, sound.length >> 1)],
    ["at byte", flipped],
    ["bad checksum of the stream", wrongSum],
    ["trailing garbage", Uint8Array.from([...sound, 1, 2, 3, 4, 5])],
    ["cut off inside <", encoder.encode(xml.slice(0, 20_000))],
    ["cut off inside <", bzip2(xml.slice(0, 20_000), { blockBytes: 999 })],
    ["DOCTYPE", encoder.encode(`<!DOCTYPE a [<!ENTITY b "c">]>${xml}`)],
    ["unexpected close tag", encoder.encode(xml.replace("</page>", "</pago>"))],
    ["undefined entity", encoder.encode(xml.replace("&quot;", "&nada;"))],
    ["not valid UTF-8", encoder.encode(xml).fill(0xff, 9000, 9001)],
    [
      "a page without a title",
      encoder.encode(xml.replace("title>A7</title", "a>A7</a")),
    ],
    ["is not a MediaWiki dump", encoder.encode(`<html>${xml}</html>`)],
    ["it is empty", new Uint8Array()],
  ];
  for (const [reason, bytes] of cases) {
    await assertRejects(() => make(bytes), SyntaxError, reason);
  }
});

Deno.test("WikiDump is not misled by a magic number inside a block", async () => {
  const magic = 0x314159265359n.toString(2).padStart(48, "0") + "0";
  const xml = dumpXml(pages(40));
  const bytes = bzip2(xml, { blockBytes: 2500, hidden: magic });
  const { text } = await expectedOf(encoder.encode(xml));
  for (const threads of [1, 2]) {
    assertEquals((await make(bytes, { threads })).text, text);
  }
});

Deno.test("WikiDump stops reading when its reader stops", async () => {
  const bytes = bzip2(dumpXml(pages(200)), { blockBytes: 900 });
  for (const threads of [1, 2]) {
    const dump = await WikiDump.open(sourceOf(bytes));
    const options = { ...OPTIONS, site: dump.site };
    for await (const { ends } of dump.documents(options, { threads })) {
      if (ends.length > 0) break;
    }
  }
});

for (
  const name of [
    "enwiki-206pages.xml.bz2",
    "enwiki-gensim206-pages-articles-multistream.xml.bz2",
    "bgwiki-utf16.xml.bz2",
    "gensim_testcorpus.xml.bz2",
    "macbre_dump.xml",
    "macbre_dump.xml.bz2",
  ]
) {
  Deno.test({
    name: `WikiDump reads ${name} (needs PTBR_SLM_TEST_DATA)`,
    ignore: NO_REAL_DATA,
    async fn() {
      const bytes = await Deno.readFile(`${DUMPS}/${name}`);
      const { text, counts, residue } = await expectedOf(bytes);
      for (const threads of [1, 2]) {
        const made = await make(bytes, { threads, chunk: 100_000 });
        assertEquals(made.text === text, true);
        assertEquals(made.counts, counts);
        assertEquals(made.residue, residue);
      }
    },
  });
}
