import { assert, assertEquals, assertLess } from "@std/assert";
import { decodeHtml } from "../../../lib/corpus/laws/html_encoding.ts";
import { cleanLaw } from "../../../lib/corpus/laws/law_cleaner.ts";
import { NO_REAL_DATA, REAL_DATA } from "../../real_data.ts";

function lines(html: string, keepNotes = false): string[] {
  return cleanLaw(html, { keepNotes }).text.split("\n");
}

/** A page as Planalto makes them, about a law that does not exist. */
const PAGE = `<html><head><title>L99999</title></head><body>
<div align=center><table><tr><td><img src=b.gif></td><td><p>
<strong>Presidência
da República<br></strong><b>Casa Civil<br>Subchefia para
Assuntos Jurídicos</b></td></tr></table></div>
<p align=CENTER><a href="http://legislacao.exemplo/l"><small>LEI N<sup><u>o</u>
</sup> 99.999, DE 1<sup>o</sup> DE MAIO DE 1998.</small></a></p>
<table><tr><td><a href="#indice">&Iacute;NDICE</a><p><a href=v.htm>Mensagem de
veto</a><td>Institui o Dia do Barco.</table>
<p><a href=outra.htm>Outra lei qualquer</a></p>
<p>O PRESIDENTE DA REPÚBLICA Faço saber que o Congresso decreta:</body></html>
<p>P A R T E &nbsp; G E R A L</p><p>TÍTULO I<br>DO BARCO
<p><a name=art1></a>Art. 1
<sup>
 <u>
  o
 </u>
</sup>
O barco é do povo.
<p><strike>Art. 2<sup>o</sup> O remo é do rei.</strike>
<p>Art. 2º O remo é de quem rema.
<a href=l7.htm>(Reda&ccedil;&atilde;o
dada pela Lei n&ordm; 7, de 2001)</a> <a href=l7.htm#v>Vigência</a></p>
<p>§ 1<u>o</u> Rema-se em pe&#769;. (Incluído pela Lei nº 8 (retificada), de 2)
<p>§ 2<sup>o</sup>-A. (Revogado pela Lei nº 9, de 2003) (Vigência)
<p>I - (VETADO);<p>a ) as velas ;<br>b) os remos
<p>Art. 10. São 12 m<sup>2</sup>, na forma do art. 3o e dos §§ 1 e 2 do art. 5,
<br>sem prejuízo do n<sup>o</sup> 4, a 30° de latitude.
<p>Brasília, 1<sup>o</sup> de maio de 1998.
<p>Este texto não substitui o publicado no DOU de 2.5.1998
<p><a href="#art1">TÍTULO I</a><p><a href="#art2">TÍTULO II</a>
<p>ANEXO I<table><tr><td>Barco<td>Pés</tr><tr><td>Canoa<td>12</tr></table>
<p>*</p>`;

Deno.test("cleanLaw() keeps the law and drops the page", () => {
  const law = cleanLaw(PAGE);
  assertEquals(law.text.split("\n"), [
    "LEI Nº 99.999, DE 1º DE MAIO DE 1998.",
    "Institui o Dia do Barco.",
    "O PRESIDENTE DA REPÚBLICA Faço saber que o Congresso decreta:",
    "PARTE GERAL",
    "TÍTULO I",
    "DO BARCO",
    "Art. 1º O barco é do povo.",
    "Art. 2º O remo é de quem rema.",
    "§ 1º Rema-se em pé.",
    "§ 2º-A. (Revogado pela Lei nº 9, de 2003)",
    "I - (VETADO);",
    "a) as velas;",
    "b) os remos",
    "Art. 10. São 12 m², na forma do art. 3º e dos §§ 1º e 2º do art. 5º, " +
    "sem prejuízo do nº 4, a 30° de latitude.",
    "Brasília, 1º de maio de 1998.",
    "ANEXO I",
    "Barco | Pés",
    "Canoa | 12",
  ]);
  assertEquals(law.title, "LEI Nº 99.999, DE 1º DE MAIO DE 1998.");
  assertEquals(law.identity, "LEI 99999/1998");
  assertEquals(law.counts, {
    revoked: 1,
    notes: 4,
    pageLines: 9,
    tableRows: 2,
    repeatedArticles: 0,
    strikesLeftOpen: 0,
  });
});

