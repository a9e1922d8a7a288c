/**
 * RWKV-6 in other programs' files.
 *
 * @module
 */

import type { GgufLayout, OfficialFiles } from "./foreign.ts";
import { ggufMatrices } from "./official_parts.ts";

/** Low-rank branches' matrices, which others have turned. */
const BRANCHES = [
  ["time_maa_w1", "time_mix_w1"],
  ["time_maa_w2", "time_mix_w2"],
  ["time_decay_w1", "time_mix_decay_w1"],
  ["time_decay_w2", "time_mix_decay_w2"],
] as const;

/** The mixes, in the order of the one tensor that llama.cpp makes of them. */
const MIXES = [..."wkvrg"].map((letter) => `att.time_maa_${letter}`);

/** The only size of heads that every build of llama.cpp computes. */
const HEAD_SIZE = 64;

/** As llama.cpp's converter has it. */
const GGUF: GgufLayout = {
  weights: [
    ["att.time_maa_x", "time_mix_lerp_x.weight"],
    [MIXES, "time_mix_lerp_fused.weight"],
    ["att.time_faaaa", "time_mix_first.weight"],
    ["att.time_decay", "time_mix_decay.weight"],
    ...BRANCHES.map(([official, name]) =>
      [`att.${official}`, `${name}.weight`, "turned"] as const
    ),
    ...ggufMatrices("att", "receptance", "key", "value", "gate", "output"),
    ["att.ln_x.weight", "time_mix_ln.weight"],
    ["att.ln_x.bias", "time_mix_ln.bias"],
    ["ffn.time_maa_k", "channel_mix_lerp_k.weight"],
    ["ffn.time_maa_r", "channel_mix_lerp_r.weight"],
    ...ggufMatrices("ffn", "key", "receptance", "value"),
  ],
  copies: {},
  alwaysF32: /^time_mix_(?:first|w[12]|decay_w[12]|lerp_fused)\.weight$/,
  keys({ shapes }) {
    const [, headSize] = shapes.get("blocks.0.att.time_faaaa")!;
    if (headSize !== HEAD_SIZE) {
      throw new RangeError(
        `Cannot export heads of ${headSize} channels to gguf: llama.cpp ` +
          `computes heads of ${HEAD_SIZE} only on some machines`,
      );
    }
    return {
      "wkv.head_size": headSize,
      "time_mix_extra_dim": shapes.get("blocks.0.att.time_maa_w2")![1],
      "time_decay_extra_dim": shapes.get("blocks.0.att.time_decay_w1")![1],
      "rescale_every_n_layers": 0,
    };
  },
};

/** How the official code and programs after it hold RWKV-6. */
export const RWKV6_FILES: OfficialFiles = {
  mark: "blocks.0.att.time_maa_x",
  // A head's size shows in the bonus, each rank in a branch's first matrix.
  fieldsOf: ({ matrix }) => ({
    headSize: matrix("blocks.0.att.time_faaaa")[1],
    mixRank: matrix("blocks.0.att.time_maa_w1")[1] / MIXES.length,
    decayRank: matrix("blocks.0.att.time_decay_w1")[1],
  }),
  unused: [],
  broadcast: /\.(?:time_maa_[xwkvrg]|time_decay)$/,
  isStateByKey: true,
  configJson(shapes) {
    const [heads, headSize] = shapes.get("blocks.0.att.time_faaaa")!;
    return {
      head_size: headSize,
      num_heads: heads,
      mix_low_rank_dim: shapes.get("blocks.0.att.time_maa_w2")![1],
      decay_low_rank_dim: shapes.get("blocks.0.att.time_decay_w1")![1],
    };
  },
  rwkvCpp: [
    ...BRANCHES.map(([official]) =>
      [`att.${official}`, `att.${official}`, "turned"] as const
    ),
    ["att.time_decay", "att.time_decay", "by head"],
    ["att.time_faaaa", "att.time_faaaa", "column"],
  ],
  gguf: GGUF,
};
