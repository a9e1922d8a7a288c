/**
 * A thread of `memory_reader.ts` that reads memory as fast as the machine can:
 * the C library's `memchr`, looking for a byte that is not there.
 *
 * @module
 */

/** What the worker is told once. */
export interface ReadTask {
  /** Its part of the memory, holding no zero. */
  readonly part: Uint8Array<SharedArrayBuffer>;
  /** How often a reading reads it. */
  readonly passes: number;
  /**
   * Word 0 starts a reading when it changes, and ends the worker below 0; word 1
   * counts who is done.
   */
  readonly words: Int32Array;
}

/** The C library by the name it has here. */
const LIBRARIES: Partial<Record<typeof Deno.build.os, string>> = {
  linux: "libc.so.6",
  darwin: "libSystem.dylib",
  windows: "msvcrt.dll",
};

addEventListener("message", ({ data }: MessageEvent<ReadTask>) => {
  const { part, passes, words } = data;
  const { symbols } = Deno.dlopen(LIBRARIES[Deno.build.os] ?? "libc.so", {
    memchr: { parameters: ["buffer", "i32", "usize"], result: "pointer" },
  });
  // Foreign functions take any buffer; their types, no shared one.
  const bytes = part as Uint8Array as Uint8Array<ArrayBuffer>;
  Atomics.add(words, 1, 1);
  Atomics.notify(words, 1);
  for (let round = 0;; round++) {
    Atomics.wait(words, 0, round);
    if (Atomics.load(words, 0) < 0) return close();
    for (let pass = 0; pass < passes; pass++) {
      if (symbols.memchr(bytes, 0, BigInt(part.length)) !== null) {
        throw new Error("Cannot measure: there is a zero in the memory");
      }
    }
    Atomics.add(words, 1, 1);
    Atomics.notify(words, 1);
  }
});
