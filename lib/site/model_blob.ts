/**
 * A model that has learnt as the file of its weights.
 *
 * @module
 */

import { saveModel } from "../checkpoint/native/mpk_writer.ts";
import type { RWKV } from "../model/rwkv.ts";
import { identityOf, type Tokenizer } from "../tokenizer/tokenizer.ts";
import type { ChosenFile } from "./protocol.ts";

/** Pieces are joined in blobs of so many bytes, which need not be in memory. */
const JOINED = 8 * 2 ** 20;

/**
 * Writes a model as its folder has it.
 *
 * @param model The model.
 * @param tokenizer What its ids stand for.
 */
export async function modelBlob(
  model: RWKV,
  tokenizer: Tokenizer,
): Promise<ChosenFile> {
  const blobs: Blob[] = [];
  let pieces: BlobPart[] = [], length = 0;
  const join = () => {
    blobs.push(new Blob(pieces));
    pieces = [];
    length = 0;
  };
  const write = (bytes: Uint8Array) => {
    pieces.push(bytes.slice());
    length += bytes.length;
    if (length >= JOINED) join();
    return Promise.resolve();
  };
  const tokenizerSha256 = await identityOf(tokenizer.vocab);
  await saveModel({ write }, model, { tokenizerSha256 });
  join();
  return { name: "model_final.mpk", blob: new Blob(blobs) };
}
