/**
 * How the tables of the trainer grow.
 *
 * @module
 */

/** An array of twice the length, or of `least`, that begins as the one given. */
export function doubled<
  T extends Uint8Array | Uint16Array | Uint32Array | Float64Array,
>(array: T, least = 0): T {
  const Kind = array.constructor as new (length: number) => T;
  const bigger = new Kind(Math.max(least, array.length * 2));
  bigger.set(array);
  return bigger;
}
