import { assert, assertEquals } from "@std/assert";
import { align } from "../../../lib/tokenizer/bpe/alignment.ts";
import { PTBRNormalizer } from "../../../lib/tokenizer/normalizer.ts";
import { Random } from "../../../lib/random.ts";

Deno.test("align() covers the normalised text with places in order", () => {
  const random = new Random(41);
  const pieces = [
    "a",
    "ção ",
    "Ã£",
    "“",
    "e\u0301",
    "\u0301",
    "\r",
    "\n",
    "\u200b",
    "👩‍👧",
    "\ud83d",
    "â€œ",
    "\u0085",
    "AMANHÃ",
    "”",
    " ",
    "İ",
  ];
  for (let i = 0; i < 2000; i++) {
    const text = Array.from(
      { length: random.next() % 25 },
      () => pieces[random.next() % pieces.length],
    ).join("");
    const normalizer = new PTBRNormalizer({ lowercase: i % 2 === 0 });
    const { text: normal, starts, ends } = align(text, normalizer);
    assertEquals(normal, normalizer.normalize(text));
    assertEquals([starts.length, ends.length], [normal.length, normal.length]);
    for (let at = 0; at < normal.length; at++) {
      assert(starts[at] < ends[at] && ends[at] <= text.length);
      if (at === 0) continue;
      // Two units come from one place or from different ones.
      const same = starts[at] === starts[at - 1] && ends[at] === ends[at - 1];
      assert(same || starts[at] >= ends[at - 1]);
    }
  }
});

Deno.test("align() keeps places small", () => {
  const { starts, ends } = align(
    "informaÃ§Ã£o “boa” e maçã".repeat(50),
    new PTBRNormalizer(),
  );
  for (const [at, end] of ends.entries()) assert(end - starts[at] <= 2);
});
