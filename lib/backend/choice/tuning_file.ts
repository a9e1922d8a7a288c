/**
 * The file that keeps how this machine's adapters multiply best, so that it is
 * found out once: `tuning.json` in the user's cache folder. A file that is not
 * there, or of no use, is the same as none: products are then made as on an
 * adapter that nobody tuned for.
 *
 * @module
 */

import { homedir } from "node:os";
import type { Device } from "../webgpu/device.ts";
import type { Tiling, Tuning } from "../webgpu/matmul.ts";
import {
  CANDIDATES,
  kernelsVersion,
  type TuningReport,
} from "../webgpu/tuning.ts";
import { cannotRead, readTextOf, writeFileAtomic } from "../../files.ts";
import { isGranted } from "../../permissions.ts";

/** A larger file is not read, in bytes. */
const LARGEST_FILE = 2 ** 20;

/** Most adapters that are kept. */
const MOST_ADAPTERS = 32;

/** What is kept for one adapter. */
interface Entry {
  /** The adapter, the runtime and the kernels it holds for. */
  readonly key: string;
  readonly tuning: Tuning;
  /** 10⁹ operations a second, by candidate. */
  readonly speeds: TuningReport["speeds"];
}

/**
 * Where the file is: `$XDG_CACHE_HOME/ptbr-slm` or what the system has instead.
 *
 * @returns Undefined where the program may not ask for the user's home.
 */
export function tuningPath(): string | undefined {
  const { os } = Deno.build;
  if (os !== "windows" && os !== "darwin") {
    const name = "XDG_CACHE_HOME";
    const folder = isGranted({ name: "env", variable: name })
      ? Deno.env.get(name)
      : undefined;
    if (folder?.startsWith("/")) return `${folder}/ptbr-slm/tuning.json`;
  }
  if (!isGranted({ name: "sys", kind: "homedir" })) return undefined;
  const folders: Partial<Record<typeof os, string>> = {
    windows: "AppData/Local",
    darwin: "Library/Caches",
  };
  return `${homedir()}/${folders[os] ?? ".cache"}/ptbr-slm/tuning.json`;
}

/**
 * Looks up how a device multiplies best.
 *
 * @param path The file; none when undefined.
 * @returns The tuning, where the file has one for the device, and for people
 * where that is from or why there is none.
 */
export async function readTuning(
  device: Device,
  path: string | undefined = tuningPath(),
): Promise<{ tuning?: Tuning; origin: string }> {
  if (path === undefined) return { origin: "not tuned" };
  let entries: Entry[];
  try {
    entries = await readEntries(path);
  } catch (error) {
    return { origin: `not tuned: ${(error as Error).message}` };
  }
  const key = await keyOf(device);
  const entry = entries.find((entry) => entry.key === key);
  return entry === undefined
    ? { origin: "not tuned, see deno task tune" }
    : { tuning: entry.tuning, origin: `tuned, ${path}` };
}

/**
 * Keeps what was found out, beside what the file says of other adapters.
 *
 * @returns The file.
 * @throws {Error} When it cannot be written.
 */
export async function writeTuning(
  device: Device,
  { tuning, speeds }: TuningReport,
  path: string | undefined = tuningPath(),
): Promise<string> {
  if (path === undefined) {
    throw new Error(
      "Cannot keep the tuning: no permission to ask for the home folder; use deno task tune",
    );
  }
  const key = await keyOf(device);
  // A file that cannot be read is replaced.
  const others = (await readEntries(path).catch(() => []))
    .filter((entry) => entry.key !== key);
  const entries: Entry[] = [{ key, tuning, speeds }, ...others]
    .slice(0, MOST_ADAPTERS);
  await writeFileAtomic(path, JSON.stringify({ entries }, undefined, 2) + "\n");
  return path;
}

/**
 * WebGPU tells nothing of a driver's version, so after a change of it one should
 * tune anew; limits often change with it.
 */
async function keyOf(device: Device): Promise<string> {
  const { maxBufferSize, maxStorageBufferBindingSize } = device.gpu.limits;
  return [
    device.identity,
    maxBufferSize,
    maxStorageBufferBindingSize,
    navigator.userAgent, // the shader compiler comes with the runtime
    await kernelsVersion(),
  ].join(" | ");
}

async function readEntries(path: string): Promise<Entry[]> {
  let text: string;
  try {
    text = await readTextOf(path, LARGEST_FILE);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw cannotRead(path, error);
  }
  try {
    return entriesOf(JSON.parse(text));
  } catch {
    throw new SyntaxError(`Cannot read "${path}": it is not a tuning file`);
  }
}

/** The entries, each of them checked. */
function entriesOf(content: { entries: Entry[] }): Entry[] {
  return content.entries.slice(0, MOST_ADAPTERS).map(
    ({ key, tuning, speeds }) => {
      const { tilings, busy } = tuning;
      const known = tilings.map(knownTiling);
      if (
        typeof key !== "string" || !Number.isInteger(busy) || busy < 1 ||
        busy > 65535 || known.length > CANDIDATES.length
      ) throw new SyntaxError("an entry makes no sense");
      return { key, tuning: { tilings: known, busy }, speeds };
    },
  );
}

function knownTiling(tiling: Tiling): Tiling {
  const known = CANDIDATES.find((candidate) =>
    candidate.tile === tiling.tile && candidate.depth === tiling.depth &&
    candidate.side === tiling.side && candidate.ahead === tiling.ahead
  );
  if (known === undefined) throw new SyntaxError("an unknown tiling");
  return known;
}
