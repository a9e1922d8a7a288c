/**
 * A trained RWKV-7 of two blocks that turns digits round, by the author of RWKV
 * (RWKV-LM, RWKV-v8/251105_reverse_run.py). It is no language model of ours:
 * no norm follows the embedding, a bias follows the head, and a vector is added
 * between the mixings of a block (what is left of a branch that was never
 * trained). So it is put together here from the same parts, under the names of
 * its own file.
 *
 * @module
 */

import type { Backend, Memory } from "../../lib/backend/backend.ts";
import { memorySource } from "../../lib/checkpoint/encoding/byte_source.ts";
import { readSafetensors } from "../../lib/checkpoint/formats/safetensors.ts";
import type { Mixing, Shared } from "../../lib/model/architecture.ts";
import { RWKVConfig } from "../../lib/model/config.ts";
import { constant } from "../../lib/model/initialize.ts";
import {
  LayerParameters,
  type Parameter,
  ParameterSet,
} from "../../lib/model/parameters.ts";
import { rwkv7 } from "../../lib/model/rwkv7.ts";
import { embedding } from "../../lib/ops/embedding.ts";
import { layerNorm } from "../../lib/ops/layer_norm.ts";
import { linear } from "../../lib/ops/linear.ts";
import { residual } from "../../lib/ops/residual.ts";
import { Tape } from "../../lib/tensor/tape.ts";
import type { Tensor } from "../../lib/tensor/tensor.ts";

/** Ids of the digits, the comma and the end. */
const VOCABULARY = 12;
const WIDTH = 32;

const CONFIG = new RWKVConfig({
  architecture: "rwkv7",
  vocabSize: VOCABULARY,
  dModel: WIDTH,
  nLayers: 2,
  dFfn: 128,
  headSize: 16,
  decayRank: 8,
  rateRank: 8,
  valueRank: 8,
  gateRank: 8,
});

interface Norm {
  readonly weight: Parameter;
  readonly bias: Parameter;
}

interface Block {
  readonly timeNorm: Norm;
  readonly timeMixing: Mixing;
  readonly between: Parameter;
  readonly channelNorm: Norm;
  readonly channelMixing: Mixing;
}

/** The model. */
export class ReverseModel {
  readonly #backend: Backend;
  readonly #parameters = new ParameterSet();
  readonly #embedding: Parameter;
  readonly #blocks: readonly Block[];
  readonly #norm: Norm;
  readonly #head: Norm;

  /** Declares and fills it. */
  constructor(file: Uint8Array, backend: Backend) {
    this.#backend = backend;
    const declare = (name: string, ...shape: number[]) =>
      this.#parameters.declare(name, shape, constant(0));
    const norm = (name: string, rows?: number): Norm => ({
      weight: rows === undefined
        ? declare(`${name}.weight`, WIDTH)
        : declare(`${name}.weight`, rows, WIDTH),
      bias: declare(`${name}.bias`, rows ?? WIDTH),
    });
    this.#embedding = declare("e.weight", VOCABULARY, WIDTH);
    this.#blocks = [0, 1].map((layer) => {
      const number = layer + 1, depth = { layer, layers: 2 };
      const layerOf = (name: string) =>
        new LayerParameters(this.#parameters, `${name}${number}`);
      return {
        timeNorm: norm(`ln${number}a`),
        timeMixing: rwkv7.timeMixing(layerOf("rwkv"), CONFIG, depth),
        between: declare(`rosa${number}.o.bias`, WIDTH),
        channelNorm: norm(`ln${number}b`),
        channelMixing: rwkv7.channelMixing(layerOf("ffn"), CONFIG, depth),
      };
    });
    this.#norm = norm("lno");
    this.#head = norm("o", VOCABULARY);
    this.#parameters.allocate(backend, { training: false });
    const { tensors } = readSafetensors(memorySource("reverse", file));
    for (const { name, data } of this.#parameters) {
      backend.write(data, tensors.get(name)!.read());
    }
  }

  /** The logits after each of some tokens, row by row. */
  async logits(tokens: readonly number[]): Promise<Float32Array[]> {
    const backend = this.#backend;
    const tape = new Tape(backend, { recording: false });
    const ids = backend.allocIndices(tokens.length);
    backend.writeIndices(ids, tokens);
    const shape = { batch: 1, time: tokens.length };
    let x = embedding(tape, this.#embedding, ids, shape);
    const shared: Shared = { ids };
    for (const block of this.#blocks) {
      const normal = layerNorm(tape, x, block.timeNorm);
      const { timeMixing, channelMixing } = block;
      x = residual(tape, x, timeMixing(tape, normal, undefined, shared));
      await this.#addToRows(x, block.between.data);
      const normal2 = layerNorm(tape, x, block.channelNorm);
      x = residual(tape, x, channelMixing(tape, normal2, undefined, shared));
    }
    const z = linear(tape, layerNorm(tape, x, this.#norm), this.#head.weight);
    await this.#addToRows(z, this.#head.bias.data);
    const values = await backend.read(z.data);
    return tokens.map((_, i) =>
      values.slice(i * VOCABULARY, (i + 1) * VOCABULARY)
    );
  }

  /** Adds a vector to every row, as no op of a language model does. */
  async #addToRows({ data }: Tensor, vector: Memory): Promise<void> {
    const values = await this.#backend.read(data);
    const added = await this.#backend.read(vector);
    this.#backend.write(
      data,
      values.map((value, i) => value + added[i % added.length]),
    );
  }
}
