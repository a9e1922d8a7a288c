/**
 * Bytes that come in chunks, taken in the lengths that a format has.
 *
 * @module
 */

/** Bytes to be taken from the front of a stream. */
export class ChunkInput implements AsyncDisposable {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array();

  /** @param chunks The bytes, cut anywhere. */
  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /**
   * Whether there is so much left.
   *
   * @param length In bytes; few of them, as they are kept.
   */
  async has(length: number): Promise<boolean> {
    while (this.#chunk.length < length) {
      const { done, value } = await this.#chunks.next();
      if (done) return false;
      const joined = new Uint8Array(this.#chunk.length + value.length);
      joined.set(this.#chunk);
      joined.set(value, this.#chunk.length);
      this.#chunk = joined;
    }
    return true;
  }

  /**
   * Takes the next bytes.
   *
   * @throws {SyntaxError} Where there are fewer.
   */
  async take(length: number): Promise<Uint8Array> {
    if (!await this.has(length)) throw new SyntaxError("it is cut off");
    const bytes = this.#chunk.slice(0, length);
    this.#chunk = this.#chunk.subarray(length);
    return bytes;
  }

  /**
   * Passes over the next bytes.
   *
   * @throws {SyntaxError} Where there are fewer.
   */
  async skip(length: number): Promise<void> {
    for (let left = length; left > 0;) {
      if (!await this.has(1)) throw new SyntaxError("it is cut off");
      const some = Math.min(left, this.#chunk.length);
      this.#chunk = this.#chunk.subarray(some);
      left -= some;
    }
  }

  /** Closes the stream. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chunks.return?.();
  }
}
