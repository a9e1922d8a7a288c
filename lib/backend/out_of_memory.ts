/**
 * What backends throw where there is no more memory.
 *
 * @module
 */

/** Thrown where a device, or the memory of the CPU's engine, has no more room. */
export class OutOfMemoryError extends RangeError {
  /**
   * Makes one.
   *
   * @param message One line.
   * @param bytes How many bytes were in use: so many can be had.
   * @param options Its cause.
   */
  constructor(message: string, readonly bytes: number, options?: ErrorOptions) {
    super(message, options);
    this.name = "OutOfMemoryError";
  }
}
