import { assertEquals, assertThrows } from "@std/assert";
import { Namespaces } from "../../../lib/corpus/wikitext/namespaces.ts";

Deno.test("Namespaces.of() knows English and Portuguese prefixes", () => {
  const namespaces = new Namespaces();
  for (
    const [title, id] of [
      ["Sol", 0],
      ["Star Wars: Episódio IV", 0],
      ["Ficheiro:Sol.jpg", 6],
      ["arquivo:Sol.jpg", 6],
      ["IMAGEM : Sol.jpg", 6],
      ["Categoria:Astros", 14],
      ["Category:Stars", 14],
      ["Predefinição:Info", 10],
      ["Usuário(a) Discussão:Ana", 3],
      ["Usuária:Ana", 2],
      ["Discussão:Sol", 1],
      ["Discussão Portal:Sol", 101],
      ["Wikipédia:Esplanada", 4],
      ["Wikipedia_talk:Esplanada", 5],
      ["Especial:Páginas", -1],
      ["Multimédia:x", -2],
      [":Sol", 0],
    ] as const
  ) assertEquals(namespaces.of(title), id, title);
});

Deno.test("Namespaces.add() lets the dump's own names win", () => {
  const namespaces = new Namespaces();
  namespaces.add("Autor", 106);
  namespaces.add("", 0);
  assertEquals(namespaces.of("Autor:Machado de Assis"), 106);
  assertEquals(namespaces.of(":x"), 0);
});

Deno.test("Namespaces.add() refuses more names than a wiki has", () => {
  const namespaces = new Namespaces();
  assertThrows(
    () => {
      for (let i = 0; i <= 10_000; i++) namespaces.add(`n${i}`, i);
    },
    RangeError,
    "Cannot add a namespace",
  );
});
