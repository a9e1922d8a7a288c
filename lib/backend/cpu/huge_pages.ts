/**
 * Large pages for the shared memory, where the system gives them when asked
 * (Linux: transparent huge pages set to `madvise` or `always`). Matrices are
 * read from end to end, and every 4 KiB page costs a walk of the page tables.
 *
 * @module
 */

import { isGranted } from "../../permissions.ts";
import { baseAddress } from "./blas.ts";

/** `MADV_HUGEPAGE` of Linux's madvise(2). */
const HUGE_PAGES = 14;

/**
 * Asks for large pages for what a memory holds and will hold when it grows.
 *
 * @param capacity Bytes it can grow to; V8 reserves their addresses at once.
 * @returns Whether the system agreed. Everything works without.
 */
export function adviseHugePages(
  memory: WebAssembly.Memory,
  capacity: number,
): boolean {
  if (Deno.build.os !== "linux" || !isGranted({ name: "ffi" })) return false;
  let libc;
  try {
    libc = Deno.dlopen("libc.so.6", {
      madvise: { parameters: ["usize", "usize", "i32"], result: "i32" },
    });
  } catch {
    return false; // another C library than glibc
  }
  const start = BigInt(baseAddress(memory));
  const result = libc.symbols.madvise(start, BigInt(capacity), HUGE_PAGES);
  libc.close();
  return result === 0;
}
