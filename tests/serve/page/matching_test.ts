import { assertEquals } from "@std/assert";
import { Matcher, textOf } from "../../../lib/serve/page/matching.js";

const token = (text: string) => ({ text, logprob: -1, alternatives: [] });

/** Pieces as texts of the text and its tokens. */
function pushed(steps: readonly (readonly [string, ...string[]])[]) {
  const matcher = new Matcher();
  const pieces = steps.flatMap(([text, ...tokens]) =>
    matcher.push(text, tokens.map(token))
  );
  return [...pieces, ...matcher.flush()]
    .map(({ text, tokens }) => [text, ...tokens.map(({ text }) => text)]);
}

Deno.test("Matcher gives a piece for each token that is whole characters", () => {
  assertEquals(pushed([[" rio", " rio"], [" é", " é"], ["\n\n", "\n", "\n"]]), [
    [" rio", " rio"],
    [" é", " é"],
    ["\n", "\n"],
    ["\n", "\n"],
  ]);
});

Deno.test("Matcher joins the tokens of one character", () => {
  assertEquals(pushed([["", "\uFFFD"], ["ã", "\uFFFD"], ["o", "o"]]), [
    ["ã", "\uFFFD", "\uFFFD"],
    ["o", "o"],
  ]);
  // In one step, before a token that is seen.
  assertEquals(pushed([["🐟 só", "bytes:\\xf0", "\uFFFD", " só"]]), [
    ["🐟", "bytes:\\xf0", "\uFFFD"],
    [" só", " só"],
  ]);
  // A blank, and the beginning of what follows it.
  assertEquals(pushed([[" ", " \uFFFD"], ["ã", "\uFFFD"]]), [
    [" ", " \uFFFD"],
    ["ã", "\uFFFD"],
  ]);
});

Deno.test("Matcher waits for text that is held back, and loses none", () => {
  // What might have begun a stop text, and did not.
  assertEquals(pushed([["a", "a"], ["", "\n\nUs"], ["\n\nUsina", "ina"]]), [
    ["a", "a"],
    ["\n\nUs", "\n\nUs"],
    ["ina", "ina"],
  ]);
  // What did: its tokens are no part of the text.
  assertEquals(pushed([["fim", "fim"], ["", "\n\n"], ["", "Usuário:"]]), [
    ["fim", "fim"],
  ]);
  // A token of which a part alone is text.
  assertEquals(pushed([["fi", "fim"]]), [["fi", "fim"]]);
});

Deno.test("Matcher takes text without tokens, and tokens without text", () => {
  assertEquals(pushed([["um"], [" dois"], [""]]), [["um"], [" dois"]]);
  assertEquals(pushed([["um", "um", ""], [" dois", " dois"]]), [
    ["um", "um"],
    [" dois", " dois"],
  ]);
});

Deno.test("Matcher copes with a blank that is left out before a turn", () => {
  assertEquals(pushed([["Na", " Na"], [" serra", " serra"]]), [
    ["Na", " Na"],
    [" serra", " serra"],
  ]);
  assertEquals(pushed([["", "\n"], ["", " "], ["Na", "Na"]]), [["Na", "Na"]]);
});

Deno.test("Matcher gives all text in its order, whatever the tokens", () => {
  const texts = ["a", "bc", "", "ã", "\uFFFD", " ", "\n", "bytes:\\xc3"];
  let state = 1;
  const random = (below: number) =>
    (state = state * 48271 % 0x7fffffff) % below;
  for (let round = 0; round < 2000; round++) {
    const matcher = new Matcher();
    let expected = "", given = "";
    for (let step = 0; step < 8; step++) {
      const text = texts[random(7)];
      expected += text;
      const tokens = Array.from(
        { length: random(3) },
        () => token(texts[random(8)]),
      );
      given += textOf(matcher.push(text, tokens));
    }
    assertEquals(given + textOf(matcher.flush()), expected);
  }
});
