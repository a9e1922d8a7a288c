import { assertEquals } from "@std/assert";
import { withoutGutenberg } from "../../../lib/corpus/clean/gutenberg.ts";

const START = "*** START OF THE PROJECT GUTENBERG EBOOK IRACEMA ***";
const END = "*** END OF THE PROJECT GUTENBERG EBOOK IRACEMA ***";

Deno.test("withoutGutenberg() keeps what stands between START and END", () => {
  for (
    const [start, end] of [
      [START, END],
      [START.replace("THE", "THIS"), END.replace("THE", "THIS")],
      ["***START OF THE PROJECT GUTENBERG EBOOK X***", END],
      ["*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*", END],
      [START, "End of Project Gutenberg's Iracema, by José de Alencar"],
    ]
  ) {
    const lines = ["Title: Iracema", start, "Verdes mares.", end, "Licence"];
    assertEquals(withoutGutenberg(lines), ["Verdes mares."]);
  }
});

Deno.test("withoutGutenberg() drops who made the file, and a title in two lines", () => {
  const lines = [
    "*** START OF THE PROJECT GUTENBERG EBOOK",
    "IRACEMA ***",
    "",
    "Produced by Fulano and the Online",
    "Distributed Proofreading Team",
    "",
    "IRACEMA",
    "",
    "Produzido o mel, partiram.",
    END,
  ];
  assertEquals(
    withoutGutenberg(lines).filter((line) => line !== ""),
    ["IRACEMA", "Produzido o mel, partiram."],
  );
});

Deno.test("withoutGutenberg() takes several books, and leaves other texts", () => {
  assertEquals(
    withoutGutenberg([START, "Um.", END, "Licence", START, "Dois.", END]),
    ["Um.", "", "Dois."],
  );
  const plain = ["O Project Gutenberg começou em 1971.", "*** ", "Fim."];
  assertEquals(withoutGutenberg(plain), plain);
});
