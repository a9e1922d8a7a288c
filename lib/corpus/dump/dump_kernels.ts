/**
 * What is hot in reading dumps, as WebAssembly: the blocks of bzip2, and pages
 * in the form that MediaWiki writes. The sources are in `kernels/dump/`. Each
 * thread has an instance of its own; it needs no permission and no library.
 *
 * @module
 */

import { MODULE } from "../../../kernels/dump/module.ts";

/** Blocks that are decoded at once, for speed. */
export const BLOCKS_AT_ONCE = 2;
/** Zeros that the decoder may read after a block. */
const PADDING = 256;
/** With a block that unpacks to more bytes `openBlocks` gives up. */
const MAX_USUAL_BLOCK = 4 << 20;
const PAGE_BYTES = 65_536;

/** Why a block is refused, by the status that the decoder returns. */
const REASONS: readonly string[] = [
  "",
  "cut off inside the block",
  "randomised blocks (bzip2 0.9.0) are not supported",
  "bad table count",
  "bad table selector",
  "bad code length",
  "bad Huffman code",
  "bad run length",
  "block too long",
  "block without an end",
  "block without symbols",
  "bad block origin",
  "bad block checksum",
];
const TRUNCATED = 1;

/** What the module exports; pointers are bytes of its memory. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly found: { readonly value: number };
  prepare(): number;
  readBlock(
    lane: number,
    input: number,
    length: number,
    startBit: number,
    capacity: number,
  ): number;
  unsort(count: number): void;
  sizeOf(lane: number): number;
  finishBlock(lane: number, out: number): number;
  checksumOf(lane: number): number;
  endOf(lane: number): number;
  isPlain(from: number, end: number): number;
  findPage(from: number, end: number, closing: number): number;
  skipSpace(from: number, end: number): number;
  readPage(from: number, end: number): number;
  decodeText(from: number, end: number, out: number): number;
}

/** A block as it lies in the compressed data. */
export interface PackedBlock {
  /** The bytes that hold it. */
  readonly bytes: Uint8Array;
  /** Where its magic number stands in them. */
  readonly startBit: number;
  /** The bit after its last one, where that is known. */
  readonly endBit?: number;
  /** The level of its stream, 1 … 9. */
  readonly level: number;
}

/** A block that was decoded. */
export interface DecodedBlock {
  /** Its bytes, in the module's memory: valid until the next call. */
  readonly output: Uint8Array<ArrayBuffer>;
  /** Its CRC, checked. */
  readonly crc: number;
  /** The bit after its last one, counted as its `startBit`. */
  readonly endBit: number;
}

/** What a page's parts are, as places in the text that was opened. */
export interface RawPage {
  /** Where it starts and ends. */
  readonly start: number;
  readonly end: number;
  /** Whether a parser has to read it. */
  readonly unusual: boolean;
  /** Whether it has a `<redirect>`. */
  readonly redirect: boolean;
}

/** A part of a page. */
export type PagePart = "title" | "text" | "id" | "namespace" | "model";

/** The place in `found` of the two ends of each part. */
const PARTS: Readonly<Record<PagePart, number>> = {
  title: 0,
  text: 2,
  id: 4,
  namespace: 6,
  model: 8,
};

let compiled: WebAssembly.Module | undefined;

/**
 * An instance of the kernels.
 *
 * @example
 * ```ts
 * import { DumpKernels } from "./dump_kernels.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const kernels = new DumpKernels();
 * const xml = "<page><title>Sol &amp; Lua</title><revision>" +
 *   "<text>Dois astros.</text></revision></page>";
 * kernels.open([new TextEncoder().encode(xml)]);
 * const page = kernels.readPage(0);
 * assertEquals(page !== "cut off" && page?.unusual, false);
 * assertEquals(kernels.textOf("title"), "Sol & Lua");
 * ```
 */
