/**
 * Zstandard as a stream (RFC 8878): frames are taken apart here, so that what is
 * cut off, damaged or asks for too much memory is an error; fzstd decodes their
 * blocks, and the checksum of what comes out is compared.
 *
 * Memory: a frame's window, of at most 128 MiB as zstd's own program takes it,
 * and a block.
 *
 * @module
 */

import { Decompress } from "npm:fzstd@0.1.1";
import xxhash from "npm:xxhash-wasm@1.1.0";
import { ChunkInput } from "./chunk_input.ts";

const FRAME_MAGIC = 0xfd2fb528;
/** Frames of other data, to be passed over: the lowest digit is free. */
const SKIPPABLE_MAGIC = 0x184d2a50;
/** As much history as a frame may refer to. */
const MOST_WINDOW = 2 ** 27;
/** What a block becomes at most. */
const MOST_BLOCK = 2 ** 17;

/** What a frame's head says. */
interface FrameHead {
  /** Its bytes, magic number included, without the flag of a checksum. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly hasChecksum: boolean;
}

/**
 * Decodes Zstandard.
 *
 * @param chunks The packed bytes, cut anywhere.
 * @returns What they become, a block at a time.
 * @throws {SyntaxError} When it is no Zstandard, damaged, cut off or followed by
 * something else.
 * @throws {RangeError} When it asks for a window of more than 128 MiB.
 */
export async function* decodeZstd(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  await using input = new ChunkInput(chunks);
  const { create64 } = await xxhash();
  let frames = 0;
  while (await input.has(1)) {
    const magic = viewOf(await input.take(4)).getUint32(0, true);
    if ((magic & ~0xf) === SKIPPABLE_MAGIC) {
      await input.skip(viewOf(await input.take(4)).getUint32(0, true));
      continue;
    }
    if (magic !== FRAME_MAGIC) {
      throw new SyntaxError(
        frames === 0
          ? "it is no Zstandard data"
          : "something else follows its data",
      );
    }
    frames++;
    const { bytes, hasChecksum } = await readHead(input);
    const hash = create64();
    for await (const block of blocksOf(input, bytes)) {
      hash.update(block);
      yield block;
    }
    if (!hasChecksum) continue;
    const told = viewOf(await input.take(4)).getUint32(0, true);
    if (Number(hash.digest() & 0xffffffffn) !== told) {
      throw new SyntaxError("it is damaged: its checksum is wrong");
    }
  }
  if (frames === 0) throw new SyntaxError("it has no data");
}

/** Reads what stands behind the magic number. */
async function readHead(input: ChunkInput): Promise<FrameHead> {
  const [descriptor] = await input.take(1);
  const isSingle = (descriptor & 0x20) !== 0;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6];
  const nameBytes = [0, 1, 2, 4][descriptor & 3];
  if ((descriptor & 8) !== 0) throw new SyntaxError("it is no Zstandard data");
  const rest = await input.take((isSingle ? 0 : 1) + nameBytes + sizeBytes);
  const dictionary = rest.subarray(isSingle ? 0 : 1).subarray(0, nameBytes);
  if (dictionary.some((byte) => byte !== 0)) {
    throw new SyntaxError("it was packed with a dictionary");
  }
  const window = isSingle
    ? sizeOf(rest.subarray(nameBytes))
    : windowOf(rest[0]);
  if (window > MOST_WINDOW) {
    throw new RangeError("it asks for more than 128 MiB to be unpacked");
  }
  const bytes = new Uint8Array(5 + rest.length);
  viewOf(bytes).setUint32(0, FRAME_MAGIC, true);
  bytes[4] = descriptor & ~4; // the checksum is compared here
  bytes.set(rest, 5);
  return { bytes, hasChecksum: (descriptor & 4) !== 0 };
}

/** The size of what a frame of a single segment becomes, which is its window. */
function sizeOf(bytes: Uint8Array): number {
  const size = bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
  return bytes.length === 2 ? size + 256 : size;
}

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + base / 8 * (descriptor & 7);
}

/** The blocks of a frame, decoded. */
async function* blocksOf(
  input: ChunkInput,
  head: Uint8Array,
): AsyncGenerator<Uint8Array> {
  let decoded: Uint8Array[] = [];
  const decoder = new Decompress((bytes) => decoded.push(bytes));
  decoder.push(head);
  for (let isLast = false; !isLast;) {
    const header = await input.take(3);
    const value = header[0] | header[1] << 8 | header[2] << 16;
    const type = value >> 1 & 3, size = value >> 3;
    isLast = (value & 1) !== 0;
    if (type === 3 || size > MOST_BLOCK) throw new SyntaxError("it is damaged");
    const body = await input.take(type === 1 ? 1 : size);
    const block = new Uint8Array(3 + body.length);
    block.set(header);
    block.set(body, 3);
    try {
      decoder.push(block, isLast);
    } catch (error) {
      throw new SyntaxError("it is damaged", { cause: error });
    }
    yield* decoded.filter(({ length }) => length > 0);
    decoded = [];
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
