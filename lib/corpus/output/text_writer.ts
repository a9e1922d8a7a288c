/**
 * Text on its way into a file, gathered so that not every line is a write.
 *
 * @module
 */

/** How much is gathered before it is written, in UTF-16 units. */
const BUFFER_UNITS = 2 ** 20;

/**
 * Gathers text and writes it as UTF-8.
 *
 * @example
 * ```ts
 * import { TextWriter } from "./text_writer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const written: string[] = [];
 * const writer = new TextWriter((bytes) => {
 *   written.push(new TextDecoder().decode(bytes));
 *   return Promise.resolve();
 * });
 * await writer.add("um ");
 * await writer.add("dois");
 * await writer.flush();
 * assertEquals(written, ["um dois"]);
 * ```
 */
export class TextWriter {
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  readonly #encoder = new TextEncoder();
  #texts: string[] = [];
  #length = 0;

  /** @param write Writes what was gathered. */
  constructor(write: (bytes: Uint8Array) => Promise<void>) {
    this.#write = write;
  }

  /** Adds some text. */
  async add(text: string): Promise<void> {
    this.#texts.push(text);
    this.#length += text.length;
    if (this.#length > BUFFER_UNITS) await this.flush();
  }

  /** Writes what is left. */
  async flush(): Promise<void> {
    const bytes = this.#encoder.encode(this.#texts.join(""));
    this.#texts = [];
    this.#length = 0;
    await this.#write(bytes);
  }
}
