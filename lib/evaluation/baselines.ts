/**
 * What models are compared with that were never trained: how often tokens come,
 * and compressors. Each may learn from a text before it sees a document.
 *
 * @module
 */

import { EventTurns } from "../turns.ts";
import {
  type AbsentReason,
  type CompressorName,
  COMPRESSORS,
  findCompressor,
} from "./compressors.ts";
import type { TokenDocument } from "./documents.ts";
import type { DocumentCost } from "./cost.ts";
import { unigramCost } from "./unigram.ts";

/** The baselines by name. */
export const BASELINES = ["unigram", ...COMPRESSORS] as const;

/** A baseline's name. */
export type BaselineName = "unigram" | CompressorName;

/** A baseline that is not measured. */
export interface AbsentBaseline {
  /** Which one. */
  readonly name: BaselineName;
  /** Why. */
  readonly reason: AbsentReason;
}

/** Most bytes that compressors are given, over all documents: some minutes. */
const MOST_COMPRESSED = 2 ** 30;

/** What baselines are measured on. */
export interface BaselineDocuments {
  /** The documents as tokens, for unigram. */
  readonly documents: readonly TokenDocument[];
  /** The bytes of a document's text, by its number. */
  textOf(index: number): Uint8Array<ArrayBuffer>;
  /** Bytes of text each token id stands for; 0 for specials. */
  readonly byteLengths: ArrayLike<number>;
  /** What is learnt from: how often each id came there, and its bytes. */
  readonly learnt?: {
    readonly counts: ArrayLike<number>;
    readonly bytes: Uint8Array<ArrayBuffer>;
  };
  /** Looked at between documents. */
  readonly signal?: AbortSignal;
  /** Told how many documents are done. */
  readonly onProgress?: (done: number) => void;
}

/**
 * Measures a baseline.
 *
 * @param name Which one.
 * @param on The documents.
 * @returns What each document costs it; or why it cannot be told.
 * @throws {Error} When a program that compresses fails, or the reason of the
 * signal.
 */
export async function measureBaseline(
  name: BaselineName,
  on: BaselineDocuments,
): Promise<DocumentCost[] | AbsentReason> {
  const { documents, byteLengths, learnt, signal, onProgress } = on;
  const turns = new EventTurns();
  const costs: DocumentCost[] = [];
  const each = async (
    costOf: (index: number) => DocumentCost | Promise<DocumentCost>,
  ) => {
    for (const index of documents.keys()) {
      await turns.next();
      signal?.throwIfAborted();
      costs.push(await costOf(index));
      onProgress?.(costs.length);
    }
    return costs;
  };
  if (name === "unigram") {
    const options = { byteLengths, counts: learnt?.counts };
    return await each((index) => unigramCost(documents[index], options));
  }
  const before = learnt?.bytes ?? new Uint8Array();
  const all = documents.reduce(
    (sum, { bytes }) => sum + before.length + bytes,
    0,
  );
  if (all > MOST_COMPRESSED) return "too-much";
  const compress = await findCompressor(name);
  if (typeof compress === "string") return compress;
  const own = await compress(before, signal);
  return await each(async (index) => {
    const text = on.textOf(index);
    const both = new Uint8Array(before.length + text.length);
    both.set(before);
    both.set(text, before.length);
    const bits = 8 * (await compress(both, signal) - own);
    const { bytes } = documents[index];
    return { nats: bits * Math.LN2, tokens: 0, bytes };
  });
}
