/**
 * Undoes what a converter did to official weights: how a program holds them is
 * in the record of their architecture, see `ForeignWeight`.
 *
 * @module
 */

import type { ForeignWeight } from "../../model/foreign.ts";
import { type ByteSource, malformed } from "../encoding/byte_source.ts";
import { countOf } from "../encoding/tensor_encoding.ts";
import {
  type FileTensor,
  type FileTensors,
  partsOf,
  turnedTensor,
} from "../encoding/tensor_file.ts";

/**
 * The largest f32 whose -exp() is zero: no decay at all, which a file can say
 * and a logarithm cannot.
 */
const NO_DECAY = -104;

/** How a program calls and holds weights. */
export interface ForeignLayout {
  /** What stands before the number of a block. */
  readonly block: string;
  /** Weights of a block. */
  readonly weights: readonly ForeignWeight[];
  /** The official name of any other tensor; it may refuse it. */
  readonly nameOf: (name: string) => string;
  /** Channels of a head, for what lies there without its heads. */
  readonly headSize?: number;
}

/**
 * A file's tensors by their official names, with their official values.
 *
 * @throws {SyntaxError} When one is not what the layout says.
 */
export function officialTensors(
  source: ByteSource,
  stored: FileTensors,
  { block, weights, nameOf, headSize }: ForeignLayout,
): FileTensors {
  const inBlock = new RegExp(`^${block}\\.(\\d{1,3})\\.(.+)$`);
  const byName = new Map(weights.map((weight) => [weight[1], weight]));
  const tensors = new Map<string, FileTensor>();
  const add = (name: string, tensor: FileTensor) => {
    if (tensors.has(name)) throw malformed(source, `it has ${name} twice`);
    tensors.set(name, tensor);
  };
  for (const [name, tensor] of stored) {
    const [, layer, part] = inBlock.exec(name) ?? [];
    const weight = byName.get(part ?? "");
    if (weight === undefined) {
      add(nameOf(name), tensor);
      continue;
    }
    const [official, , form] = weight, at = `blocks.${Number(layer)}`;
    if (typeof official === "string") {
      const own = unstored(tensor, form, headSize);
      if (own === undefined) throw malformed(source, `${name} is no matrix`);
      add(`${at}.${official}`, own);
    } else {
      const parts = partsOf(tensor, official.length);
      if (parts === undefined) {
        throw malformed(source, `${name} is not ${official.length} vectors`);
      }
      for (const [i, own] of official.entries()) add(`${at}.${own}`, parts[i]);
    }
  }
  return tensors;
}

/** What was stored in a form; undefined where it cannot have been. */
function unstored(
  tensor: FileTensor,
  form: ForeignWeight[2],
  headSize = 1,
): FileTensor | undefined {
  const { shape, read } = tensor;
  switch (form) {
    case "turned":
      return shape.length >= 2 ? turnedTensor(tensor) : undefined;
    case "by head":
      return { ...tensor, shape: [countOf(shape)] };
    case "column":
      return { ...tensor, shape: shape.slice(0, -1) };
    case "flat": {
      const heads = countOf(shape) / headSize;
      // What it is otherwise shows when its shape is checked.
      return { ...tensor, shape: heads % 1 === 0 ? [heads, headSize] : shape };
    }
    case "-exp":
      return {
        shape,
        type: tensor.type,
        read: () => read().map((x) => x === 0 ? NO_DECAY : Math.log(-x)),
      };
    default:
      return tensor;
  }
}
