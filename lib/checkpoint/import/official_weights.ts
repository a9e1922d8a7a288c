/**
 * Official weights: of which architecture they are, their sizes, and which
 * tensor is which parameter. All of it shows in names and shapes.
 *
 * @module
 */

import { architectureOf, ARCHITECTURES } from "../../model/architecture.ts";
import { RWKVConfig } from "../../model/config.ts";
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

/** Weights of RWKV-5, which is official and not known here. */
const RWKV5_MARKS = ["blocks.0.att.ln_x.weight", "blocks.0.att.time_decay"];

/**
 * Finds out what weights are.
 *
 * @param tensors By their official names.
 * @param options `maxSeqLen`, which they do not say.
 * @throws {SyntaxError} When they are of no architecture that is known here, or
 * one is missing, of another shape, or too many; the message is the reason
 * alone.
 * @throws {RangeError} When their sizes cannot be.
 */
export function recognise(
  tensors: FileTensors,
  { maxSeqLen = DEFAULT_WINDOW }: { readonly maxSeqLen?: number } = {},
): OfficialWeights {
  const { architecture, title, official } = familyOf(tensors);
  const matrix = (name: string) => matrixOf(tensors, name);
  const [vocabSize, dModel] = matrix("emb.weight");
  const [dFfn] = matrix("blocks.0.ffn.key.weight");
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
    ...official.fieldsOf?.({ has: (name) => tensors.has(name), matrix }),
  });
  const rest = new Map(tensors);
  const unused = official.unused.filter((name) => rest.delete(name));
  return {
    config,
    tensors: matchTensors(rest, declaredShapes(config), {
      architecture,
      withoutOnes: true,
    }),
    notes: unused.length === 0
      ? []
      : [`Left out, since ${title} never uses them: ${unused.join(", ")}`],
  };
}

function familyOf(tensors: FileTensors) {
  const known = ARCHITECTURES.flatMap((architecture) => {
    const { title, official } = architectureOf({ architecture });
    return official ? [{ architecture, title, official }] : [];
  });
  const titles = known.map(({ title }) => title);
  const found = known.find(({ official }) => tensors.has(official.mark));
  if (found !== undefined) return found;
  if (RWKV5_MARKS.every((name) => tensors.has(name))) {
    throw new SyntaxError(
      `it is an RWKV-5; ${titles.join(" and ")} can be used`,
    );
  }
  const [first] = tensors.keys();
  throw new SyntaxError(
    `it is no ${titles.join(" or ")}: it has neither ` +
      known.map(({ official }) => official.mark).join(" nor ") +
      (first === undefined ? "" : `; its first tensor is ${first}`),
  );
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
