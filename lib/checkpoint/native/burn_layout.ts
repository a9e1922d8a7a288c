/**
 * The tree of weights in a `.mpk` file, as Burn 0.14 lays it out: which keys in
 * which order, and which way round a matrix lies.
 *
 * `classic` has exactly the Rust program's tree, whose linear weights are
 * stored (in, out); the others have their official dotted names, (out, in) as
 * here.
 *
 * @module
 */

import { architectureOf } from "../../model/architecture.ts";
import type { TimeMixingKind } from "../../model/classic.ts";
import { MODEL_SIZES, RWKVConfig } from "../../model/config.ts";
import type { RustProgram } from "../../model/foreign.ts";
import { hashKey } from "../../random.ts";
import { type ByteSource, Span } from "../encoding/byte_source.ts";
import {
  byteLengthOf,
  ELEMENT_TYPES,
  type ElementTypeName,
} from "../encoding/elements.ts";
import {
  isBlocks,
  isStoredType,
  type StoredType,
} from "../quantized/packing.ts";
import type { LazyBytes } from "../encoding/msgpack_writer.ts";
import {
  type FileTensor,
  type FileTensors,
  MAX_NAME,
  plainTensor,
  valuesOf,
} from "../encoding/tensor_file.ts";

/** What Burn's recorder in full or half precision says of itself. */
export function recorderMetadata(type: "F32" | "F16"): object {
  const [float, int, settings] = type === "F32"
    ? ["f32", "i32", "FullPrecisionSettings"]
    : ["half::binary16::f16", "i16", "HalfPrecisionSettings"];
  return {
    float,
    int,
    format: "burn_core::record::file::NamedMpkFileRecorder<" +
      `burn_core::record::settings::${settings}>`,
    version: "0.14.0",
    settings,
  };
}

/** What a file without a configuration leaves open. */
export interface Assumptions {
  /** Default "channels": what the program that wrote such files computed. */
  readonly timeMixing?: TimeMixingKind;
  /** Default: that of the preset of this size, else 256. */
  readonly maxSeqLen?: number;
}

/** A weight as it lies in the file. */
export interface StoredWeight {
  /** The parameter's name. */
  readonly name: string;
  /** Extents in the file. */
  readonly shape: readonly number[];
  /** Whether it is a matrix that lies there the other way round. */
  readonly turned: boolean;
}

/**
 * The tree of a model.
 *
 * @param shapes Its parameters' extents, in their order.
 * @param values How values are stored, and those of each weight.
 * @returns `item` of the file.
 */
export function itemTree(
  config: RWKVConfig,
  shapes: ReadonlyMap<string, readonly number[]>,
  { dtypeOf, bytesOf }: {
    readonly dtypeOf: (name: string) => StoredType;
    readonly bytesOf: (weight: StoredWeight) => LazyBytes;
  },
): object {
  const root: Node = {};
  for (const [name, own] of shapes) {
    const dtype = dtypeOf(name), turned = isTransposed(config, name, dtype);
    const shape = turned ? own.toReversed() : [...own];
    const bytes = bytesOf({ name, shape, turned });
    const leaf = { id: parameterId(name), param: { bytes, shape, dtype } };
    put(root, name, leaf);
  }
  addConstants(root, architectureOf(config).rust?.constants ?? []);
  return root;
}

/** Maps by the names between the dots, arrays where those are numbers. */
type Node = Record<string, unknown>;

function put(root: Node, name: string, leaf: object): void {
  const parts = name.split(".");
  const last = parts.pop()!;
  let node = root;
  for (const [i, part] of parts.entries()) {
    const isList = /^\d+$/.test(parts[i + 1] ?? last);
    node = (node[part] ??= isList ? [] : {}) as Node;
  }
  node[last] = leaf;
}

/** Burn's own file says nil for each constant of a module. */
function addConstants(
  node: Node,
  constants: RustProgram["constants"],
  path = "",
): void {
  for (const [key, child] of Object.entries(node)) {
    const isModule = isRecord(child) && !isRecord(child.param);
    if (!isModule && !Array.isArray(child)) continue;
    addConstants(
      child as Node,
      constants,
      path === "" ? key : `${path}.${key}`,
    );
  }
  if (Array.isArray(node)) return;
  for (const [module, names] of constants) {
    if (module.test(path)) { for (const name of names) node[name] = null; }
  }
}

/**
 * Whether a parameter lies (in, out) in the file, and so has to be turned. One
 * of blocks does not: they are along the inputs.
 */
export function isTransposed(
  config: RWKVConfig,
  name: string,
  type: ElementTypeName,
): boolean {
  return !isBlocks(type) &&
    (architectureOf(config).rust?.turned.test(name) ?? false);
}

/**
 * The identifier that Burn wants with each parameter: 48 bits as ten base-32
 * digits. Burn draws them; here they follow from the name, so that equal
 * weights give equal files.
 *
 * @example
 * ```ts
 * import { parameterId } from "./burn_layout.ts";
 * import { assertMatch } from "@std/assert";
 *
 * assertMatch(parameterId("head.weight"), /^[0-9a-v]{9}[048cgkos]$/);
 * ```
 */
