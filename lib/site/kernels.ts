/**
 * The CPU's kernels in a bundle: a file of their own, which is shorter than text
 * and is had before the backend is loaded that compiles them. The build has that
 * look here for them (`tools/site/bundle.ts`).
 *
 * @module
 */

/** Where the backend finds them, in base64 as it has them elsewhere. */
interface Place {
  SIMD_KERNELS?: string;
}

/**
 * Gets the kernels.
 *
 * @throws {Error} When the host does not give them.
 */
export async function getKernels(): Promise<void> {
  const place = globalThis as Place;
  if (place.SIMD_KERNELS !== undefined) return;
  const response = await fetch(new URL("./kernels.wasm", import.meta.url));
  if (!response.ok) {
    throw new Error(`Cannot get the kernels: the host says ${response.status}`);
  }
  const bytes: Uint8Array & { toBase64(): string } = new Uint8Array(
    await response.arrayBuffer(),
  );
  place.SIMD_KERNELS = bytes.toBase64();
}
