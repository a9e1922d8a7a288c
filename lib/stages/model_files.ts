/**
 * Opening a model and its tokenizer, as the stages that use them need it.
 *
 * @module
 */

import { withoutSlash } from "../files.ts";
import { refuseOtherKinds } from "../input_kinds.ts";
import { matching } from "../load_checkpoint.ts";
import type { Backend } from "../backend/backend.ts";
import { Checkpoint } from "../checkpoint/native/mpk_reader.ts";
import { resolveCheckpoint } from "../checkpoint/native/paths.ts";
import type { TimeMixingKind } from "../model/classic.ts";
import { RWKV } from "../model/rwkv.ts";
import {
  type AnyVocab,
  tokenizerOf,
} from "../tokenizer/vocab/any_tokenizer.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { readAnyVocab } from "../tokenizer/vocab/vocab_file.ts";

/** Which model a stage uses. */
export interface ModelFiles {
  /** `model_final.mpk` or a checkpoint, or their folder. */
  readonly model: string;
  /** Its `tokenizer.json` or World vocabulary; that beside it unless given. */
  readonly tokenizer?: string;
  /** How an old file attends: as documented, or as the Rust code did. */
  readonly timeMixing?: TimeMixingKind;
  /**
   * Told of each checkpoint of a folder that is not whole, after which the one
   * before it is taken. Without this it is an error.
   */
  readonly onDamaged?: (error: Error) => void;
}

/**
 * Refuses what is plainly no model, before anything is started for it.
 *
 * @param path What was given as one.
 * @throws {Error} When there is nothing, or something else; then with the
 * command that takes it.
 */
export async function assertModel(path: string): Promise<void> {
  await refuseOtherKinds(path, "a model", ["model", "nothing"]);
  await resolveCheckpoint(path);
}

/**
 * Reads a tokenizer.
 *
 * @param path As given by the user, if it was.
 * @param beside A file or folder beside which it is looked for otherwise.
 */
export async function openVocab(
  path: string | undefined,
  beside: string,
): Promise<AnyVocab> {
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
  checkpoint: Checkpoint,
  tokenizer: string | undefined,
): Promise<AnyVocab> {
  const vocab = await openVocab(tokenizer, checkpoint.path);
  return await matching(checkpoint, vocab);
}

/**
 * Reads a model and the tokenizer that belongs to it.
 *
 * @param files Where they are.
 * @param backend Where the model shall live.
 * @throws {Error} When a file cannot be read, or the two do not match.
 */
export async function openModel(
  { model: path, tokenizer, timeMixing, onDamaged }: ModelFiles,
  backend: Backend,
): Promise<{ model: RWKV; path: string; tokenizer: Tokenizer }> {
  using checkpoint = await Checkpoint.open(path, { timeMixing, onDamaged });
  const vocab = await vocabOf(checkpoint, tokenizer);
  const model = new RWKV(checkpoint.config, backend);
  checkpoint.loadInto(model);
  return { model, path: checkpoint.path, tokenizer: tokenizerOf(vocab) };
}