export function parameterId(name: string): string {
  const bytes = new TextEncoder().encode(name);
  const high = BigInt(hashKey(1, ...bytes));
  const low = BigInt(hashKey(2, ...bytes) & 0xffff);
  // Ten digits are 50 bits; the last two stay zero.
  return ((high << 16n | low) << 2n).toString(32).padStart(10, "0");
}

/**
 * Finds the tensors in a tree of records, whatever its layout.
 *
 * @param source The file, from which their values are read.
 * @returns Each by its dotted path.
 * @throws {SyntaxError} For a tensor that is not what it says; the message is
 * the reason alone.
 */
export function tensorsOf(
  source: ByteSource,
  item: unknown,
): Map<string, FileTensor> {
  const tensors = new Map<string, FileTensor>();
  const visit = (node: unknown, path: string) => {
    if (!isRecord(node) && !Array.isArray(node)) return;
    // Thousands of tensors below one long key would each carry a copy of it.
    if (path.length > MAX_NAME) {
      throw new SyntaxError(`a name is longer than ${MAX_NAME} characters`);
    }
    if (isRecord(node) && isRecord(node.param)) {
      tensors.set(path, storedTensor(source, node.param, path));
      return;
    }
    for (const [key, child] of Object.entries(node)) {
      visit(child, path === "" ? key : `${path}.${key}`);
    }
  };
  visit(item, "");
  return tensors;
}

function storedTensor(
  source: ByteSource,
  { bytes, shape, dtype, value }: Record<string, unknown>,
  name: string,
): FileTensor {
  if (Array.isArray(value)) {
    throw new SyntaxError(
      `${name} is a list of numbers, as Burn before 0.14 wrote it; ` +
        "save it again with Burn 0.14",
    );
  }
  if (!(bytes instanceof Span)) throw new SyntaxError(`${name} has no bytes`);
  if (!isStoredType(dtype)) {
    throw new SyntaxError(
      `${name} is not stored as F32, F16, BF16 or blocks but as ` +
        `${JSON.stringify(dtype) ?? "nothing"}`.slice(0, 40),
    );
  }
  const length = valuesOf(shape);
  if (length === undefined) throw new SyntaxError(`${name} has no shape`);
  const extents = shape as number[], expected = byteLengthOf(dtype, length);
  if (extents.at(-1)! % ELEMENT_TYPES[dtype].values !== 0) {
    throw new SyntaxError(
      `${name} has rows of ${extents.at(-1)} values, which are not whole ` +
        `blocks of ${dtype}`,
    );
  }
  if (bytes.length !== expected) {
    throw new SyntaxError(
      `${name} has ${bytes.length} bytes, not the ${expected} of ` +
        `${dtype} [${extents.join(", ")}]`,
    );
  }
  return plainTensor(
    source,
    {
      type: dtype,
      offset: bytes.offset,
      shape: extents,
      checksum: bytes.checksum,
    },
    name,
  );
}

/**
 * The shape of a `classic` model from the shapes of its tensors.
 *
 * @param tensors By their dotted paths.
 * @param assumptions What they do not say.
 * @throws {SyntaxError} When they are not those of such a model; the message
 * is the reason alone.
 */
export function inferConfig(
  tensors: FileTensors,
  { timeMixing = "channels", maxSeqLen }: Assumptions = {},
): RWKVConfig {
  const extents = (name: string): readonly number[] => {
    const tensor = tensors.get(name);
    if (tensor?.shape.length === 2) return tensor.shape;
    throw new SyntaxError(
      `it has neither a configuration nor a matrix ${name}`,
    );
  };
  const [vocabSize, dModel] = extents("embedding.weight");
  const [, dFfn] = extents("blocks.0.channel_mixing.key.weight");
  let nLayers = 1;
  while (tensors.has(`blocks.${nLayers}.ln1.gamma`)) nLayers++;
  const preset = MODEL_SIZES.map((size) => RWKVConfig.ofSize(size))
    .find((one) => one.dModel === dModel && one.nLayers === nLayers);
  return new RWKVConfig({
    architecture: "classic",
    vocabSize,
    dModel,
    nLayers,
    dFfn,
    maxSeqLen: maxSeqLen ?? preset?.maxSeqLen,
    embeddingNorm: tensors.has("ln_pre.gamma"),
    timeMixing,
  });
}

/** True for a map as the reader makes it. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null &&
    !Array.isArray(value) && !(value instanceof Span);
}

/**
 * A map of numbers, strings and booleans, as a configuration is.
 *
 * @param value As the reader gives it.
 * @param name What errors call it.
 * @throws {SyntaxError} For anything else; the message is the reason alone.
 */
export function scalarFields(
  value: unknown,
  name: string,
): Record<string, number | string | boolean> {
  const isScalar = (field: unknown) =>
    ["number", "string", "boolean"].includes(typeof field);
  if (isRecord(value) && Object.values(value).every(isScalar)) {
    return value as Record<string, number | string | boolean>;
  }
  throw new SyntaxError(`${name} is not a map of plain values`);
}
