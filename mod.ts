/**
 * PTBR-SLM: from public Brazilian-Portuguese text to a small RWKV language
 * model, in TypeScript.
 *
 * The whole pipeline, from a dump to a text:
 *
 * ```ts
 * import {
 *   BPETokenizer,
 *   BPETrainer,
 *   DataLoader,
 *   Generator,
 *   identityOf,
 *   loadCheckpoint,
 *   openBackend,
 *   openDataset,
 *   RWKV,
 *   RWKVConfig,
 *   TokenizedDatasetWriter,
 *   Trainer,
 *   TrainingConfig,
 *   WikiCleaner,
 *   WikiStreamParser,
 * } from "@ptbr-slm/ptbr-slm";
 * import { assert } from "@std/assert";
 *
 * // A dump to clean text; a real one is Deno.open("dump.xml.bz2").readable.
 * const dump = new Blob([`<mediawiki><page><title>Sol</title><ns>0</ns>
 *   <revision><text>O '''Sol''' é uma [[estrela]]. O Sol brilha, o dia
 *   começa, a noite acaba e o dia volta.</text></revision></page></mediawiki>`]);
 * const cleaner = new WikiCleaner();
 * const texts: string[] = [];
 * for await (const { title, text } of new WikiStreamParser(dump.stream())) {
 *   texts.push(cleaner.clean(text, title));
 * }
 * assert(texts[0].startsWith("O Sol é uma estrela."));
 *
 * // Text to tokens.
 * const bytes = new TextEncoder().encode(texts.join("\n") + "\n");
 * const { vocab } = await new BPETrainer({ vocabSize: 300 })
 *   .train([{ name: "text", bytes }]);
 * const tokenizer = new BPETokenizer(vocab);
 * const folder = await Deno.makeTempDir();
 * await tokenizer.save(`${folder}/tokenizer.json`);
 * {
 *   await using writer = await TokenizedDatasetWriter.create(folder, tokenizer);
 *   for (const text of texts) {
 *     await writer.write("train", tokenizer.encode(text), text.length);
 *   }
 *   await writer.finish();
 * }
 *
 * // Tokens to a model. openBackend() alone takes the best that is there.
 * using backend = await openBackend("cpu", { threads: 1, blas: "none" });
 * const config = new RWKVConfig({
 *   vocabSize: tokenizer.vocabSize,
 *   dModel: 64,
 *   nLayers: 2,
 *   dFfn: 128,
 *   maxSeqLen: 8,
 *   dropout: 0,
 * });
 * const model = new RWKV(config, backend, { training: true });
 * model.initialize(42);
 * const trainer = new Trainer(
 *   model,
 *   new TrainingConfig({
 *     maxSteps: 30,
 *     warmupSteps: 2,
 *     learningRate: 1e-2,
 *     gradientAccumulation: 1,
 *   }),
 * );
 * using dataset = await openDataset(folder, vocab);
 * const loader = new DataLoader(dataset.train, {
 *   batchSize: 2,
 *   contextLength: 8,
 *   seed: 42,
 * });
 * while (trainer.step < 30) await trainer.trainStep(() => loader.next());
 * await trainer.saveCheckpoint(`${folder}/checkpoint_30.mpk`, {
 *   dataPosition: loader.position,
 *   tokenizerSha256: await identityOf(vocab),
 * });
 *
 * // A model to text.
 * const loaded = await loadCheckpoint(folder, backend);
 * const generator = new Generator(loaded.model, loaded.tokenizer);
 * let written = "O Sol";
 * for await (
 *   const piece of generator.generate(written, {
 *     maxTokens: 12,
 *     temperature: 0,
 *     seed: 1,
 *   })
 * ) written += piece;
 * assert(written.length > "O Sol".length);
 * ```
 *
 * Each room has a subpath of its own, such as `@ptbr-slm/ptbr-slm/tokenizer`. The
 * same steps as commands, with everything a real run needs, are in the README.
 *
 * @module
 */

export * from "./lib/corpus/mod.ts";
export * from "./lib/cleaning/mod.ts";
export * from "./lib/tokenizer/mod.ts";
export * from "./lib/dataset/mod.ts";
export * from "./lib/backend/mod.ts";
export * from "./lib/model/mod.ts";
export * from "./lib/checkpoint/mod.ts";
export * from "./lib/distributed/mod.ts";
export * from "./lib/train/mod.ts";
export * from "./lib/evaluation/mod.ts";
export * from "./lib/generate/mod.ts";
export * from "./lib/stages/mod.ts";
