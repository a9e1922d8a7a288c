/**
 * An adapter in a file to a model that has it.
 *
 * @module
 */

import { malformed } from "./checkpoint/encoding/byte_source.ts";
import { FileSource } from "./checkpoint/encoding/file_source.ts";
import {
  type AdaptedModel,
  type Adapter,
  ADAPTER_LAYOUTS,
  type AdapterReading,
  baseOf,
  readAdapter,
  tellingWeight,
} from "./checkpoint/formats/adapter_file.ts";
import { addLora } from "./checkpoint/formats/adapter_merge.ts";
import { readSafetensors } from "./checkpoint/formats/safetensors.ts";
import { readTorch } from "./checkpoint/formats/torch/torch.ts";
import { resolveAdapter } from "./checkpoint/native/paths.ts";
import { refuseOtherKinds } from "./input_kinds.ts";
import type { AdapterShape } from "./model/adapter.ts";
import type { RWKVConfig } from "./model/config.ts";
import type { Shapes } from "./model/foreign.ts";
import type { RWKV } from "./model/rwkv.ts";
import {
  assertKind,
  assertOptions,
  oneOf,
  type OptionKinds,
} from "./option_kinds.ts";

/** What its options are. */
const OPTIONS: OptionKinds<AdapterReading> = {
  alpha: "number?",
  layout: oneOf(ADAPTER_LAYOUTS),
};

/**
 * Gives a model an adapter: a LoRA is put into its weights, a state becomes what
 * it begins every text with. The model is then one of its own; load it anew to
 * have it without, or with another.
 *
 * @param model Any model but one that is trained.
 * @param path A file as `finetune` writes it, or its folder, or a file of
 * RWKV-PEFT's (`.pth` or safetensors) or web-rwkv's.
 * @param options What the file does not say: `alpha`, `layout`.
 * @returns What the adapter is made of.
 * @throws {SyntaxError} When it is malformed, of another model, or has more or
 * less than an adapter has.
 * @throws {RangeError} When weights would not be finite with it; the model is of
 * no use then.
 * @throws {Error} When it cannot be read.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "./backend/reference/reference_backend.ts";
 * import { writeAdapter } from "./checkpoint/formats/adapter_file.ts";
 * import { loadAdapter } from "./load_adapter.ts";
 * import { RWKVConfig } from "./model/config.ts";
 * import { declaredShapes, RWKV } from "./model/rwkv.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const config = new RWKVConfig({ nLayers: 1, dModel: 8, dFfn: 8 });
 * const model = new RWKV(config, new ReferenceBackend());
 * const shape = {
 *   kind: "lora",
 *   rank: 1,
 *   alpha: 2,
 *   targets: ["att.key"],
 * } as const;
 * const path = `${await Deno.makeTempDir()}/adapter.safetensors`;
 * await writeAdapter(path, {
 *   shape,
 *   values: new Map([
 *     ["blocks.0.att.key.lora_A", new Float32Array(8).fill(3)],
 *     ["blocks.0.att.key.lora_B", new Float32Array(8).fill(4)],
 *   ]),
 * }, { config, shapes: declaredShapes(config) });
 * assertEquals(await loadAdapter(model, path), shape);
 * ```
 */
export async function loadAdapter(
  model: RWKV,
  path: string,
  options: AdapterReading = {},
): Promise<AdapterShape> {
  const { config, backend, parameters } = model;
  const shapes = new Map(
    [...parameters].map(({ name, shape }) => [name, shape] as const),
  );
  const adapter = await openAdapter(path, { config, shapes }, options);
  if (adapter.base !== undefined) {
    const telling = tellingWeight(shapes.keys());
    const norm = [...parameters].find(({ name }) => name === telling)!;
    assertBase(path, adapter, await backend.read(norm.data));
  }
  if (adapter.shape.kind === "state") {
    model.startFrom(adapter.values);
    return adapter.shape;
  }
  for (const { name, data } of parameters) {
    if (!adapter.values.has(name.replace(/weight$/, "lora_A"))) continue;
    const values = await backend.read(data);
    addLora(adapter, name, values);
    backend.write(data, values);
  }
  return adapter.shape;
}

/**
 * Reads an adapter.
 *
 * @param path As {@linkcode loadAdapter} takes it.
 * @param model The model that it is for; where it can be read from, it has to be
 * the one that the adapter was made beside.
 * @param options What the file does not say.
 * @throws {SyntaxError} When it is no adapter of that model.
 * @throws {Error} When it cannot be read.
 */
export async function openAdapter(
  path: string,
  model: {
    readonly config: RWKVConfig;
    readonly shapes: Shapes;
    readonly readWeight?: (name: string) => Float32Array;
  },
  options: AdapterReading = {},
): Promise<Adapter> {
  const adapter = await readFrom(path, model, options);
  if (adapter.base !== undefined && model.readWeight !== undefined) {
    assertBase(
      path,
      adapter,
      model.readWeight(tellingWeight(model.shapes.keys())),
    );
  }
  return adapter;
}

async function readFrom(
  path: string,
  model: AdaptedModel,
  options: AdapterReading,
): Promise<Adapter> {
  assertKind("load an adapter", "path", path, "text");
  assertOptions("load an adapter", options, OPTIONS);
  const file = await resolveAdapter(path);
  await refuseOtherKinds(file, "an adapter", ["weights", "nothing"]);
  using source = await FileSource.open(file, "adapter");
  const head = new Uint8Array(Math.min(9, source.length));
  source.read(head, 0);
  if (head[0] === 0x50 && head[1] === 0x4b) { // PK: a zip, as PyTorch writes
    return readAdapter(source, { tensors: readTorch(source) }, model, options);
  }
  if (head[8] !== 0x7b) {
    throw malformed(source, "it is neither safetensors nor PyTorch's .pth");
  }
  return readAdapter(source, readSafetensors(source), model, options);
}

/** An adapter is for the weights that it was made beside. */
function assertBase(
  path: string,
  { base }: Adapter,
  norm: Float32Array,
): void {
  if (base === baseOf(norm)) return;
  throw new SyntaxError(
    `Cannot use the adapter "${path}": it was made beside another model`,
  );
}
