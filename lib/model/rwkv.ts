/**
 * The model: embedding, blocks, head. Which block is the architecture's matter;
 * everything around it is the same for all.
 *
 * @module
 */

import type { Backend, Indices, Memory } from "../backend/backend.ts";
import type { RWKVConfig } from "../config.ts";
import { crossEntropyHead } from "../ops/cross_entropy_head.ts";
import { embedding } from "../ops/embedding.ts";
import { layerNorm } from "../ops/layer_norm.ts";
import { linear } from "../ops/linear.ts";
import { NO_DROPOUT, residual } from "../ops/residual.ts";
import { hashKey } from "../random.ts";
import type { Tape } from "../tensor/tape.ts";
import { sequenceOf, type Tensor } from "../tensor/tensor.ts";
import { ChannelMixing, TimeMixing } from "./classic.ts";
import { constant, normal, orthogonal, uniform } from "./initialize.ts";
import { type Parameter, ParameterSet } from "./parameters.ts";
import { type Depth, Rwkv4ChannelMixing, Rwkv4TimeMixing } from "./rwkv4.ts";
import { Rwkv7ChannelMixing, Rwkv7TimeMixing, type Shared } from "./rwkv7.ts";
import { type BlockState, type MixingState, RWKVState } from "./state.ts";

/** Embeddings start this small; the LayerNorm after them scales them. */
const EMBEDDING_BOUNDS = {
  rwkv4: 6e-4, // official: the initial learning rate
  rwkv7: 1e-4,
} as const;

/** What a block is made of. */
interface Mixing {
  forward(
    tape: Tape,
    x: Tensor,
    state: MixingState | undefined,
    shared: Shared,
  ): Tensor;
}

/** One run of a model over a batch of tokens. */
export interface ForwardOptions {
  /** Independent sequences. */
  readonly batch: number;
  /** Tokens in each. */
  readonly time: number;
  /** Goes on from here, and is advanced; inference only. */
  readonly state?: RWKVState;
  /** Training: the key of this pass's dropout. Absent: nothing is dropped. */
  readonly dropoutKey?: number;
  /**
   * Training: keep only what each block puts out, and run it once more on the
   * way back. Takes much less memory, some time, and changes no bit.
   */
  readonly recompute?: boolean;
}

/** x + TimeMix(LN(x)), then x + ChannelMix(LN(x)). */
export class RWKVBlock {
  readonly #timeNorm: { weight: Parameter; bias: Parameter };
  readonly #timeMixing: Mixing;
  readonly #channelNorm: { weight: Parameter; bias: Parameter };
  readonly #channelMixing: Mixing;
  readonly #rate: number;
  readonly #layer: number;

  /** Declares the parameters of block number `layer`. */
  constructor(parameters: ParameterSet, config: RWKVConfig, layer: number) {
    const name = `blocks.${layer}`;
    const depth = { layer, layers: config.nLayers };
    this.#rate = config.dropout;
    this.#layer = layer;
    this.#timeNorm = declareNorm(parameters, `${name}.ln1`, config);
    this.#timeMixing = timeMixing(parameters, name, config, depth);
    this.#channelNorm = declareNorm(parameters, `${name}.ln2`, config);
    this.#channelMixing = channelMixing(parameters, name, config, depth);
  }

  /** (batch, time, d) to the same. */
  forward(
    tape: Tape,
    x: Tensor,
    { state, dropoutKey, shared }: {
      state?: BlockState;
      dropoutKey?: number;
      shared: Shared;
    },
  ): Tensor {
    const dropout = (branch: number) =>
      dropoutKey === undefined
        ? NO_DROPOUT
        : { rate: this.#rate, key: hashKey(dropoutKey, this.#layer, branch) };
    const normal = layerNorm(tape, x, this.#timeNorm);
    const mixed = this.#timeMixing.forward(
      tape,
      normal,
      state?.time,
      shared,
    );
    x = residual(tape, x, mixed, dropout(0));
    const normal2 = layerNorm(tape, x, this.#channelNorm);
    const mixed2 = this.#channelMixing.forward(
      tape,
      normal2,
      state?.channel,
      shared,
    );
    return residual(tape, x, mixed2, dropout(1));
  }
}

function timeMixing(
  parameters: ParameterSet,
  name: string,
  config: RWKVConfig,
  depth: Depth,
): Mixing {
  switch (config.architecture) {
    case "classic":
      return new TimeMixing(parameters, `${name}.time_mixing`, config);
    case "rwkv4":
      return new Rwkv4TimeMixing(parameters, `${name}.att`, config, depth);
    case "rwkv7":
      return new Rwkv7TimeMixing(parameters, `${name}.att`, config, depth);
  }
}

function channelMixing(
  parameters: ParameterSet,
  name: string,
  config: RWKVConfig,
  depth: Depth,
): Mixing {
  switch (config.architecture) {
    case "classic":
      return new ChannelMixing(parameters, `${name}.channel_mixing`, config);
    case "rwkv4":
      return new Rwkv4ChannelMixing(parameters, `${name}.ffn`, config, depth);
    case "rwkv7":
      return new Rwkv7ChannelMixing(parameters, `${name}.ffn`, config, depth);
  }
}

/**
 * A language model.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../backend/reference.ts";
 * import { RWKVConfig } from "../config.ts";
 * import { Tape } from "../tensor/tape.ts";
 * import { RWKV } from "./rwkv.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const backend = new ReferenceBackend();
 * const config = new RWKVConfig({ vocabSize: 10, dModel: 8, dFfn: 16 });
 * const model = new RWKV(config, backend);
 * model.initialize(42);
 * const ids = backend.allocIndices(3);
 * backend.writeIndices(ids, [1, 2, 3]);
 * const tape = new Tape(backend, { recording: false });
 * const hidden = model.forward(tape, ids, { batch: 1, time: 3 });
 * assertEquals(model.logits(tape, hidden).shape, [1, 1, 10]);
 * ```
 */
export class RWKV {
  /** Its shape. */
  readonly config: RWKVConfig;
  /** Where it lives. */
  readonly backend: Backend;
  /** Its weights. */
  readonly parameters: ParameterSet = new ParameterSet();

