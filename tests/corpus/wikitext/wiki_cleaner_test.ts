import { assertEquals, assertLess, assertNotMatch } from "@std/assert";
import { Namespaces } from "../../../lib/corpus/wikitext/namespaces.ts";
import { WikiCleaner } from "../../../lib/corpus/wikitext/wiki_cleaner.ts";
import { WikiStreamParser } from "../../../lib/corpus/wiki/wiki_stream_parser.ts";
import { HOSTILE_WIKITEXT } from "./hostile_wikitext.ts";
import { NO_REAL_DATA, REAL_DATA } from "../../real_data.ts";

function clean(wikitext: string, title = "Título"): string {
  return new WikiCleaner({ keepEmptySections: true }).clean(wikitext, title);
}

/** What each construct becomes: the table the cleaner is built on. */
const TABLE: Record<string, [wikitext: string, text: string][]> = {
  "comments": [
    ["um<!-- x -->dois", "umdois"],
    ["um\n<!-- x -->\ndois", "um dois"],
    ["um <!-- nunca fechado [[x", "um"],
    ["a<!-- [[ -->b<!-- ]] -->c", "abc"],
  ],
  "nowiki and pre": [
    ["<nowiki>''x'' *y</nowiki>", "''x'' *y"],
    ["<nowiki>* um</nowiki>", "* um"],
    ["a <nowiki/>b", "a b"],
    ["<nowiki>[x] &nbsp;<b></nowiki>", "[x] <b>"],
    ["a <nowiki>nunca", "a nunca"],
    ["<pre>\num  [a]\n  dois\n}\n</pre>", "um  [a]\n  dois\n}"],
    ["a <nowiki><!-- b --></nowiki> c", "a <!-- b --> c"],
  ],
  "templates": [
    ["a {{x}} b", "a b"],
    ["a{{x}}b", "a b"],
    ["a{{x}}.", "a."],
    ["{{x}}, a", "a"],
    ["a {{x|{{y|z={{w}}}}|[[u|v]]}}, b", "a, b"],
    ["{{Info\n| nome = A\n| b = [[C|D]]\n}}\n'''A''' é.", "A é."],
    ["a {{{1|b}}} {{{c}}} d", "a b d"],
    ["{{nowrap|{{{1|b}}}}} d", "b d"],
    ["a {{#if:x|y|z}} b", "a b"],
    ["{{Predefinição:Nowrap|a}}", "a"],
    ["{{DEFAULTSORT:Silva, A}}a", "a"],
    ["{{ORDENAÇÃOPADRÃO:x}}a {{DISPLAYTITLE:y}}b", "a b"],
    ["a (em {{lang-xx-desconhecida|}}; ) b", "a (em) b"],
    ["a ({{x}}) b", "a b"],
    ["a ({{x}}; b) c", "a (b) c"],
  ],
  "numbers and dates in templates": [
    ["área de {{formatnum:8515767.049}} km", "área de 8.515.767,049 km"],
    ["{{formatnum:123}} e {{fmtn|1234|km}}", "123 e 1.234 km"],
    ["{{unidade|1234|km2}}", "1.234 km²"],
    ["{{convert|3|to|5|km|mi|abbr=on}}", "3 a 5 km"],
    ["{{Convert|5.5|m}} {{val|12|u=kg}}", "5,5 m 12 kg"],
    ["{{dtlink|15|11|1889}}", "15 de novembro de 1889"],
    ["{{dni|1|3|1900|si}}", "1º de março de 1900"],
    ["{{Birth date|1939|08|02|df=yes}}", "2 de agosto de 1939"],
    ["{{séc|XIX}} {{AC|44}} {{circa|1500}}", "século XIX 44 a.C. c. 1500"],
    ["{{frac|1|2}} e {{fração|3|1|4}}", "1/2 e 3 1/4"],
    ["{{R$|1234.50}}", "R$ 1.234,50"],
  ],
  "words in templates": [
    ["{{lang|la|ab ovo}} {{nowrap|a b}}", "ab ovo a b"],
    ["({{lang-en|Sun}})", "(em inglês: Sun)"],
    ["{{langx|fr|Soleil}}", "em francês: Soleil"],
    ["{{PAGENAME}} e {{NOMEDAPÁGINA}}", "Título e Título"],
    ["{{uc:ab}} {{ucfirst:cd}} {{lc:EF}}", "AB Cd ef"],
    ["a{{snd}}b {{'}}c{{nbsp}}d", "a – b 'c d"],
    ["{{nihongo|Tóquio|東京|Tōkyō}}", "Tóquio"],
    [
      "antes {{citação|Penso, logo existo.}} depois",
      "antes\nPenso, logo existo.\ndepois",
    ],
    ["{{quote|texto=Um.|autor=B}}", "Um."],
  ],
  "tables": [
    ["a\n{| class=x\n|-\n! b\n| c || d\n|}\ne", "a\ne"],
    ["a\n{|\n| b\n{|\n| c\n|}\n| d\n|}\ne", "a\ne"],
    [":{|\n|a\n|} b", "b"],
    ["a\n{|\n| b\n\nprosa que fica", "a\nprosa que fica"],
    ["a <table><tr><td>b</td></tr></table> c", "a\nc"],
    ["a <table>b <table>c</table> d</table> e", "a\ne"],
    ["a <table><tr><td>b", "a\nb"],
  ],
  "notes and other tags with content": [
    ["a<ref>b</ref>.", "a."],
    ["a<ref name=b/> c", "a c"],
    ["a<ref name=\"b/c>d\" group='e'>f</ref> g", "a g"],
    ['a<ref name="b>c</ref> d', "a d"],
    ["a<REF>b</Ref> c", "a c"],
    ["a<ref>nunca fechado\nb", "a b"],
    ["a<ref>esquecido\n== B ==\nc<ref>d</ref>", "a\nB\nc"],
    ["a<references><ref>b</ref></references>", "a"],
    ["a <math>x < y</math> b", "a x < y b"],
    ["a<gallery>\nF.jpg|b\n</gallery>c", "a c"],
    ["a <math>b\nc\n\nd", "a\nd"],
    ["a <includeonly>b</includeonly><noinclude>c</noinclude>", "a c"],
    ["a <syntaxhighlight lang=c>b</syntaxhighlight> d", "a d"],
    ["a <refere> <xyz> b", "a refere> <xyz> b"],
    ["a</ref> b", "a b"],
  ],
  "tags around prose": [
    ["<small>a</small> <span style='x'>b</span>", "a b"],
    ["<poem>um\ndois\n\ntrês</poem>fim", "um\ndois\ntrês\nfim"],
    ["<blockquote>a</blockquote>b", "a\nb"],
    ["a<div>b</div>c", "a\nb\nc"],
    ["a<br>b<br/>c</br>d", "a b c d"],
    ["a<p>b</p><hr>c<h2>d</h2>", "a\nb\nc\nd"],
    [
      "10<sup>6</sup> m<sup>−2</sup> 1<sup>o</sup> x<sup>n</sup>",
      "10⁶ m⁻² 1º xn",
    ],
    ["H<sub>2</sub>O", "H2O"],
    ["a < b > c <3 <- d", "a < b > c <3 <- d"],
  ],
  "links": [
    ["[[a|b]]s", "bs"],
    ["[[a]]s [[ b ]]", "as b"],
    ["[[a (b)|]]", "a"],
    ["[[Star Wars: Episódio IV]]", "Star Wars: Episódio IV"],
    ["[[a|''b'']] [[c|d {{x}}e]]", "b d e"],
    ["[[Ficheiro:a.jpg|thumb|alt=b|c [[d|e]] f]]g", "g"],
    ["[[arquivo : a.jpg|20px]] [[IMAGE:b]] [[Mídia:c]] d", "d"],
    ["[[Categoria:a|*]]\nb", "b"],
    ["[[:Categoria:a|b]] [[:Categoria:c]]", "b c"],
    ["[[en:Sun]] [[zh-min-nan:x]]a", "a"],
    ["[[w:a|b]] [[w:pt:c]] [[s:d]] [[:en:e]]", "b c d e"],
    ["[[Usuário:a|b]] [[Ajuda:c]]", "b c"],
    ["[[#a|b]]", "b"],
    ["[[a\nb]] c", "a b c"],
  ],
  "addresses": [
    ["[http://x.y label com [[z]]]", "label com z"],
    ["[http://x.y] a [//x.y b]", "a b"],
    ["[[http://x.y a]]", "a"],
    ["veja http://x.y/z?a=b.", "veja."],
    ["[nota] a[1]", "[nota] a[1]"],
    ["[http://x.y a\nb]", "a b]"],
    ["[[Ficheiro:a|[http://x b]]] c", "c"],
    ["[mailto:a@b.c Escreva]", "Escreva"],
  ],
  "entities": [
    ["a&nbsp;b &amp;nbsp; c", "a b c"],
    ["&quot;&Aacute;&#8211;&#x41;&hellip;&#151;", '"Á–A…—'],
    ["&lt;b&gt; &foo; & c", "<b> &foo; & c"],
    ["&#91;&#91;a&#93;&#93;", "[[a]]"],
  ],
  "italics and bold": [
    ["'''''a''''' ''b'' '''c'''", "a b c"],
    ["d'água ''pau-d'alho''", "d'água pau-d'alho"],
    ["no d'''O Globo''", "no d'O Globo"],
    ["''''a'''", "'a"],
    ["''a\nb", "a b"],
  ],
  "headings and lists": [
    ["== A ==\nb\n===C===\nd", "A\nb\nC\nd"],
    ["== A == <!-- x -->\nb", "A\nb"],
    ["= = =\nb", "b"],
    ["* a\n** b\n# c\n: d\n; e : f\n*: g", "a\nb\nc\nd\ne : f\ng"],
    ["a\nb\n\nc\n----\nd", "a b\nc\nd"],
    ["a = b", "a = b"],
  ],
  "switches": [
    ["__SEMTDC__a__NOTOC__ __notoc__b", "a b"],
    ["foo __ foo __ bar __X__", "foo __ foo __ bar __X__"],
  ],
  "gaps that templates leave": [
    ["a ({{x}}, {{y}}, em b) c", "a (em b) c"],
    ["a ({{x}}; {{y}}) b", "a b"],
    ["a (({{x}})) b", "a b"],
    ["a, {{x}}, b", "a, b"],
    ["a: {{x}}, {{y}} e {{z}}.", "a."],
    ["a (nome: {{x}}) b", "a b"],
    ["a (b, {{x}}) c", "a (b) c"],
    ["a, {{x}}. B", "a. B"],
    ["a – {{x}} – b", "a – b"],
    ["{{x}}, a b", "a b"],
    ["a «{{x}}» b", "a b"],
    ["a (b: c) {{x}} d", "a (b: c) d"],
  ],
  "brackets of the text": [
    ["f() e v[] e (;) e [ ]", "f() e v[] e (;) e [ ]"],
    ["{1, {2, {3}}}", "{1, {2, {3}}}"],
    ["a[b[1]] = c", "a[b[1]] = c"],
    ["{{1, 2}, {3, 4}}", "{{1, 2}, {3, 4}}"],
    ["[[1, 2], [3, 4]]", "[[1, 2], [3, 4]]"],
    ["<code>if (a[i]) { b(); }}</code>", "if (a[i]) { b(); }}"],
    ["<code>{{nowrap|x}}</code> e <kbd>[[a]]</kbd>", "x e a"],
    ["<nowiki>{{x}} [[y]]</nowiki>", "{{x}} [[y]]"],
    [",, a ,, ()", ",, a ,, ()"],
  ],
  "hidden elements": [
    ['a<span style="display:none">b <b>c</b></span>d', "a d"],
    ['a <div style="color: red; display : none">b</div> c', "a\nc"],
    ['a <span style="display:none">b <span>c</span> d</span> e', "a e"],
    ['a <span style="display:inline">b</span> c', "a b c"],
    ['a <span style="display:none">b', "a b"],
  ],
  "ordinals": [
    [
      "n<sup>o</sup> 5, N<sup>os</sup> 4 e 5, 3<sup>a</sup>",
      "nº 5, Nºs 4 e 5, 3ª",
    ],
    ["pão<sup>o</sup> e M<sup>r</sup>", "pãoo e Mr"],
  ],
  "templates that stand for words": [
    ["a {{IPA|[b]}}, {{AFI|/c/}}, {{IPA-pt|d}}", "a [b], /c/, [d]"],
    ["{{IPAc-pt|b|r|ɐ|_|z}} e {{IPAc-en|US|ə}}", "/brɐ z/ e /ə/"],
    ["{{math|1 + 2 {{=}} 3}} e {{mvar|x}}", "1 + 2 = 3 e x"],
    [
      "{{val|1234|56|u=km}}, {{val|3|2|1}}, {{val|5|(1)|e=-3}}",
      "1.234 ± 56 km, 3 +2 −1, 5(1) × 10⁻³",
    ],
    ["{{val|9|u=m|up=s}}", "9 m/s"],
    [
      "{{convert|5|ft|11|in}} e {{convert|6|ft|m}}",
      "5 pés e 11 polegadas e 6 pés",
    ],
    [
      "{{dtext|15|11}} e {{dtext|11|1889}}",
      "15 de novembro e novembro de 1889",
    ],
    ["em {{lang|de|Köln}}, {{nobr|a b}}", "em Köln, a b"],
    ["{{áudio|x.ogg|Köln}}", "Köln"],
    ["a: {{hlist|b|c}}", "a: b, c"],
    ["a\n{{ubl|b|c}}\nd", "a\nb\nc\nd"],
    ["{{plainlist|\n* a\n* b\n}}", "a\nb"],
    ["{{tecla|Ctrl|C}} e {{altura|m=1.75}}", "Ctrl+C e 1,75 m"],
    ["{{(}}a{{)}} e x{{sup|2}}", "{a} e x²"],
  ],
  "what does not match": [
    ["a [[b c", "a b c"],
    ["a ]] b }} c", "a b c"],
    ["{{Info\n| a = b\n| c = d\n\nProsa [[e|f]].\n", "Prosa f."],
    ["a {{b|c\n\nd", "a c\nd"],
    ["[[a|{{b]] c", "b c"],
    ["{{a|[[b}} c", "c"],
    ["[[Ficheiro:a|thumb|b\n\nc", "c"],
    ["[[Ficheiro:a|b\n== C ==\nd", "C\nd"],
    ["thumb|esquerda|a", "a"],
    ["| a\n|}\nb", "b"],
  ],
  "characters": [
    ["a\u200bb\u00adc\u2003d\u00a0e\te", "abc d e e"],
    ["cac\u0327a\u0303o", "cação"],
    ["a\ufdd0\ufdd5b", "ab"],
    ["a\r\n\r\nb", "a\nb"],
    ["-- | --", ""],
  ],
};