Deno.test("cleanLaw() ends a strike that nothing closes with its paragraph", () => {
  for (const name of ["s", "strike", "del"]) {
    const { text, counts } = cleanLaw(
      `<p>LEI Nº 2, DE 3 DE MAIO DE 1999<p>Art. 1º Vale <${name}>isto<p>Art. 2º ` +
        `Vale.<p><${name}>Art. 3º Não.</${name}><p>Art. 4º <b>Sim.</b>`,
    );
    assertEquals(text.split("\n").slice(1), [
      "Art. 1º Vale",
      "Art. 2º Vale.",
      "Art. 4º Sim.",
    ]);
    assertEquals([counts.strikesLeftOpen, counts.revoked], [1, 2]);
  }
  // One that is closed goes on over paragraphs.
  const { text, counts } = cleanLaw("<p>A. <s>B.<p>C.</s> D.<p>E.");
  assertEquals([text, counts.strikesLeftOpen], ["A.\nD.\nE.", 0]);
});

Deno.test("cleanLaw() joins numbers that tags have cut, and no others", () => {
  const articles = (...numbers: string[]) =>
    cleanLaw(numbers.map((number) => `<p>Art. ${number} Vale.`).join(""))
      .text.split("\n").map((line) => line.replace(" Vale.", ""));
  assertEquals(
    articles("8º", "9º", "1 <span>0.</span>", "11.", "1<b> </b>2."),
    ["Art. 8º", "Art. 9º", "Art. 10.", "Art. 11.", "Art. 12."],
  );
  assertEquals(
    articles("99.", "10 <i>0.</i>", "101."),
    ["Art. 99.", "Art. 100.", "Art. 101."],
  );
  // "Article 5 of 7 words" stays as it is.
  assertEquals(
    cleanLaw("<p>Art. 4º Vale.<p>Art. 5º 7 barcos.").text,
    "Art. 4º Vale.\nArt. 5º 7 barcos.",
  );
  assertEquals(
    cleanLaw("<p>A Lei nº 10 <b>.406</b>, de 2002, e R$ 1 .250,00").text,
    "A Lei nº 10.406, de 2002, e R$ 1.250,00",
  );
});

Deno.test("cleanLaw() keeps notes of amendments when told to", () => {
  const kept = lines(PAGE, true);
  assert(kept.includes(
    "Art. 2º O remo é de quem rema. (Redação dada pela Lei nº 7, de 2001) " +
      "Vigência",
  ));
  assert(kept.includes(
    "§ 1º Rema-se em pé. (Incluído pela Lei nº 8 (retificada), de 2)",
  ));
});

Deno.test("cleanLaw() knows notes from text", () => {
  for (
    const note of [
      "(Redação dada pela Lei Complementar nº 1, de 1990)",
      "(Renumerado do parágrafo único pela Lei nº 2, de 1991)",
      "(Vide Medida Provisória nº 3, de 2001)",
      "(Vigência)",
      "(Regulamento)",
      "(Produção de efeito)",
      "(Revogado pela Lei nº 4, de 1992)",
      "(Promulgação partes vetadas)",
      "(Declarado inconstitucional pela ADI 5)",
    ]
  ) assertEquals(lines(`<p>Art. 1º Vale. ${note}`), ["Art. 1º Vale."], note);
  for (
    const text of [
      "(VETADO)",
      "(Revogado)",
      "(três)",
      "(art. 5º)",
      "(inclusive as do art. 6º)",
      "(regulamentado por lei própria)",
    ]
  ) assertEquals(lines(`<p>Art. 1º Vale ${text}.`)[0].length, 14 + text.length);
  assertEquals(lines("<p>A<p>(Revogado pela Lei nº 4, de 1992)"), ["A"]);
});

Deno.test("cleanLaw() writes numbers as laws do", () => {
  for (
    const [html, expected] of [
      ["Art. 1<sup>0</sup> Vale.", "Art. 1º Vale."],
      ["Art. 10 Vale.", "Art. 10 Vale."],
      ["Art. 1: Vale.", "Art. 1º Vale."],
      ["Art. 12: Vale.", "Art. 12. Vale."],
      ["Art. 3-A: Vale.", "Art. 3º-A. Vale."],
      ["§ 3: -A. Vale.", "§ 3º-A. Vale."],
      ["§ 11: . Vale.", "§ 11. Vale."],
      ["Parágrafo único: Vale.", "Parágrafo único. Vale."],
      ["Art. 5o Vale a 2<sup>a</sup> via.", "Art. 5º Vale a 2ª via."],
      ["os arts. 1, 12 e 3-B da lei", "os arts. 1º, 12 e 3º-B da lei"],
      ["Leis n<sup>os</sup> 1 e 2", "Leis nºs 1 e 2"],
      ["a Lei no 7 e a Lei n° 8", "a Lei nº 7 e a Lei nº 8"],
      ["D - as Obras", "Das Obras"],
      ["Vi - olação de sigilo", "Violação de sigilo"],
      ["V - a obra", "V - a obra"],
      ["levar-se- á em conta", "levar-se-á em conta"],
    ]
  ) assertEquals(lines(`<p>${html}`), [expected]);
  assertEquals(lines("<p>XLIX - um<p>L - outro"), ["XLIX - um", "L - outro"]);
});

