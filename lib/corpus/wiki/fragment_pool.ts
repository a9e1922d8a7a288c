/**
 * Reads pieces of a dump on several threads, or in this one where there shall
 * be only one.
 *
 * This module is its own worker, see `workers.ts`. A thread decodes the bzip2
 * blocks of a piece, finds its pages, cleans them, and hands over bytes as they
 * stand in a file.
 *
 * @module
 */

import { mapInWorkers, workerTask } from "../../workers.ts";
import type { DumpPlace } from "./wiki_dump.ts";
import { ArticleBatcher, type ArticleOptions } from "./article_batch.ts";
import { DumpKernels, type PackedBlock } from "../dump/dump_kernels.ts";
import { type Fragment, readFragment } from "./fragment.ts";

/** A piece of a dump: blocks of bzip2, or XML. */
export interface Piece {
  /** From where it could be read again. */
  readonly at: Omit<DumpPlace, "skip">;
  /** Blocks that follow one another. */
  readonly blocks?: readonly PackedBlock[];
  /** XML, where there are no blocks. */
  readonly xml?: Uint8Array<ArrayBuffer>;
  /** How many bytes of XML at its start are not wanted. */
  readonly skip: number;
}

/** What became of a piece. */
export interface ReadPiece {
  /** From where it could be read again. */
  readonly at: Omit<DumpPlace, "skip">;
  /** What was in it; undefined where that cannot be told. */
  readonly fragment?: Fragment;
}

/**
 * Reads the pieces of a dump.
 *
 * @param pieces The pieces; their bytes are taken away.
 * @param options How articles become documents.
 * @param threads How many; with one there are no Workers.
 * @returns What became of the pieces, in order.
 */
export function readPieces(
  pieces: AsyncIterable<Piece>,
  options: ArticleOptions,
  threads: number,
): AsyncGenerator<ReadPiece> {
  return mapInWorkers(reading, options, pieces, { threads });
}

const reading = workerTask({
  url: import.meta.url,
  start: (options: ArticleOptions) => {
    const kernels = new DumpKernels();
    const batcher = new ArticleBatcher(options);
    return {
      run: ({ at, blocks, xml, skip }: Piece): ReadPiece => {
        if (xml !== undefined) kernels.open([xml]);
        else if (!kernels.openBlocks(blocks ?? [])) return { at };
        return { at, fragment: readFragment(kernels, batcher, skip) };
      },
    };
  },
  batchBuffers: ({ blocks = [], xml }) => [
    ...blocks.map(({ bytes }) => bytes.buffer as ArrayBuffer),
    ...xml === undefined ? [] : [xml.buffer],
  ],
  resultBuffers: ({ fragment }) => {
    if (fragment === undefined) return [];
    const { head, tail, batch } = fragment;
    const arrays = batch === undefined
      ? [head, tail]
      : [head, tail, batch.bytes, batch.ends, batch.lengths];
    return arrays.map(({ buffer }) => buffer);
  },
});
