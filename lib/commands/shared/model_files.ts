/**
 * Opening a model and its tokenizer, as the commands that use them need it.
 *
 * @module
 */

import { withoutSlash } from "../../files.ts";
import type { Backend } from "../../backend/backend.ts";
import { Checkpoint } from "../../checkpoint/native/mpk.ts";
import { TIME_MIXINGS } from "../../model/classic.ts";
import { RWKV } from "../../model/rwkv.ts";
import { tokenizerOf } from "../../tokenizer/vocab/any_tokenizer.ts";
import type { BPEVocab } from "../../tokenizer/bpe/bpe_vocab.ts";
import { identityOf, type Tokenizer } from "../../tokenizer/tokenizer.ts";
import type { WorldVocab } from "../../tokenizer/world/world_vocab.ts";
import { readAnyVocab } from "../../tokenizer/vocab/vocab_file.ts";
import { choice, requiredText, text, type Values } from "./options.ts";

/** The flags that name a model and its tokenizer. */
export const MODEL_OPTIONS = {
  model: requiredText(
    "FILE",
    "model_final.mpk or a checkpoint, or their folder",
  ),
  tokenizer: text(
    "FILE",
    "its tokenizer.json or World vocabulary (default: that beside it)",
  ),
  "time-mixing": choice(
    TIME_MIXINGS,
    "how an old file attends: as documented, or as the Rust code did",
  ),
} as const;

/**
 * Reads a tokenizer.
 *
 * @param path As given by the user, if it was.
 * @param beside A file or folder beside which it is looked for otherwise.
 */
export async function openVocab(
  path: string | undefined,
  beside: string,
): Promise<BPEVocab | WorldVocab> {
  if (path !== undefined) return await readAnyVocab(path);
  const isFolder = await Deno.stat(beside).then(
    ({ isDirectory }) => isDirectory,
    () => true, // opening it says what is wrong
  );
  const folder = isFolder ? beside : beside.replace(/[^/\\]*$/, "") || ".";
  return await readAnyVocab(`${withoutSlash(folder)}/tokenizer.json`);
}

/**
 * Reads the tokenizer that belongs to a model.
 *
 * @param checkpoint The model's file.
 * @param tokenizer Its tokenizer.json, where the user named one.
 * @throws {Error} When it cannot be read, or the two do not match.
 */
export async function vocabOf(
  { config, path, tokenizerSha256 }: Checkpoint,
  tokenizer: string | undefined,
): Promise<BPEVocab | WorldVocab> {
  const vocab = fitted(await openVocab(tokenizer, path), config.vocabSize);
  if (vocab.size !== config.vocabSize) {
    throw new RangeError(
      `Cannot use "${path}" with this tokenizer: it has ${vocab.size} tokens, the model ${config.vocabSize}`,
    );
  }
  // Files of the Rust program do not say which tokenizer they go with.
  if (
    tokenizerSha256 !== undefined &&
    tokenizerSha256 !== await identityOf(vocab)
  ) {
    throw new RangeError(
      `Cannot use "${path}" with this tokenizer: it was trained with another`,
    );
  }
  return vocab;
}

/** Models have ids beyond their vocabulary's, which none uses. */
export function fitted(
  vocab: BPEVocab | WorldVocab,
  size: number,
): BPEVocab | WorldVocab {
  return vocab.padded(size);
}

/**
 * Reads a model and the tokenizer that belongs to it.
 *
 * @param options The parsed {@linkcode MODEL_OPTIONS}.
 * @param backend Where the model shall live.
 * @throws {Error} When a file cannot be read, or the two do not match.
 */
export async function openModel(
  options: Values<typeof MODEL_OPTIONS>,
  backend: Backend,
): Promise<{ model: RWKV; path: string; tokenizer: Tokenizer }> {
  using checkpoint = await Checkpoint.open(options.model, {
    timeMixing: options["time-mixing"],
  });
  const vocab = await vocabOf(checkpoint, options.tokenizer);
  const { config, path } = checkpoint;
  const model = new RWKV(config, backend);
  checkpoint.loadInto(model);
  return { model, path, tokenizer: tokenizerOf(vocab) };
}
