/**
 * The side of `bench/tokenizer.ts` that runs Hugging Face's Rust library, from
 * the npm package `tokenizers` in the working folder's `node_modules`.
 *
 *     node hf_tokenizers.mjs train OUTPUT FILE…
 *     node hf_tokenizers.mjs encode TOKENIZER PASSES FILE…
 *
 * The number of threads is `RAYON_NUM_THREADS`, and `TOKENIZERS_PARALLELISM`
 * is `false` for one. Prints what it measured as JSON.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";

const require = createRequire(`${process.cwd()}/`);
const { BPE, byteLevelPreTokenizer, nfcNormalizer, Tokenizer } = require(
  "tokenizers",
);
/** Texts handed over at once: all of them would be a gigabyte of results. */
const BATCH = 500;
/** As in `bench/tokenizer.ts`. */
const DOCUMENT = /[^]{1,2000}[^\n]*\n?/g;

const [action, file, ...rest] = process.argv.slice(2);
const result = action === "train" ? train(file, rest) : await encode(
  file,
  Number(rest[0]),
  rest.slice(1),
);
console.log(JSON.stringify({
  ...result,
  peak: process.resourceUsage().maxRSS * 1024,
}));

/** With the trainer's defaults, the only ones it offers: 30,000 tokens. */
function train(output, files) {
  const start = performance.now();
  const tokenizer = new Tokenizer(BPE.empty());
  tokenizer.setNormalizer(nfcNormalizer());
  tokenizer.setPreTokenizer(byteLevelPreTokenizer(false, true));
  tokenizer.train(files);
  const seconds = (performance.now() - start) / 1000;
  tokenizer.save(output);
  return { seconds };
}

async function encode(file, passes, files) {
  const tokenizer = Tokenizer.fromFile(file);
  const texts = files.flatMap((path) =>
    readFileSync(path, "utf8").match(DOCUMENT) ?? []
  );
  let seconds = 0, ids = 0;
  for (let pass = 0; pass < passes; pass++) {
    const start = performance.now();
    ids = 0;
    for (let i = 0; i < texts.length; i += BATCH) {
      const batch = texts.slice(i, i + BATCH);
      const encodings = await tokenizer.encodeBatch(batch, {
        addSpecialTokens: false,
      });
      for (const encoding of encodings) ids += encoding.getLength();
    }
    seconds = (performance.now() - start) / 1000;
  }
  return { seconds, ids };
}
