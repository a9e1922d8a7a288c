// One text in llama.cpp, by npm's node-llama-cpp: the speed of reading a prompt
// and of writing after it. Run with Node, in a folder whose node_modules has the
// package:
//
//   node llama_decode.mjs MODEL.gguf THREADS PROMPT TOKENS
//
// Prints one JSON object: tokens per second of either, milliseconds until the
// model was loaded and until the first token stood, and the most memory in bytes.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [file, threads, prompt, tokens] = process.argv.slice(2);
const path = createRequire(`${process.cwd()}/`).resolve("node-llama-cpp");
const { getLlama } = await import(pathToFileURL(path).href);

const llama = await getLlama({ gpu: false, build: "never", logLevel: "error" });
const model = await llama.loadModel({ modelPath: file });
const context = await model.createContext({
  sequences: 1,
  contextSize: Number(prompt) + Number(tokens) + 8,
  batchSize: 512,
  threads: Number(threads),
});
const loaded = performance.now();
const sequence = context.getSequence();
const ids = Array.from(
  { length: Number(prompt) },
  (_, i) => 300 + i * 7 % 5000,
);
const options = { temperature: 0, yieldEogToken: true };
const begun = performance.now();
let first, made = 0;
for await (const _ of sequence.evaluate(ids, options)) {
  first ??= performance.now();
  if (made++ === Number(tokens)) break;
}
const end = performance.now();
console.log(JSON.stringify({
  prompt: 1000 * Number(prompt) / (first - begun),
  decode: 1000 * Number(tokens) / (end - first),
  loaded,
  first,
  memory: 1024 * process.resourceUsage().maxRSS,
}));
await llama.dispose();