Deno.test("cleanLaw() counts articles whose revision stands beside them", () => {
  assertEquals(
    cleanLaw("<p>Art. 1º A.<p>Art. 2º B.<p>§ 1º C.<p>Art. 2º D.<p>Art. 3º E.")
      .counts.repeatedArticles,
    1,
  );
});

Deno.test("cleanLaw() knows laws by kind, number and year", () => {
  for (
    const [title, identity] of [
      [
        "DECRETO-LEI Nº 2.848, DE 7 DE DEZEMBRO DE 1940",
        "DECRETO-LEI 2848/1940",
      ],
      ["LEI COMPLEMENTAR N° 87, DE 1996", "LEI COMPLEMENTAR 87/1996"],
      [
        "MEDIDA PROVISÓRIA Nº 2.200-2, DE 24 DE AGOSTO DE 2001",
        "MEDIDA PROVISÓRIA 2200/2001",
      ],
      ["Decreto, minúsculo", undefined],
    ]
  ) assertEquals(cleanLaw(`<p>${title}<p>Art. 1º A.`).identity, identity);
});

Deno.test("cleanLaw() of nothing is nothing", () => {
  assertEquals(cleanLaw("").text, "");
  assertEquals(cleanLaw("<p>*</p>").text, "");
  assertEquals(cleanLaw("<p>Casa Civil").title, undefined);
});

Deno.test("cleanLaw() takes time linear in a hostile page", () => {
  const start = performance.now();
  for (
    const piece of [
      "(",
      "(Vide ",
      "(Vide (a",
      "<a href=x>Vide ",
      "<sup>o ",
      "1<sup> ",
      "1 ",
      "A ",
      "arts. 1, ",
      "1, ",
      "Art. ",
      "-a- ",
      "I - a<p>",
      "<a href=#>x</a><p>",
      "LEI ",
      "N ",
    ]
  ) cleanLaw(piece.repeat(30_000));
  assertLess(performance.now() - start, 60_000);
});

Deno.test({
  name: "cleanLaw() reads real pages of Planalto (needs PTBR_SLM_TEST_DATA)",
  ignore: NO_REAL_DATA,
  async fn() {
    const read = async (path: string) => {
      const bytes = await Deno.readFile(`${REAL_DATA}/${path}`);
      return cleanLaw(decodeHtml(bytes).text);
    };
    const civil = await read("planalto/aruasouza_L10406compilada.htm");
    const civilLines = civil.text.split("\n");
    assertEquals(civilLines.slice(0, 11), [
      "LEI Nº 10.406, DE 10 DE JANEIRO DE 2002",
      "Institui o Código Civil.",
      "O PRESIDENTE DA REPÚBLICA Faço saber que o Congresso Nacional decreta " +
      "e eu sanciono a seguinte Lei:",
      "PARTE GERAL",
      "LIVRO I",
      "DAS PESSOAS",
      "TÍTULO I",
      "DAS PESSOAS NATURAIS",
      "CAPÍTULO I",
      "Da Personalidade e da Capacidade",
      "Art. 1º Toda pessoa é capaz de direitos e deveres na ordem civil.",
    ]);
    assertEquals(civilLines.at(-1), "Aloysio Nunes Ferreira Filho");
    const numbers = civilLines.flatMap((line) =>
      /^Art\. ([\d.]+?)[.º]? /.exec(line)?.[1].replaceAll(".", "") ?? []
    ).map(Number);
    // Every article in order; nine were revoked in one line, "Art. 1.620. a 1.629.".
    assertEquals(new Set(numbers).size, 2046 - 9);
    assertEquals(numbers, [...numbers].sort((a, b) => a - b));
    const bids = await read("planalto/alcindogandhi_L14133_raw.html");
    assertEquals(bids.counts.revoked, 10);
    assert(!/R\$ 216\.081\.640|\ufffd|<|&\w+;/.test(bids.text));
    // The same law from two sources is one law, and nearly one text.
    const other = await read("corpora/leis/nllc.html");
    assertEquals(
      [bids.identity, other.identity],
      Array(2).fill("LEI 14133/2021"),
    );
    const known = new Set(other.text.split("\n"));
    const same = bids.text.split("\n").filter((line) => known.has(line));
    assert(same.length > 0.9 * known.size, `${same.length} of ${known.size}`);
  },
});
