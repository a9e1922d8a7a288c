/** Rules, one by one and in their order. */

import { assert, assertEquals } from "@std/assert";
import {
  type Filters,
  highestThreshold,
  judge,
  PRESETS,
  RULE_NAMES,
} from "../../../lib/corpus/build/filters.ts";
import { loadLanguageIdentifier } from "../../../lib/corpus/measures/language.ts";

const identifier = await loadLanguageIdentifier();

const PROSE = [
  "Quando a chuva parou, os meninos desceram a ladeira com os barquinhos de papel que tinham feito na escola.",
  "O mais velho dizia que o seu ia chegar até o rio, mas ninguém acreditava, porque a enxurrada já estava fraca.",
  "Da janela, dona Amélia olhava tudo e lembrava do tempo em que ela também corria descalça por aquela rua.",
  "De noite, o barquinho apareceu encalhado junto da ponte, inteiro, e foi o assunto da semana.",
].join("\n");

function reasonOf(text: string, thresholds = PRESETS.web): string | undefined {
  return judge(text, { language: "pt", thresholds }, identifier).verdict
    ?.reason;
}

Deno.test("judge() keeps prose under every preset", () => {
  for (const thresholds of Object.values(PRESETS)) {
    assertEquals(reasonOf(PROSE, thresholds), undefined);
  }
});

Deno.test("judge() names the rule that a text breaks first", () => {
  const english = "When the rain stopped, the boys went down the hill with " +
    "the little paper boats that they had made at school that morning.\n";
  const cases: Record<string, string> = {
    min_chars: "Curto.",
    min_words: "Anticonstitucionalissimamente ".repeat(12).trim(),
    max_words: Array.from({ length: 100_001 }, (_, i) => `palavra${i}`)
      .join(" "),
    min_letters: "12.345,67 a ".repeat(60),
    min_language_share: english + english.toUpperCase() + english.slice(0, 90),
    max_repeated_lines: Array(9).fill(PROSE.split("\n")[0]).join("\n"),
    max_repeated_line_chars: `${PROSE}\n${PROSE.split("\n")[1]}`,
    max_ellipsis_lines: PROSE.replaceAll(".\n", "...\n"),
    min_punctuated_lines: PROSE.replaceAll(".", ""),
  };
  for (const [reason, text] of Object.entries(cases)) {
    assertEquals(reasonOf(text), reason);
  }
});

Deno.test("judge() asks each rule on its own, at its threshold", () => {
  const values: Record<string, number> = {};
  for (const name of RULE_NAMES) {
    const isLeast = name.startsWith("min_");
    // An impossible threshold makes the rule say what it has measured.
    const thresholds = { [name]: isLeast ? highestThreshold(name) + 1 : -1 };
    const { verdict } = judge(
      PROSE,
      { language: "pt", thresholds },
      identifier,
    );
    assertEquals(verdict?.reason, name);
    values[name] = verdict!.value;
    const at = { [name]: verdict!.value };
    assertEquals(reasonOf(PROSE, at), undefined, name);
  }
  assertEquals(values.min_chars, PROSE.length);
  assertEquals(values.min_words, 75);
  assertEquals(values.max_lines_per_word, 3 / 75);
  assertEquals(values.min_language_share, 1);
});

Deno.test("judge() says which language it found instead", () => {
  const text = "El tren llegó a la estación cuando ya no quedaba nadie.";
  const thresholds = { min_language_share: 0.5 };
  const { verdict } = judge(text, { language: "pt", thresholds }, identifier);
  assertEquals(verdict, {
    reason: "min_language_share",
    value: 0,
    language: "es",
  });
  const none = judge("1 2 3", { language: "pt", thresholds }, identifier);
  assertEquals(none.verdict?.language, undefined);
});

Deno.test("PRESETS name rules that there are, within their bounds", () => {
  for (const thresholds of Object.values(PRESETS)) {
    for (const [name, threshold] of Object.entries(thresholds)) {
      assert(RULE_NAMES.includes(name), name);
      assert(threshold >= 0 && threshold <= highestThreshold(name), name);
    }
  }
});

Deno.test("PRESETS.web has FineWeb-2's figures for Portuguese", () => {
  const { web } = PRESETS;
  const grams = (of: (n: number) => string, counts: number[]) =>
    counts.map((n) => web[of(n)]);
  assertEquals(grams((n) => `max_top_${n}_gram`, [2, 3, 4]), [
    0.093,
    0.117,
    0.139,
  ]);
  assertEquals(grams((n) => `max_repeated_${n}_grams`, [5, 6, 7, 8, 9, 10]), [
    0.19,
    0.172,
    0.154,
    0.142,
    0.131,
    0.12,
  ]);
  assertEquals(web.max_repeated_lines, 0.325);
  assertEquals(web.min_punctuated_lines, 0.154);
  assertEquals(web.max_lines_per_word, 0.23);
  assertEquals(web.min_alphabetic_words, 0.814);
  assertEquals([web.min_mean_word_length, web.max_mean_word_length], [3, 13]);
});

Deno.test("judge() drops what is clearly another variety or spelling", () => {
  const text = "O utilizador registou o bebé; a equipa económica tem gémeos.";
  const thresholds = {};
  const of = (more: Partial<Filters>) =>
    judge(text, { language: "pt", thresholds, ...more }).verdict;
  assertEquals(of({ variant: "pt-PT" }), undefined);
  assertEquals(of({ variant: "pt-BR" }), {
    reason: "variant",
    value: 0,
    language: "pt-PT",
  });
  // Of its spelling nothing is known, so it stays.
  assertEquals(of({ spelling: "since-1990" }), undefined);
});
