/** Documents in two languages. */

import { assertEquals } from "@std/assert";
import { withoutForeign } from "../../../lib/corpus/build/foreign_paragraphs.ts";
import { loadLanguageIdentifier } from "../../../lib/corpus/measures/language.ts";

const identifier = await loadLanguageIdentifier();
const OWN = "A chuva caiu a noite inteira sobre os telhados da vila, e de " +
  "manhã ninguém saiu de casa antes que o sol voltasse.";
const GALICIAN = "A choiva caeu toda a noite enriba dos tellados da vila, e " +
  "pola mañá ninguén saíu da casa antes de que o sol volvese.";
const ENGLISH =
  "The rain fell all night long upon the roofs of the town, and " +
  "in the morning nobody left the house before the sun came back.";
const cut = (share: number, ...lines: string[]) =>
  withoutForeign(lines.join("\n"), "pt", identifier, share);

Deno.test("withoutForeign() takes neighbours out, and what is under their heads", () => {
  assertEquals(cut(1, OWN, GALICIAN, "Fin.", OWN, "Fim."), {
    text: [OWN, OWN, "Fim."].join("\n"),
    cut: 2,
  });
});

Deno.test("withoutForeign() looks for all languages where samples were not alike", () => {
  assertEquals(cut(0.5, OWN, ENGLISH).cut, 1);
  assertEquals(cut(1, OWN, ENGLISH).cut, 0);
});

Deno.test("withoutForeign() leaves what is short, single, or all that there is", () => {
  assertEquals(cut(1, "Adiós, muchachos.", OWN).cut, 0);
  assertEquals(cut(1, GALICIAN).cut, 0);
  assertEquals(cut(1, GALICIAN, GALICIAN), {
    text: `${GALICIAN}\n${GALICIAN}`,
    cut: 0,
  });
});