  readonly #embedding: Parameter;
  readonly #embeddingNorm?: { weight: Parameter; bias: Parameter };
  readonly #blocks: RWKVBlock[] = [];
  readonly #outputNorm: { weight: Parameter; bias: Parameter };
  readonly #head: Parameter;

  /**
   * Reserves the memory of a model; every weight is zero until
   * {@linkcode RWKV.initialize} or a checkpoint fills it.
   *
   * @param config Its shape.
   * @param backend Where it lives.
   * @param options `training: true` to reserve gradients too.
   */
  constructor(
    config: RWKVConfig,
    backend: Backend,
    { training = false }: { training?: boolean } = {},
  ) {
    this.config = config;
    this.backend = backend;
    const { architecture, vocabSize: v, dModel: d } = config;
    const classic = architecture === "classic";
    const { parameters } = this;
    this.#embedding = parameters.declare(
      classic ? "embedding.weight" : "emb.weight",
      [v, d],
      classic ? normal(1) : uniform(EMBEDDING_BOUNDS[architecture]),
    );
    if (!classic || config.embeddingNorm) {
      const name = classic ? "ln_pre" : "blocks.0.ln0";
      this.#embeddingNorm = declareNorm(parameters, name, config);
    }
    for (let layer = 0; layer < config.nLayers; layer++) {
      this.#blocks.push(new RWKVBlock(parameters, config, layer));
    }
    this.#outputNorm = declareNorm(parameters, "ln_out", config);
    this.#head = parameters.declare(
      "head.weight",
      [v, d],
      classic
        ? uniform(1 / Math.sqrt(d))
        : orthogonal(0.5 * Math.sqrt(Math.max(1, v / d))),
    );
    parameters.allocate(backend, { training });
  }

  /** Gives every weight its first value, by the architecture's rules. */
  initialize(seed: number): void {
    this.parameters.initialize(seed);
  }

  /** The number of weights. */
  numParameters(): number {
    return this.parameters.count;
  }

  /** The state before any token. */
  newState(batch: number): RWKVState {
    return new RWKVState(this.backend, this.config, batch);
  }

  /**
   * Tokens to final hidden states.
   *
   * @param ids batch · time token ids.
   * @returns (batch, time, d), after the last LayerNorm.
   */
  forward(
    tape: Tape,
    ids: Indices,
    { batch, time, state, dropoutKey, recompute = false }: ForwardOptions,
  ): Tensor {
    let x = embedding(tape, this.#embedding, ids, { batch, time });
    if (this.#embeddingNorm) x = layerNorm(tape, x, this.#embeddingNorm);
    const shared: Shared = {};
    for (const [layer, block] of this.#blocks.entries()) {
      const own = state?.blocks[layer], input = x;
      const run = () =>
        block.forward(tape, input, { state: own, dropoutKey, shared });
      // The others look back to the first block's values.
      const forgets = layer > 0 && (recompute || !tape.recording);
      x = forgets ? tape.recompute(run) : run();
    }
    return layerNorm(tape, x, this.#outputNorm);
  }

  /** Adds scale · Σ cross-entropy to `loss`, and the gradients when recording. */
  loss(
    tape: Tape,
    hidden: Tensor,
    targets: Indices,
    { scale, loss }: { scale: number; loss: Memory },
  ): void {
    crossEntropyHead(tape, hidden, this.#head, targets, { scale, loss });
  }

  /** (batch, 1, vocabulary): what may follow each sequence, unnormalised. */
  logits(tape: Tape, hidden: Tensor): Tensor {
    const shape = sequenceOf(hidden);
    const last = tape.tensor(shape.batch, 1, shape.width);
    this.backend.run("lastToken", { state: last.data, x: hidden.data }, shape);
    return linear(tape, last, this.#head);
  }
}

/** LayerNorm's parameters, named as in the architecture's own files. */
function declareNorm(
  parameters: ParameterSet,
  name: string,
  { architecture, dModel }: RWKVConfig,
): { weight: Parameter; bias: Parameter } {
  const classic = architecture === "classic";
  // The Rust program decays everything; the official models matrices only.
  const group = { decays: classic };
  return {
    weight: parameters.declare(
      `${name}.${classic ? "gamma" : "weight"}`,
      [dModel],
      constant(1),
      group,
    ),
    bias: parameters.declare(
      `${name}.${classic ? "beta" : "bias"}`,
      [dModel],
      constant(0),
      group,
    ),
  };
}
