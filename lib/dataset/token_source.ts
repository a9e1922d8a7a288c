/**
 * Where a dataset's bytes come from: the system's page cache, mapped by libc's
 * mmap, or plain reads where that is not to be had.
 *
 * A mapped page that is read after munmap, or that was cut off the file, kills
 * the process. So no view of a mapping ever leaves this file, files are only
 * replaced by renaming, never shortened in place, and that nobody else does so is
 * looked at before each copy.
 *
 * @module
 */

import { assertPlain } from "../files.ts";
import { isGranted } from "../permissions.ts";

/** What is wrong with a file of which a part was cut off. */
const SHORTER = "it became shorter while in use";

/** Read-only bytes of a file. */
export interface TokenSource extends Disposable {
  /** How many bytes there are. */
  readonly size: number;
  /** True when they are mapped, not read. */
  readonly mapped: boolean;
  /**
   * Copies bytes out.
   *
   * @param start Where in the file, within bounds.
   * @param into Where to, filled as a whole.
   */
  copy(start: number, into: Uint8Array): void;
}

/**
 * Opens a file the quickest way allowed.
 *
 * Mapping takes Deno's `--allow-ffi`, without a path; it is never asked for.
 *
 * @param mapping False for plain reads.
 * @returns Its bytes; dispose of them to close it.
 */
export function openTokenSource(path: string, mapping: boolean): TokenSource {
  assertPlain(Deno.statSync(path));
  return (mapping ? map(path) : undefined) ?? new ReadSource(path);
}

/** Reads at any place, a system call or two each time. */
class ReadSource implements TokenSource {
  readonly mapped = false;
  readonly size: number;
  readonly #file: Deno.FsFile;

  constructor(path: string) {
    this.#file = Deno.openSync(path);
    this.size = this.#file.statSync().size;
  }

  copy(start: number, into: Uint8Array): void {
    this.#file.seekSync(start, Deno.SeekMode.Start);
    for (let at = 0; at < into.length;) {
      const read = this.#file.readSync(into.subarray(at));
      if (read === null) throw new Error(SHORTER);
      at += read;
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

const SYMBOLS = {
  open: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  lseek: { parameters: ["i32", "i64", "i32"], result: "i64" },
  mmap: {
    parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"],
    result: "pointer",
  },
  munmap: { parameters: ["pointer", "usize"], result: "i32" },
} as const;

type LibC = Deno.DynamicLibrary<typeof SYMBOLS>;

/** The names of libc; a system that has it under none is read plainly. */
const LIBC_NAMES: Partial<Record<typeof Deno.build.os, readonly string[]>> = {
  linux: ["libc.so.6", `libc.musl-${Deno.build.arch}.so.1`],
  darwin: ["libSystem.B.dylib"],
  freebsd: ["libc.so.7"],
};

// The same numbers on Linux, macOS and FreeBSD.
const O_RDONLY = 0, SEEK_END = 2, PROT_READ = 1, MAP_PRIVATE = 2;
const MAP_FAILED = 2n ** 64n - 1n;

/** The file mapped; undefined where FFI, libc or the mapping is refused. */
function map(path: string): TokenSource | undefined {
  // open() through libc would pass Deno's own check by.
  const isAllowed = isGranted({ name: "ffi" }) &&
    isGranted({ name: "read", path });
  if (!isAllowed) return undefined;
  const libc = openLibC();
  if (libc === undefined) return undefined;
  const { open, close, lseek, mmap } = libc.symbols;
  const descriptor = open(new TextEncoder().encode(`${path}\0`), O_RDONLY);
  if (descriptor < 0) {
    libc.close();
    return undefined;
  }
  // The size of this very file, should the name just be moving to another.
  const size = lseek(descriptor, 0n, SEEK_END);
  const pointer = size > 0n
    ? mmap(null, size, PROT_READ, MAP_PRIVATE, descriptor, 0n)
    : null;
  if (pointer === null || Deno.UnsafePointer.value(pointer) === MAP_FAILED) {
    close(descriptor);
    libc.close();
    return undefined;
  }
  return new MappedSource(libc, { descriptor, pointer, size: Number(size) });
}

function openLibC(): LibC | undefined {
  for (const name of LIBC_NAMES[Deno.build.os] ?? []) {
    try {
      return Deno.dlopen(name, SYMBOLS);
    } catch {
      continue; // another libc
    }
  }
  return undefined;
}

/** The mapped file; its view is private, so none outlives the mapping. */
class MappedSource implements TokenSource {
  readonly mapped = true;
  readonly size: number;
  readonly #libc: LibC;
  readonly #descriptor: number;
  readonly #pointer: Deno.PointerObject;
  #bytes?: Uint8Array;

  constructor(
    libc: LibC,
    { descriptor, pointer, size }: {
      readonly descriptor: number;
      readonly pointer: Deno.PointerObject;
      readonly size: number;
    },
  ) {
    this.#libc = libc;
    this.#descriptor = descriptor;
    this.#pointer = pointer;
    this.size = size;
    this.#bytes = new Uint8Array(
      Deno.UnsafePointerView.getArrayBuffer(pointer, size),
    );
  }

  copy(start: number, into: Uint8Array): void {
    if (this.#bytes === undefined) throw new Error("it is closed");
    const { lseek } = this.#libc.symbols;
    if (lseek(this.#descriptor, 0n, SEEK_END) < BigInt(this.size)) {
      throw new Error(SHORTER);
    }
    into.set(this.#bytes.subarray(start, start + into.length));
  }

  [Symbol.dispose](): void {
    if (this.#bytes === undefined) return;
    this.#bytes = undefined;
    const { munmap, close } = this.#libc.symbols;
    munmap(this.#pointer, BigInt(this.size));
    close(this.#descriptor);
    this.#libc.close();
  }
}
