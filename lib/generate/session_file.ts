/**
 * A saved session as bytes, for a file: where a text stands, to be gone on with
 * by another run or another machine.
 *
 * ```
 * "PTBR-SES"  the length of the head (u32)  the head, JSON
 * a block each: timeShift, wkv, channelShift  (f32)
 * the logits, where there are some            (f32)
 * the CRC-32 of all before                    (u32)
 * ```
 *
 * Numbers are little-endian, as on every machine that Deno runs on. The head says what shape of model it is of, so that
 * the length of all else is known before anything is reserved.
 *
 * @module
 */

import { crc32 } from "../crc32.ts";
import { architectureOf } from "../model/architecture.ts";
import type { RWKVConfig } from "../model/config.ts";
import type { SavedSession } from "./session.ts";

/** The first bytes. */
const SIGNATURE = "PTBR-SES";
/** The format that is written; a change that older programs misread raises it. */
const VERSION = 1;
/** No head comes near this, in bytes. */
const MOST_HEAD = 1 << 16;
/** Bytes of the signature and of the head's length. */
const PREFIX = SIGNATURE.length + 4;
/** Fields that change what training does, and not what is remembered. */
const OF_TRAINING: readonly string[] = ["maxSeqLen", "dropout"];

/** Whose session it is. */
export interface SessionFileOptions {
  /**
   * What the caller calls the model's weights, such as a checksum of their file.
   * A session that was written with one is read with the same one only.
   */
  readonly weights?: string;
}

/** What the head says. */
interface Head {
  readonly version: number;
  readonly tokens: number;
  readonly hasLogits: boolean;
  readonly model: Readonly<Record<string, unknown>>;
  readonly weights?: string;
  /** The last tokens, for penalties; absent in older files. */
  readonly recent?: readonly number[];
}

/**
 * Writes a saved session as bytes. `JSON.stringify` is not the way: it makes
 * objects of typed arrays, in many times the room, and knows no infinities.
 *
 * @param saved What `Session.save()` gave.
 * @param config The shape of its model.
 * @param options Whose weights it is of.
 * @returns The bytes of a file.
 * @throws {RangeError} When the session is of another shape.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../backend/reference/reference_backend.ts";
 * import { RWKVConfig } from "../model/config.ts";
 * import { RWKV } from "../model/rwkv.ts";
 * import { Session } from "./session.ts";
 * import { decodeSession, encodeSession } from "./session_file.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const config = new RWKVConfig({ vocabSize: 10, dModel: 8, dFfn: 16 });
 * const model = new RWKV(config, new ReferenceBackend());
 * model.initialize(42);
 * using session = new Session(model);
 * await session.feed([3, 1, 4]);
 * const saved = await session.save();
 * const bytes = encodeSession(saved, config); // Deno.writeFile(path, bytes)
 * assertEquals(decodeSession(bytes, config), saved);
 * ```
 */
export function encodeSession(
  { tokens, state, logits, recent }: SavedSession,
  config: RWKVConfig,
  { weights }: SessionFileOptions = {},
): Uint8Array<ArrayBuffer> {
  const parts = [
    ...state.flatMap((block) => [
      block.timeShift,
      block.wkv,
      block.channelShift,
    ]),
    ...logits === undefined ? [] : [logits],
  ];
  const lengths = lengthsOf(config, logits !== undefined);
  if (
    parts.length !== lengths.length ||
    parts.some((part, i) => part.length !== lengths[i])
  ) {
    throw new RangeError("Cannot write a session: it is of another shape");
  }
  const model = shapeOf(config);
  const head = new TextEncoder().encode(JSON.stringify(
    {
      version: VERSION,
      tokens,
      hasLogits: logits !== undefined,
      model,
      weights,
      recent,
    } satisfies Head,
  ));
  if (head.length > MOST_HEAD) {
    throw new RangeError(
      "Cannot write a session: the name of the weights is too long",
    );
  }
  const bytes = new Uint8Array(PREFIX + head.length + 4 * sum(lengths) + 4);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(SIGNATURE));
  view.setUint32(SIGNATURE.length, head.length, true);
  bytes.set(head, PREFIX);
  let at = PREFIX + head.length;
  for (const part of parts) {
    const { buffer, byteOffset, byteLength } = part;
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  view.setUint32(at, crc32(bytes.subarray(0, at)), true);
  return bytes;
}