for (const [construct, pairs] of Object.entries(TABLE)) {
  Deno.test(`WikiCleaner.clean() handles ${construct}`, () => {
    for (const [wikitext, text] of pairs) {
      assertEquals(clean(wikitext), text, JSON.stringify(wikitext));
    }
  });
}

Deno.test("WikiCleaner.clean() drops empty and reference sections", () => {
  const wikitext = "A.\n== Vida ==\n=== Infância ===\nB.\n== Obra ==\n{{x}}\n" +
    "== Morte ==\n=== Causa ===\n== Notas ==\n<references/>\n=== X ===\nC\n" +
    "== VER TAMBÉM ==\n* [[D]]\n== Legado ==\nE.\n== Ligações externas ==\n* F";
  assertEquals(
    new WikiCleaner().clean(wikitext),
    "A.\nVida\nInfância\nB.\nLegado\nE.",
  );
  assertEquals(
    new WikiCleaner({ dropSections: ["vida"] }).clean(
      "A.\n== Vida ==\nB.\n== Notas ==\nC.",
    ),
    "A.\nNotas\nC.",
  );
});

Deno.test("WikiCleaner.residue counts what matched nothing", () => {
  const cleaner = new WikiCleaner();
  assertEquals(cleaner.residue, {});
  cleaner.clean("a [[b\n\nc }} e ]] f </ref> {{d\n{|\n| x\n\ny thumb|z");
  assertEquals(cleaner.residue, {
    "<ref": 1,
    "[[": 1,
    "]]": 1,
    "thumb|": 1,
    "{{": 1,
    "{|": 1,
    "}}": 1,
  });
});

