import { assertEquals } from "@std/assert";
import {
  dateInWords,
  formatNumber,
  quantity,
} from "../../../lib/corpus/wikitext/numbers.ts";

Deno.test("formatNumber() writes point and comma", () => {
  for (
    const [given, written] of [
      ["0", "0"],
      ["999", "999"],
      ["1000", "1.000"],
      [" 1234567.089 ", "1.234.567,089"],
      ["-12345", "-12.345"],
      ["−12345.6", "−12.345,6"],
      ["1,5", "1,5"],
      ["1.000.000", "1.000.000"],
      ["mil", "mil"],
      ["", ""],
    ]
  ) assertEquals(formatNumber(given), written);
});

Deno.test("quantity() keeps number, range and unit", () => {
  for (
    const [args, written] of [
      [["12", "km"], "12 km"],
      [["1200", "km2", "sqmi"], "1.200 km²"],
      [["3", "-", "5", "m"], "3–5 m"],
      [["3", "x", "5", "m"], "3 × 5 m"],
      [["30", "C", "F"], "30 °C"],
      [["12"], "12"],
      [[], ""],
    ] as const
  ) assertEquals(quantity(args), written);
});

Deno.test("dateInWords() takes both orders and what there is", () => {
  for (
    const [args, written] of [
      [["7", "9", "1822"], "7 de setembro de 1822"],
      [["1822", "09", "07"], "7 de setembro de 1822"],
      [["1", "maio", "1500", "idade"], "1º de maio de 1500"],
      [["", "5", "1900"], "maio de 1900"],
      [["1900"], "1900"],
      [[], ""],
    ] as const
  ) assertEquals(dateInWords(args), written);
});
