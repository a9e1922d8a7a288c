import { assertEquals } from "@std/assert";
import { Works } from "../../../lib/corpus/wiki/works.ts";
import { ArticleBatcher } from "../../../lib/corpus/wiki/article_batch.ts";
import { Namespaces } from "../../../lib/corpus/wikitext/namespaces.ts";
import {
  type Project,
  projectOf,
  qualityOf,
  rulesOf,
  textNamespaces,
} from "../../../lib/corpus/wiki/projects.ts";

/** What documents a project's rules make of pages. */
function documents(
  project: Project,
  pages: { title: string; text: string; namespace?: number; model?: string }[],
): { text: string; counts: Record<string, number> } {
  const batcher = new ArticleBatcher({
    site: { namespaces: [["Página", 106], ["Wikijúnior", 110]] },
    project,
    format: "txt",
    minChars: 1,
    disambiguations: false,
  });
  for (const page of pages) batcher.take({ namespace: 0, ...page });
  const { bytes, counts, pages: ofWorks = [] } = batcher.finish();
  const works = new Works();
  for (const page of ofWorks) works.add(page);
  batcher.takeWorks(works.finish());
  const decoder = new TextDecoder();
  const text = decoder.decode(bytes) + decoder.decode(batcher.finish().bytes);
  return { text, counts };
}

Deno.test("projectOf() goes by the name of the database", () => {
  assertEquals(projectOf("ptwiki"), "wikipedia");
  assertEquals(projectOf("ptwikibooks"), "wikibooks");
  assertEquals(projectOf("ptwikinews"), "wikinews");
  assertEquals(projectOf("ptwikisource"), "wikisource");
  assertEquals(projectOf("ptwiktionary"), "wikipedia");
  assertEquals(projectOf(undefined), "wikipedia");
});

Deno.test("textNamespaces() finds a project's own by name", () => {
  const namespaces = new Namespaces();
  namespaces.add("Página", 106);
  assertEquals(textNamespaces(rulesOf("wikisource"), namespaces), [0, 106]);
  assertEquals(textNamespaces(rulesOf("wikipedia"), namespaces), [0]);
});

Deno.test("qualityOf() reads what ProofreadPage writes", () => {
  const head = '<noinclude><pagequality level="3" user="Ana" /></noinclude>';
  assertEquals(qualityOf(`${head}Era uma vez`), 3);
  assertEquals(qualityOf("<pagequality level=1 user=x />"), 1);
  assertEquals(qualityOf("Era uma vez"), undefined);
});

Deno.test("ArticleBatcher takes Wikisource's corrected pages", () => {
  const page = (level: number, text: string) => ({
    title: `Página:Livro.djvu/${level}`,
    namespace: 106,
    model: "proofread-page",
    text: `<noinclude><pagequality level="${level}" user="Ana" />` +
      `<div class="pagetext">{{rh|12|LIVRO|}} LIVRO\n\n\n</noinclude>${text}` +
      `<noinclude>\n<references/></div></noinclude>`,
  });
  const { text, counts } = documents("wikisource", [
    page(0, ""),
    page(1, "0CR sem revisao"),
    page(
      3,
      '<section begin="a"/>{{c|{{larger|CAPÍTULO I}}}}\n\nEra uma {{sic|vês}} ' +
        'o mun-{{hws|de|demais}} {{x|y}}<section end="a"/>',
    ),
    page(4, "{{corr|êrro|erro}} fim."),
    {
      title: "Livro",
      text: '<pages index="Livro.djvu" from=1 to=9 header=1 />',
    },
    { title: "Poema", text: "<poem>Um\nDois</poem>" },
    { title: "Índice:Livro", namespace: 104, text: "x" },
  ]);
  assertEquals(
    text,
    "Um\nDois\n\nCAPÍTULO I\nEra uma vês o mun-demais erro fim.\n\n",
  );
  assertEquals(counts, {
    pages: 7,
    redirects: 0,
    otherNamespaces: 1,
    otherModels: 0,
    disambiguations: 0,
    tooShort: 1,
    uncorrected: 2,
  });
});

Deno.test("Wikisource's headings, large letters and verse are text", () => {
  const { text } = documents("wikisource", [{
    title: "Livro/1",
    text: "{{centro|{{maior|CAPÍTULO II}}}}\n{{letrina|N}}o outro dia fui, " +
      "e {{capitular|A}}na ficou.{{direita|''M. de A.''}}\n<poem>\nUm rio,\n" +
      ":Um mar,\n\n::Um céu: azul.\n</poem>",
  }]);
  assertEquals(
    text,
    "CAPÍTULO II\nNo outro dia fui, e Ana ficou.\nM. de A.\nUm rio,\n" +
      "Um mar,\nUm céu: azul.\n\n",
  );
});

