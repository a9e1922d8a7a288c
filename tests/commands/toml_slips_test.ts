/** What is wrong with a file of TOML is said in Portuguese too. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  errorPatterns,
  translateError,
} from "../../lib/commands/shared/error_patterns.ts";
import { errors } from "../../lib/commands/shared/errors.pt.ts";
import { parseToml } from "../../lib/toml.ts";

Deno.test("parseToml() says no slip in English to who reads Portuguese", () => {
  const patterns = errorPatterns(errors);
  for (
    const text of [
      `a = "abc\n`,
      `a = 1\na = 2`,
      `a = 2021-13-41`,
      `a = "\\q"`,
      `[a]\nb=1\n[a]\n`,
      `a = 1 2`,
      `a = [1,`,
      `a = {b=1`,
      `a = 'abc`,
      `a = 01`,
      `a=99999999999999999999`,
      `[a`,
      `= 1`,
      `a = "\\u12"`,
      `a= 1__0`,
      `a = yes`,
      `\u0001`,
      `[[a]\n`,
      `a = [1 2]`,
      `a = "\\ud800"`,
      `a = "\u0001"`,
      `a=0x`,
      `a=25:61:00`,
      `# \u0001`,
      "a = " + "[".repeat(5000),
    ]
  ) {
    const { message } = assertThrows(
      () => parseToml(text, 'config "a.toml"'),
      SyntaxError,
    );
    const [, reason] = /: line \d+: (.*)$/.exec(message)!;
    const said = translateError(message, patterns);
    assert(said.startsWith("Não é possível ler"), said);
    assert(!said.includes(reason), said);
  }
});

Deno.test("parseToml() tells a text without an end from one with a control character", () => {
  const reasonOf = (text: string) =>
    assertThrows(() => parseToml(text, "config"), SyntaxError).message;
  assertEquals(
    reasonOf('a = 1\nb = "abc\n'),
    "Cannot read config: line 2: unfinished string",
  );
  assertEquals(
    reasonOf('a = "b\u0001c"'),
    "Cannot read config: line 1: control characters are not allowed in strings",
  );
});
