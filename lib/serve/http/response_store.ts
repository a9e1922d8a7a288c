/**
 * Answers of `/v1/responses` by their ids, the latest ones.
 *
 * @module
 */

/** Answers that are kept. */
const CAPACITY = 1000;
/** Bytes that they may have. */
const MOST_BYTES = 64 * 2 ** 20;

/** An answer that can be asked for again, and gone on from. */
export interface StoredResponse {
  readonly id: string;
  readonly model: string;
  readonly [field: string]: unknown;
}

/** The latest answers; what nobody asked for the longest makes room. */
export class ResponseStore {
  readonly #mostBytes: number;
  readonly #onForget: (id: string) => void;
  readonly #responses = new Map<
    string,
    { readonly response: StoredResponse; readonly bytes: number }
  >();
  #bytes = 0;

  /**
   * @param options Bytes that they may have, and who is told of the id of one
   * that is not kept any more.
   */
  constructor({ mostBytes = MOST_BYTES, onForget = () => {} }: {
    readonly mostBytes?: number;
    readonly onForget?: (id: string) => void;
  } = {}) {
    this.#mostBytes = mostBytes;
    this.#onForget = onForget;
  }

  /** Keeps an answer. */
  add(response: StoredResponse): void {
    const bytes = 2 * JSON.stringify(response).length; // as strings are held
    this.#responses.set(response.id, { response, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#responses.keys()) {
      const { size } = this.#responses;
      if (size <= CAPACITY && this.#bytes <= this.#mostBytes) break;
      this.delete(oldest);
    }
  }

  /** The answer of an id, if it is still kept. */
  get(id: string): StoredResponse | undefined {
    const kept = this.#responses.get(id);
    if (kept === undefined) return undefined;
    this.#responses.delete(id);
    this.#responses.set(id, kept);
    return kept.response;
  }

  /** Forgets one; false where there is none. */
  delete(id: string): boolean {
    const kept = this.#responses.get(id);
    if (kept === undefined) return false;
    this.#responses.delete(id);
    this.#bytes -= kept.bytes;
    this.#onForget(id);
    return true;
  }
}
