/**
 * Answers of `/v1/responses` by their ids, the latest ones.
 *
 * @module
 */

/** Answers that are kept. */
const CAPACITY = 1000;

/** An answer that can be asked for again, and gone on from. */
export interface StoredResponse {
  readonly id: string;
  readonly model: string;
  readonly [field: string]: unknown;
}

/** The latest answers; what nobody asked for the longest makes room. */
export class ResponseStore {
  readonly #responses = new Map<string, StoredResponse>();

  /** Keeps an answer. */
  add(response: StoredResponse): void {
    this.#responses.set(response.id, response);
    if (this.#responses.size <= CAPACITY) return;
    const [oldest] = this.#responses.keys();
    this.#responses.delete(oldest);
  }

  /** The answer of an id, if it is still kept. */
  get(id: string): StoredResponse | undefined {
    const response = this.#responses.get(id);
    if (response === undefined) return undefined;
    this.#responses.delete(id);
    this.#responses.set(id, response);
    return response;
  }

  /** Forgets one; false where there is none. */
  delete(id: string): boolean {
    return this.#responses.delete(id);
  }
}