Deno.test("WikiCleaner.clean() stays linear and clean on hostile text", () => {
  const count = 20_000;
  const start = performance.now();
  for (const [open, close] of HOSTILE_WIKITEXT) {
    for (
      const body of [
        open.repeat(count),
        open.repeat(count) + close.repeat(count),
      ]
    ) {
      const text = clean(`Antes.\n\n${body}\n\nDepois.`);
      assertNotMatch(text, /\{\{|\}\}|\[\[|\]\]|\{\||<ref/);
      assertEquals(text.startsWith("Antes."), true, open);
      assertEquals(text.endsWith("Depois."), true, open);
    }
  }
  assertLess(performance.now() - start, 10_000);
});

Deno.test("WikiCleaner.clean() never throws on shuffled markup", () => {
  const tokens =
    ("{{ }} {{{ }}} [[ ]] | = '' ''' <ref> </ref> <ref/> <!-- --> " +
      "<br> <poem> </poem> {| |} |- ! == * # : ; &nbsp; &# " +
      "http:// Ficheiro: Categoria: nowrap formatnum: 12 a b __TOC__").split(
        " ",
      );
  let state = 1;
  for (let round = 0; round < 500; round++) {
    let text = "";
    for (let i = 0; i < 60; i++) {
      state = Math.imul(state, 1103515245) + 12345 >>> 0;
      text += tokens[(state >>> 16) % tokens.length];
      if (state >>> 28 === 0) text += "\n";
    }
    assertNotMatch(
      clean(text),
      /\{\{|\}\}|\[\[|\]\]|\{\||<ref\b|[\ufdd0-\ufdef]|\n\n/,
    );
  }
});

/** Cases of the real data where we differ on purpose, and why. */
const DIFFERENT: Record<string, string> = {
  "==foo==": "a section with nothing in it is dropped",
  "=== Foo ===": "a section with nothing in it is dropped",
  "== Brot úr søguni hjá Klaksvíkar kommunu ==":
    "a section with nothing in it is dropped",
  "in ({{Baseball year|1902}})":
    "an unknown template is dropped, the empty brackets after it too",
};

Deno.test({
  name:
    "WikiCleaner.clean() agrees with other cleaners (needs PTBR_SLM_TEST_DATA)",
  ignore: NO_REAL_DATA,
  async fn() {
    const cases: { wikitext: string; text: string }[] = JSON.parse(
      await Deno.readTextFile(`${REAL_DATA}/wikitext/cases.json`),
    );
    const namespaces = new Namespaces();
    namespaces.add("Bólkur", 14); // the cases are from Faroese
    // Ours has no blank lines, no runs of spaces, no list markers.
    const normalize = (text: string) =>
      text.split("\n").map((line) =>
        line.replace(/ +/g, " ").trim().replace(/^\* /, "")
      ).filter((line) => line !== "").join("\n");
    let different = 0;
    for (const { wikitext, text } of cases) {
      const cleaned = new WikiCleaner({ namespaces }).clean(wikitext);
      if (wikitext in DIFFERENT) {
        different++;
        assertEquals(normalize(cleaned) === normalize(text), false, wikitext);
      } else assertEquals(cleaned, normalize(text), wikitext);
    }
    assertEquals(different, Object.keys(DIFFERENT).length);
  },
});

Deno.test({
  name:
    "WikiCleaner.clean() leaves no markup in real articles (needs PTBR_SLM_TEST_DATA)",
  ignore: NO_REAL_DATA,
  async fn() {
    using file = await Deno.open(`${REAL_DATA}/dumps/enwiki-206pages.xml.bz2`);
    const parser = new WikiStreamParser(file.readable);
    const cleaner = new WikiCleaner({ namespaces: parser.namespaces });
    for await (const { title, text } of parser) {
      const cleaned = cleaner.clean(text, title);
      assertNotMatch(
        cleaned,
        /\{\{|\}\}|\[\[|\]\]|<ref|\{\||\|\}|\n\n|^\s|\s$|thumb\|/,
        title,
      );
    }
  },
});

Deno.test({
  name:
    "WikiCleaner.clean() leaves no markup in a dictionary (needs PTBR_SLM_TEST_DATA)",
  ignore: NO_REAL_DATA,
  async fn() {
    const folder = `${REAL_DATA}/wikitext/ptwiktionary`;
    let words = 0;
    for await (const { name } of Deno.readDir(folder)) {
      const text = clean(await Deno.readTextFile(`${folder}/${name}`), name);
      assertNotMatch(
        text,
        /\{\{|\}\}|\[\[|\]\]|<ref|\{\||\|\}|\n\n|\x27\x27\x27|thumb\|/,
        name,
      );
      words += text.split(/\s+/).length;
    }
    assertLess(500, words);
  },
});

Deno.test("WikiCleaner.clean() drops short lines where asked, and headings left alone", () => {
  const cleaner = new WikiCleaner({ minSentenceLength: 12 });
  const wikitext = "O Sol é uma estrela.\n== Nomes ==\n* Sol\n* Rá\n" +
    "== Vida ==\nNasceu há muito tempo.\n\nFim.";
  assertEquals(
    cleaner.clean(wikitext),
    "O Sol é uma estrela.\nVida\nNasceu há muito tempo.",
  );
});

Deno.test("clean() gives ranges of two and more quantities, whatever joins them", () => {
  for (
    const [wikitext, text] of [
      ["Pesa {{convert|60|and(-)|80|kg}} vivo.", "Pesa 60 e 80 kg vivo."],
      ["Mede {{convert|3|to(-)|6|ft}} ou mais.", "Mede 3 a 6 pés ou mais."],
      ["Tem {{convert|3|x|6|x|9|cm}} de lado.", "Tem 3 × 6 × 9 cm de lado."],
      ["Vai {{convert|5|or|7|km|mi}} além.", "Vai 5 ou 7 km além."],
      ["Alto: {{convert|5|ft|11|in}}.", "Alto: 5 pés e 11 polegadas."],
    ]
  ) assertEquals(new WikiCleaner().clean(wikitext), text);
});

Deno.test("clean() drops a template that only makes a heading of a language", () => {
  assertEquals(
    new WikiCleaner().clean(
      "A casa.\n=={{pronúncia|pt}}==\n* AFI: {{AFI|/ˈkazɐ/}}",
    ),
    "A casa.\nAFI: /ˈkazɐ/",
  );
  assertEquals(
    new WikiCleaner().clean("A letra {{angbr|a}} vale {{IPA|/a/}}."),
    "A letra ⟨a⟩ vale /a/.",
  );
});

Deno.test("clean() knows the names that redirect to dates of birth and death", () => {
  assertEquals(
    new WikiCleaner().clean(
      "Ana ({{nascimento e idade|2|5|1901|si}} — {{dmi|3|1|1980|2|5|1901}}).",
    ),
    "Ana (2 de maio de 1901 — 3 de janeiro de 1980).",
  );
});

Deno.test("clean() keeps formulas that are plain text, for their sentences", () => {
  for (
    const [wikitext, text] of [
      [
        "onde <math>a</math> é o raio e <math>b_1</math>, a altura.",
        "onde a é o raio e b₁, a altura.",
      ],
      ["Vale <math>x^2 + y^{10} = z</math> aqui.", "Vale x² + y¹⁰ = z aqui."],
      ["Seja <math>\\frac{a}{b}</math> dado.", "Seja dado."],
      ["Seja <math>{{x}}</math> dado.", "Seja dado."],
      ["Mede {{val|2.5(3)|u=m}}.", "Mede 2,5(3) m."],
    ]
  ) assertEquals(new WikiCleaner().clean(wikitext), text);
});

Deno.test("clean() mends slashes and labels that dropped templates leave", () => {
  for (
    const [wikitext, text] of [
      ["Árabe ({{lang|ar|x}} / {{z}}).", "Árabe (x)."],
      ["Árabe ({{z}} / {{lang|ar|x}}).", "Árabe (x)."],
      ["Febo ({{IPA|/ˈfɛbu/}} {{x}}; grego) é.", "Febo (/ˈfɛbu/; grego) é."],
      ["Luís (r. {{x}}) foi rei.", "Luís foi rei."],
      [
        "Isto e/ou aquilo (etc.), a/b e (r.) ficam.",
        "Isto e/ou aquilo (etc.), a/b e (r.) ficam.",
      ],
      [
        "Ver {{ill|en|John Smith}} e {{ill|Ana Sá|en}}.",
        "Ver John Smith e Ana Sá.",
      ],
    ]
  ) assertEquals(new WikiCleaner().clean(wikitext), text);
});

Deno.test("clean() keeps the verses that templates hold", () => {
  const poem =
    "Diz:\n{{poema|\n:Minha terra\n::tem palmeiras,\n\nonde canta\n}}\nE mais.";
  assertEquals(
    new WikiCleaner().clean(poem),
    "Diz:\nMinha terra\ntem palmeiras,\nonde canta\nE mais.",
  );
});

Deno.test("clean() keeps how deep lines of code are indented by spaces", () => {
  const code = "Veja:\n if a:\n   # nota\n   b[0] = 1\n\nFim.";
  assertEquals(
    new WikiCleaner({ keepCode: true }).clean(code),
    "Veja:\nif a:\n  # nota\n  b[0] = 1\nFim.",
  );
});
