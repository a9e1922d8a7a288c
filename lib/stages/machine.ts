/**
 * How much memory and disk this machine has to give, where it may be asked.
 *
 * @module
 */

import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { isGranted } from "../permissions.ts";

/** Bytes of memory. */
export interface SystemMemory {
  /** All that there is. */
  readonly total: number;
  /** What a new program can have without others being moved to the disk. */
  readonly available: number;
}

/** The memory; undefined without `--allow-sys=systemMemoryInfo`. */
export function systemMemory(): SystemMemory | undefined {
  if (!isGranted({ name: "sys", kind: "systemMemoryInfo" })) return undefined;
  const { total, available } = Deno.systemMemoryInfo();
  return { total, available };
}

/**
 * Bytes that can still be written.
 *
 * @param folder Where; it need not be there yet.
 * @returns Undefined without `--allow-sys=statfs`, or where nobody can tell.
 */
export async function diskSpace(folder: string): Promise<number | undefined> {
  if (!isGranted({ name: "sys", kind: "statfs" })) return undefined;
  for (let path = resolve(folder);; path = dirname(path)) {
    try {
      const { bavail, bsize } = await statfs(path);
      return Number(bavail) * Number(bsize);
    } catch {
      if (path === dirname(path)) return undefined;
    }
  }
}
