import { assert, assertEquals, assertRejects } from "@std/assert";
import type {
  Article,
  WikiStreamOptions,
} from "../../../lib/corpus/wiki/page_selector.ts";
import { WikiStreamParser } from "../../../lib/corpus/wiki/wiki_stream_parser.ts";
import { bzip2 } from "../dump/bzip2_encoder.ts";
import { NO_REAL_DATA, REAL_DATA } from "../../real_data.ts";

const DUMPS = `${REAL_DATA}/dumps`;

const XML = `<mediawiki>
<siteinfo><namespaces><namespace key="102">Anexo</namespace></namespaces></siteinfo>
<page><title>Sol</title><ns>0</ns><id>1</id><revision><text>Um astro.</text></revision></page>
<page><title>Astro-rei</title><ns>0</ns><id>2</id><redirect title="Sol"/><revision><text>#REDIRECIONAMENTO [[Sol]]</text></revision></page>
<page><title>Rei</title><id>3</id><revision><text> #redirecionamento: [[Monarca#Rei|x]]</text></revision></page>
<page><title>Anexo:Lista</title><id>4</id><revision><text>Uma lista.</text></revision></page>
<page><title>Usuário Discussão:Ana</title><id>5</id><revision><text>Oi.</text></revision></page>
<page><title>Lua (desambiguação)</title><ns>0</ns><id>6</id><revision><text>Pode ser.</text></revision></page>
<page><title>Mar</title><ns>0</ns><id>7</id><revision><text>Pode ser: {{Desambiguação}}</text></revision></page>
<page><title>Estilo.css</title><ns>0</ns><id>8</id><revision><model>css</model><text>a{}</text></revision></page>
<page><title>Star Wars: Episódio IV</title><id>9</id><revision><text>Um filme.</text></revision></page>
</mediawiki>`;

async function read(
  bytes: Uint8Array | string,
  options?: WikiStreamOptions,
): Promise<{ articles: Article[]; parser: WikiStreamParser }> {
  const blob = new Blob([bytes as BlobPart]);
  const parser = new WikiStreamParser(blob.stream(), options);
  return { articles: await Array.fromAsync(parser), parser };
}

Deno.test("WikiStreamParser hands out articles and counts the rest", async () => {
  const { articles, parser } = await read(XML);
  assertEquals(articles, [
    {
      id: 1,
      title: "Sol",
      namespace: 0,
      disambiguation: false,
      text: "Um astro.",
    },
    {
      id: 9,
      title: "Star Wars: Episódio IV",
      namespace: 0,
      disambiguation: false,
      text: "Um filme.",
    },
  ]);
  assertEquals(parser.stats, {
    pages: 9,
    articles: 2,
    redirects: 2,
    otherNamespaces: 2,
    otherModels: 1,
    disambiguations: 2,
  });
  assertEquals(parser.namespaces.of("Anexo:x"), 102);
});

Deno.test("WikiStreamParser keeps what it is asked to keep", async () => {
  const { articles } = await read(XML, {
    redirects: true,
    disambiguations: true,
    namespaces: [0, 102],
  });
  assertEquals(
    articles.map(({ title, redirect, disambiguation }) => [
      title,
      redirect,
      disambiguation,
    ]),
    [
      ["Sol", undefined, false],
      ["Astro-rei", "Sol", false],
      ["Rei", "Monarca#Rei", false],
      ["Anexo:Lista", undefined, false],
      ["Lua (desambiguação)", undefined, true],
      ["Mar", undefined, true],
      ["Star Wars: Episódio IV", undefined, false],
    ],
  );
});

Deno.test("WikiStreamParser reads one bzip2 stream and many alike", async () => {
  const { articles } = await read(XML);
  const single = await read(bzip2(XML));
  const cut = [0, 50, 300, 301, XML.length];
  const many = cut.slice(1).map((end, i) => bzip2(XML.slice(cut[i], end)));
  const multi = await read(
    Uint8Array.from(many.flatMap((stream) => [...stream])),
  );
  assertEquals(single.articles, articles);
  assertEquals(multi.articles, articles);
});

Deno.test("WikiStreamParser reports a dump that is cut off", async () => {
  const bytes = bzip2(XML);
  for (const length of [3, 10, bytes.length >> 1, bytes.length - 1]) {
    await assertRejects(() => read(bytes.subarray(0, length)), SyntaxError);
  }
  await assertRejects(
    () => read(bzip2(XML.slice(0, 900))),
    SyntaxError,
    "cut off inside <",
  );
});

Deno.test("WikiStreamParser stops its source when the reader stops", async () => {
  let cancelled = false;
  let sent = 0;
  const head = XML.slice(0, XML.indexOf("<page><title>Astro-rei"));
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(
        new TextEncoder().encode(sent++ === 0 ? head : "\n".repeat(1000)),
      );
    },
    cancel() {
      cancelled = true;
    },
  });
  for await (const { title } of new WikiStreamParser(source)) {
    assertEquals(title, "Sol");
    break;
  }
  assert(cancelled);
  assert(sent < 12, `${sent} chunks were taken for the first article`);
});

for (
  const [file, titles, stats] of [
    ["enwiki-206pages.xml.bz2", 98, { pages: 206, redirects: 100 }],
    [
      "enwiki-gensim206-pages-articles-multistream.xml.bz2",
      98,
      { pages: 206, redirects: 100 },
    ],
    ["bgwiki-utf16.xml.bz2", 1, { pages: 3 }],
    ["gensim_testcorpus.xml.bz2", 9, { pages: 9 }],
    ["macbre_dump.xml", 1, { pages: 2, otherNamespaces: 1 }],
    ["macbre_dump.xml.bz2", 1, { pages: 2, otherNamespaces: 1 }],
  ] as const
) {
  Deno.test({
    name: `WikiStreamParser reads ${file} (needs PTBR_SLM_TEST_DATA)`,
    ignore: NO_REAL_DATA,
    async fn() {
      const { articles, parser } = await read(
        await Deno.readFile(`${DUMPS}/${file}`),
      );
      assertEquals(articles.length, titles);
      assertEquals({ ...parser.stats, ...stats }, parser.stats);
    },
  });
}
