import { assertEquals } from "@std/assert";
import { decodeEntities } from "../../../lib/corpus/wikitext/entities.ts";

Deno.test("decodeEntities() knows HTML 4's names", () => {
  assertEquals(
    decodeEntities(
      "&ccedil;&atilde;&Ccedil;&yuml;&ordm;&sigmaf;&Omega;&omega;",
    ),
    "çãÇÿºςΩω",
  );
  assertEquals(decodeEntities("&euro;&mdash;&le;&hearts;&apos;"), "€—≤♥'");
});

Deno.test("decodeEntities() reads numbers as browsers do", () => {
  assertEquals(decodeEntities("&#231;&#xE7;&#XE7;&#128512;&#150;"), "ççç😀–");
});

Deno.test("decodeEntities() leaves what is none", () => {
  for (
    const text of [
      "&",
      "&;",
      "&foo;",
      "&amp",
      "&#;",
      "&#x;",
      "&#0;",
      "&#55296;",
      "&#xFDD0;",
      "&#9999999;",
    ]
  ) assertEquals(decodeEntities(text), text);
});
