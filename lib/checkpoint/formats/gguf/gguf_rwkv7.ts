/**
 * RWKV-7 as llama.cpp has it: the keys, names, shapes and number formats that
 * its converter for Hugging Face's files gives such a model.
 *
 * Against the official layout: low-rank matrices are turned, the six token
 * shifts of time mixing are one tensor, and the first block has v0, v1 and v2,
 * which nothing reads: a copy of a0, a1 and a2, as the converter has it.
 *
 * @module
 */

import { ELEMENT_TYPES } from "../../encoding/elements.ts";
import type { GgufValue } from "./gguf_writer.ts";
import {
  countOf,
  type ExportType,
  type OutgoingTensor,
  transposed,
  type WeightSource,
} from "../../encoding/tensor_encoding.ts";

/** The only one that every build of llama.cpp computes rightly. */
const HEAD_SIZE = 64;
/** What llama.cpp's converter says of a model without a limit. */
const CONTEXT_LENGTH = 1_048_576;
const LAYER_NORM_EPSILON = 1e-5;
/** Both mixings of a block look one token back. */
const TOKEN_SHIFTS = 2;
/** `general.file_type`: what most tensors are. */
const FILE_TYPES = { F32: 0, F16: 1, Q8_0: 7 } as const;
/** Of ggml's blocks; it has been 2 since they hold 16-bit scales. */
const QUANTIZATION_VERSION = 2;

/** Order of the token shifts in llama.cpp's one tensor. */
export const SHIFTS = ["r", "w", "k", "v", "a", "g"] as const;
/** These stay F32 whatever the rest is, as in llama.cpp's converter. */
const ALWAYS_F32 =
  /(?:_norm|time_mix_w1|time_mix_w2|time_mix_lerp_fused)\.weight$/;

/** Names outside the blocks. */
export const OUTER: readonly (readonly [official: string, name: string])[] = [
  ["emb.weight", "token_embd.weight"],
  ["blocks.0.ln0.weight", "token_embd_norm.weight"],
  ["blocks.0.ln0.bias", "token_embd_norm.bias"],
  ["ln_out.weight", "output_norm.weight"],
  ["ln_out.bias", "output_norm.bias"],
  ["head.weight", "output.weight"],
];

/** Names in a block of what is stored as it is, vectors as such. */
export const INNER: readonly (readonly [official: string, name: string])[] = [
  ["ln1.weight", "attn_norm.weight"],
  ["ln1.bias", "attn_norm.bias"],
  ["ln2.weight", "attn_norm_2.weight"],
  ["ln2.bias", "attn_norm_2.bias"],
  ["att.w0", "time_mix_w0.weight"],
  ["att.a0", "time_mix_a0.weight"],
  ["att.v0", "time_mix_v0.weight"],
  ["att.k_k", "time_mix_k_k.weight"],
  ["att.k_a", "time_mix_k_a.weight"],
  ["att.r_k", "time_mix_r_k.weight"],
  ["att.receptance.weight", "time_mix_receptance.weight"],
  ["att.key.weight", "time_mix_key.weight"],
  ["att.value.weight", "time_mix_value.weight"],
  ["att.output.weight", "time_mix_output.weight"],
  ["att.ln_x.weight", "time_mix_ln.weight"],
  ["att.ln_x.bias", "time_mix_ln.bias"],
  ["ffn.x_k", "channel_mix_lerp_k.weight"],
  ["ffn.key.weight", "channel_mix_key.weight"],
  ["ffn.value.weight", "channel_mix_value.weight"],
];

/** The low-rank branches, whose two matrices are turned. */
export const BRANCHES = ["w", "a", "v", "g"] as const;

/**
 * Says a model's shape in keys.
 *
 * @param model The model.
 * @param options `name` for people, `type` of most tensors.
 * @throws {RangeError} For a model that llama.cpp does not compute exactly.
 */
