/** How Portuguese is written. */

import { assertEquals } from "@std/assert";
import { writtenIn } from "../../../lib/corpus/measures/variants.ts";

Deno.test("writtenIn() tells the two countries' words and accents", () => {
  const brazilian =
    "O usuário registrou o bebê; a equipe econômica tem gêmeos.";
  const european =
    "O utilizador registou o bebé; a equipa económica tem gémeos.";
  assertEquals(writtenIn(brazilian).variant, "pt-BR");
  assertEquals(writtenIn(european).variant, "pt-PT");
  // One word may be a quotation, and what both write tells nothing.
  assertEquals(writtenIn("O autocarro parou na rua."), {});
  assertEquals(
    writtenIn("Também havia alguém além do armazém; a ciência."),
    {},
  );
  assertEquals(writtenIn(`${brazilian} ${european}`).variant, undefined);
});

Deno.test("writtenIn() tells spellings by what each alone writes", () => {
  const spellings = [
    "Elle e ella fallavam da philosophia no theatro; hontem fez annos.",
    "A idéia da assembléia foi aceita com tranqüilidade e freqüência.",
    "O usuário e a equipe têm ideias, com frequência e consequências.",
    "O director do projecto fez, de facto, a selecção dos objectos.",
    "O diretor do projeto fez, de facto, a seleção no autocarro dos objetos.",
    "A casa fica na rua.",
  ].map((text) => writtenIn(text).spelling);
  assertEquals(spellings, [
    "etymological",
    "before-1990",
    "since-1990",
    "before-1990",
    "since-1990",
    undefined,
  ]);
});

Deno.test("writtenIn() takes what Brazil always wrote for no reform", () => {
  const text = "O fato é que o usuário tem o projeto de ação do diretor.";
  assertEquals(writtenIn(text), { variant: "pt-BR" });
});

Deno.test("a few old names in a long text are no old spelling", () => {
  const text = "Thereza e Philosophia e Anno, elle e ella. " +
    "A rua sobe até ao largo e desce para o rio. ".repeat(200);
  assertEquals(writtenIn(text).spelling, undefined);
});

Deno.test("what both countries wrote tells the spelling, and neither country", () => {
  assertEquals(
    writtenIn("Os rapazes lêem o jornal e vêem o que pára na estação."),
    { spelling: "before-1990" },
  );
  assertEquals(
    writtenIn("Os rapazes leem o jornal, e a joia que veem é heroica."),
    { spelling: "since-1990" },
  );
});

Deno.test("what Portugal wrote since 1945 is no sign of 1990", () => {
  const text = "O director disse que a ideia da assembleia, em cinquenta " +
    "autocarros, teve de facto consequências.";
  assertEquals(writtenIn(text).variant, "pt-PT");
  assertEquals(writtenIn(text).spelling, undefined);
  assertEquals(writtenIn("A ideia da assembleia teve consequências."), {});
});

Deno.test("words that both have, and old accents, tell no country", () => {
  for (
    const text of [
      "A fêmea tem estômago, e as fêmeas têm estômagos.",
      "Você sabe, e vocês também.",
      "Sómente hoje, e sómente aqui.",
    ]
  ) assertEquals(writtenIn(text), {}, text);
});
