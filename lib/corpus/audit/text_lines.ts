/**
 * The lines of a text file of any size and of any encoding, as they are: what
 * is wrong with them is for others to say.
 *
 * @module
 */

import { cannotRead } from "../../files.ts";
import { encodingOf } from "../../text_encoding.ts";
import { openText } from "../formats/text_source.ts";
import { countSign } from "../measures/quality.ts";

const READ_BYTES = 1 << 18;
/** Longer lines come in pieces. */
const MAX_PIECE = 1 << 20;

/** A line, or a piece of one that is very long. */
export interface LinePiece {
  /** Its text without the line end. */
  readonly text: string;
  /** Whether the line ends with it. */
  readonly ends: boolean;
}

/** How a file was read. */
export interface FileReading {
  /** Its length in bytes. */
  bytes: number;
  /** Bytes that are not valid in its encoding, each read as U+FFFD. */
  invalid: number;
}

/**
 * Reads the lines of a file: UTF-8, or UTF-16 by its byte order mark. What is
 * not valid becomes U+FFFD and is counted.
 *
 * @param reading Counted into, while it is read.
 */
export async function* readLines(
  path: string,
  reading: FileReading,
): AsyncGenerator<LinePiece> {
  let rest = "";
  for await (const text of readText(path, reading)) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield* pieces(line, true);
    if (rest.length > MAX_PIECE) {
      // Not between the halves of a character, nor before a line feed.
      const end = /[\ud800-\udbff\r]$/.test(rest)
        ? rest.length - 1
        : rest.length;
      yield* pieces(rest.slice(0, end), false);
      rest = rest.slice(end);
    }
  }
  if (rest !== "") yield* pieces(rest, true);
}

function* pieces(line: string, ends: boolean): Generator<LinePiece> {
  const text = ends && line.endsWith("\r") ? line.slice(0, -1) : line;
  if (text.length <= 2 * MAX_PIECE) return yield { text, ends };
  for (let at = 0; at < text.length; at += MAX_PIECE) {
    const piece = text.slice(at, at + MAX_PIECE);
    yield { text: piece, ends: ends && at + MAX_PIECE >= text.length };
  }
}

async function* readText(
  path: string,
  reading: FileReading,
): AsyncGenerator<string> {
  try {
    await using source = await openText({ path });
    // The two bytes before what was read last stand at the front.
    const buffer = new Uint8Array(2 + READ_BYTES);
    let decoder: TextDecoder | undefined;
    let genuine = 0, found = 0;
    const count = (text: string) => {
      found += countSign(text, "\ufffd");
      reading.invalid = Math.max(0, found - genuine);
      return text;
    };
    for (;;) {
      const read = await source.read(buffer.subarray(2));
      if (read === null) break;
      const end = 2 + read, bytes = buffer.subarray(2, end);
      reading.bytes += read;
      decoder ??= new TextDecoder(encodingOf(bytes));
      if (decoder.encoding === "utf-8") {
        genuine += countMarks(buffer.subarray(0, end));
      }
      yield count(decoder.decode(bytes, { stream: true }));
      buffer.copyWithin(0, read, end);
    }
    if (decoder !== undefined) yield count(decoder.decode());
  } catch (error) {
    throw cannotRead(path, error);
  }
}

/** Counts U+FFFD that stand in a file as such: EF BF BD. */
function countMarks(bytes: Uint8Array): number {
  let count = 0;
  for (
    let at = bytes.indexOf(0xef);
    at >= 0;
    at = bytes.indexOf(0xef, at + 1)
  ) {
    if (bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd) count++;
  }
  return count;
}
