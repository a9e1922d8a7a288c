/**
 * Compressors as baselines: to predict and to compress are the same. What a
 * document costs one is by how much longer the compressed text it learns from
 * becomes with the document behind it.
 *
 * zstd is Deno's own; `xz` and `7z`, for its PPMd, are programs that are used
 * where they are found and may be run.
 *
 * @module
 */

import { constants, zstdCompress } from "node:zlib";
import { promisify } from "node:util";
import { isGranted } from "../permissions.ts";

/** The compressors by name. */
export const COMPRESSORS = ["zstd", "xz", "ppmd"] as const;

/** A compressor's name. */
export type CompressorName = (typeof COMPRESSORS)[number];

/** How long bytes become, compressed. */
export type Compressor = (
  bytes: Uint8Array<ArrayBuffer>,
  signal?: AbortSignal,
) => Promise<number>;

/**
 * Why a baseline is not measured: its program may not be started, or is not
 * there; or there is too much to compress.
 */
export type AbsentReason = "not-permitted" | "not-found" | "too-much";

/** How far back xz looks at most, in bytes: over most texts to learn from. */
const XZ_WINDOW = 2 ** 27;
/** The least that it takes. */
const XZ_LEAST_WINDOW = 2 ** 12;
/** The strongest that each offers. */
const ZSTD_LEVEL = 22;
/** How many characters PPMd looks back, and its memory as a power of two. */
const PPMD_ORDER = 16, PPMD_MEMORY = 28;

const zstdAsync = promisify(zstdCompress);

const zstd: Compressor = async (bytes) => {
  const options = {
    // What is reserved follows from it, which would be much otherwise.
    pledgedSrcSize: bytes.length,
    params: {
      [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL,
      // What tells a file's length says nothing about its text.
      [constants.ZSTD_c_contentSizeFlag]: 0,
    },
  };
  return (await zstdAsync(bytes, options)).length;
};

/** Without a container, so that short documents are not charged for one. */
const xz: Compressor = async (bytes, signal) => {
  const window = Math.max(XZ_LEAST_WINDOW, Math.min(XZ_WINDOW, bytes.length));
  const filter = `--lzma2=preset=9e,dict=${window}`;
  const args = ["--format=raw", filter, "--stdout", "--threads=1"];
  return (await outputOf("xz", args, { bytes, signal })).length;
};

/** 7z writes to files only. */
const ppmd: Compressor = async (bytes, signal) => {
  const folder = await Deno.makeTempDir();
  try {
    const archive = `${folder}/a.7z`;
    await Deno.writeFile(`${folder}/a`, bytes);
    const method = `-m0=PPMd:o=${PPMD_ORDER}:mem=${PPMD_MEMORY}`;
    const quiet = ["-bd", "-y"];
    await outputOf("7z", [
      ...["a", "-t7z", method, ...quiet, archive, `${folder}/a`],
    ], { signal });
    const list = await outputOf("7z", ["l", "-slt", archive], { signal });
    const [, size] = /^Packed Size = (\d+)$/m.exec(
      new TextDecoder().decode(list),
    ) ?? [];
    if (size === undefined) {
      throw new Error("Cannot compress: 7z does not tell a size");
    }
    return Number(size);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
};

/** What a program writes. */
async function outputOf(
  program: string,
  args: string[],
  { bytes, signal }: {
    readonly bytes?: Uint8Array<ArrayBuffer>;
    readonly signal?: AbortSignal;
  },
): Promise<Uint8Array> {
  const child = new Deno.Command(program, {
    args,
    stdin: bytes === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    signal,
  }).spawn();
  // A program that fails may not read to the end; its code says that it failed.
  const fed = bytes === undefined
    ? undefined
    : new Blob([bytes]).stream().pipeTo(child.stdin).catch(() => {});
  const [{ code, stdout, stderr }] = await Promise.all([child.output(), fed]);
  signal?.throwIfAborted();
  if (code !== 0) {
    const [line = ""] = new TextDecoder().decode(stderr).trim().split("\n");
    throw new Error(
      `Cannot compress: ${program} ended with code ${code}: ${line}`,
    );
  }
  return stdout;
}

const KNOWN: Readonly<
  Record<CompressorName, { run: Compressor; program?: string }>
> = {
  zstd: { run: zstd },
  xz: { run: xz, program: "xz" },
  ppmd: { run: ppmd, program: "7z" },
};

/**
 * Finds a compressor.
 *
 * @param name Which one.
 * @returns It, or why it cannot be used.
 * @throws {Error} When its program fails.
 *
 * @example
 * ```ts
 * import { findCompressor } from "./compressors.ts";
 * import { assert } from "@std/assert";
 *
 * const zstd = await findCompressor("zstd");
 * assert(typeof zstd === "function");
 * assert(await zstd(new Uint8Array(10_000)) < 100);
 * ```
 */
export async function findCompressor(
  name: CompressorName,
): Promise<Compressor | AbsentReason> {
  const { run, program } = KNOWN[name];
  if (program === undefined) return run;
  // 7z writes files, and then reads them.
  const isPermitted = isGranted({ name: "run", command: program }) &&
    (name !== "ppmd" || isGranted({ name: "write" }));
  if (!isPermitted) return "not-permitted";
  try {
    await run(new Uint8Array(1));
    return run;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "not-found";
    throw error;
  }
}
