/** A reader of event files, as the formats' descriptions have them. */

import { assertEquals } from "@std/assert";
import { maskedCrc32c } from "../../../lib/train/run_folder/crc32c.ts";

/** A field of a protocol buffer: its number and what it holds. */
type Field = readonly [field: number, value: number | Uint8Array];

/** An event, as far as it is written here. */
export interface ReadEvent {
  readonly seconds: number;
  readonly step: number;
  readonly fileVersion?: string;
  readonly isRestart: boolean;
  readonly scalars: Record<string, number>;
  readonly texts: Record<string, string>;
}

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** The events of a file, its checksums compared. */
export function readEvents(file: Uint8Array): ReadEvent[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const events: ReadEvent[] = [];
  for (let at = 0; at < file.length;) {
    const length = Number(view.getBigUint64(at, true));
    const sumOf = (from: number, to: number) =>
      maskedCrc32c(file.subarray(from, to));
    assertEquals(view.getUint32(at + 8, true), sumOf(at, at + 8));
    const start = at + 12, end = start + length;
    assertEquals(view.getUint32(end, true), sumOf(start, end));
    events.push(eventOf(fieldsOf(file.subarray(start, end))));
    at = end + 4;
  }
  return events;
}

function eventOf(fields: readonly Field[]): ReadEvent {
  const scalars: Record<string, number> = {};
  const texts: Record<string, string> = {};
  const summary = bytesOf(fields, 5) ?? new Uint8Array();
  for (const [, value] of fieldsOf(summary)) {
    const own = fieldsOf(value as Uint8Array);
    const tag = decode(bytesOf(own, 1)!), tensor = bytesOf(own, 8);
    if (tensor === undefined) scalars[tag] = numberOf(own, 2)!;
    else texts[tag] = decode(bytesOf(fieldsOf(tensor), 8)!);
  }
  const version = bytesOf(fields, 3);
  return {
    seconds: numberOf(fields, 1)!,
    step: numberOf(fields, 2)!,
    fileVersion: version && decode(version),
    isRestart: bytesOf(fields, 7) !== undefined,
    scalars,
    texts,
  };
}

function bytesOf(fields: readonly Field[], field: number) {
  return fields.find(([own]) => own === field)?.[1] as Uint8Array | undefined;
}

function numberOf(fields: readonly Field[], field: number) {
  return fields.find(([own]) => own === field)?.[1] as number | undefined;
}

function fieldsOf(bytes: Uint8Array): Field[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const fields: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0, scale = 1;
    for (; bytes[at] >= 128; scale *= 128) value += (bytes[at++] & 127) * scale;
    return value + bytes[at++] * scale;
  };
  while (at < bytes.length) {
    const key = varint(), field = key >> 3;
    switch (key & 7) {
      case 0:
        fields.push([field, varint()]);
        break;
      case 1:
        fields.push([field, view.getFloat64(at, true)]);
        at += 8;
        break;
      case 2: {
        const length = varint();
        fields.push([field, bytes.subarray(at, at += length)]);
        break;
      }
      case 5:
        fields.push([field, view.getFloat32(at, true)]);
        at += 4;
        break;
      default:
        throw new RangeError(`Cannot read wire type ${key & 7}`);
    }
  }
  return fields;
}
