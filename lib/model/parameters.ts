/**
 * The parameters of a model: declared by name and shape, then laid out in one
 * flat memory so that clipping and AdamW are one pass over it.
 *
 * @module
 */

import type { Backend, Memory } from "../backend/backend.ts";
import { hashKey, Random } from "../random.ts";
import {
  allocatePacked,
  isPacked,
  type PackedFormat,
  type PackedMatrix,
} from "../tensor/packed.ts";
import {
  type Lora,
  type Operand,
  sizeOf,
  type Tensor,
  type Weight,
} from "../tensor/tensor.ts";
import type { Initializer } from "./initialize.ts";

/** Slices start at a multiple of this many values (256 bytes). */
const ALIGNMENT = 64;

/** How the optimiser treats a parameter. */
export interface OptimizerGroup {
  /** Multiplies the learning rate. */
  readonly learningRateScale: number;
  /** Whether weight decay applies. */
  readonly decays: boolean;
}

/**
 * What a parameter is to the optimiser: `matrix` a projection of a block, `lowRank`
 * a factor of one, `vector` all else of a block, and the norms.
 */
export type ParameterKind =
  | "embedding"
  | "head"
  | "matrix"
  | "lowRank"
  | "vector";

/** A trainable tensor with a name. */
export class Parameter implements Weight {
  /** What is learnt beside it, where something is. */
  lora?: Lora;
  #data?: Memory;
  #grad?: Memory;
  /** Reserves a gradient that nobody reads. */
  #unread?: () => Memory;
  #packed?: PackedMatrix;

  /** Made by {@linkcode ParameterSet.declare}. */
  constructor(
    /** Dotted path, as in the architecture's own files. */
    readonly name: string,
    readonly shape: readonly number[],
    /** Fills its first values. */
    readonly initialize: Initializer,
    /** How the optimiser treats it. */
    readonly group: OptimizerGroup,
    /** What it is. */
    readonly kind: ParameterKind,
  ) {}

  /** How many values it holds. */
  get length(): number {
    return sizeOf(this.shape);
  }

  get data(): Memory {
    return this.#data ?? this.#missing("values");
  }

  get grad(): Memory {
    return this.#grad ??= this.#unread?.() ?? this.#missing("a gradient");
  }

  get isFrozen(): boolean {
    return this.#unread !== undefined;
  }

  /** Its values where they are packed; it has no `data` then. */
  get packed(): PackedMatrix | undefined {
    return this.#packed;
  }

  /** Says where its packed values live. */
  bindPacked(packed: PackedMatrix): void {
    this.#packed = packed;
  }

  /** Says where its values, and in training its gradient, live. */
  bind(data: Memory, grad: Memory | undefined): void {
    this.#data = data;
    this.#grad = grad;
  }

  /**
   * Says that training leaves it as it is.
   *
   * @param unread Reserves a gradient, for an op that cannot do without.
   */
  freeze(unread: () => Memory): void {
    this.#unread = unread;
  }

  #missing(what: string): never {
    throw new TypeError(`Cannot use ${this.name}: it was not given ${what}`);
  }
}

/** What a norm multiplies by and adds. */
export type Norm = Readonly<Record<"weight" | "bias", Parameter>>;

/** A stretch of the flat memory of the same rate and decay. */
export interface FlatGroup extends OptimizerGroup {
  /** The values. */
  readonly data: Memory;
  /** Their gradients. */
  readonly grad: Memory;
  /** Where the stretch starts in the flat memory. */
  readonly start: number;
  /** Which parameters stand there, one after the other. */
  readonly members: readonly Parameter[];
}

interface Constant {
  readonly length: number;
  /** Writes its values, where it has been given memory. */
  readonly fill: (backend: Backend, memory: Memory) => void;
  memory?: Memory;
}

/** All parameters of a model. */
export class ParameterSet {
  readonly #parameters: Parameter[] = [];
  readonly #constants: Constant[] = [];
  readonly #starts = new Map<Parameter, number>();
  readonly #groups: FlatGroup[] = [];
  #backend?: Backend;
  #trainedLength = 0;

