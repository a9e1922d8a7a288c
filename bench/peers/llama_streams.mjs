// Several texts at once in llama.cpp, by npm's node-llama-cpp, which batches the
// sequences of one context as llama-server does. Run with Node, in a folder
// whose node_modules has the package:
//
//   node llama_streams.mjs MODEL.gguf STREAMS TOKENS [THREADS]
//
// Prints one JSON object: tokens per second of all streams together, and
// percentiles in ms of the time to the first token and between tokens.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [file, streams, tokens, threads = "2"] = process.argv.slice(2);
const path = createRequire(`${process.cwd()}/`).resolve("node-llama-cpp");
const { getLlama } = await import(pathToFileURL(path).href);

const llama = await getLlama({ gpu: false, build: "never", logLevel: "error" });
const model = await llama.loadModel({ modelPath: file });
const context = await model.createContext({
  sequences: Number(streams),
  contextSize: 512,
  batchSize: 512,
  threads: Number(threads),
});

const first = [], between = [];
/** Writes a text, however it would end. */
async function write(index) {
  const sequence = context.getSequence();
  const prompt = model.tokenize(`Texto ${index}: o Brasil é`);
  const begun = performance.now();
  let last, made = 0;
  const options = { temperature: 0.8, seed: index, yieldEogToken: true };
  for await (const _ of sequence.evaluate(prompt, options)) {
    const now = performance.now();
    if (last === undefined) first.push(now - begun);
    else between.push(now - last);
    last = now;
    if (++made === Number(tokens)) break;
  }
  return made;
}

const begun = performance.now();
const made = await Promise.all(
  Array.from({ length: Number(streams) }, (_, i) => write(i)),
);
const seconds = (performance.now() - begun) / 1000;
const at = (values, share) =>
  values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))];
console.log(JSON.stringify({
  tokensPerSecond: made.reduce((a, b) => a + b) / seconds,
  first: { p50: at(first, 0.5), p99: at(first, 0.99) },
  between: { p50: at(between, 0.5), p99: at(between, 0.99) },
}));
await llama.dispose();
