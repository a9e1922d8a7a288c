/** The command process-wiki as a function: a dump becomes a folder of text. */

import { processWiki } from "@ptbr-slm/ptbr-slm/stages";
import { assert } from "@std/assert";

const output = await Deno.makeTempDir();
const seen: number[] = [];
const result = await processWiki({
  input: "data/sample/amostra-pages-articles-multistream.xml.bz2",
  output,
  minChars: 200,
  threads: 1,
  onProgress: ({ done, total }) => seen.push(done / total),
});
assert(result.complete && result.articles > 50);
assert(seen.length > 0 && seen.every((share) => share <= 1));
const text = await Deno.readTextFile(`${output}/wiki_000.txt`);
assert(text.length > 100_000);
await Deno.remove(output, { recursive: true });
