/**
 * Token files for the dataset's tests.
 *
 * @module
 */

/** Writes ids as a token file. */
export async function writeTokens(
  path: string,
  tokens: readonly number[],
): Promise<void> {
  await Deno.writeFile(path, bytesOf(tokens));
}

/** Ids as 16-bit little-endian bytes. */
export function bytesOf(tokens: readonly number[]): Uint8Array {
  return Uint8Array.from(tokens.flatMap((id) => [id & 255, id >> 8]));
}