  /** Adds a parameter; it gets memory with {@linkcode ParameterSet.allocate}. */
  declare(
    name: string,
    shape: readonly number[],
    initialize: Initializer,
    { kind = "vector", ...group }: Partial<OptimizerGroup> & {
      readonly kind?: ParameterKind;
    } = {},
  ): Parameter {
    const treated = { learningRateScale: 1, decays: true, ...group };
    const parameter = new Parameter(name, shape, initialize, treated, kind);
    this.#parameters.push(parameter);
    return parameter;
  }

  /** A vector that stays as it is. */
  constant(value: number, length: number): Operand {
    return this.#constant([length], (backend, out) => {
      backend.run("fill", { out }, { value });
    });
  }

  /** A matrix that stays as it is: a value on its diagonal, else zeros. */
  diagonal(value: number, size: number): Tensor {
    const values = new Float32Array(size * size);
    for (let i = 0; i < size; i++) values[i * (size + 1)] = value;
    const matrix = this.#constant(
      [size, size],
      (backend, memory) => backend.write(memory, values),
    );
    return {
      shape: matrix.shape,
      get data() {
        return matrix.data;
      },
      get grad(): Memory {
        throw new TypeError("Cannot use a constant: it has no gradient");
      },
      isFrozen: true,
    };
  }

  #constant(shape: readonly number[], fill: Constant["fill"]): Operand {
    const constant: Constant = { length: sizeOf(shape), fill };
    this.#constants.push(constant);
    return {
      shape,
      get data() {
        if (constant.memory !== undefined) return constant.memory;
        throw new TypeError("Cannot use a constant: it was not given memory");
      },
    };
  }

  /** The parameters in the order they were declared. */
  [Symbol.iterator](): Iterator<Parameter> {
    return this.#parameters[Symbol.iterator]();
  }

  /** How many values all of them hold. */
  get count(): number {
    return this.#parameters.reduce((sum, { length }) => sum + length, 0);
  }

  /** The length of the flat memory, gaps included. */
  get flatLength(): number {
    return lengthOf(this.#parameters);
  }

  /** The length of the part of it that is trained, which comes first. */
  get trainedLength(): number {
    return this.#trainedLength;
  }

  /** The stretches that one optimiser call each can update. */
  get groups(): readonly FlatGroup[] {
    return this.#groups;
  }

  /** Where a parameter starts in the flat memory. */
  startOf(parameter: Parameter): number {
    return this.#starts.get(parameter)!;
  }

  /**
   * Lays the parameters out, group by group; the values are zero.
   *
   * @param backend Where they live.
   * @param options `training`: whether to reserve gradients as well, of those
   * that `isTrained`, all unless given; `formats`: which are packed, and how, and
   * `present`: which have memory already, for inference.
   */
  allocate(
    backend: Backend,
    { training, isTrained = () => true, formats, present }: {
      training: boolean;
      isTrained?: (parameter: Parameter) => boolean;
      formats?: ReadonlyMap<string, PackedFormat>;
      present?: ReadonlyMap<string, Memory | PackedMatrix>;
    },
  ): void {
    this.#backend = backend;
    let flat = this.flatLength;
    const placed = new Set<Parameter>();
    for (const parameter of this.#parameters) {
      const { name, shape, length } = parameter;
      const format = formats?.get(name), given = present?.get(name);
      if (given !== undefined) {
        if (isPacked(given)) parameter.bindPacked(given);
        else parameter.bind(given, undefined);
      } else if (format !== undefined) {
        parameter.bindPacked(allocatePacked(backend, format, shape));
      } else continue;
      placed.add(parameter);
      flat -= aligned(length);
    }
    const data = backend.alloc(flat);
    const trained = training ? this.#parameters.filter(isTrained) : [];
    const others = this.#parameters.filter((one) => !trained.includes(one));
    this.#trainedLength = lengthOf(trained);
    const grad = training ? backend.alloc(this.#trainedLength) : undefined;
    let at = 0;
    for (const members of byGroup(trained)) {
      const start = at;
      for (const parameter of members) {
        const { length } = parameter;
        parameter.bind(
          backend.slice(data, at, length),
          grad && backend.slice(grad, at, length),
        );
        this.#starts.set(parameter, at);
        at += aligned(length);
      }
      if (grad === undefined) continue;
      this.#groups.push({
        ...members[0].group,
        data: backend.slice(data, start, at - start),
        grad: backend.slice(grad, start, at - start),
        start,
        members,
      });
    }
    for (const parameter of byGroup(others).flat()) {
      if (placed.has(parameter)) continue;
      const { length } = parameter;
      parameter.bind(backend.slice(data, at, length), undefined);
      if (training) parameter.freeze(() => backend.alloc(length));
      at += aligned(length);
    }
    for (const constant of this.#constants) {
      constant.memory = backend.alloc(constant.length);
      constant.fill(backend, constant.memory);
    }
  }

  /**
   * Gives parameters their first values, each from a stream of its own.
   *
   * @param which Which; all unless given.
   */
  initialize(
    seed: number,
    which: Iterable<Parameter> = this.#parameters,
  ): void {
    for (const parameter of which) {
      const values = new Float32Array(parameter.length);
      const stream = hashKey(...new TextEncoder().encode(parameter.name));
      parameter.initialize(values, parameter.shape, new Random(seed, stream));
      this.#backend!.write(parameter.data, values);
    }
  }
}

