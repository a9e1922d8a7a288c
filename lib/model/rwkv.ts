/**
 * The model: embedding, blocks, head. Which block is the architecture's matter;
 * everything around it is the same for all.
 *
 * @module
 */

import type { Backend, Indices, Memory } from "../backend/backend.ts";
import { crossEntropyHead } from "../ops/cross_entropy_head.ts";
import { embedding } from "../ops/embedding.ts";
import { layerNorm } from "../ops/layer_norm.ts";
import { linear } from "../ops/linear.ts";
import { NO_DROPOUT, residual } from "../ops/residual.ts";
import { softCap } from "../ops/soft_cap.ts";
import { hashKey } from "../random.ts";
import type { Tape } from "../tensor/tape.ts";
import type { PackedFormat, PackedMatrix } from "../tensor/packed.ts";
import { sequenceOf, type Tensor } from "../tensor/tensor.ts";
import {
  type AdapterShape,
  adapterTensors,
  baseOf,
  LORA_A,
  LORA_B,
  weightsOfParts,
} from "./adapter.ts";
import {
  architectureOf,
  type MixingDeclaration,
  type Shared,
} from "./architecture.ts";
import type { RWKVConfig } from "./config.ts";
import { constant, uniform } from "./initialize.ts";
import type { Shapes } from "./foreign.ts";
import {
  LayerParameters,
  type Norm,
  type Parameter,
  ParameterSet,
} from "./parameters.ts";
import { type BlockPass, RWKVState } from "./state.ts";

/** One run of a model over a batch of tokens. */
export interface ForwardOptions {
  /** Independent sequences. */
  readonly batch: number;
  /** Tokens in each. */
  readonly time: number;
  /**
   * Goes on from here, and is advanced. In training gradients end here, but for
   * those of the attention's state where the state has `gradients`.
   */
  readonly state?: RWKVState;
  /** Training: the key of this pass's dropout. Absent: nothing is dropped. */
  readonly dropoutKey?: number;
  /**
   * Training: keep only what each block puts out, and run it once more on the
   * way back. Takes much less memory, some time, and changes no bit.
   */
  readonly recompute?: boolean;
}

/** What of a model is trained. */
export interface TrainedParts {
  /** An adapter beside the model, which stays as it is. */
  readonly adapter?: AdapterShape;
  /** Parts of the model that stay as they are, as `weightsOfParts()` names them. */
  readonly frozen?: readonly string[];
}

