/**
 * Adapters in files: `blocks.N.att.key.lora_A` (rank, in) and `.lora_B`
 * (out, rank) as RWKV-PEFT has them, or `.lora.0`, which is A transposed, and
 * `.lora.1`, as web-rwkv reads them; or `blocks.N.att.time_state`, value channel
 * by key channel as RWKV-PEFT has it, and the other way round as web-rwkv does.
 *
 * A tensor that is left over, missing or of another shape is refused: an adapter
 * that is not applied as a whole is none.
 *
 * @module
 */

import {
  type AdapterShape,
  adapterTensors,
  LORA_A,
  LORA_B,
  TIME_STATE,
} from "../../model/adapter.ts";
import { architectureOf } from "../../model/architecture.ts";
import type { RWKVConfig } from "../../model/config.ts";
import type { Shapes } from "../../model/foreign.ts";
import { declaredShapes, type RWKV } from "../../model/rwkv.ts";
import { crc32 } from "../../crc32.ts";
import type { WriteOptions } from "../../files.ts";
import { type ByteSource, malformed } from "../encoding/byte_source.ts";
import {
  type OutgoingTensor,
  transposed,
  turnedShape,
} from "../encoding/tensor_encoding.ts";
import {
  type FileTensor,
  type FileTensors,
  turnedTensor,
} from "../encoding/tensor_file.ts";
import { writeSafetensors } from "./safetensors_writer.ts";

/** Whose names and which way round. */
export const ADAPTER_LAYOUTS = ["rwkv-peft", "web-rwkv"] as const;
/** See {@linkcode ADAPTER_LAYOUTS}. */
export type AdapterLayout = typeof ADAPTER_LAYOUTS[number];

/** An adapter. */
export interface Adapter {
  /** What it is made of. */
  readonly shape: AdapterShape;
  /** Its tensors, by the names and in the layout of `adapterTensors()`. */
  readonly values: ReadonlyMap<string, Float32Array>;
  /** {@linkcode baseOf} the model it was made beside; others do not say it. */
  readonly base?: string;
}

/** The name of the weight that tells models apart, see {@linkcode baseOf}. */
export function tellingWeight(names: Iterable<string>): string {
  return Iterator.from(names).find((name) =>
    /^ln_out\.(?:weight|gamma)$/.test(name)
  )!;
}

/**
 * What tells a model from others of its shape: a sum of its last norm, which no
 * format packs and no adapter changes. In half precision it is the same.
 *
 * @param norm The values of {@linkcode tellingWeight}.
 * @returns Eight hexadecimal digits.
 */
export function baseOf(norm: Float32Array): string {
  const { buffer } = new Float16Array(norm);
  return crc32(new Uint8Array(buffer)).toString(16).padStart(8, "0");
}

/** What a file does not say. */
export interface AdapterReading {
  /** A LoRA's alpha; takes the place of what the file says. */
  readonly alpha?: number;
  /** Which way round states lie where the file does not say. */
  readonly layout?: AdapterLayout;
}

/** What web-rwkv calls A and B. */
const WEB_A = ".lora.0", WEB_B = ".lora.1";

/** The model that an adapter is for. */
export interface AdaptedModel {
  /** Its shape. */
  readonly config: RWKVConfig;
  /** The names and extents of its weights. */
  readonly shapes: Shapes;
}

/**
 * Reads an adapter.
 *
 * @param source The file, as errors call it.
 * @param file Its tensors, and the texts beside them.
 * @param model The model that it is for.
 * @param options What the file does not say.
 * @throws {SyntaxError} When it is no adapter of that model, or lacks what is
 * not given.
 */