/**
 * Reads what {@linkcode encodeSession} wrote.
 *
 * @param bytes All of a file.
 * @param config The shape of the model that shall go on.
 * @param options Whose weights they are.
 * @returns What `Session.restore()` takes.
 * @throws {SyntaxError} When it is no session, cut short or damaged.
 * @throws {RangeError} When it is of another model.
 */
export function decodeSession(
  bytes: Uint8Array,
  config: RWKVConfig,
  { weights }: SessionFileOptions = {},
): SavedSession {
  const { head, end } = readHead(bytes);
  assertSameModel(head, config, weights);
  const lengths = lengthsOf(config, head.hasLogits);
  if (bytes.length !== end + 4 * sum(lengths) + 4) {
    throw unreadable("it has not the length that it says");
  }
  let at = end;
  const parts = lengths.map((length) =>
    new Float32Array(
      new Uint8Array(bytes.subarray(at, at += 4 * length)).buffer,
    )
  );
  const logits = head.hasLogits ? parts.pop() : undefined;
  const state = Array.from({ length: config.nLayers }, (_, i) => ({
    timeShift: parts[3 * i],
    wkv: parts[3 * i + 1],
    channelShift: parts[3 * i + 2],
  }));
  return {
    tokens: head.tokens,
    state,
    logits,
    ...recentOf(head, config.vocabSize),
  };
}

/** The head of a file whose checksum is right, and where it ends. */
function readHead(bytes: Uint8Array): { head: Head; end: number } {
  const signature = new TextDecoder().decode(bytes.subarray(0, 8));
  if (signature !== SIGNATURE) throw unreadable("it is no session");
  if (bytes.length < PREFIX + 4) throw unreadable("it is cut short");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = PREFIX + view.getUint32(SIGNATURE.length, true);
  const sumAt = bytes.length - 4;
  if (end > Math.min(sumAt, PREFIX + MOST_HEAD)) {
    throw unreadable("it is cut short");
  }
  if (crc32(bytes.subarray(0, sumAt)) !== view.getUint32(sumAt, true)) {
    throw unreadable("it is damaged: its checksum differs");
  }
  let head: Partial<Head> | null;
  try {
    head = JSON.parse(new TextDecoder().decode(bytes.subarray(PREFIX, end)));
  } catch {
    throw unreadable("its head is not JSON");
  }
  if (head?.version !== VERSION) {
    throw unreadable(`it is of version ${head?.version}, not ${VERSION}`);
  }
  const { tokens, hasLogits, model } = head;
  if (
    !Number.isSafeInteger(tokens) || tokens! < 0 ||
    typeof hasLogits !== "boolean" || typeof model !== "object" ||
    model === null
  ) {
    throw unreadable("its head lacks a field");
  }
  return { head: head as Head, end };
}

function assertSameModel(
  { model, weights: own }: Head,
  config: RWKVConfig,
  weights: string | undefined,
): void {
  const shape = shapeOf(config);
  for (const name of new Set([...Object.keys(shape), ...Object.keys(model)])) {
    if (model[name] === shape[name]) continue;
    throw new RangeError(
      `Cannot read a session: it is of a model with ${name} ${
        model[name]
      }, not ${shape[name]}`,
    );
  }
  if (own !== undefined && own !== weights) {
    throw new RangeError(
      "Cannot read a session: it is of a model with other weights",
    );
  }
}

/** What a model's state depends on, as JSON has it. */
function shapeOf(config: RWKVConfig): Record<string, unknown> {
  const fields = Object.entries(config.toJSON())
    .filter(([name]) => !OF_TRAINING.includes(name));
  return JSON.parse(JSON.stringify(Object.fromEntries(fields)));
}

/** How many numbers each part has, in the order of the file. */
function lengthsOf(config: RWKVConfig, hasLogits: boolean): number[] {
  const { dModel, nLayers, vocabSize } = config;
  const wkv = architectureOf(config).emptyState(config).length;
  return [
    ...Array.from({ length: nLayers }, () => [dModel, wkv, dModel]).flat(),
    ...hasLogits ? [vocabSize] : [],
  ];
}

/** The last tokens that a head names. */
function recentOf(
  { recent }: Head,
  vocabSize: number,
): Pick<SavedSession, "recent"> {
  if (recent === undefined) return {};
  const isToken = (id: unknown) =>
    Number.isInteger(id) && id as number >= 0 && id as number < vocabSize;
  if (!Array.isArray(recent) || !recent.every(isToken)) {
    throw unreadable("its head names tokens that the model has not");
  }
  return { recent };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function unreadable(reason: string): SyntaxError {
  return new SyntaxError(`Cannot read a session: ${reason}`);
}