/**
 * A language model.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../backend/reference/reference_backend.ts";
 * import { RWKVConfig } from "./config.ts";
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

  /** The adapter that is trained beside it, if one is. */
  readonly adapter?: AdapterShape;

  readonly #layers: Layers;
  /** The tensors of the adapter. */
  readonly #adapterParameters: ReadonlyMap<string, Parameter> = new Map();
  /** What time mixing of each block remembers before any token. */
  #start: readonly Float32Array[];
  #hasStart = false;

  /**
   * Reserves the memory of a model; every weight is zero until
   * {@linkcode RWKV.initialize} or a checkpoint fills it.
   *
   * @param config Its shape.
   * @param backend Where it lives.
   * @param options `training: true` to reserve gradients too, of all or of the
   * parts named; `formats`: which weights are packed, and how, and `present`:
   * which have memory already, where there is no training.
   * @throws {RangeError} When parts are named that it does not have.
   */
  constructor(
    config: RWKVConfig,
    backend: Backend,
    { training = false, adapter, frozen = [], formats, present }:
      & TrainedParts
      & {
        training?: boolean;
        formats?: ReadonlyMap<string, PackedFormat>;
        present?: ReadonlyMap<string, Memory | PackedMatrix>;
      } = {},
  ) {
    this.config = config;
    this.backend = backend;
    this.#layers = declareLayers(this.parameters, config);
    const own = [...this.parameters];
    const shapes = new Map(own.map(({ name, shape }) => [name, shape]));
    let isTrained: ((parameter: Parameter) => boolean) | undefined;
    if (adapter !== undefined) {
      this.adapter = adapter;
      const made = declareAdapter(this.parameters, config, shapes, adapter);
      this.#adapterParameters = made;
      isTrained = ({ name }) => made.has(name);
    } else if (frozen.length > 0) {
      const still = weightsOfParts(shapes, frozen);
      if (still.size === own.length) {
        throw new RangeError("Cannot train a model all of which is frozen");
      }
      isTrained = ({ name }) => !still.has(name);
    }
    this.parameters.allocate(backend, {
      training,
      isTrained,
      ...!training && { formats, present },
    });
    const empty = architectureOf(config).emptyState(config);
    this.#start = Array.from({ length: config.nLayers }, () => empty);
  }

  /**
   * Gives every weight its first value, by the architecture's rules; or only
   * those of the adapter that is trained beside them.
   */
  initialize(seed: number): void {
    const { adapter, adapterParameters } = this;
    this.parameters.initialize(
      seed,
      adapter === undefined ? undefined : adapterParameters,
    );
  }

  /** The number of weights, those of an adapter left out. */
  numParameters(): number {
    return this.ownParameters.reduce((sum, { length }) => sum + length, 0);
  }

  /** The parameters of the model itself. */
  get ownParameters(): readonly Parameter[] {
    const adapter = this.#adapterParameters;
    return [...this.parameters].filter(({ name }) => !adapter.has(name));
  }

  /** Those of the adapter that is trained beside it; none where none is. */
  get adapterParameters(): readonly Parameter[] {
    return [...this.#adapterParameters.values()];
  }

  /**
   * The state before any token.
   *
   * @param batch Independent sequences.
   * @param options `gradients: true` to learn it: see `RWKVState.gradients`.
   */
  newState(
    batch: number,
    { gradients }: { readonly gradients?: boolean } = {},
  ): RWKVState {
    const { dModel: width } = this.config;
    const empty = () => this.#start;
    return new RWKVState(this.backend, { batch, width, empty, gradients });
  }

  /** Whether texts begin with what was learnt rather than with nothing. */
  get hasStart(): boolean {
    return this.#hasStart;
  }

  /**
   * Lets every text begin with what time mixing is to remember, as an adapter
   * of kind `state` has it. States that there are already do so when they are
   * reset.
   *
   * @param states By the names of `adapterTensors()`, in the order of blocks.
   */
  startFrom(states: ReadonlyMap<string, Float32Array>): void {
    this.#start = [...states.values()];
    this.#hasStart = true;
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
    const { blocks, embeddingNorm, outputNorm } = this.#layers;
    let x = embedding(tape, this.#layers.embedding, ids, { batch, time });
    if (embeddingNorm) x = layerNorm(tape, x, embeddingNorm);
    const shared: Shared = { ids };
    const passes = state?.pass(tape);
    for (const [layer, block] of blocks.entries()) {
      const own = passes?.[layer], input = x;
      const run = () => block(tape, input, { state: own, dropoutKey, shared });
      // Later blocks look back to the first one's values, which must stay.
      const forgets = layer > 0 && (recompute || !tape.recording);
      x = forgets ? tape.recompute(run) : run();
    }
    return layerNorm(tape, x, outputNorm);
  }

  /**
   * Adds scale · Σ cross-entropy to `loss`, and the gradients when recording.
   * With `weights`, one a target, each is multiplied by its own; `each` is given
   * that of every token, unscaled.
   */
  loss(
    tape: Tape,
    hidden: Tensor,
    targets: Indices,
    into: { scale: number; loss: Memory; each?: Memory; weights?: Memory },
  ): void {
    const { logitSoftCap: cap } = this.config;
    const options = { ...into, cap };
    crossEntropyHead(tape, hidden, this.#layers.head, targets, options);
  }

  /** (batch, 1, vocabulary): what may follow each sequence, unnormalised. */
  logits(tape: Tape, hidden: Tensor): Tensor {
    const shape = sequenceOf(hidden);
    const last = tape.tensor(shape.batch, 1, shape.width);
    this.backend.run("lastToken", { state: last.data, x: hidden.data }, shape);
    const logits = linear(tape, last, this.#layers.head);
    softCap(tape, logits, this.config.logitSoftCap);
    return logits;
  }
}

/** What a model is made of. */
interface Layers {
  readonly embedding: Parameter;
  readonly embeddingNorm?: Norm;
  readonly blocks: readonly Block[];
  readonly outputNorm: Norm;
  readonly head: Parameter;
}

/** Declares the parameters of a model, in the order of its files. */
function declareLayers(parameters: ParameterSet, config: RWKVConfig): Layers {
  const { vocabSize: v, dModel: d } = config;
  const architecture = architectureOf(config), { names } = architecture;
  const embedding = parameters.declare(
    `${names.embedding}.weight`,
    [v, d],
    architecture.embedding,
    { kind: "embedding" },
  );
  const embeddingNorm = architecture.hasEmbeddingNorm(config)
    ? declareNorm(parameters, names.embeddingNorm, config)
    : undefined;
  const blocks = Array.from(
    { length: config.nLayers },
    (_, layer) => declareBlock(parameters, config, layer),
  );
  const outputNorm = declareNorm(parameters, "ln_out", config);
  const head = parameters.declare(
    "head.weight",
    [v, d],
    architecture.head(config),
    { kind: "head" },
  );
  return { embedding, embeddingNorm, blocks, outputNorm, head };
}

/**
 * Declares what is learnt beside a model. A LoRA begins as RWKV-PEFT has it: A
 * uniform, B zero, so that at first nothing is added.
 */
function declareAdapter(
  parameters: ParameterSet,
  config: RWKVConfig,
  shapes: Shapes,
  adapter: AdapterShape,
): Map<string, Parameter> {
  const made = new Map<string, Parameter>();
  for (const [name, shape] of adapterTensors(config, shapes, adapter)) {
    const first = name.endsWith(LORA_A)
      ? uniform(1 / Math.sqrt(shape[1]))
      : constant(0);
    const group = { decays: adapter.kind === "lora", kind: "lowRank" } as const;
    made.set(name, parameters.declare(name, shape, first, group));
  }
  if (adapter.kind !== "lora") return made;
  const { rank, alpha } = adapter;
  const scale = alpha === rank
    ? undefined
    : parameters.diagonal(alpha / rank, rank);
  for (const parameter of parameters) {
    if (!parameter.name.endsWith(".weight")) continue;
    const base = baseOf(parameter.name);
    const a = made.get(base + LORA_A), b = made.get(base + LORA_B);
    if (a !== undefined && b !== undefined) parameter.lora = { a, b, scale };
  }
  return made;
}

/** (batch, time, d) to the same. */
type Block = (
  tape: Tape,
  x: Tensor,
  pass: { state?: BlockPass; dropoutKey?: number; shared: Shared },
) => Tensor;

/** x + TimeMix(LN(x)), then x + ChannelMix(LN(x)). */
function declareBlock(
  parameters: ParameterSet,
  config: RWKVConfig,
  layer: number,
): Block {
  const { names, timeMixing, channelMixing } = architectureOf(config);
  const depth = { layer, layers: config.nLayers };
  const declared = (mixing: MixingDeclaration, part: string) =>
    mixing(
      new LayerParameters(parameters, `blocks.${layer}.${part}`),
      config,
      depth,
    );
  const norm1 = declareNorm(parameters, `blocks.${layer}.ln1`, config);
  const mixTime = declared(timeMixing, names.timeMixing);
  const norm2 = declareNorm(parameters, `blocks.${layer}.ln2`, config);
  const mixChannels = declared(channelMixing, names.channelMixing);
  return (tape, x, { state, dropoutKey, shared }) => {
    const dropout = (branch: number) =>
      dropoutKey === undefined
        ? NO_DROPOUT
        : { rate: config.dropout, key: hashKey(dropoutKey, layer, branch) };
    const normal1 = layerNorm(tape, x, norm1);
    const mixed1 = mixTime(tape, normal1, state?.time, shared);
    x = residual(tape, x, mixed1, dropout(0));
    const normal2 = layerNorm(tape, x, norm2);
    const mixed2 = mixChannels(tape, normal2, state?.channel, shared);
    return residual(tape, x, mixed2, dropout(1));
  };
}

/**
 * The names and shapes of the parameters that a configuration asks for, in
 * their order. No memory is reserved: it may come from a file that is yet to be
 * trusted.
 *
 * @param config A model's shape.
 *
 * @example
 * ```ts
 * import { RWKVConfig } from "./config.ts";
 * import { declaredShapes } from "./rwkv.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const shapes = declaredShapes(new RWKVConfig({ dModel: 8, dFfn: 16 }));
 * assertEquals(shapes.get("blocks.0.ffn.key.weight"), [16, 8]);
 * ```
 */
export function declaredShapes(
  config: RWKVConfig,
): Map<string, readonly number[]> {
  return new Map(
    [...declaredParameters(config)].map(({ name, shape }) => [name, shape]),
  );
}

/** The parameters that a configuration asks for, without memory. */
export function declaredParameters(config: RWKVConfig): ParameterSet {
  const parameters = new ParameterSet();
  declareLayers(parameters, config);
  return parameters;
}

/**
 * The weights (outputs, inputs) of linear maps: those that may be packed.
 *
 * @param config A model's shape.
 */
export function productWeights(config: RWKVConfig): string[] {
  const parameters = new ParameterSet();
  declareLayers(parameters, config);
  return [...parameters].filter(({ kind }) =>
    kind === "matrix" || kind === "head"
  ).map(({ name }) => name);
}

/** LayerNorm's parameters, named as in the architecture's own files. */
function declareNorm(
  parameters: ParameterSet,
  name: string,
  config: RWKVConfig,
): Norm {
  const { names, normsDecay } = architectureOf(config);
  const vector = (part: string, value: number) =>
    parameters.declare(
      `${name}.${part}`,
      [config.dModel],
      constant(value),
      { decays: normsDecay },
    );
  return {
    weight: vector(names.normScale, 1),
    bias: vector(names.normShift, 0),
  };
}
