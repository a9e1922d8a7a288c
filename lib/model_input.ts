/**
 * Files that a program has been given rather than a path: bytes, what a person
 * chose or dropped on a page, or an address.
 *
 * @module
 */

import {
  type ByteSource,
  memorySource,
} from "./checkpoint/encoding/byte_source.ts";

/**
 * A file: its bytes, a `File` or `Blob`, an address, or something that gives
 * bytes at once from anywhere in it, such as a sync access handle of a browser's
 * private files.
 */
export type ModelInput =
  | Uint8Array<ArrayBuffer>
  | Blob
  | URL
  | (ByteSource & Partial<Disposable>);

/** How a file is read. */
export interface ReadInputOptions {
  /** Ends the work; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * Is told how many bytes are there, and of how many, where that is known.
   * Bytes that are in memory already are not told of.
   */
  readonly onProgress?: (bytes: number, allBytes?: number) => void;
}

/** What addresses weights in a WebAssembly memory cannot be more, in bytes. */
const MOST_BYTES = 2 ** 32;

/** Room for a file whose length nobody tells, in bytes. */
const FIRST_ROOM = 2 ** 20;

/**
 * Makes a file readable anywhere. What comes from an address or a `Blob` is in
 * memory then.
 *
 * @param what What errors call it before its name: `model`.
 * @param options What may end it, who is told, and how many bytes are refused.
 * @throws {RangeError} When it is longer than that.
 * @throws {Error} When it cannot be read, in a sentence.
 *
 * @example
 * ```ts
 * import { openInput } from "./model_input.ts";
 * import { assertEquals } from "@std/assert";
 *
 * using source = await openInput(new Blob(["bom dia"]), "text");
 * const head = new Uint8Array(3);
 * source.read(head, 0);
 * assertEquals(new TextDecoder().decode(head), "bom");
 * ```
 */
export async function openInput(
  input: ModelInput,
  what: string,
  { maxBytes = MOST_BYTES, ...options }: ReadInputOptions & {
    readonly maxBytes?: number;
  } = {},
): Promise<ByteSource & Disposable> {
  const name = nameOf(input);
  const called = name === undefined ? what : `${what} "${name}"`;
  const refuse = () => {
    throw new RangeError(
      `Cannot read ${called}: it has more than ${maxBytes} bytes`,
    );
  };
  if (input instanceof Uint8Array) {
    if (input.length > maxBytes) refuse();
    return memorySource(called, input);
  }
  if (!(input instanceof Blob || input instanceof URL)) {
    if (input.length > maxBytes) refuse();
    return {
      name: input.name,
      length: input.length,
      read: (into, offset) => input.read(into, offset),
      [Symbol.dispose]: () => input[Symbol.dispose]?.(),
    };
  }
  try {
    const { stream, length } = input instanceof URL
      ? await fetched(input, options.signal)
      : { stream: input.stream(), length: input.size };
    const bytes = await collect(stream, length, { ...options, maxBytes });
    return memorySource(called, bytes);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error === TOO_LONG) refuse();
    if (error instanceof RangeError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot read ${called}: ${reason}`, { cause: error });
  }
}

/** What a file is called. */
export function nameOf(input: ModelInput): string | undefined {
  if (input instanceof URL) return input.href;
  return "name" in input && typeof input.name === "string"
    ? input.name
    : undefined;
}

/** The error of a stream that has more than it may. */
const TOO_LONG = new Error();

async function fetched(
  url: URL,
  signal: AbortSignal | undefined,
): Promise<{ stream: ReadableStream<Uint8Array>; length?: number }> {
  const response = await fetch(url, { signal });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new Error(
      `the server answers ${response.status} ${response.statusText}`.trim(),
    );
  }
  const { body: stream, headers } = response;
  // The length of what is packed is not that of what comes out.
  const isPlain = headers.get("content-encoding") === null;
  const length = Number(headers.get("content-length") ?? NaN);
  return isPlain && Number.isSafeInteger(length)
    ? { stream, length }
    : { stream };
}

/** All of a stream in one piece. */
async function collect(
  stream: ReadableStream<Uint8Array>,
  length: number | undefined,
  { signal, onProgress, maxBytes }: ReadInputOptions & { maxBytes: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  let bytes: Uint8Array<ArrayBuffer>, at = 0;
  try {
    if (length !== undefined && length > maxBytes) throw TOO_LONG;
    bytes = new Uint8Array(length ?? FIRST_ROOM);
    for (;;) {
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      if (done) break;
      if (at + value.length > maxBytes) throw TOO_LONG;
      if (at + value.length > bytes.length) {
        const room = Math.min(2 * (at + value.length), maxBytes);
        const more = new Uint8Array(room);
        more.set(bytes.subarray(0, at));
        bytes = more;
      }
      bytes.set(value, at);
      at += value.length;
      onProgress?.(at, length);
    }
  } finally {
    await reader.cancel().catch(() => {}); // nothing where it has ended
  }
  if (length !== undefined && at < length) {
    throw new Error(`it ends after ${at} of ${length} bytes`);
  }
  return bytes.subarray(0, at);
}
