import { assert, assertEquals } from "@std/assert";
import {
  isDisambiguation,
  redirectTarget,
} from "../../../lib/corpus/wiki/page_selector.ts";

Deno.test("redirectTarget() reads both words and nothing else", () => {
  assertEquals(redirectTarget("#REDIRECT [[Sol]]"), "Sol");
  assertEquals(
    redirectTarget("#Redirecionamento[[:Categoria:X]]"),
    "Categoria:X",
  );
  assertEquals(redirectTarget("#REDIRECT\n[[Sol|x]]"), "Sol");
  assertEquals(redirectTarget("# REDIRECT [[Sol]]"), undefined);
  assertEquals(redirectTarget("O #REDIRECT [[Sol]]"), undefined);
});

Deno.test("isDisambiguation() goes by title, template and switch", () => {
  assert(isDisambiguation("Sol (desambiguação)", ""));
  assert(isDisambiguation("Sol", "x\n{{ desambiguação\n|a}}"));
  assert(isDisambiguation("Sol", "__DISAMBIG__"));
  assert(isDisambiguation("Sol", "{{Disambig}}"));
  assertEquals(
    isDisambiguation("Sol (astro)", "{{Ver desambiguação|x}}"),
    false,
  );
});
