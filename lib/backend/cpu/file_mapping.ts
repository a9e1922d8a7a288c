/**
 * Files in the shared memory without a copy: libc's mmap puts the system's page
 * cache where WebAssembly looks, so that weights cost neither reading nor memory
 * of one's own, and processes with the same file share it. What is written there
 * stays in this process.
 *
 * The system kills a process that reads a part that was cut off its file. Ours
 * are only replaced by renaming, never shortened in place.
 *
 * @module
 */

import type { FileIdentity } from "../backend.ts";
import { isGranted } from "../../permissions.ts";
import { baseAddress } from "./blas.ts";
import type { MappingPlace } from "./host.ts";

/** A multiple of the pages of every system. */
const PAGE = 65536;

// As Linux has them.
const O_RDONLY = 0, PROT_READ_WRITE = 3, MAP_PRIVATE_FIXED = 0x12;

/**
 * Puts a file over a part of the shared memory. What comes after its end, up to
 * the next page, is zero.
 *
 * @param path The file.
 * @param identity What it must be.
 * @param place Where it is put.
 * @returns The address of its first byte; undefined, and nothing done, where it
 * is another file, FFI is not allowed, or the system does not do that.
 * @throws {RangeError} When it does not fit.
 */
export function mapFile(
  path: string,
  identity: FileIdentity,
  { memory, reserve }: MappingPlace,
): number | undefined {
  const isAllowed = isGranted({ name: "ffi" }) &&
    isGranted({ name: "read", path });
  if (Deno.build.os !== "linux" || !isAllowed) return undefined;
  let libc;
  try {
    libc = Deno.dlopen("libc.so.6", {
      open: { parameters: ["buffer", "i32"], result: "i32" },
      close: { parameters: ["i32"], result: "i32" },
      mmap: {
        parameters: ["usize", "usize", "i32", "i32", "i32", "i64"],
        result: "usize",
      },
    });
  } catch {
    return undefined; // another C library than glibc
  }
  const { open, close, mmap } = libc.symbols;
  try {
    const descriptor = open(new TextEncoder().encode(`${path}\0`), O_RDONLY);
    if (descriptor < 0) return undefined;
    try {
      const now = Deno.statSync(path);
      if (
        now.dev !== identity.dev || now.ino !== identity.ino ||
        now.size !== identity.size
      ) return undefined;
      const address = reserve(identity.size + 2 * PAGE);
      const base = baseAddress(memory);
      const to = BigInt(Math.ceil((base + address) / PAGE) * PAGE);
      const size = BigInt(identity.size), flags = MAP_PRIVATE_FIXED;
      const at = mmap(to, size, PROT_READ_WRITE, flags, descriptor, 0n);
      return at === to ? Number(to) - base : undefined;
    } finally {
      close(descriptor);
    }
  } finally {
    libc.close();
  }
}
