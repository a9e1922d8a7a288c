/**
 * A model as llama.cpp has it: the keys, names, shapes and number formats that
 * its converter gives such a model. What is particular to an architecture is in
 * its record, see `GgufLayout`.
 *
 * @module
 */

import { architectureOf, ARCHITECTURES } from "../../../model/architecture.ts";
import type { RWKVConfig } from "../../../model/config.ts";
import type {
  ForeignWeight,
  GgufLayout,
  WeightSource,
} from "../../../model/foreign.ts";
import { ELEMENT_TYPES } from "../../encoding/elements.ts";
import {
  countOf,
  type ExportType,
  type OutgoingTensor,
  transposed,
  turnedShape,
} from "../../encoding/tensor_encoding.ts";
import { isBlocks, isStoredType } from "../../quantized/packing.ts";
import { quantized, type QuantizedType } from "../../quantized/quantizing.ts";
import { productWeights } from "../../../model/rwkv.ts";
import type { GgufValue } from "./gguf_writer.ts";

/** What llama.cpp's converter says of a model without a limit. */
const CONTEXT_LENGTH = 1_048_576;
/** Both mixings of a block look one token back. */
const TOKEN_SHIFTS = 2;
/** `general.file_type`: what most tensors are. */
const FILE_TYPES = {
  ...{ F32: 0, F16: 1, BF16: 32 },
  ...{ Q4_0: 2, Q4_1: 3, Q8_0: 7, Q5_0: 8, Q5_1: 9 },
} as const;
/** Of ggml's blocks; it has been 2 since they hold 16-bit scales. */
const QUANTIZATION_VERSION = 2;

/** Names outside the blocks. */
export const OUTER: readonly (readonly [official: string, name: string])[] = [
  ["emb.weight", "token_embd.weight"],
  ["blocks.0.ln0.weight", "token_embd_norm.weight"],
  ["blocks.0.ln0.bias", "token_embd_norm.bias"],
  ["ln_out.weight", "output_norm.weight"],
  ["ln_out.bias", "output_norm.bias"],
  ["head.weight", "output.weight"],
];

/** Names in a block of what every architecture has. */
export const NORMS: readonly ForeignWeight[] = [
  ["ln1.weight", "attn_norm.weight"],
  ["ln1.bias", "attn_norm.bias"],
  ["ln2.weight", "attn_norm_2.weight"],
  ["ln2.bias", "attn_norm_2.bias"],
];

/**
 * Says a model's shape in keys.
 *
 * @param options `name` for people, `type` of most tensors.
 * @throws {RangeError} For a model that llama.cpp does not compute exactly.
 */
export function ggufModel(
  { config, shapes }: WeightSource,
  { name, type }: { readonly name: string; readonly type: ExportType },
): Map<string, GgufValue> {
  const { architecture, nLayers, dModel, dFfn } = config;
  const own = layoutOf(config).keys({ config, shapes });
  const text = (value: string) => ({ type: "string", value }) as const;
  const uint32 = (value: number) => ({ type: "uint32", value }) as const;
  const epsilon = { type: "float32", value: config.layerNormEps } as const;
  return new Map<string, GgufValue>([
    ["general.architecture", text(architecture)],
    ["general.type", text("model")],
    ["general.name", text(name)],
    [`${architecture}.context_length`, uint32(CONTEXT_LENGTH)],
    [`${architecture}.embedding_length`, uint32(dModel)],
    [`${architecture}.block_count`, uint32(nLayers)],
    [`${architecture}.attention.layer_norm_epsilon`, epsilon],
    ...Object.entries(own).map(([key, value]) =>
      [`${architecture}.${key}`, uint32(value)] as const
    ),
    [`${architecture}.feed_forward_length`, uint32(dFfn)],
    [`${architecture}.attention.head_count`, uint32(0)], // asked for, not used
    [`${architecture}.token_shift_count`, uint32(TOKEN_SHIFTS)],
    ["general.file_type", uint32(FILE_TYPES[type])],
    ["general.quantization_version", uint32(QUANTIZATION_VERSION)],
  ]);
}

/** The architectures that llama.cpp has, and how. */
export const GGUF_LAYOUTS: ReadonlyMap<string, GgufLayout> = new Map(
  ARCHITECTURES.flatMap((architecture) => {
    const { official } = architectureOf({ architecture });
    return official?.gguf ? [[architecture, official.gguf]] : [];
  }),
);

