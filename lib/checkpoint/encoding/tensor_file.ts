/**
 * Files of named tensors in other programs' formats, as their readers give
 * them: checked in full when opened, values read when asked for.
 *
 * `formats/` has a reader each; `import/foreign_model.ts` makes models of them.
 *
 * @module
 */

import { type ByteSource, malformed } from "./byte_source.ts";
import {
  ELEMENT_TYPES,
  type ElementTypeName,
  readBlocks,
  readElements,
} from "./elements.ts";
import { countOf, transposed, turnedShape } from "./tensor_encoding.ts";

/** A tensor that stands in a file. */
export interface FileTensor {
  /** Its extents, the slowest first. */
  readonly shape: readonly number[];
  /** How its values are stored. */
  readonly type: ElementTypeName;
  /** Where its values stand one after another, and their CRC-32. */
  readonly place?: { readonly offset: number; readonly checksum?: number };
  /**
   * Reads its values, row by row.
   *
   * @throws {SyntaxError} When one is not finite.
   */
  read(): Float32Array;
  /**
   * Reads the blocks, of a type that has them, where they lie in the order of
   * the values.
   *
   * @throws {SyntaxError} When a scale is not finite.
   */
  readonly readBlocks?: () => Uint8Array<ArrayBuffer>;
}

/** The tensors of a file by their names. */
export type FileTensors = ReadonlyMap<string, FileTensor>;

/** Tensors of a file; a model of 256 layers has some 8,000. */
export const MAX_TENSORS: number = 2 ** 16;
/** Characters or bytes of a tensor's name. */
export const MAX_NAME = 256;
/** Extents of a tensor. */
export const MAX_EXTENTS = 8;

/**
 * How many values a shape from outside holds.
 *
 * @param shape What a file says.
 * @returns Undefined where it is not a list of whole numbers from 1, or their
 * product is beyond what can be counted.
 *
 * @example
 * ```ts
 * import { valuesOf } from "./tensor_file.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(valuesOf([3, 4]), 12);
 * assertEquals(valuesOf([2 ** 40, 2 ** 40]), undefined);
 * ```
 */
export function valuesOf(shape: unknown): number | undefined {
  if (!Array.isArray(shape) || shape.length > MAX_EXTENTS) return undefined;
  let length = 1;
  for (const extent of shape) {
    if (!Number.isSafeInteger(extent) || extent < 1) return undefined;
    length *= extent;
    if (!Number.isSafeInteger(length)) return undefined;
  }
  return length;
}

/**
 * A tensor whose values stand one after another.
 *
 * @param at Where; the caller has checked that the file holds so much.
 * @param name What errors call it.
 */
export function plainTensor(
  source: ByteSource,
  { type, offset, shape, checksum }: {
    readonly type: ElementTypeName;
    readonly offset: number;
    readonly checksum?: number;
    readonly shape: readonly number[];
  },
  name: string,
): FileTensor {
  const length = countOf(shape);
  const elements = { type, offset, length, checksum };
  const tensor = {
    shape,
    type,
    place: { offset, checksum },
    read: () => readElements(source, elements, name),
  };
  if (ELEMENT_TYPES[type].values === 1) return tensor;
  return { ...tensor, readBlocks: () => readBlocks(source, elements, name) };
}

/**
 * Checks that tensors stand in a file and none in another's place.
 *
 * @param limits Where the data begins and ends.
 * @throws {SyntaxError} When one does not.
 */
export function checkPlaces(
  source: ByteSource,
  places: readonly {
    readonly name: string;
    readonly offset: number;
    readonly length: number;
  }[],
  { start, end }: { readonly start: number; readonly end: number },
): void {
  let free = start, last = "";
  for (
    const { name, offset, length } of places.toSorted((a, b) =>
      a.offset - b.offset || a.length - b.length
    )
  ) {
    if (offset < start || length > end - offset) {
      throw malformed(source, `${name} lies beyond its data`);
    }
    if (offset < free) {
      throw malformed(source, `${name} and ${last} overlap`);
    }
    free = offset + length;
    last = name;
  }
}

/**
 * The parts along the first extent.
 *
 * @param count How many there must be.
 * @returns A tensor each; undefined where there are not so many.
 */
export function partsOf(
  tensor: FileTensor,
  count: number,
): FileTensor[] | undefined {
  const [parts, ...rest] = tensor.shape;
  if (parts !== count) return undefined;
  const length = countOf(rest);
  return Array.from({ length: count }, (_, i) => ({
    type: tensor.type,
    shape: [1, ...rest],
    read: () => tensor.read().slice(i * length, (i + 1) * length),
  }));
}

/**
 * Rows for columns.
 *
 * @param tensor A matrix, or several, one after the other.
 */
export function turnedTensor(tensor: FileTensor): FileTensor {
  const { shape, type, read } = tensor;
  return {
    type,
    shape: turnedShape(shape),
    read: () => transposed(read(), shape),
  };
}

/**
 * Finds each weight's tensor. One that is left over fails as well: it would
 * change what the model computes.
 *
 * @param tensors A file's.
 * @param shapes The weights' extents in the file, by their names there.
 * @param options `architecture` is what errors call the model;
 * `withoutOnes`: files write or leave out extents of 1.
 * @throws {SyntaxError} When one is missing, of another shape, or too many; the
 * message is the reason alone.
 */
export function matchTensors(
  tensors: FileTensors,
  shapes: ReadonlyMap<string, readonly number[]>,
  { architecture, withoutOnes = false }: {
    readonly architecture: string;
    readonly withoutOnes?: boolean;
  },
): Map<string, FileTensor> {
  const compared = (shape: readonly number[]) =>
    `${withoutOnes ? shape.filter((extent) => extent > 1) : shape}`;
  const found = new Map<string, FileTensor>();
  for (const [name, shape] of shapes) {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new SyntaxError(`${name} is missing`);
    if (compared(tensor.shape) !== compared(shape)) {
      throw new SyntaxError(
        `${name} has the shape [${tensor.shape.join(", ")}], not ` +
          `[${shape.join(", ")}]`,
      );
    }
    found.set(name, tensor);
  }
  for (const name of tensors.keys()) {
    if (found.has(name)) continue;
    throw new SyntaxError(`${name} is a weight that ${architecture} lacks`);
  }
  return found;
}
