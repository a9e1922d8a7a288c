/**
 * Official RWKV-4 and RWKV-7 weights: which of the two they are, their sizes,
 * and which tensor is which parameter. All of it shows in names and shapes.
 *
 * @module
 */

import { RWKVConfig, type RWKVFields } from "../../config.ts";
import { declaredShapes } from "../../model/rwkv.ts";
import {
  type FileTensor,
  type FileTensors,
  matchTensors,
} from "../encoding/tensor_file.ts";

/** Official weights and what they were found to be. */
export interface OfficialWeights {
  /** The model's shape. */
  readonly config: RWKVConfig;
  /** Each parameter's tensor; shapes may differ in extents of 1. */
  readonly tensors: ReadonlyMap<string, FileTensor>;
  /** What was left out, a sentence each. */
  readonly notes: readonly string[];
}

/** Tokens of a window where nothing says how many. */
export const DEFAULT_WINDOW = 1024;

/** What RWKV-7's first block has in some files and never uses. */
const UNUSED = ["blocks.0.att.v0", "blocks.0.att.v1", "blocks.0.att.v2"];

/**
 * Finds out what weights are.
 *
 * @param tensors By their official names.
 * @param options `maxSeqLen`, which they do not say.
 * @throws {SyntaxError} When they are not RWKV-4 or RWKV-7, or one is missing,
 * of another shape, or too many; the message is the reason alone.
 * @throws {RangeError} When their sizes cannot be.
 */
export function recognise(
  tensors: FileTensors,
  { maxSeqLen = DEFAULT_WINDOW }: { readonly maxSeqLen?: number } = {},
): OfficialWeights {
  const architecture = familyOf(tensors);
  const [vocabSize, dModel] = matrixOf(tensors, "emb.weight");
  const [dFfn] = matrixOf(tensors, "blocks.0.ffn.key.weight");
  let nLayers = 1;
  while (tensors.has(`blocks.${nLayers}.ln1.weight`)) nLayers++;
  const config = new RWKVConfig({
    architecture,
    vocabSize,
    dModel,
    nLayers,
    dFfn,
    maxSeqLen,
    dropout: 0,
    ...(architecture === "rwkv7" ? headsAndRanks(tensors) : {}),
  });
  const rest = new Map(tensors);
  const unused = architecture === "rwkv7"
    ? UNUSED.filter((name) => rest.delete(name))
    : [];
  return {
    config,
    tensors: matchTensors(rest, declaredShapes(config), {
      architecture,
      withoutOnes: true,
    }),
    notes: unused.length === 0
      ? []
      : [`Left out, since RWKV-7 never uses them: ${unused.join(", ")}`],
  };
}

function familyOf(tensors: FileTensors): "rwkv4" | "rwkv7" {
  const has = (name: string) => tensors.has(`blocks.0.att.${name}`);
  if (has("r_k")) return "rwkv7";
  if (has("time_maa_x")) {
    throw new SyntaxError("it is an RWKV-6; RWKV-4 and RWKV-7 can be used");
  }
  if (has("ln_x.weight") && has("time_decay")) {
    throw new SyntaxError("it is an RWKV-5; RWKV-4 and RWKV-7 can be used");
  }
  if (has("time_first")) return "rwkv4";
  throw new SyntaxError(
    "it is no RWKV-4 or RWKV-7: it has neither blocks.0.att.time_first nor " +
      "blocks.0.att.r_k",
  );
}

/** A head's size shows in the bonus, each rank in the branch's first matrix. */
function headsAndRanks(tensors: FileTensors): Partial<RWKVFields> {
  const rank = (name: string) => matrixOf(tensors, name)[1];
  return {
    headSize: rank("blocks.0.att.r_k"),
    decayRank: rank("blocks.0.att.w1"),
    rateRank: rank("blocks.0.att.a1"),
    gateRank: rank("blocks.0.att.g1"),
    // The first block has none.
    valueRank: tensors.has("blocks.1.att.v1")
      ? rank("blocks.1.att.v1")
      : undefined,
  };
}

function matrixOf(
  tensors: FileTensors,
  name: string,
): [rows: number, columns: number] {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new SyntaxError(`${name} is missing`);
  const [rows, columns, ...more] = tensor.shape;
  if (columns === undefined || more.length > 0) {
    throw new SyntaxError(`${name} is no matrix: [${tensor.shape.join(", ")}]`);
  }
  return [rows, columns];
}
