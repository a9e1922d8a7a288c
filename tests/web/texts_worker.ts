/**
 * Texts in a browser: a dedicated worker that is given a model folder's files
 * and writes with them, on the CPU and on the GPU.
 *
 * @module
 */

import {
  CpuBackend,
  Generator,
  readModelFolder,
  WebGpuBackend,
} from "../../lib/model/mod.ts";
import { type TextRequest, TEXTS, type Written } from "./texts.ts";

const BACKENDS = {
  cpu: () => CpuBackend.create(),
  webgpu: () => WebGpuBackend.create({ software: true }),
};

async function written({ backend: name, files }: TextRequest) {
  using backend = await BACKENDS[name]();
  const named = Object.entries(files)
    .map(([name, bytes]) => [name, Uint8Array.fromBase64(bytes)] as const);
  const { model, tokenizer } = await readModelFolder(new Map(named), backend);
  const generator = new Generator(model, tokenizer);
  const texts: string[] = [];
  for (const { prompt, ...options } of TEXTS) {
    let text = "";
    for await (const piece of generator.generate(prompt, options)) {
      text += piece;
    }
    texts.push(text);
  }
  return { description: backend.description, texts } satisfies Written;
}

addEventListener("message", async ({ data }: MessageEvent<TextRequest>) => {
  try {
    postMessage({ report: await written(data) });
  } catch (error) {
    postMessage({ error: (error as Error).message });
  }
});
