/**
 * The files of this folder, as `lib/backend/webgpu/kernels.ts` reads them.
 *
 * @module
 */

import adamw from "./adamw.wgsl" with { type: "text" };
import alongTime from "./along_time.wgsl" with { type: "text" };
import common from "./common.wgsl" with { type: "text" };
import crossEntropy from "./cross_entropy.wgsl" with { type: "text" };
import embedding from "./embedding.wgsl" with { type: "text" };
import layerNorm from "./layer_norm.wgsl" with { type: "text" };
import matmulBlocks from "./matmul_blocks.wgsl" with { type: "text" };
import matmulPlain from "./matmul_plain.wgsl" with { type: "text" };
import matmulTiled from "./matmul_tiled.wgsl" with { type: "text" };
import matvec from "./matvec.wgsl" with { type: "text" };
import muon from "./muon.wgsl" with { type: "text" };
import packed from "./packed.wgsl" with { type: "text" };
import residual from "./residual.wgsl" with { type: "text" };
import sample from "./sample.wgsl" with { type: "text" };
import sigmoid from "./sigmoid.wgsl" with { type: "text" };
import sigmoidGate from "./sigmoid_gate.wgsl" with { type: "text" };
import sliceHead from "./slice_head.wgsl" with { type: "text" };
import softmaxGate from "./softmax_gate.wgsl" with { type: "text" };
import squaredRelu from "./squared_relu.wgsl" with { type: "text" };
import sums from "./sums.wgsl" with { type: "text" };
import tanh from "./tanh.wgsl" with { type: "text" };
import tokenBlend from "./token_blend.wgsl" with { type: "text" };
import tokenLerp from "./token_lerp.wgsl" with { type: "text" };
import tokenShift from "./token_shift.wgsl" with { type: "text" };
import valueResidual from "./value_residual.wgsl" with { type: "text" };
import vecmat from "./vecmat.wgsl" with { type: "text" };
import vector from "./vector.wgsl" with { type: "text" };
import wkv from "./wkv.wgsl" with { type: "text" };
import wkv6 from "./wkv6.wgsl" with { type: "text" };
import wkv6Output from "./wkv6_output.wgsl" with { type: "text" };
import wkv7 from "./wkv7.wgsl" with { type: "text" };
import wkv7Input from "./wkv7_input.wgsl" with { type: "text" };
import wkv7Output from "./wkv7_output.wgsl" with { type: "text" };
import wkvStarts from "./wkv_starts.wgsl" with { type: "text" };

/** What every kernel starts with. */
export const COMMON: string = common;

/** The files by name, each after what stands before it. */
export const TEXTS: Readonly<Record<string, string>> = {
  adamw,
  cross_entropy: crossEntropy,
  embedding,
  layer_norm: layerNorm,
  matmul_plain: matmulBlocks + matmulPlain,
  matmul_tiled: matmulBlocks + matmulTiled,
  matvec,
  muon,
  packed,
  residual,
  sample,
  sigmoid,
  sigmoid_gate: sigmoidGate,
  slice_head: sliceHead,
  softmax_gate: softmaxGate,
  squared_relu: squaredRelu,
  sums,
  tanh,
  token_blend: tokenBlend,
  token_lerp: tokenLerp,
  token_shift: tokenShift,
  value_residual: valueResidual,
  vecmat,
  vector,
  wkv: alongTime + wkv,
  wkv_starts: wkvStarts,
  wkv6,
  wkv6_output: wkv6Output,
  wkv7,
  wkv7_input: wkv7Input,
  wkv7_output: wkv7Output,
};