Deno.test("Wikibooks' code stays code", () => {
  const text = 'Veja:\n<syntaxhighlight lang="c">\nint main() {\n' +
    "  int v[2][2] = {{1, 2}, {3, 4}};\n\n  return v[0][1]; // [[a]]\n}\n" +
    "</syntaxhighlight>\nE <source inline>x[i]</source> é um <code>v[]</code>.";
  assertEquals(
    documents("wikibooks", [{ title: "C", text }]).text,
    "Veja:\nint main() {\n  int v[2][2] = {{1, 2}, {3, 4}};\n" +
      "  return v[0][1]; // [[a]]\n}\nE x[i] é um v[].\n\n",
  );
  assertEquals(
    documents("wikipedia", [{ title: "C", text }]).text,
    "Veja:\nE x[i] é um v[].\n\n",
  );
});

Deno.test("ArticleBatcher knows Wikinews' dates and tails", () => {
  const { text } = documents("wikinews", [{
    title: "Chuva em Recife",
    text: "{{data|12 de novembro de 2010}}\n{{Brasil}}\n'''Recife''' — " +
      "Choveu muito.\n== Notícias relacionadas ==\n* [[Outra]]\n" +
      "== {{subst:fonte}}Fontes ==\n* {{fonte|url=x|título=y}}\n" +
      "== Leia também ==\n* [[z]]",
  }]);
  assertEquals(text, "12 de novembro de 2010\nRecife — Choveu muito.\n\n");
});

Deno.test("ArticleBatcher keeps subpages and Wikijúnior of Wikibooks", () => {
  const { text } = documents("wikibooks", [
    {
      title: "Física/Luz",
      text: "{{navegação|a|b}}\nA luz.\n== Sumário ==\nx",
    },
    { title: "Wikijúnior:Sol", namespace: 110, text: "O Sol." },
    { title: "Ajuda:Sol", namespace: 12, text: "Não." },
  ]);
  assertEquals(text, "A luz.\n\nO Sol.\n\n");
});

Deno.test("ArticleBatcher writes JSON lines with the page's address", () => {
  const batcher = new ArticleBatcher({
    site: {
      namespaces: [],
      base: "https://pt.wikipedia.org/wiki/P%C3%A1gina_principal",
    },
    project: "wikipedia",
    format: "jsonl",
    minChars: 1,
    disambiguations: false,
  });
  batcher.take({ id: 7, title: 'AC/DC: "Ça" ?', text: "Uma\n\nbanda." });
  batcher.take({ title: "B", text: "Dois." });
  const { bytes, ends, lengths } = batcher.finish();
  const lines = new TextDecoder().decode(bytes).split("\n");
  assertEquals(lines.slice(0, 2).map((line) => JSON.parse(line)), [
    {
      id: 7,
      title: 'AC/DC: "Ça" ?',
      url: "https://pt.wikipedia.org/wiki/AC/DC:_%22%C3%87a%22_%3F",
      text: "Uma\nbanda.",
    },
    { title: "B", url: "https://pt.wikipedia.org/wiki/B", text: "Dois." },
  ]);
  assertEquals([...lengths], [10, 5]);
  assertEquals(ends.at(-1), bytes.length);
});

Deno.test("what the end of a page cuts in two is whole where it starts", () => {
  const page = (title: string, text: string) => ({
    title,
    namespace: 106,
    model: "proofread-page",
    text: `<noinclude><pagequality level="3" user="" /></noinclude>${text}`,
  });
  const { text } = documents("wikisource", [
    page(
      "Página:L.pdf/1",
      "Foi o pri{{hws|s=me|e=iro}} a ver o {{hws|na|navio}}",
    ),
    page(
      "Página:L.pdf/2",
      "{{hwe|vio|navio}} e o {{lps|hws=guarda-|hyph=|hwe=mor}}",
    ),
    page(
      "Página:L.pdf/3",
      "{{lpe|hws=guarda-|hyph=|hwe=mor}}, com {{lps|lq=“|pre=Os|post=Lusíadas|rq=”}}",
    ),
    page(
      "Página:L.pdf/4",
      "{{lpe|pre=Os|post=Lusíadas}} na mão e um guarda{{peh}}",
    ),
    page("Página:L.pdf/5", "sol aberto."),
  ]);
  assertEquals(
    text.trim().replace(/\s+/g, " "),
    "Foi o primeiro a ver o navio e o guarda-mor, com “Os Lusíadas” na mão " +
      "e um guarda-sol aberto.",
  );
});
