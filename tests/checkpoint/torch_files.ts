/**
 * Writers of PyTorch's files, for the tests of their readers: a zip, a pickle,
 * and both together, able to write what is wrong.
 *
 * @module
 */

import { encoded, type Given, numbers } from "./foreign_files.ts";
import { joined } from "./mutations.ts";

const text = (value: string) => new TextEncoder().encode(value);

/** An entry of a zip. */
export interface Entry {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** 0 for stored. */
  readonly method?: number;
  /** What the index says, where it is not the truth. */
  readonly size?: number;
  readonly offset?: number;
}

/** A zip archive, with PyTorch's padding, and its 64-bit end where asked. */
export function zipFile(
  entries: readonly Entry[],
  { large = false, count = entries.length }: {
    large?: boolean;
    count?: number;
  } = {},
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [], index: Uint8Array[] = [];
  let at = 0;
  const put = (...more: Uint8Array[]) => {
    parts.push(...more);
    at += more.reduce((sum, { length }) => sum + length, 0);
  };
  for (const { name, bytes, method = 0, size, offset } of entries) {
    const key = text(name), own = size ?? bytes.length;
    const padding = new Uint8Array(64 - (at + 30 + key.length) % 64);
    const place = offset ?? at;
    put(
      joined(
        numbers(4, 0x04034b50),
        numbers(2, 20, 0x808, method, 0, 0),
        numbers(4, 0, 0, 0),
        numbers(2, key.length, padding.length),
      ),
      key,
      padding,
      bytes,
    );
    const extra = large
      ? joined(numbers(2, 1, 24), numbers(8, own, own, place))
      : new Uint8Array(0);
    const small = (value: number) => large ? 0xffffffff : value;
    index.push(joined(
      numbers(4, 0x02014b50),
      numbers(2, 20, 20, 0x808, method, 0, 0),
      numbers(4, 0, small(own), small(own)),
      numbers(2, key.length, extra.length, 0, 0, 0),
      numbers(4, 0, small(place)),
      key,
      extra,
    ));
  }
  const start = at;
  put(...index);
  const length = at - start, end = at;
  if (large) {
    put(
      numbers(4, 0x06064b50),
      numbers(8, 44),
      numbers(2, 45, 45),
      numbers(4, 0, 0),
      numbers(8, count, count, length, start),
      numbers(4, 0x07064b50, 0),
      numbers(8, end),
      numbers(4, 1),
    );
  }
  put(
    numbers(4, 0x06054b50),
    numbers(2, 0, 0, large ? 0xffff : count, large ? 0xffff : count),
    numbers(4, large ? 0xffffffff : length, large ? 0xffffffff : start),
    numbers(2, 0),
  );
  return joined(...parts);
}

/** Opcodes of pickles, and how their arguments are written. */
export const pickle = {
  proto: Uint8Array.of(0x80, 2),
  stop: Uint8Array.of(0x2e),
  mark: Uint8Array.of(0x28),
  tuple: Uint8Array.of(0x74),
  emptyTuple: Uint8Array.of(0x29),
  emptyDict: Uint8Array.of(0x7d),
  setItems: Uint8Array.of(0x75),
  reduce: Uint8Array.of(0x52),
  build: Uint8Array.of(0x62),
  no: Uint8Array.of(0x89),
  persistent: Uint8Array.of(0x51),
  global: (module: string, name: string) => text(`c${module}\n${name}\n`),
  text: (value: string) => {
    const bytes = text(value);
    return joined(Uint8Array.of(0x58), numbers(4, bytes.length), bytes);
  },
  integer: (value: number) =>
    value >= 0 && value < 256
      ? Uint8Array.of(0x4b, value)
      : joined(Uint8Array.of(0x4a), numbers(4, value)),
  float: (value: number) => {
    const bytes = new Uint8Array(9);
    bytes[0] = 0x47;
    new DataView(bytes.buffer).setFloat64(1, value);
    return bytes;
  },
  list: (...items: Uint8Array[]) =>
    joined(Uint8Array.of(0x5d, 0x28), ...items, Uint8Array.of(0x65)),
  put: (slot: number) => Uint8Array.of(0x71, slot),
  get: (slot: number) => Uint8Array.of(0x68, slot),
} as const;