function layoutOf({ architecture }: RWKVConfig): GgufLayout {
  const layout = GGUF_LAYOUTS.get(architecture);
  if (layout !== undefined) return layout;
  const known = ARCHITECTURES.filter((name) => GGUF_LAYOUTS.has(name));
  throw new RangeError(
    `Cannot export ${architecture} to gguf: llama.cpp has no such ` +
      `architecture; it has those of train --arch ${known.join("|")}, and ` +
      "other RWKV programs take --format safetensors",
  );
}

/**
 * A model's tensors in llama.cpp's layout.
 *
 * @param model A model that {@linkcode ggufModel} accepts.
 * @param type What most tensors shall be; vectors and what is sensitive stay
 * F32, and rows that are no whole blocks become F16. Where it is blocks, what is
 * stored as blocks stays as it is, and of 4 or 5 bits are linear maps alone.
 */
export function ggufTensors(
  model: WeightSource,
  type: ExportType,
): OutgoingTensor[] {
  const { weights, copies, alwaysF32 } = layoutOf(model.config);
  const tensors: OutgoingTensor[] = [];
  const maps = new Set(productWeights(model.config));
  const add = (prefix: string, name: string, stored: Stored) => {
    const isFloat = stored.shape.length < 2 || alwaysF32.test(name);
    const own = isFloat || !isBlocks(type) ? undefined : storedBlocks(stored);
    if (own !== undefined) {
      tensors.push({ name: prefix + name, ...stored, ...own });
      return;
    }
    const wanted = fitting(stored.shape, type);
    const isMap = maps.has(stored.official ?? "") && prefix !== "";
    const given = isFloat
      ? "F32"
      : isMap || !isFew(wanted)
      ? wanted
      : fitting(stored.shape, "Q8_0");
    tensors.push({
      name: prefix + name,
      ...stored,
      type: given,
      ...isFew(given) &&
        { blocks: () => quantized(given, stored.values()) },
    });
  };
  const storedBlocks = ({ official, shape }: Stored) => {
    const own = official && model.typeOf?.(official);
    if (!isStoredType(own) || !isBlocks(own)) return undefined;
    if (`${shape}` !== `${model.shapes.get(official!)}`) return undefined;
    return { type: own, blocks: () => model.readBlocks!(official!) };
  };
  for (const [official, name] of OUTER) {
    add("", name, storedAs(model, official));
  }
  for (let layer = 0; layer < model.config.nLayers; layer++) {
    const full = (official: string) =>
      `blocks.${layer}.${
        layer === 0 ? copies[official] ?? official : official
      }`;
    for (const [official, name, form] of [...NORMS, ...weights]) {
      const stored = typeof official === "string"
        ? storedAs(model, full(official), form)
        : fused(model, official.map(full));
      add(`blk.${layer}.`, name, stored);
    }
  }
  return tensors;
}

/** A weight in llama.cpp's layout. */
type Stored = Pick<OutgoingTensor, "shape" | "values"> & {
  /** The weight that lies there as it is. */
  readonly official?: string;
};

function storedAs(
  model: WeightSource,
  official: string,
  form?: ForeignWeight[2],
): Stored {
  const shape = model.shapes.get(official)!;
  const values = () => model.readWeight(official);
  if (form === "turned") {
    return {
      shape: turnedShape(shape),
      values: () => transposed(values(), shape),
    };
  }
  if (form === "flat") return { shape: [countOf(shape)], values };
  return { shape, values, official };
}

/** Vectors as one tensor. */
function fused(model: WeightSource, officials: readonly string[]): Stored {
  const { dModel: width } = model.config;
  return {
    shape: [officials.length, 1, 1, width],
    values: () => {
      const values = new Float32Array(officials.length * width);
      for (const [i, official] of officials.entries()) {
        values.set(model.readWeight(official), i * width);
      }
      return values;
    },
  };
}

/** Whether it has 4 or 5 bits, which sensitive weights do not take. */
function isFew(type: ExportType): type is QuantizedType {
  return type === "Q5_1" || type === "Q4_0";
}

function fitting(shape: readonly number[], type: ExportType): ExportType {
  return shape.at(-1)! % ELEMENT_TYPES[type].values === 0 ? type : "F16";
}
