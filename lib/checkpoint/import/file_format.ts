/**
 * Which program's a file of weights is, by its first bytes; apart from what reads
 * them, so that a page that has its own models alone loads no more.
 *
 * @module
 */

import { type ByteSource, malformed } from "../encoding/byte_source.ts";
import { GGUF_MAGIC, RWKV_CPP_MAGIC } from "../formats/magics.ts";

/** What can be read. */
export type ImportFormat =
  | "safetensors"
  | "torch"
  | "rwkv.cpp"
  | "gguf"
  | "burn";

/** What PyTorch wrote before 1.6: pickles one after another, no zip. */
const OLD_TORCH = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46];

/**
 * Tells formats by their first bytes.
 *
 * @throws {SyntaxError} When it is none that can be read.
 */
export function formatOf(source: ByteSource): ImportFormat | "gzip" {
  const head = new Uint8Array(Math.min(9, source.length));
  source.read(head, 0);
  // A small 64-bit number, and a brace: nothing else begins so.
  if (head[8] === 0x7b && head.subarray(4, 8).every((byte) => byte === 0)) {
    return "safetensors";
  }
  const begins = (...bytes: number[]) =>
    bytes.every((byte, i) => head[i] === byte);
  if (begins(0x50, 0x4b)) return "torch"; // PK
  if (begins(0x1f, 0x8b)) return "gzip";
  if (begins(...OLD_TORCH)) {
    throw malformed(
      source,
      "it is in PyTorch's format from before 1.6; load it there and save it " +
        "with a later one",
    );
  }
  if (begins(0x80)) throw malformed(source, "it is a bare pickle");
  if (head.length >= 4) {
    const magic = new DataView(head.buffer).getUint32(0, true);
    if (magic === RWKV_CPP_MAGIC) return "rwkv.cpp";
    if (magic === GGUF_MAGIC) return "gguf";
  }
  // A map in MessagePack, small or large.
  if (head[0] >> 4 === 8 || head[0] === 0xde || head[0] === 0xdf) return "burn";
  throw malformed(
    source,
    "it is none of safetensors, PyTorch's .pth, rwkv.cpp's .bin, GGUF, Burn's .mpk",
  );
}
