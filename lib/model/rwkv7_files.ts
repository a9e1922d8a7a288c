/**
 * RWKV-7 in other programs' files.
 *
 * @module
 */

import type {
  ForeignWeight,
  GgufLayout,
  HuggingFaceNames,
  OfficialFiles,
  Shapes,
} from "./foreign.ts";
import { ggufMatrices } from "./official_parts.ts";

/** The matrices of the low-rank branches. */
const BRANCHES = ["w1", "w2", "a1", "a2", "v1", "v2", "g1", "g2"];
/** The token shifts, in the order of the one tensor that others make of them. */
const SHIFTS = [..."rwkvag"].map((letter) => `att.x_${letter}`);
/** The only size of heads that every build of llama.cpp computes rightly. */
const HEAD_SIZE = 64;

/**
 * As llama.cpp's converter for Hugging Face's files has it. Nothing reads the
 * first block's own value branch; the converter puts a copy of another there.
 */
const GGUF: GgufLayout = {
  weights: [
    ...["w0", "a0", "v0", "k_k", "k_a"].map((name) =>
      [`att.${name}`, `time_mix_${name}.weight`] as const
    ),
    ["att.r_k", "time_mix_r_k.weight", "flat"],
    ...ggufMatrices("att", "receptance", "key", "value", "output"),
    ["att.ln_x.weight", "time_mix_ln.weight"],
    ["att.ln_x.bias", "time_mix_ln.bias"],
    ["ffn.x_k", "channel_mix_lerp_k.weight"],
    ...ggufMatrices("ffn", "key", "value"),
    ...BRANCHES.map((name) =>
      [`att.${name}`, `time_mix_${name}.weight`, "turned"] as const
    ),
    [SHIFTS, "time_mix_lerp_fused.weight"],
  ],
  copies: { "att.v0": "att.a0", "att.v1": "att.a1", "att.v2": "att.a2" },
  alwaysF32: /^time_mix_(?:w1|w2|lerp_fused)\.weight$/,
  keys({ config, shapes }) {
    const [, headSize] = shapes.get("blocks.0.att.r_k")!;
    if (headSize !== HEAD_SIZE) {
      throw new RangeError(
        `Cannot export heads of ${headSize} channels to gguf: llama.cpp ` +
          `computes heads of ${HEAD_SIZE} only, others wrongly on some machines`,
      );
    }
    const rank = (name: string) => rankIn(shapes, name)!;
    return {
      "wkv.head_size": headSize,
      "attention.decay_lora_rank": rank("blocks.0.att.w1"),
      "attention.iclr_lora_rank": rank("blocks.0.att.a1"),
      "attention.value_residual_mix_lora_rank": rank(
        config.nLayers > 1 ? "blocks.1.att.v1" : "blocks.0.att.a1",
      ),
      "attention.gate_lora_rank": rank("blocks.0.att.g1"),
    };
  },
};

/**
 * flash-linear-attention's names: a low-rank branch is two linear layers there,
 * so its matrices are turned and its vector is the second's bias. Its first
 * version had the token shifts as one tensor.
 */
const HUGGING_FACE: HuggingFaceNames = {
  mark: "model.layers.0.attn.r_proj.weight",
  block: "model\\.layers",
  weights: [
    ...["weight", "bias"].flatMap((part) => [
      [`ln0.${part}`, `pre_norm.${part}`] as const,
      [`ln1.${part}`, `attn_norm.${part}`] as const,
      [`ln2.${part}`, `ffn_norm.${part}`] as const,
      [`att.ln_x.${part}`, `attn.g_norm.${part}`] as const,
    ]),
    ...SHIFTS.map((name) => [name, name.replace("att", "attn")] as const),
    [SHIFTS, "attn.x_x"],
    ...["k_k", "k_a", "r_k"].map((name) =>
      [`att.${name}`, `attn.${name}`] as const
    ),
    ...["receptance", "key", "value", "output"].map((role) =>
      [`att.${role}.weight`, `attn.${role[0]}_proj.weight`] as const
    ),
    ...[..."wavg"].flatMap((branch): ForeignWeight[] => [
      [`att.${branch}1`, `attn.${branch}_lora.lora.0.weight`, "turned"],
      [`att.${branch}2`, `attn.${branch}_lora.lora.2.weight`, "turned"],
      [`att.${branch}0`, `attn.${branch}_lora.lora.2.bias`],
    ]),
    ["ffn.x_k", "ffn.x_k"],
    ["ffn.key.weight", "ffn.key.weight"],
    ["ffn.value.weight", "ffn.value.weight"],
  ],
  outer: {
    "model.embeddings.weight": "emb.weight",
    "model.norm.weight": "ln_out.weight",
    "model.norm.bias": "ln_out.bias",
    "lm_head.weight": "head.weight",
  },
};

/** How the official code and programs after it hold RWKV-7. */
export const RWKV7_FILES: OfficialFiles = {
  mark: "blocks.0.att.r_k",
  // A head's size shows in the bonus, each rank in the branch's first matrix.
  fieldsOf({ has, matrix }) {
    const columns = (name: string) => matrix(name)[1];
    return {
      headSize: columns("blocks.0.att.r_k"),
      decayRank: columns("blocks.0.att.w1"),
      rateRank: columns("blocks.0.att.a1"),
      gateRank: columns("blocks.0.att.g1"),
      // The first block has none.
      valueRank: has("blocks.1.att.v1")
        ? columns("blocks.1.att.v1")
        : undefined,
    };
  },
  unused: ["blocks.0.att.v0", "blocks.0.att.v1", "blocks.0.att.v2"],
  broadcast: /\.(?:x_[rwkvag]|[wav]0|k_[ka])$/,
  configJson(shapes) {
    const [heads, headSize] = shapes.get("blocks.0.att.r_k")!;
    const rank = (name: string) => rankIn(shapes, name);
    return {
      head_dim: headSize,
      num_heads: heads,
      decay_low_rank_dim: rank("blocks.0.att.w1"),
      a_low_rank_dim: rank("blocks.0.att.a1"),
      v_low_rank_dim: rank("blocks.1.att.v1"),
      gate_low_rank_dim: rank("blocks.0.att.g1"),
    };
  },
  rwkvCpp: [
    ...BRANCHES.map((name) =>
      [`att.${name}`, `att.${name}`, "turned"] as const
    ),
    [SHIFTS, "att.x_rwkvag"],
  ],
  huggingFace: HUGGING_FACE,
  gguf: GGUF,
};

/** The inner width of a branch, by its first matrix. */
function rankIn(shapes: Shapes, name: string): number | undefined {
  return shapes.get(name)?.[1];
}
