import { assertEquals, assertGreater, assertRejects } from "@std/assert";
import { reportTokenizer } from "../../lib/dataset/tokenizer_report.ts";
import { tokenizerOf } from "../tokenizer/trained.ts";

const tokenizer = await tokenizerOf("o mar e a casa, a casa e o mar\n");
const documents = ["o mar", "a casa é de vidro", "a casa"].map((text) => ({
  text,
  sourceBytes: new TextEncoder().encode(text).length,
}));

Deno.test("reportTokenizer() counts the same on any number of threads", async () => {
  const ids = documents.flatMap(({ text }) => [...tokenizer.encode(text)]);
  for (const threads of [1, 2]) {
    const { seconds, longestTokens, ...report } = await reportTokenizer(
      documents,
      tokenizer,
      { threads, longest: 2 },
    );
    assertGreater(seconds, 0);
    assertEquals(report, {
      documents: 3,
      words: 9,
      bytes: 29,
      tokens: ids.length,
      unknownTokens: 0,
      unusedIds: tokenizer.vocab.size - 5 - new Set(ids).size,
    });
    const [longest] = longestTokens;
    assertEquals(longestTokens.length, 2);
    assertEquals(longest.text, " casa");
    assertEquals(longest.bytes, 5);
    assertEquals(longest.uses, ids.filter((id) => id === longest.id).length);
  }
});

Deno.test("reportTokenizer() refuses no text", async () => {
  await assertRejects(
    () => reportTokenizer([], tokenizer),
    Error,
    "Cannot evaluate the tokenizer: there is no text",
  );
});
