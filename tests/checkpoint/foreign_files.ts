/**
 * Writers of other programs' model files, for the tests of their readers:
 * simple, in memory, and able to write what is wrong. The quantiser is the
 * rounding that ggml's documentation describes.
 *
 * @module
 */

import {
  BLOCK,
  byteLengthOf,
  type ElementTypeName,
} from "../../lib/checkpoint/encoding/elements.ts";
import { joined } from "./mutations.ts";

/** A tensor to be written. */
export interface Given {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

const text = (value: string) => new TextEncoder().encode(value);

/** Whole numbers of so many bytes, the lowest byte first. */
export function numbers(width: number, ...values: number[]): Uint8Array {
  const bytes = new Uint8Array(width * values.length);
  values.forEach((value, i) => {
    let rest = BigInt(value);
    for (let j = 0; j < width; j++, rest >>= 8n) {
      bytes[i * width + j] = Number(rest & 255n);
    }
  });
  return bytes;
}

/** Values as a file stores them. */
export function encoded(
  values: Float32Array,
  type: ElementTypeName,
): Uint8Array<ArrayBuffer> {
  switch (type) {
    case "F64":
      return new Uint8Array(new Float64Array(values).buffer);
    case "F32":
      return new Uint8Array(values.slice().buffer);
    case "F16":
      return new Uint8Array(new Float16Array(values).buffer);
    case "BF16": {
      // The nearest, of two as near the even one.
      const bits = new Uint32Array(values.slice().buffer);
      return new Uint8Array(
        Uint16Array.from(bits, (b) => (b + 0x7fff + (b >>> 16 & 1)) >>> 16)
          .buffer,
      );
    }
    default: {
      const bytes = new Uint8Array(byteLengthOf(type, values.length));
      const size = byteLengthOf(type, BLOCK);
      for (let i = 0; i < values.length / BLOCK; i++) {
        const block = values.subarray(i * BLOCK, (i + 1) * BLOCK);
        const view = new DataView(bytes.buffer, i * size, size);
        if (type === "Q8_0") quantise8(block, view);
        else quantise(block, view, type);
      }
      return bytes;
    }
  }
}

function quantise8(values: Float32Array, view: DataView): void {
  const most = Math.max(...values.map(Math.abs));
  const scale = most / 127;
  view.setFloat16(0, scale, true);
  values.forEach((value, i) =>
    view.setInt8(2 + i, scale === 0 ? 0 : Math.round(value / scale))
  );
}

/** Four or five bits; centred, or from the least value. */
function quantise(
  values: Float32Array,
  view: DataView,
  type: "Q4_0" | "Q4_1" | "Q5_0" | "Q5_1",
): void {
  const bits = Number(type[1]), levels = 2 ** bits;
  const centred = type.endsWith("0");
  let scale: number, least: number;
  if (centred) {
    // The value of the largest size becomes the lowest level.
    const peak = values.reduce((a, b) => Math.abs(b) > Math.abs(a) ? b : a);
    scale = -peak / (levels / 2);
    least = -scale * levels / 2;
  } else {
    least = Math.min(...values);
    scale = (Math.max(...values) - least) / (levels - 1);
    view.setFloat16(2, least, true);
  }
  view.setFloat16(0, scale, true);
  const quanta = Array.from(values, (value) => {
    const level = scale === 0 ? 0 : Math.round((value - least) / scale);
    return Math.min(levels - 1, Math.max(0, level));
  });
  const head = centred ? 2 : 4;
  const start = bits === 5 ? head + 4 : head;
  if (bits === 5) {
    const fifths = quanta.reduce((all, q, i) => all | (q >> 4) << i, 0);
    view.setUint32(head, fifths >>> 0, true);
  }
  for (let i = 0; i < BLOCK / 2; i++) {
    view.setUint8(
      start + i,
      quanta[i] & 15 | (quanta[i + BLOCK / 2] & 15) << 4,
    );
  }
}

/** A safetensors file. */
export function safetensorsFile(
  tensors: readonly (Given & { type?: "F32" | "F16" | "BF16" })[],
  change: (header: Record<string, Record<string, unknown>>) => unknown = (h) =>
    h,
): Uint8Array<ArrayBuffer> {
  const header: Record<string, Record<string, unknown>> = {};
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { name, shape, values, type = "F32" } of tensors) {
    const bytes = encoded(values, type);
    header[name] = {
      dtype: type,
      shape,
      data_offsets: [at, at += bytes.length],
    };
    parts.push(bytes);
  }
  const json = change(header);
  const head = text(typeof json === "string" ? json : JSON.stringify(json));
  return joined(numbers(8, head.length), head, ...parts);
}

