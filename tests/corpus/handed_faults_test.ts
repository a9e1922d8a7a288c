/**
 * Inputs that once came out wrong, from the folder of real data: what is right
 * stands beside each. They are others' and no part of the project.
 *
 * @module
 */

import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { cleanText } from "../../lib/corpus/clean/text_cleaner.ts";
import { cleanLaw } from "../../lib/corpus/laws/law_cleaner.ts";
import { rulesOf } from "../../lib/corpus/wiki/projects.ts";
import { WikiDump } from "../../lib/corpus/wiki/wiki_dump.ts";
import { WikiCleaner } from "../../lib/corpus/wikitext/wiki_cleaner.ts";
import { kindOf } from "../../lib/input_kinds.ts";
import { NO_REAL_DATA, readReal, REAL_DATA } from "../real_data.ts";

const FOLDER = "faults/corpus";

function handed(name: string, test: () => void | Promise<void>): void {
  Deno.test({
    name: `${name} (needs PTBR_SLM_TEST_DATA)`,
    ignore: NO_REAL_DATA,
    fn: test,
  });
}

function wiki(name: string, project: "wikipedia" | "wikisource"): string {
  const { templates, blocks } = rulesOf(project);
  return new WikiCleaner({ templates, blocks })
    .clean(readReal(`${FOLDER}/${name}.wiki`));
}

handed("handed wikitext comes out as expected", () => {
  for (
    const name of [
      "10_debris_comma",
      "14_debris_coord",
      "16_empty_parens_source",
      "17_braces_text",
    ]
  ) {
    const expected = readReal(`${FOLDER}/${name}.wiki.expected`).trim();
    assertEquals(wiki(name, "wikipedia"), expected, name);
  }
  assertNotMatch(wiki("13_debris_series", "wikipedia"), /,,|:,/);
  assertNotMatch(wiki("18_poem_indent", "wikipedia"), /(?:^|\n):/);
  assertEquals(wiki("20_n_sup_o", "wikipedia"), "Ver o nº 5 e Nºs 4 e 5.");
  const words = wiki("24_content_templates", "wikipedia");
  for (const word of ["[a]", "/ɐ/", "München", "1 + 2 = 3", "Ana", "Bia"]) {
    assertEquals(words.includes(word), true, word);
  }
  assertEquals(
    wiki("25_wikisource_letra_capitular", "wikisource"),
    "Então fui. Uma noite.",
  );
});

handed("handed texts come out as expected", () => {
  const text = (name: string) => cleanText(readReal(`${FOLDER}/${name}.txt`));
  const words = text("01_dehyphen_suffix").text;
  for (
    const word
      of ("algumas mesma diferente gente última pequenos formas frente " +
        "novos meia-noite segunda-feira guarda-chuva recém-nascido bem-humorado " +
        "disse-lhes sentou-se paralisado").split(" ")
  ) assertEquals(words.includes(word), true, word);
  assertEquals(text("02_boilerplate_prose").text.trim().split("\n").length, 8);
  const book = text("03_gutenberg").text;
  assertMatch(book, /^DOM CASMURRO\n/);
  assertNotMatch(book, /Produced|Section 1|Release|\*\*\*/);
  const pages = text("05_page_number_formfeed").text;
  assertMatch(pages, /Catumbi\. Tinha uns/);
  assertMatch(pages, /ficaria assim/);
  assertMatch(pages, /guarda-chuva do meu vice-presidente na segunda-feira/);
  assertMatch(text("07_lossy_mojibake").text, /“aspas” — à noite, às vezes, É/);
});

handed("handed pages and noise come out as expected", async () => {
  assertMatch(
    cleanLaw(readReal(`${FOLDER}/30_law_split_number.html`)).text,
    /\nArt\. 57\. \(VETADO\)\.\n/,
  );
  assertEquals(await kindOf(`${REAL_DATA}/${FOLDER}/33_binary.txt`), "binary");
  const xml = new TextEncoder()
    .encode(readReal(`${FOLDER}/28_wikisource_page_join.xml`));
  const dump = await WikiDump.open({
    read: (offset) => ReadableStream.from([xml.slice(offset)]),
  });
  let text = "";
  const documents = dump.documents({
    site: dump.site,
    project: "wikisource",
    format: "txt",
    minChars: 100,
    disambiguations: false,
  });
  for await (const { bytes } of documents) {
    text += new TextDecoder().decode(bytes);
  }
  assertMatch(text, /^CAPÍTULO I\nUma noite/);
  assertMatch(text, /na página seguinte e termina/);
  assertNotMatch(text, /\n:/);
});
