/** Languages of texts. */

import { assert, assertEquals } from "@std/assert";
import {
  type LanguageIdentifier,
  loadLanguageIdentifier,
  MAX_SAMPLES,
  SAMPLE_EVERY,
} from "../../../lib/corpus/measures/language.ts";

const { identify, shareOf }: LanguageIdentifier =
  await loadLanguageIdentifier();

const BRAZILIAN = "A gente foi de ônibus até o centro e tomou um suco de " +
  "maracujá antes de pegar o trem para a casa da minha avó. ";
const EUROPEAN =
  "Fomos de autocarro até ao centro e bebemos um sumo antes de " +
  "apanhar o comboio para casa da minha avó. ";
const SPANISH =
  "Fuimos en autobús hasta el centro y tomamos un jugo antes de " +
  "coger el tren a la casa de mi abuela en el pueblo. ";

Deno.test("identify() knows both Portugueses as one, and its neighbours", () => {
  assertEquals(identify(BRAZILIAN), { language: "pt", score: 1 });
  assertEquals(identify(EUROPEAN), { language: "pt", score: 1 });
  assertEquals(identify(SPANISH), { language: "es", score: 1 });
  const english = "We took the bus to the centre and drank some juice.";
  assertEquals(identify(english).language, "en");
});

Deno.test("identify() tells Galician and Mirandese from Portuguese", () => {
  const galician =
    "A choiva caeu toda a noite enriba dos tellados da vila, e " +
    "pola mañá ninguén saíu da casa antes de que o sol volvese.";
  const mirandese =
    "La lhéngua mirandesa ye ua lhéngua falada ne l praino, i " +
    "quien la fala nun la squece: ten a muita giente que la scribe.";
  assertEquals(identify(galician), { language: "gl", score: 1 });
  // eld may call it Spanish or Catalan, in which case it is not asked for more.
  assertEquals(shareOf(mirandese, "pt"), 0);
  // As it was written before the reforms.
  const old = "Hontem á noite elle foi á pharmacia e, depois de fallar com o " +
    "physico, voltou para casa; a creança dormia e não houve mais nada.";
  assertEquals(identify(old), { language: "pt", score: 1 });
});

Deno.test("identify() gives the share of samples that agree", () => {
  const half = MAX_SAMPLES / 2 * SAMPLE_EVERY;
  const fill = (text: string, length: number) =>
    text.repeat(Math.ceil(length / text.length)).slice(0, length);
  const mixed = fill(BRAZILIAN, half * 1.5) + fill(SPANISH, half / 2);
  assertEquals(identify(mixed), { language: "pt", score: 0.75 });
  assertEquals(shareOf(mixed, "es"), 0.25);
  assertEquals(shareOf("", "es"), 0);
});

Deno.test("shareOf() looks closer where a sample met a quotation", () => {
  const text = BRAZILIAN.repeat(6) + SPANISH.repeat(3) + BRAZILIAN.repeat(6);
  assert(text.length < SAMPLE_EVERY);
  assertEquals(identify(text).language, "es");
  const share = shareOf(text, "pt");
  assert(share >= 0.5 && share < 1, `${share}`);
});

Deno.test("identify() takes any text", () => {
  for (const text of ["", "123 456", "\0\0", "…—!", "\ud800"]) {
    assertEquals(identify(text), { score: 0 });
  }
  const start = performance.now();
  identify("a".repeat(5_000_000));
  identify(" ".repeat(5_000_000));
  assert(performance.now() - start < 1000);
});
