import { assert, assertEquals } from "@std/assert";
import {
  isBoilerplate,
  pageHeaders,
  RepeatedLines,
} from "../../../lib/corpus/clean/boilerplate.ts";

Deno.test("isBoilerplate() knows maintenance from prose", () => {
  for (
    const line of [
      "Predefinição:Info",
      "Esta página foi editada pela última vez às 10h",
      'Obtida de "https://pt.wikipedia.org"',
      "Todos os direitos reservados.",
      "Página 3 de 10",
      "[editar | editar código-fonte]",
      "Publicado originalmente em Gazeta de Notícias",
      "https://exemplo.org/a",
    ]
  ) assert(isBoilerplate(line), line);
  for (
    const line of [
      "A categoria mais alta era outra.",
      "Este artigo da lei foi revogado.",
      "Página virada, o livro seguia.",
      "Imagem e som chegaram juntos.",
    ]
  ) assertEquals(isBoilerplate(line), false, line);
});

Deno.test("isBoilerplate() leaves prose that begins like it", () => {
  for (
    const line of [
      "Publicado originalmente em folhetim, o conto foi reunido em livro só em 1896.",
      "Publicada originalmente em 1902, a obra narra a guerra de Canudos.",
      "Copyright e direito de autor não são a mesma coisa em todos os países.",
      "Categoria: é assim que os lógicos chamam o gênero mais alto.",
      "Arquivo: lugar em que se guardam papéis.",
      "Este artigo discute as fontes de que o romancista se serviu.",
      "Esta página foi modificada por mãos desconhecidas antes de chegar a nós.",
      "Todos os direitos reservados aos cidadãos foram suspensos pelo decreto.",
      "Compartilhe o pão com quem tem fome.",
      "Leia também com os olhos do coração, e não só com os da razão.",
      "Disponível em todas as bibliotecas do país, o livro teve vinte edições.",
      "Comprei a edição da Nova Aguilar e li tudo em um mês.",
      "O Project Gutenberg tem mais de sessenta mil livros.",
    ]
  ) assertEquals(isBoilerplate(line), false, line);
});

Deno.test("RepeatedLines keeps headings and what stands within a text", () => {
  const repeated = new RepeatedLines();
  const line = "Obra Reunida, tomo 2";
  for (let i = 0; i < 10; i++) {
    repeated.add([
      line,
      "Capítulo primeiro",
      "LUÍS",
      `Título próprio ${"x".repeat(i)}`,
    ]);
  }
  assert(repeated.isRepeated("OBRA REUNIDA, tomo 7", 0, 100));
  assert(repeated.isRepeated(line, 95, 100));
  for (
    const [text, index] of [
      [line, 50], // within the text
      ["Capítulo primeiro", 0],
      ["LUÍS", 0],
      ["Título próprio", 0],
    ] as const
  ) assertEquals(repeated.isRepeated(text, index, 100), false, text);
});

Deno.test("RepeatedLines wants five files and two in a hundred", () => {
  const repeated = new RepeatedLines();
  for (let i = 0; i < 300; i++) {
    repeated.add([
      i < 5 ? `Coleção das cinco ${i}` : `Outra linha ${"y".repeat(i)}`,
    ]);
  }
  assertEquals(repeated.isRepeated("Coleção das cinco 7", 0, 9), false);
  // A copy tells nothing new.
  for (let i = 0; i < 5; i++) repeated.add(["Coleção das cinco 9"]);
  assertEquals(repeated.isRepeated("Coleção das cinco 7", 0, 9), false);
  repeated.add(["Coleção das cinco 10"]);
  assertEquals(repeated.isRepeated("Coleção das cinco 7", 0, 9), true);
});

Deno.test("pageHeaders() wants the number to rise from page to page", () => {
  const pages = (numbers: number[], of: (n: number) => string) =>
    numbers.map(of).filter(pageHeaders(numbers.map(of))).length;
  const rising = [3, 4, 5, 6, 8, 9];
  assertEquals(pages(rising, (n) => `A vida no mar — ${n}`), 6);
  assertEquals(pages(rising, (n) => `${n} A vida no mar`), 6);
  assertEquals(pages([5, 5, 5, 5, 5, 5], (n) => `A vida no mar ${n}`), 0);
  assertEquals(pages([1, 2, 3, 4], (n) => `A vida no mar ${n}`), 0);
  assertEquals(pages(rising, (n) => `Capítulo do livro ${n}`), 0);
  assertEquals(pages(rising, (n) => `Canto ${n}`), 0);
  assertEquals(pages(rising, (n) => `${n} DE AGOSTO DE 1862`), 0);
  assertEquals(pages(rising, (n) => `Cartas do Rio de Janeiro, ${n}`), 6);
  assertEquals(pages(rising, () => "Voilà ce que l'on dit de moi"), 0);
});
