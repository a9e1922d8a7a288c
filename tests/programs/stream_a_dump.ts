/** A dump is read article by article, in constant memory. */

import { WikiCleaner, WikiStreamParser } from "@ptbr-slm/ptbr-slm/corpus";
import { assert, assertEquals } from "@std/assert";

const dump = await Deno.open(
  "data/sample/amostra-pages-articles-multistream.xml.bz2",
);
const parser = new WikiStreamParser(dump.readable);
const cleaner = new WikiCleaner();
let characters = 0, articles = 0;
for await (const { title, text } of parser) {
  characters += cleaner.clean(text, title).length;
  articles++;
}
assert(articles > 50 && characters > 100_000);
assertEquals(parser.stats.redirects, 4);
