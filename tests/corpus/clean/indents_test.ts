import { assertEquals } from "@std/assert";
import { divideByIndents } from "../../../lib/corpus/clean/indents.ts";
import { cleanText } from "../../../lib/corpus/clean/text_cleaner.ts";

/** A page of a novel: paragraphs begin with an indent, and no line is blank. */
const NOVEL = `   Chovia desde cedo, e a rua descia para o rio com pres-
sa; ninguém saíra de casa.
   — Vens? perguntou a tia.
   — Não.
   O rapaz fechou a janela, voltou à mesa e pôs-se a es-
crever a carta que devia ao irmão desde a páscoa.
   — Escreves a quem?
   — Ao Bento, disse ele, e tornou a molhar a pena, len-
tamente, como quem não quer começar.
   CAPÍTULO II
   A carta nunca chegou. Perdeu-se com a mala do correio
na enchente de janeiro.
   Bento soube dela anos depois.
`;

Deno.test("cleanText() keeps the paragraphs that only indents begin", () => {
  assertEquals(cleanText(NOVEL.repeat(3)).text.split("\n").slice(0, 10), [
    "Chovia desde cedo, e a rua descia para o rio com pressa; ninguém saíra de casa.",
    "— Vens? perguntou a tia.",
    "— Não.",
    "O rapaz fechou a janela, voltou à mesa e pôs-se a escrever a carta que devia ao irmão desde a páscoa.",
    "— Escreves a quem?",
    "— Ao Bento, disse ele, e tornou a molhar a pena, lentamente, como quem não quer começar.",
    "CAPÍTULO II",
    "A carta nunca chegou. Perdeu-se com a mala do correio na enchente de janeiro.",
    "Bento soube dela anos depois.",
    "Chovia desde cedo, e a rua descia para o rio com pressa; ninguém saíra de casa.",
  ]);
});

Deno.test("cleanText() keeps indented paragraphs over the ends of pages", () => {
  const pages = NOVEL.repeat(3).replace("pôs-se a es-\n", "pôs-se a es-\f");
  assertEquals(cleanText(pages).text, cleanText(NOVEL.repeat(3)).text);
});

Deno.test("divideByIndents() keeps verse together, and apart from prose", () => {
  const verse = "     Nas ondas do mar\n     A vela se vai,\n     Se vai.\n";
  const divided = divideByIndents(NOVEL.repeat(2) + verse + NOVEL, () => true);
  assertEquals(divided.includes(`\n\n${verse}\n`), true);
});

Deno.test("divideByIndents() leaves lines that an indent makes go on", () => {
  const hanging = "A casa fica longe da\n  vila e do rio.\n".repeat(9);
  assertEquals(divideByIndents(hanging, () => true), hanging);
  const list = "Compras:\n  pão\n  leite\n".repeat(9);
  assertEquals(divideByIndents(list, () => true), list);
  assertEquals(divideByIndents(NOVEL, () => false), NOVEL);
});

Deno.test("divideByIndents() takes as long as the text is", () => {
  for (const line of ["   A\n", "   A.\nb\n", "\f \n", `${" ".repeat(99)}\n`]) {
    const times = [2 ** 14, 2 ** 17].map((count) => {
      const text = line.repeat(count), start = performance.now();
      divideByIndents(text, () => true);
      return performance.now() - start;
    });
    assertEquals(times[1] < 8 * 6 * Math.max(times[0], 4), true);
  }
});