export function readAdapter(
  source: ByteSource,
  { tensors, metadata = new Map() }: {
    readonly tensors: FileTensors;
    readonly metadata?: ReadonlyMap<string, string>;
  },
  model: AdaptedModel,
  options: AdapterReading = {},
): Adapter {
  const fail = (reason: string) => malformed(source, reason);
  assertSameFamily(metadata, model, fail);
  const layout = layoutOf(tensors, metadata, options, fail);
  const named = new Map<string, FileTensor>();
  for (const [name, tensor] of tensors) {
    const [own, read] = ownTensor(name, tensor, layout, model.config);
    if (named.has(own)) throw fail(`it has ${own} twice`);
    named.set(own, read);
  }
  const shape = shapeOf(named, metadata, model, options, fail);
  assertSaidRank(metadata, shape, fail);
  const wanted = wantedTensors(model, shape, fail);
  for (const name of named.keys()) {
    if (wanted.has(name)) continue;
    throw fail(`it has ${name}, which is no part of such an adapter`);
  }
  const values = new Map<string, Float32Array>();
  for (const [name, extents] of wanted) {
    const tensor = named.get(name);
    if (tensor === undefined) throw fail(`${name} is missing`);
    if (`${tensor.shape}` !== `${extents}`) {
      throw fail(
        `${name} is [${tensor.shape.join(", ")}], the model takes [${
          extents.join(", ")
        }]`,
      );
    }
    values.set(name, tensor.read());
  }
  const base = metadata.get("base");
  return { shape, values, ...base !== undefined && { base } };
}

/** Writes reasons as errors. */
type Fail = (reason: string) => SyntaxError;

/** What a file says of itself must be so, where it says it. */
function assertSameFamily(
  metadata: ReadonlyMap<string, string>,
  { config: { architecture } }: AdaptedModel,
  fail: Fail,
): void {
  const said = metadata.get("architecture");
  if (said === undefined || said === architecture) return;
  throw fail(`it is for ${said}, the model is ${architecture}`);
}

/** As above: a rank that is not that of the tensors makes alpha another. */
function assertSaidRank(
  metadata: ReadonlyMap<string, string>,
  shape: AdapterShape,
  fail: Fail,
): void {
  const said = metadata.get("rank");
  if (said === undefined || shape.kind !== "lora") return;
  if (Number(said) === shape.rank) return;
  throw fail(`it says rank ${said}, its tensors have ${shape.rank}`);
}

/** Whose layout a file has: its names tell, and of a state what is said. */
function layoutOf(
  tensors: FileTensors,
  metadata: ReadonlyMap<string, string>,
  { layout }: AdapterReading,
  fail: Fail,
): AdapterLayout {
  const names = [...tensors.keys()];
  if (names.length === 0) throw fail("it has no tensors");
  if (names.some((name) => name.endsWith(WEB_A))) return "web-rwkv";
  if (names.some((name) => name.endsWith(LORA_A))) return "rwkv-peft";
  if (!names.some((name) => name.endsWith(TIME_STATE))) {
    throw fail(
      `it is no adapter: it has neither lora_A, lora.0 nor ${TIME_STATE}; its first tensor is ${
        names[0]
      }`,
    );
  }
  const said = ADAPTER_LAYOUTS.find((name) => name === metadata.get("layout"));
  const found = said ?? layout;
  if (found === undefined) {
    throw fail(
      "it does not say which way round its states lie; give --adapter-layout rwkv-peft or web-rwkv",
    );
  }
  return found;
}

/** A tensor by its own name and the way it lies here. */
function ownTensor(
  name: string,
  tensor: FileTensor,
  layout: AdapterLayout,
  config: RWKVConfig,
): [name: string, tensor: FileTensor] {
  const isWeb = layout === "web-rwkv", isMatrix = tensor.shape.length >= 2;
  if (name.endsWith(TIME_STATE) && isMatrix) {
    return [name, isTurned(layout, config) ? turnedTensor(tensor) : tensor];
  }
  if (isWeb && name.endsWith(WEB_A) && isMatrix) {
    return [name.slice(0, -WEB_A.length) + LORA_A, turnedTensor(tensor)];
  }
  if (isWeb && name.endsWith(WEB_B)) {
    return [name.slice(0, -WEB_B.length) + LORA_B, tensor];
  }
  return [name, tensor];
}

/** Whether a state in a file lies the other way round than it does here. */
function isTurned(layout: AdapterLayout, config: RWKVConfig): boolean {
  const { isStateByKey = false } = architectureOf(config).official ?? {};
  return isStateByKey !== (layout === "web-rwkv");
}

