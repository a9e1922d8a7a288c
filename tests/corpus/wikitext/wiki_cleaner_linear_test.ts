import { assert, assertLess } from "@std/assert";
import { WikiCleaner } from "../../../lib/corpus/wikitext/wiki_cleaner.ts";
import { HOSTILE_WIKITEXT } from "./hostile_wikitext.ts";

const SHORT = 40_000, TIMES = 8;
/** In between what linear work makes of it, 1, and quadratic work, 8. */
const LIMIT = 4;
/** Times shorter than this are the clock's, not the text's. */
const FLOOR = 0.5;

/**
 * How many times longer a character takes in a text 8 times as long: the
 * quickest of some runs each, and the best of some such comparisons, as
 * whatever else the machine does makes runs only slower.
 */
function growth(textOf: (length: number) => string, run: Run): number {
  const short = textOf(SHORT), long = textOf(SHORT * TIMES);
  let best = Infinity;
  for (let attempt = 0; attempt < 8 && best >= LIMIT; attempt++) {
    const before = Math.max(FLOOR, quickest(short, run, 5));
    best = Math.min(best, quickest(long, run, 2) / before / TIMES);
  }
  return best;
}

type Run = (text: string) => unknown;

function quickest(text: string, run: Run, rounds: number): number {
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    run(text);
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

Deno.test("WikiCleaner.clean() takes time linear in a hostile page", () => {
  const cleaner = new WikiCleaner();
  const run = (text: string) => cleaner.clean(text);
  const pieces = [...HOSTILE_WIKITEXT, ["<!--", "-->"]];
  for (const [open, close] of pieces) {
    for (const pair of close === "" ? [false] : [false, true]) {
      const size = open.length + (pair ? close.length : 0);
      const textOf = (length: number) => {
        const count = Math.ceil(length / size);
        return "Antes.\n\n" + open.repeat(count) +
          (pair ? close.repeat(count) : "") + "\n\nDepois.";
      };
      const what = JSON.stringify(pair ? [open, close] : open);
      assertLess(growth(textOf, run), LIMIT, what);
    }
  }
});

Deno.test("the measure of linear time tells work that is not", () => {
  const searchesToTheEnd = (text: string) => {
    let found = 0;
    for (let at = 0; at >= 0; at = text.indexOf("[[", at + 1)) {
      if (text.indexOf("]]", at) >= 0) found++;
    }
    return found;
  };
  const textOf = (length: number) => "[[a|".repeat(length / 4);
  assert(growth(textOf, searchesToTheEnd) >= LIMIT);
});
