import { assertEquals } from "@std/assert";
import { withoutPageNumbers } from "../../../lib/corpus/clean/pages.ts";
import { cleanText } from "../../../lib/corpus/clean/text_cleaner.ts";

/** Lines of a page. */
const PAGE = Array.from({ length: 6 }, (_, i) => `linha ${i}`);

Deno.test("withoutPageNumbers() takes numbers out beside form feeds", () => {
  for (
    const between of [["7", "\f"], ["\f", "7"], ["", "- 7 -", "\f", ""], [
      "\f",
      "Página 7 de 90",
    ], ["vii", "\f"]]
  ) {
    assertEquals(
      withoutPageNumbers(["a", ...between, "b"]).filter((line) => line !== ""),
      ["a", "b"],
    );
  }
});

Deno.test("withoutPageNumbers() takes numbers out that go up page by page", () => {
  const pages = [3, 4, 5].map((n) => PAGE.map((line) => `${line} de ${n}`));
  const lines = pages.flatMap((page, i) => [...page, `${i + 3}`]);
  assertEquals(withoutPageNumbers(lines), pages.flat());
});

Deno.test("withoutPageNumbers() leaves other numbers", () => {
  for (
    const lines of [
      ["Nasceu em", "1822", "e morreu em", "1889"],
      ["1", "2", "3", "4"], // a column of a table
      [...PAGE, "1", ...PAGE, "2"],
      [...PAGE, "10", ...PAGE, "20", ...PAGE, "30"],
      ["a 15", "\f", "16 b"].filter((line) => line !== "\f"),
    ]
  ) assertEquals(withoutPageNumbers(lines), lines);
  assertEquals(withoutPageNumbers(["em 1822", "\f", "era"]), [
    "em 1822",
    "era",
  ]);
});

Deno.test("withoutPageNumbers() takes heads out beside the numbers of pages", () => {
  const lines = [3, 4, 5].flatMap((n) => [...PAGE, `${n}`, "", "O ATENEU", ""]);
  assertEquals(withoutPageNumbers(lines).includes("O ATENEU"), false);
  assertEquals(withoutPageNumbers(["O ATENEU", "", ...lines])[0], "O ATENEU");
});

Deno.test("cleanText() joins sentences and words over pages", () => {
  const text = (between: string) =>
    cleanText(
      "Era uma vez um rei que vivia num castelo muito longe\ndaqui, onde " +
        "ninguém chegava a pé nem a cavalo, e só os\npássaros sabiam o " +
        "caminho.\n\n" +
        "O velho capitão contou aos meninos que tinha visto mui-\nta coisa no " +
        "sertão, e que a vida era dura para os que lá vi-\n" + between +
        "viam sem água nem pão durante a seca que durou\nanos e anos sem fim.\n",
    ).text.trim().split("\n")[1];
  const whole = "O velho capitão contou aos meninos que tinha visto muita " +
    "coisa no sertão, e que a vida era dura para os que lá viviam sem água " +
    "nem pão durante a seca que durou anos e anos sem fim.";
  for (const between of ["", "15\n\f", "\f", "\n15\n\n\f\n", "\f15\n\n"]) {
    assertEquals(text(between), whole);
  }
});
