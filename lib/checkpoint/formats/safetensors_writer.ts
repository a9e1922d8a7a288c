/**
 * Writes safetensors; `safetensors.ts` has the format, and the way back.
 *
 * @module
 */

import { AtomicFile, type WriteOptions } from "../../files.ts";
import {
  encodedLength,
  encodedPieces,
  type OutgoingTensor,
} from "../encoding/tensor_encoding.ts";
import {
  MAX_HEADER_SIZE,
  METADATA_KEY,
  type SafetensorsEntry,
} from "./safetensors.ts";

/** The values start at a multiple of this, as the format's library has it. */
const ALIGNMENT = 8;

/**
 * Writes a file, whole or not at all.
 *
 * @param path Where it shall stand.
 * @param tensors In their order; values are asked for one tensor at a time.
 * @param metadata Text about the file, such as `format: "pt"`, which
 * `transformers` asks for.
 * @param options What may end the work.
 * @returns Bytes of the file.
 * @throws {RangeError} For a name that is there twice, a type the format
 * lacks, or values that cannot be written.
 * @throws {Error} When the system refuses; nothing is left behind.
 *
 * @example
 * ```ts
 * import { writeSafetensors } from "./safetensors_writer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempDir() + "/model.safetensors";
 * const values = () => Float32Array.of(1, 2);
 * await writeSafetensors(path, [
 *   { name: "w", shape: [1, 2], type: "F32", values },
 * ]);
 * const bytes = await Deno.readFile(path);
 * const header = new DataView(bytes.buffer).getBigUint64(0, true);
 * assertEquals(
 *   JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + Number(header)))),
 *   { w: { dtype: "F32", shape: [1, 2], data_offsets: [0, 8] } },
 * );
 * ```
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly OutgoingTensor[],
  metadata?: Readonly<Record<string, string>>,
  options: WriteOptions = {},
): Promise<number> {
  const { header, length } = layOut(tensors, metadata);
  await using file = await AtomicFile.create(path, options);
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(header.length), true);
  await file.write(size);
  await file.write(header);
  for (const tensor of tensors) {
    for (const piece of encodedPieces(tensor)) await file.write(piece);
  }
  await file.commit();
  return size.length + header.length + length;
}

function layOut(
  tensors: readonly OutgoingTensor[],
  metadata: Readonly<Record<string, string>> | undefined,
): { header: Uint8Array; length: number } {
  const entries = new Map<
    string,
    SafetensorsEntry | Readonly<Record<string, string>>
  >();
  if (metadata !== undefined) entries.set(METADATA_KEY, metadata);
  let end = 0;
  for (const tensor of tensors) {
    const { name, shape, type } = tensor;
    if (type !== "F32" && type !== "F16" && type !== "BF16") {
      throw new RangeError(`Cannot write ${name}: safetensors has no ${type}`);
    }
    if (entries.has(name) || name === METADATA_KEY) {
      throw new RangeError(`Cannot write ${name}: the name is taken`);
    }
    const start = end;
    end += encodedLength(tensor);
    entries.set(name, {
      dtype: type,
      shape,
      data_offsets: [start, end],
    });
  }
  const json = JSON.stringify(Object.fromEntries(entries));
  const bytes = new TextEncoder().encode(json);
  const padded = Math.ceil(bytes.length / ALIGNMENT) * ALIGNMENT;
  if (padded > MAX_HEADER_SIZE) {
    throw new RangeError(
      `Cannot write safetensors: a header of ${padded} bytes is more than ` +
        `${MAX_HEADER_SIZE}`,
    );
  }
  const header = new Uint8Array(padded).fill(0x20);
  header.set(bytes);
  return { header, length: end };
}
