/**
 * Weights that are computed with where they lie in their file, which a backend
 * maps into its memory: f32 the same way round as the model's, and halves of
 * linear maps. All else is read; blocks are, as they have to be taken apart.
 *
 * What is mapped is checked as what is read is: by its checksum, and for values
 * that are no numbers.
 *
 * @module
 */

import type { Backend, MappedFile, Memory } from "../../backend/backend.ts";
import type { PackedMatrix } from "../../tensor/packed.ts";
import { crc32 } from "../../crc32.ts";
import { byteLengthOf } from "../encoding/elements.ts";
import { countOf } from "../encoding/tensor_encoding.ts";
import type { FileTensor, FileTensors } from "../encoding/tensor_file.ts";
import { packedFormatOf } from "../quantized/packing.ts";

/** A weight where it lies: its values, or its packed matrix. */
export type MappedWeight = Memory | PackedMatrix;

/** A file of which less can be mapped is read. */
const WORTH = 1 / 2;

/** Where words begin, so that they are read as such. */
const ALIGNMENT = 4;

/**
 * Maps a file's weights.
 *
 * @param backend Where they are computed with.
 * @param tensors Those of the file, as the model has them.
 * @param products The names of those that linear maps multiply by.
 * @param file Its size, and what maps it where that can be done.
 * @returns Those that need not be read, by name; none where the file or what is
 * in it is not as it should be, which reading it then says.
 */
export async function mapWeights(
  backend: Backend,
  tensors: FileTensors,
  products: ReadonlySet<string>,
  { size, map }: {
    readonly size: number;
    readonly map: () => MappedFile | undefined;
  },
): Promise<Map<string, MappedWeight>> {
  const none = new Map<string, MappedWeight>();
  const fitting = [...tensors].filter(([name, tensor]) =>
    isMappable(tensor, products.has(name))
  );
  const bytes = fitting.reduce((sum, [, tensor]) => sum + bytesOf(tensor), 0);
  const file = bytes < WORTH * size ? undefined : map();
  if (file === undefined) return none;
  const mapped = new Map<string, MappedWeight>();
  const out = backend.alloc(1);
  for (const [name, tensor] of fitting) {
    const { offset, checksum } = tensor.place!, length = countOf(tensor.shape);
    const lies = file.bytes.subarray(offset, offset + bytesOf(tensor));
    if (checksum !== undefined && crc32(lies) !== checksum) return none;
    if (tensor.type === "F32") {
      const x = file.memory(offset, length);
      backend.run("sumOfSquares", { out, x });
      mapped.set(name, x);
    } else {
      const format = packedFormatOf(tensor)!;
      const infinity = format === "f16" ? 0x7c00 : 0x7f80;
      if (!areFinite(lies, infinity)) return none;
      const halves = file.words(offset, length / 2);
      mapped.set(name, { format, parts: { halves } });
    }
  }
  // Where one is no number the sum is none; it may be too large for others.
  const [sum] = await backend.read(out);
  return Number.isFinite(sum) ? mapped : none;
}

function isMappable(tensor: FileTensor, isProduct: boolean): boolean {
  const { place, type } = tensor;
  if (place === undefined || place.offset % ALIGNMENT !== 0) return false;
  if (type === "F32") return true;
  const isHalves = type === "F16" || type === "BF16";
  return isHalves && isProduct && packedFormatOf(tensor) !== undefined;
}

function bytesOf({ type, shape }: FileTensor): number {
  return byteLengthOf(type, countOf(shape));
}

/** Whether no half has all bits of its exponent. */
function areFinite(
  { buffer, byteOffset, byteLength }: Uint8Array,
  infinity: number,
): boolean {
  const words = new Uint32Array(buffer, byteOffset, byteLength / 4);
  const upper = infinity << 16;
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if ((word & infinity) === infinity || (word & upper) === upper) {
      return false;
    }
  }
  return true;
}