/** Numbers as PyTorch calls their storages. */
export type TorchType = "Double" | "Float" | "Half" | "BFloat16";

/** How a tensor lies in its storage, where it is not plain. */
export interface Layout {
  readonly storage?: string;
  readonly offset?: number;
  readonly strides?: readonly number[];
  readonly shape?: readonly number[];
  readonly length?: number;
}

/** What `torch.save` writes for one tensor. */
export function pickledTensor(
  { shape, values }: Given,
  { type, key, layout = {} }: {
    type: TorchType;
    key: string;
    layout?: Layout;
  },
): Uint8Array<ArrayBuffer> {
  const own = layout.shape ?? shape;
  const strides = layout.strides ??
    own.map((_, i) => own.slice(i + 1).reduce((a, b) => a * b, 1));
  const tuple = (items: readonly number[]) =>
    joined(pickle.mark, ...items.map(pickle.integer), pickle.tuple);
  return joined(
    pickle.global("torch._utils", "_rebuild_tensor_v2"),
    pickle.mark,
    pickle.mark,
    pickle.text("storage"),
    pickle.global("torch", `${type}Storage`),
    pickle.text(layout.storage ?? key),
    pickle.text("cpu"),
    pickle.integer(layout.length ?? values.length),
    pickle.tuple,
    pickle.persistent,
    pickle.integer(layout.offset ?? 0),
    tuple(own),
    tuple(strides),
    pickle.no,
    pickle.global("collections", "OrderedDict"),
    pickle.emptyTuple,
    pickle.reduce,
    pickle.tuple,
    pickle.reduce,
  );
}

/** A `.pth` as `torch.save` writes it. */
export function torchFile(
  tensors: readonly Given[],
  {
    type = "Float",
    layouts = {},
    large = false,
    order = "little",
    within = [],
  }: {
    type?: TorchType;
    layouts?: Record<string, Layout>;
    large?: boolean;
    order?: string;
    /** The keys under which a trainer has put the map, the outer one first. */
    within?: readonly string[];
  } = {},
): Uint8Array<ArrayBuffer> {
  const element = {
    Double: "F64",
    Float: "F32",
    Half: "F16",
    BFloat16: "BF16",
  } as const;
  const program = joined(
    pickle.proto,
    // What else trainers keep: a count, a rate, and a list of both.
    ...within.flatMap((key, i) => [
      pickle.emptyDict,
      pickle.mark,
      pickle.text("epoch"),
      pickle.integer(3 + i),
      pickle.text("rates"),
      pickle.list(pickle.float(0.5), pickle.integer(2)),
      pickle.text(key),
    ]),
    pickle.global("collections", "OrderedDict"),
    pickle.emptyTuple,
    pickle.reduce,
    pickle.put(0),
    pickle.mark,
    ...tensors.flatMap((tensor, i) => [
      pickle.text(tensor.name),
      pickledTensor(tensor, {
        type,
        key: String(i),
        layout: layouts[tensor.name],
      }),
    ]),
    pickle.setItems,
    // The attributes that PyTorch's own maps carry.
    pickle.emptyDict,
    pickle.build,
    ...within.map(() => pickle.setItems),
    pickle.stop,
  );
  return zipFile([
    { name: "model/data.pkl", bytes: program },
    { name: "model/byteorder", bytes: text(order) },
    ...tensors.map(({ values }, i) => ({
      name: `model/data/${i}`,
      bytes: encoded(values, element[type]),
    })),
    { name: "model/version", bytes: text("3\n") },
  ], { large });
}