/** What a file's adapter is made of. */
function shapeOf(
  tensors: FileTensors,
  metadata: ReadonlyMap<string, string>,
  { config }: AdaptedModel,
  options: AdapterReading,
  fail: Fail,
): AdapterShape {
  const targets = new Set<string>();
  let rank: number | undefined;
  for (const [name, { shape }] of tensors) {
    const [, layer, target] = /^blocks\.(\d{1,4})\.(.+)\.lora_A$/.exec(name) ??
      [];
    if (target === undefined || Number(layer) >= config.nLayers) continue;
    targets.add(target);
    rank ??= shape[0];
  }
  if (rank === undefined) return { kind: "state" };
  // A blank would be read as 0, with which nothing is adapted.
  const said = metadata.get("alpha")?.trim() || NaN;
  const alpha = options.alpha ?? Number(said);
  if (!Number.isFinite(alpha)) {
    throw fail("it does not say its alpha; give --adapter-alpha");
  }
  return { kind: "lora", rank, alpha, targets: [...targets] };
}

function wantedTensors(
  { config, shapes }: AdaptedModel,
  shape: AdapterShape,
  fail: Fail,
): Shapes {
  try {
    return adapterTensors(config, shapes, shape);
  } catch (error) {
    if (error instanceof RangeError) throw fail(error.message);
    throw error;
  }
}

/**
 * Writes the adapter that is trained beside a model, whole or not at all.
 *
 * @param path Where it shall stand.
 * @param model The model.
 * @param options As of {@linkcode writeAdapter}.
 * @throws {TypeError} When none is.
 * @throws {Error} When the system refuses; nothing is left behind.
 */
export async function saveAdapter(
  path: string,
  model: RWKV,
  options: Parameters<typeof writeAdapter>[3] = {},
): Promise<void> {
  const { adapter: shape, config, backend } = model;
  if (shape === undefined) {
    throw new TypeError(`Cannot write "${path}": no adapter is trained`);
  }
  const values = new Map<string, Float32Array>();
  for (const { name, data } of model.adapterParameters) {
    values.set(name, await backend.read(data));
  }
  const shapes = declaredShapes(config);
  const telling = tellingWeight(shapes.keys());
  const norm = [...model.parameters].find(({ name }) => name === telling)!;
  const base = baseOf(await backend.read(norm.data));
  await writeAdapter(
    path,
    { shape, values, base },
    { config, shapes },
    options,
  );
}

/**
 * Writes an adapter, whole or not at all.
 *
 * @param path Where it shall stand.
 * @param adapter The adapter.
 * @param model The model that it is for.
 * @param options `layout` says whose names: of `web-rwkv` numbers are f16,
 * which is all that it reads, of `rwkv-peft` f32.
 * @returns Bytes of the file.
 * @throws {Error} When the system refuses; nothing is left behind.
 */
export async function writeAdapter(
  path: string,
  { shape, values, base }: Adapter,
  { config, shapes }: AdaptedModel,
  { layout = "rwkv-peft", ...options }: WriteOptions & {
    readonly layout?: AdapterLayout;
  } = {},
): Promise<number> {
  const isWeb = layout === "web-rwkv";
  const tensors: OutgoingTensor[] = [];
  for (const [name, extents] of adapterTensors(config, shapes, shape)) {
    const turned = name.endsWith(TIME_STATE)
      ? isTurned(layout, config)
      : isWeb && name.endsWith(LORA_A);
    const own = values.get(name)!;
    tensors.push({
      name: isWeb
        ? name.replace(/\.lora_A$/, WEB_A).replace(/\.lora_B$/, WEB_B)
        : name,
      shape: turned ? turnedShape(extents) : extents,
      type: isWeb ? "F16" : "F32",
      values: () => turned ? transposed(own, extents) : own,
    });
  }
  const about: Record<string, string> = shape.kind === "lora"
    ? { alpha: `${shape.alpha}`, rank: `${shape.rank}` }
    : {};
  if (base !== undefined) about.base = base;
  const { architecture } = config;
  return await writeSafetensors(
    path,
    tensors,
    { format: "pt", adapter: shape.kind, architecture, layout, ...about },
    options,
  );
}
