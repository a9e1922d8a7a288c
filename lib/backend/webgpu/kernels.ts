/**
 * The files of `kernels/wgsl`, and their kernels by name.
 *
 * @module
 */

import adamw from "../../../kernels/wgsl/adamw.wgsl" with { type: "text" };
import alongTime from "../../../kernels/wgsl/along_time.wgsl" with {
  type: "text",
};
import common from "../../../kernels/wgsl/common.wgsl" with { type: "text" };
import crossEntropy from "../../../kernels/wgsl/cross_entropy.wgsl" with {
  type: "text",
};
import embedding from "../../../kernels/wgsl/embedding.wgsl" with {
  type: "text",
};
import layerNorm from "../../../kernels/wgsl/layer_norm.wgsl" with {
  type: "text",
};
import matmulBlocks from "../../../kernels/wgsl/matmul_blocks.wgsl" with {
  type: "text",
};
import matmulPlain from "../../../kernels/wgsl/matmul_plain.wgsl" with {
  type: "text",
};
import matmulTiled from "../../../kernels/wgsl/matmul_tiled.wgsl" with {
  type: "text",
};
import matvec from "../../../kernels/wgsl/matvec.wgsl" with { type: "text" };
import residual from "../../../kernels/wgsl/residual.wgsl" with {
  type: "text",
};
import sample from "../../../kernels/wgsl/sample.wgsl" with { type: "text" };
import sigmoid from "../../../kernels/wgsl/sigmoid.wgsl" with { type: "text" };
import sigmoidGate from "../../../kernels/wgsl/sigmoid_gate.wgsl" with {
  type: "text",
};
import softmaxGate from "../../../kernels/wgsl/softmax_gate.wgsl" with {
  type: "text",
};
import squaredRelu from "../../../kernels/wgsl/squared_relu.wgsl" with {
  type: "text",
};
import sums from "../../../kernels/wgsl/sums.wgsl" with { type: "text" };
import tanh from "../../../kernels/wgsl/tanh.wgsl" with { type: "text" };
import tokenShift from "../../../kernels/wgsl/token_shift.wgsl" with {
  type: "text",
};
import valueResidual from "../../../kernels/wgsl/value_residual.wgsl" with {
  type: "text",
};
import vector from "../../../kernels/wgsl/vector.wgsl" with { type: "text" };
import wkv from "../../../kernels/wgsl/wkv.wgsl" with { type: "text" };
import wkv7 from "../../../kernels/wgsl/wkv7.wgsl" with { type: "text" };
import wkv7Input from "../../../kernels/wgsl/wkv7_input.wgsl" with {
  type: "text",
};
import wkv7Output from "../../../kernels/wgsl/wkv7_output.wgsl" with {
  type: "text",
};
import type { Size } from "../plan.ts";
import { type Kernel, parseSource, type SourceFile } from "./source.ts";

/** What every kernel starts with. */
export const COMMON: string = common;

/** The files by name, each after what stands before it. */
const TEXTS: Readonly<Record<string, string>> = {
  adamw,
  cross_entropy: crossEntropy,
  embedding,
  layer_norm: layerNorm,
  matmul_plain: matmulBlocks + matmulPlain,
  matmul_tiled: matmulBlocks + matmulTiled,
  matvec,
  residual,
  sample,
  sigmoid,
  sigmoid_gate: sigmoidGate,
  softmax_gate: softmaxGate,
  squared_relu: squaredRelu,
  sums,
  tanh,
  token_shift: tokenShift,
  value_residual: valueResidual,
  vector,
  wkv: alongTime + wkv,
  wkv7,
  wkv7_input: wkv7Input,
  wkv7_output: wkv7Output,
};

/** What the files hold; read when first asked for. */
export interface Sources {
  /** The files by name. */
  readonly files: Readonly<Record<string, SourceFile>>;
  /** Their kernels by name. */
  readonly kernels: ReadonlyMap<string, Kernel>;
}

let sources: Sources | undefined;

/** What the files hold. */
export function readSources(): Sources {
  if (sources === undefined) {
    const files = Object.fromEntries(
      Object.entries(TEXTS).map(([name, text]) => [name, parseSource(text)]),
    );
    const kernels = Object.values(files).flatMap(({ kernels }) => kernels);
    sources = {
      files,
      kernels: new Map(kernels.map((kernel) => [kernel.name, kernel])),
    };
  }
  return sources;
}

/** The kernels of an op, in the order in which they are called. */
export function kernelsOf(op: string): Kernel[] {
  for (const { ops } of Object.values(readSources().files)) {
    if (ops[op] !== undefined) return ops[op].map(kernelNamed);
  }
  return [kernelNamed(op)];
}

/** The size of a memory for use within an op; undefined when it is not one. */
export function scratchNamed(name: string): Size | undefined {
  return Object.values(readSources().files).find(({ scratch }) =>
    name in scratch
  )
    ?.scratch[name];
}

/**
 * A kernel.
 *
 * @throws {TypeError} When there is none of that name.
 */
export function kernelNamed(name: string): Kernel {
  const kernel = readSources().kernels.get(name);
  if (kernel === undefined) {
    throw new TypeError(`Cannot compute: there is no kernel ${name}`);
  }
  return kernel;
}