/** Those that the optimiser treats alike, one after another. */
function byGroup(parameters: readonly Parameter[]): Parameter[][] {
  const groups = Map.groupBy(
    parameters,
    ({ group }) => `${group.learningRateScale} ${group.decays}`,
  );
  return [...groups.values()];
}

/** The length of a flat memory, gaps included. */
function lengthOf(parameters: readonly Parameter[]): number {
  return parameters.reduce((sum, { length }) => sum + aligned(length), 0);
}

/** Declares the parameters of one layer, whose names begin alike. */
export class LayerParameters {
  readonly #set: ParameterSet;
  readonly #name: string;

  /** What is declared goes to `set`, under `name`. */
  constructor(set: ParameterSet, name: string) {
    this.#set = set;
    this.#name = name;
  }

  /** The weights (out, in) of a projection. */
  matrix(
    role: string,
    shape: readonly [out: number, input: number],
    initialize: Initializer,
  ): Parameter {
    const name = `${this.#name}.${role}.weight`;
    return this.#set.declare(name, shape, initialize, { kind: "matrix" });
  }

  /** A factor of a low-rank projection; weight decay leaves it alone. */
  lowRank(
    part: string,
    shape: readonly number[],
    initialize: Initializer,
  ): Parameter {
    const group = { decays: false, kind: "lowRank" } as const;
    return this.#set.declare(`${this.#name}.${part}`, shape, initialize, group);
  }

  /** What weight decay leaves alone: all but the projections. */
  declare(
    part: string,
    shape: readonly number[],
    initialize: Initializer,
    learningRateScale = 1,
  ): Parameter {
    const group = { decays: false, learningRateScale };
    return this.#set.declare(`${this.#name}.${part}`, shape, initialize, group);
  }

  /** See {@linkcode ParameterSet.constant}. */
  constant(value: number, length: number): Operand {
    return this.#set.constant(value, length);
  }
}

function aligned(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

/**
 * What a parameter of several matrices consists of.
 *
 * @param backend Where it lives.
 * @param parameter Of a shape (count, ...).
 * @returns Its parts, which share its memory.
 */
export function partsOf(backend: Backend, parameter: Parameter): Tensor[] {
  const [count, ...shape] = parameter.shape, length = sizeOf(shape);
  return Array.from({ length: count }, (_, i) => ({
    shape,
    data: backend.slice(parameter.data, i * length, length),
    isFrozen: parameter.isFrozen,
    // Asked for in training only, when there is one.
    get grad() {
      return backend.slice(parameter.grad, i * length, length);
    },
  }));
}
