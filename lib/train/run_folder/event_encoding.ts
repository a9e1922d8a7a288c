/**
 * What TensorBoard reads: records of TFRecord files, and in each an `Event` of
 * its protocol buffers. Only the fields that are written here are known here;
 * their numbers are those of TensorBoard's `event.proto` and `summary.proto`.
 *
 * @module
 */

import { maskedCrc32c } from "./crc32c.ts";

/** What an event says besides its time. */
export interface EventContent {
  /** The step it belongs to. */
  readonly step?: number;
  /** Numbers by name. */
  readonly scalars?: Readonly<Record<string, number>>;
  /** Texts by name. */
  readonly texts?: Readonly<Record<string, string>>;
  /** Says that what other files have from this step on is made again. */
  readonly isRestart?: boolean;
  /** Says how a file is to be read; the first event of each has it. */
  readonly fileVersion?: string;
}

/** How a field's value is written. */
const VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5;
/** `DataType.DT_STRING` of TensorFlow. */
const STRING_TYPE = 7;
/** `SessionLog.START` of TensorBoard. */
const SESSION_START = 1;

const encoder = new TextEncoder();

/**
 * An `Event`.
 *
 * @param seconds When it happened, since 1970.
 * @param content What it says.
 */
export function encodeEvent(
  seconds: number,
  { step = 0, scalars, texts, isRestart, fileVersion }: EventContent,
): Uint8Array<ArrayBuffer> {
  const values = [
    ...Object.entries(scalars ?? {}).map(([tag, value]) =>
      joined([text(1, tag), float(2, value)])
    ),
    ...Object.entries(texts ?? {}).map(([tag, value]) =>
      joined([text(1, tag), bytes(8, textTensor(value)), bytes(9, TEXT_PLUGIN)])
    ),
  ];
  return joined([
    double(1, seconds),
    whole(2, step),
    ...fileVersion === undefined ? [] : [text(3, fileVersion)],
    ...values.length === 0
      ? []
      : [bytes(5, joined(values.map((value) => bytes(1, value))))],
    ...isRestart ? [bytes(7, whole(1, SESSION_START))] : [],
  ]);
}

/** `SummaryMetadata` that says that a tensor is a text. */
const TEXT_PLUGIN = bytes(1, text(1, "text"));

/** A `TensorProto` of one text. */
function textTensor(value: string): Uint8Array {
  const shape = bytes(2, whole(1, 1)); // one dimension of size 1
  return joined([whole(1, STRING_TYPE), bytes(2, shape), text(8, value)]);
}

/**
 * A record: its length and its bytes, a checksum behind each.
 *
 * @param data The bytes.
 */
export function encodeRecord(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(data.length + 16);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc32c(data), true);
  return record;
}

function whole(field: number, value: number): Uint8Array {
  return joined([varint(field << 3 | VARINT), varint(value)]);
}

function float(field: number, value: number): Uint8Array {
  const number = new DataView(new ArrayBuffer(4));
  number.setFloat32(0, value, true);
  return joined([varint(field << 3 | FIXED32), new Uint8Array(number.buffer)]);
}

function double(field: number, value: number): Uint8Array {
  const number = new DataView(new ArrayBuffer(8));
  number.setFloat64(0, value, true);
  return joined([varint(field << 3 | FIXED64), new Uint8Array(number.buffer)]);
}

function bytes(field: number, value: Uint8Array): Uint8Array {
  return joined([varint(field << 3 | BYTES), varint(value.length), value]);
}

function text(field: number, value: string): Uint8Array {
  return bytes(field, encoder.encode(value));
}

/** Seven bits a byte, the lowest first; values are never negative here. */
function varint(value: number): Uint8Array {
  const found: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) {
    found.push(rest % 128 | 128);
  }
  return Uint8Array.of(...found, rest);
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