/** A file of rwkv.cpp; names ending in these stay f32 when quantised. */
export function rwkvCppFile(
  tensors: readonly Given[],
  { version = 101, type = "F32", header = [256, 1, 1] }: {
    version?: number;
    type?: ElementTypeName;
    header?: readonly number[];
  } = {},
): Uint8Array<ArrayBuffer> {
  const codes: Partial<Record<ElementTypeName, number>> = {
    F32: 0,
    F16: 1,
    Q4_0: 2,
    Q4_1: 3,
    Q5_0: 7,
    Q5_1: 8,
    Q8_0: 9,
  };
  const parts = [numbers(4, 0x67676d66, version, ...header, codes[type]!)];
  for (const { name, shape, values } of tensors) {
    // As rwkv.cpp does: matrices of weights, but neither of the two largest.
    const plain = shape.length < 2 || !name.endsWith(".weight") ||
      /^(emb|head)\./.test(name);
    const own = plain && !(type === "F16" && shape.length >= 2) ? "F32" : type;
    const key = text(name);
    parts.push(
      numbers(4, shape.length, key.length, codes[own]!, ...shape.toReversed()),
      key,
      encoded(values, own),
    );
  }
  return joined(...parts);
}

/** The tensors of an f32 file of rwkv.cpp, just as they are stored. */
export function storedTensors(bytes: Uint8Array): Given[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const int = (at: number) => view.getInt32(at, true);
  const tensors: Given[] = [];
  for (let at = 24; at < bytes.length;) {
    const [extents, nameLength] = [int(at), int(at + 4)];
    const shape = Array.from(
      { length: extents },
      (_, i) => int(at + 12 + 4 * i),
    ).reverse();
    at += 12 + 4 * extents;
    const name = new TextDecoder().decode(bytes.subarray(at, at + nameLength));
    const start = at + nameLength;
    at = start + 4 * shape.reduce((a, b) => a * b);
    const values = new Float32Array(bytes.slice(start, at).buffer);
    tensors.push({ name, shape, values });
  }
  return tensors;
}

/** A key and its value as GGUF has them. */
export function ggufField(
  key: string,
  type: number,
  ...value: Uint8Array[]
): Uint8Array {
  return joined(ggufText(key), numbers(4, type), ...value);
}

/** Its length, then its bytes. */
export function ggufText(value: string): Uint8Array {
  return joined(numbers(8, text(value).length), text(value));
}

/** The keys of an RWKV-7 with heads of two, and some that mean nothing. */
export const GGUF_FIELDS: readonly Uint8Array[] = [
  ggufField("general.architecture", 8, ggufText("rwkv7")),
  ggufField("rwkv7.wkv.head_size", 4, numbers(4, 2)),
  ggufField("some.texts", 9, numbers(4, 8), numbers(8, 1), ggufText("a")),
  ggufField("some.numbers", 9, numbers(4, 5), numbers(8, 2), numbers(4, 1, 2)),
  ggufField("some.truth", 7, numbers(1, 1)),
];

/** What a GGUF file says of a tensor, where it is not the truth. */
export interface TensorInfo {
  readonly name?: string;
  readonly extents?: number[];
  readonly type?: number;
  readonly offset?: number;
}

/** A GGUF file of f32 tensors; each starts at a multiple of 32 bytes. */
export function ggufFile(
  tensors: readonly Given[],
  { fields = GGUF_FIELDS, version = 3, info }: {
    fields?: readonly Uint8Array[];
    version?: number;
    info?: TensorInfo;
  } = {},
): Uint8Array<ArrayBuffer> {
  const head = [
    text("GGUF"),
    numbers(4, version),
    numbers(8, tensors.length, fields.length),
    ...fields,
  ];
  const data: Uint8Array[] = [];
  let at = 0;
  for (const { name, shape, values } of tensors) {
    const own = {
      name,
      extents: shape.toReversed(),
      type: 0,
      offset: at,
      ...info,
    };
    head.push(
      ggufText(own.name),
      numbers(4, own.extents.length),
      numbers(8, ...own.extents),
      numbers(4, own.type),
      numbers(8, own.offset),
    );
    const bytes = encoded(values, "F32");
    const padding = new Uint8Array((32 - bytes.length % 32) % 32);
    data.push(bytes, padding);
    at += bytes.length + padding.length;
  }
  const start = joined(...head);
  return joined(start, new Uint8Array((32 - start.length % 32) % 32), ...data);
}

/** The bytes as a file of their own. */
export async function written(
  bytes: Uint8Array,
  ending = ".x",
): Promise<string> {
  const path = await Deno.makeTempDir() + `/model${ending}`;
  await Deno.writeFile(path, bytes);
  return path;
}