export class DumpKernels {
  readonly #kernels: Exports;
  /** The first byte of memory that is free. */
  readonly #base: number;
  readonly #decoder = new TextDecoder("utf-8", {
    fatal: true,
    ignoreBOM: true,
  });
  #bytes: Uint8Array<ArrayBuffer>;
  /** The XML: where it starts and ends in memory. */
  #start = 0;
  #end = 0;

  /** Compiles the module at the first use. */
  constructor() {
    compiled ??= new WebAssembly.Module(Uint8Array.fromBase64(MODULE));
    const { exports } = new WebAssembly.Instance(compiled, {
      env: {
        abort: () => {
          throw new Error("Cannot read the dump: the kernels failed");
        },
      },
    });
    this.#kernels = exports as unknown as Exports;
    this.#base = this.#kernels.prepare();
    this.#bytes = this.#reserve(this.#base);
  }

  /** How many bytes were opened. */
  get length(): number {
    return this.#end - this.#start;
  }

  /**
   * Decodes a block.
   *
   * @returns What it holds, or why it is not sound.
   */
  decodeBlock(block: PackedBlock): DecodedBlock | string {
    const input = this.#base;
    const reason = this.#readBlock(0, block, input);
    if (reason !== undefined) return reason;
    const kernels = this.#kernels;
    kernels.unsort(1);
    const size = kernels.sizeOf(0), out = input;
    this.#reserve(out + size + PADDING);
    const status = kernels.finishBlock(0, out);
    if (status !== 0) return REASONS[status];
    return {
      output: this.#bytes.subarray(out, out + size),
      crc: kernels.checksumOf(0) >>> 0,
      endBit: kernels.endOf(0) >>> 0,
    };
  }

  /**
   * Decodes blocks that follow one another and opens what they hold as XML.
   *
   * @param blocks The blocks, with the bits where they end.
   * @returns False where one is damaged, ends elsewhere or grows to more than
   * 4 MiB, as no dump's does: that is for a more careful reader.
   */
  openBlocks(blocks: readonly PackedBlock[]): boolean {
    const kernels = this.#kernels;
    let end = this.#base;
    this.#start = this.#end = end;
    for (let at = 0; at < blocks.length; at += BLOCKS_AT_ONCE) {
      const some = blocks.slice(at, at + BLOCKS_AT_ONCE);
      for (const [lane, block] of some.entries()) {
        if (this.#readBlock(lane, block, end) !== undefined) return false;
        if (kernels.endOf(lane) >>> 0 !== block.endBit) return false;
      }
      kernels.unsort(some.length);
      for (const lane of some.keys()) {
        const size = kernels.sizeOf(lane);
        if (size > MAX_USUAL_BLOCK) return false;
        this.#reserve(end + size + PADDING);
        if (kernels.finishBlock(lane, end) !== 0) return false;
        end += size;
      }
    }
    this.#end = end;
    return true;
  }

  /** Opens XML, in pieces that follow one another. */
  open(pieces: readonly Uint8Array[]): void {
    const length = pieces.reduce((sum, { length }) => sum + length, 0);
    this.#start = this.#base;
    this.#end = this.#start + length;
    const bytes = this.#reserve(this.#end + PADDING);
    let at = this.#start;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
  }

  /** Copies what was opened, from one place to another. */
  copy(from: number, to: number = this.length): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(this.#start + from, this.#start + to);
  }

  /** Whether what was opened is text that needs no careful reading. */
  isPlain(from: number = 0, to: number = this.length): boolean {
    return this.#kernels.isPlain(this.#start + from, this.#start + to) === 1;
  }

  /** The next place with `<page>` that ends before `to`, or `to`. */
  findPage(from: number, to: number = this.length): number {
    const end = this.#start + Math.min(to, this.length);
    return this.#kernels.findPage(this.#start + from, end, 0) - this.#start;
  }

  /** The next place that is no white space, or the length. */
  skipSpace(from: number): number {
    return this.#kernels.skipSpace(this.#start + from, this.#end) -
      this.#start;
  }

  /**
   * Reads the page at a place.
   *
   * @param from Where its `<page>` is.
   * @returns What it is; "cut off" where it does not end, undefined where what
   * it holds makes it doubtful that it ends where it seems to.
   */
  readPage(from: number): RawPage | "cut off" | undefined {
    const start = this.#start + from;
    const kernels = this.#kernels;
    const close = kernels.findPage(start, this.#end, 1);
    if (close === this.#end) return "cut off";
    const end = close + "</page>".length;
    const status = kernels.readPage(start, end);
    if (status === 2) return undefined;
    const words = this.#found();
    return {
      start: from,
      end: end - this.#start,
      unusual: status === 1,
      redirect: words[10] !== 0,
    };
  }

  /** Whether the page that was read has a part. */
  has(part: PagePart): boolean {
    return this.#found()[PARTS[part]] !== 0;
  }

  /**
   * The first byte of the page's text after spaces, its entities not decoded;
   * undefined where there is none.
   */
  firstOfText(): number | undefined {
    const [from, end] = this.#ends("text");
    const at = this.#kernels.skipSpace(from, end);
    return at < end ? this.#bytes[at] : undefined;
  }

  /** A part of the page that was read, decoded; "" where it has none. */
  textOf(part: PagePart): string {
    const [from, end] = this.#ends(part);
    if (from === end) return "";
    const out = this.#end + PADDING;
    this.#reserve(out + (end - from) + PADDING);
    const to = this.#kernels.decodeText(from, end, out);
    return this.#decoder.decode(this.#bytes.subarray(out, to));
  }

  #ends(part: PagePart): [number, number] {
    const words = this.#found(), at = PARTS[part];
    return [words[at], words[at + 1]];
  }

  #found(): Uint32Array<ArrayBuffer> {
    const { buffer } = this.#bytes;
    return new Uint32Array(buffer, this.#kernels.found.value, 11);
  }

  /** Puts a block into a lane; tells why it is not sound. */
  #readBlock(
    lane: number,
    { bytes, startBit, level }: PackedBlock,
    input: number,
  ): string | undefined {
    const memory = this.#reserve(input + bytes.length + PADDING);
    memory.set(bytes, input);
    memory.fill(0, input + bytes.length, input + bytes.length + PADDING);
    const status = this.#kernels.readBlock(
      lane,
      input,
      bytes.length,
      startBit,
      level * 100_000,
    );
    return status === 0 ? undefined : REASONS[status];
  }

  /** Grows the memory to so many bytes. */
  #reserve(bytes: number): Uint8Array<ArrayBuffer> {
    const { memory } = this.#kernels;
    const missing = bytes - memory.buffer.byteLength;
    if (missing > 0) {
      // Growing seldom: each time costs the views anew.
      memory.grow(Math.ceil((missing + (1 << 20)) / PAGE_BYTES));
    }
    if (this.#bytes?.buffer !== memory.buffer) {
      this.#bytes = new Uint8Array(memory.buffer as ArrayBuffer);
    }
    return this.#bytes;
  }
}

/** Whether a reason is that the bytes end before the block does. */
export function isTruncation(reason: string): boolean {
  return reason === REASONS[TRUNCATED];
}
