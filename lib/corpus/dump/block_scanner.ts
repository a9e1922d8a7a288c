/**
 * Finds the blocks of bzip2 without decoding them, for decoding them on many
 * threads. Where anything is not as it should be, it stops: `bzip2.ts`, which
 * decodes block after block, then finds out what that is.
 *
 * @module
 */

import {
  BitInput,
  type BlockPlace,
  combineCrc,
  FOOTER_BITS,
  HEADER_BYTES,
  isBzip2,
} from "./bzip2.ts";
import {
  BLOCK_MAGIC,
  END_MAGIC,
  findMagic,
  maxBlockBytes,
  readBits32,
  readBits48,
} from "./bzip2_block.ts";
import type { PackedBlock } from "./dump_kernels.ts";

/** A block, and the place where it starts. */
export interface ScannedBlock extends PackedBlock {
  /** The place from which decoding can begin with this block. */
  readonly place: BlockPlace;
}

/** Says that blocks cannot be told apart without decoding them. */
export class Unscannable extends Error {}

/**
 * Finds blocks. A magic number that stands inside a block by chance is taken
 * for a block's start: who decodes sees that the block before ends elsewhere.
 *
 * @param chunks The compressed bytes, cut anywhere.
 * @param place Where to start; the chunks then start at the byte that holds
 * its bit.
 * @returns The blocks, each in bytes of its own.
 * @throws {Unscannable} At anything that is not sound.
 *
 * @example
 * ```ts
 * import { scanBlocks } from "./block_scanner.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const empty = Uint8Array.fromHex("425a683917724538509000000000");
 * const blocks = scanBlocks(ReadableStream.from([empty]));
 * assertEquals(await Array.fromAsync(blocks), []);
 * ```
 */
export async function* scanBlocks(
  chunks: AsyncIterable<Uint8Array>,
  place?: BlockPlace,
): AsyncGenerator<ScannedBlock> {
  await using input = new BitInput(chunks, place?.bit);
  let level = place?.level ?? await levelOf(input);
  let combined = place?.combined ?? 0;
  for (;;) {
    await input.fill(Math.ceil((FOOTER_BITS + 7) / 8));
    if (input.bytes.length * 8 < input.bit + FOOTER_BITS) {
      throw new Unscannable();
    }
    const magic = readBits48(input.bytes, input.bit);
    const crc = readBits32(input.bytes, input.bit + 48);
    if (magic === END_MAGIC) {
      if (crc !== combined) throw new Unscannable();
      input.skipTo(Math.ceil((input.bit + FOOTER_BITS) / 8) * 8);
      if (!await input.fill(HEADER_BYTES)) return;
      level = await levelOf(input);
      combined = 0;
      continue;
    }
    if (magic !== BLOCK_MAGIC) throw new Unscannable();
    const end = await nextMagic(input, level);
    const first = input.bit >> 3;
    yield {
      bytes: input.bytes.slice(first, end + 7 >> 3),
      startBit: input.bit & 7,
      endBit: end - first * 8,
      level,
      place: { bit: input.offset * 8 + (input.bit & 7), level, combined },
    };
    combined = combineCrc(combined, crc);
    input.skipTo(end);
  }
}

async function levelOf(input: BitInput): Promise<number> {
  await input.fill(HEADER_BYTES);
  const header = input.bytes.subarray(input.bit >> 3);
  if (!isBzip2(header)) throw new Unscannable();
  input.skipTo(input.bit + HEADER_BYTES * 8);
  return header[3] - 0x30;
}

/** The next magic number after the block's own, as far as a block can reach. */
async function nextMagic(input: BitInput, level: number): Promise<number> {
  let ahead = FOOTER_BITS; // where to look, from the block
  for (;;) {
    const found = findMagic(input.bytes, input.bit + ahead);
    if (found !== undefined) return found;
    if (input.bytes.length - (input.bit >> 3) > maxBlockBytes(level)) {
      throw new Unscannable();
    }
    ahead = Math.max(ahead, input.bytes.length * 8 - 47 - input.bit);
    if (!await input.more()) throw new Unscannable();
  }
}
