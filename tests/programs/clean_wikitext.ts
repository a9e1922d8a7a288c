/** Wikitext becomes prose, a paragraph a line. */

import { WikiCleaner } from "@ptbr-slm/ptbr-slm/cleaning";
import { assertEquals } from "@std/assert";

const wikitext = `O '''Brasil''' tem {{unidade|8515767|km2}}.<ref>IBGE</ref>
== Clima ==
* Quente
== Referências ==
{{ref}}`;

assertEquals(
  new WikiCleaner().clean(wikitext, "Brasil"),
  "O Brasil tem 8.515.767 km².\nClima\nQuente",
);
const longer = new WikiCleaner({ minSentenceLength: 20 });
assertEquals(longer.clean(wikitext), "O Brasil tem 8.515.767 km².");