export function ggufModel(
  { config, shapes }: WeightSource,
  { name, type }: { readonly name: string; readonly type: ExportType },
): Map<string, GgufValue> {
  const { architecture, nLayers, dModel, dFfn } = config;
  if (architecture !== "rwkv7") {
    throw new RangeError(
      `Cannot export ${architecture} to gguf: llama.cpp has no such ` +
        "architecture; it has RWKV-7, which train --arch rwkv7 makes",
    );
  }
  const [, headSize] = shapes.get("blocks.0.att.r_k")!;
  if (headSize !== HEAD_SIZE) {
    throw new RangeError(
      `Cannot export heads of ${headSize} channels to gguf: llama.cpp ` +
        `computes heads of ${HEAD_SIZE} only, others wrongly on some machines`,
    );
  }
  const rank = (branch: typeof BRANCHES[number]) => {
    const own = branch === "v" && nLayers === 1 ? "a" : branch;
    const block = own === "v" ? 1 : 0;
    return shapes.get(`blocks.${block}.att.${own}1`)![1];
  };
  const fields = new Map<string, GgufValue>();
  const uint32 = (key: string, value: number) =>
    fields.set(key, { type: "uint32", value });
  fields.set("general.architecture", { type: "string", value: "rwkv7" });
  fields.set("general.type", { type: "string", value: "model" });
  fields.set("general.name", { type: "string", value: name });
  uint32("rwkv7.context_length", CONTEXT_LENGTH);
  uint32("rwkv7.embedding_length", dModel);
  uint32("rwkv7.block_count", nLayers);
  fields.set("rwkv7.attention.layer_norm_epsilon", {
    type: "float32",
    value: LAYER_NORM_EPSILON,
  });
  uint32("rwkv7.wkv.head_size", headSize);
  uint32("rwkv7.attention.decay_lora_rank", rank("w"));
  uint32("rwkv7.attention.iclr_lora_rank", rank("a"));
  uint32("rwkv7.attention.value_residual_mix_lora_rank", rank("v"));
  uint32("rwkv7.attention.gate_lora_rank", rank("g"));
  uint32("rwkv7.feed_forward_length", dFfn);
  uint32("rwkv7.attention.head_count", 0); // asked for, and not used
  uint32("rwkv7.token_shift_count", TOKEN_SHIFTS);
  uint32("general.file_type", FILE_TYPES[type]);
  uint32("general.quantization_version", QUANTIZATION_VERSION);
  return fields;
}

/**
 * A model's tensors in llama.cpp's layout.
 *
 * @param model A model that {@linkcode ggufModel} accepts.
 * @param type What most tensors shall be; vectors and what is sensitive stay
 * F32, and rows that are no whole blocks of Q8_0 become F16.
 */
export function ggufTensors(
  model: WeightSource,
  type: ExportType,
): OutgoingTensor[] {
  const tensors: OutgoingTensor[] = [];
  const add = (
    name: string,
    shape: readonly number[],
    values: () => Float32Array,
  ) => tensors.push({ name, shape, type: typeOf(name, shape, type), values });
  const plain = (name: string, official: string) => {
    const shape = squeezed(model.shapes.get(official)!);
    const flat = name.endsWith("r_k.weight") ? [countOf(shape)] : shape;
    add(name, flat, () => model.readWeight(official));
  };
  const turned = (name: string, official: string) => {
    const shape = model.shapes.get(official)!;
    add(
      name,
      shape.toReversed(),
      () => transposed(model.readWeight(official), shape),
    );
  };
  for (const [official, name] of OUTER) plain(name, official);
  for (let layer = 0; layer < model.config.nLayers; layer++) {
    const block = `blocks.${layer}`, at = `blk.${layer}`;
    // The first block's own value branch; see above.
    const own = (official: string) =>
      layer === 0 ? official.replace(/^att\.v(?=\d$)/, "att.a") : official;
    for (const [official, name] of INNER) {
      plain(`${at}.${name}`, `${block}.${own(official)}`);
    }
    for (const branch of BRANCHES) {
      for (const side of [1, 2]) {
        turned(
          `${at}.time_mix_${branch}${side}.weight`,
          `${block}.${own(`att.${branch}${side}`)}`,
        );
      }
    }
    const width = model.config.dModel;
    add(
      `${at}.time_mix_lerp_fused.weight`,
      [SHIFTS.length, 1, 1, width],
      () => {
        const fused = new Float32Array(SHIFTS.length * width);
        for (const [i, shift] of SHIFTS.entries()) {
          fused.set(model.readWeight(`${block}.att.x_${shift}`), i * width);
        }
        return fused;
      },
    );
  }
  return tensors;
}

function typeOf(
  name: string,
  shape: readonly number[],
  type: ExportType,
): ExportType {
  if (shape.length < 2 || ALWAYS_F32.test(name)) return "F32";
  return shape.at(-1)! % ELEMENT_TYPES[type].values === 0 ? type : "F16";
}

/** Without the extents of one. */
function squeezed(shape: readonly number[]): number[] {
  return shape.filter((extent) => extent > 1);
}
