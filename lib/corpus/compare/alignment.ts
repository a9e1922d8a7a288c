/**
 * The documents of two corpora beside each other: those of one name, or of one
 * beginning, in the order that both have.
 *
 * Memory: {@linkcode AHEAD} documents of each, of at most
 * {@linkcode AHEAD_LENGTH} characters together.
 *
 * @module
 */

/** A document of a corpus. */
export interface NamedDocument {
  /** What it calls itself, where it does. */
  readonly id?: string;
  /** What people call it. */
  readonly name: string;
  readonly text: string;
}

/** A document as it was and as it is; one of them where it is in one only. */
export interface DocumentPair {
  readonly old?: NamedDocument;
  readonly new?: NamedDocument;
}

/** How far is looked ahead for a document that the other corpus has next. */
const AHEAD = 5000, AHEAD_LENGTH = 2 ** 26;
/** Among how many of those that are left the one with the same words is sought. */
const CANDIDATES = 50;
/** Documents without a name are one where so many words of the one are in both. */
const SAME_DOCUMENT = 0.5;
/** How much of a document is looked at for that, in characters. */
const LOOKED_AT = 2000;

/**
 * Puts documents beside each other. Those with an id, in both, by that; others
 * by their first line, and between two such by the words they share.
 *
 * @example
 * ```ts
 * import { alignDocuments } from "./alignment.ts";
 * import { assertEquals } from "@std/assert";
 *
 * async function* corpus(...ids: string[]) {
 *   for (const id of ids) yield { id, name: id, text: `Texto ${id}.` };
 * }
 * const pairs = [];
 * for await (const pair of alignDocuments(corpus("1", "2"), corpus("2", "3"))) {
 *   pairs.push([pair.old?.id, pair.new?.id]);
 * }
 * assertEquals(pairs, [["1", undefined], ["2", "2"], [undefined, "3"]]);
 * ```
 */
export async function* alignDocuments(
  old: AsyncIterable<NamedDocument>,
  now: AsyncIterable<NamedDocument>,
): AsyncGenerator<DocumentPair> {
  await using before = new Ahead(old);
  await using after = new Ahead(now);
  while (true) {
    await before.fill(1);
    await after.fill(1);
    const [a] = before.waiting, [b] = after.waiting;
    if (a === undefined && b === undefined) return;
    if (a !== undefined && b !== undefined && keyOf(a, b) === keyOf(b, a)) {
      yield { old: before.take(1)[0], new: after.take(1)[0] };
      continue;
    }
    await before.fill(AHEAD);
    await after.fill(AHEAD);
    const [gone, come] = nextInBoth(before.waiting, after.waiting);
    yield* between(before.take(gone), after.take(come));
  }
}

/** Documents that were read and not yet used. */
class Ahead {
  readonly waiting: NamedDocument[] = [];
  readonly #source: AsyncIterator<NamedDocument>;
  #length = 0;
  #isDone = false;

  constructor(source: AsyncIterable<NamedDocument>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Reads until so many wait, or what they hold is enough, or there are no more. */
  async fill(count: number): Promise<void> {
    while (
      !this.#isDone && this.waiting.length < count &&
      (this.waiting.length === 0 || this.#length < AHEAD_LENGTH)
    ) {
      const { value, done } = await this.#source.next();
      if (done) {
        this.#isDone = true;
        return;
      }
      this.waiting.push(value);
      this.#length += value.text.length;
    }
  }

  take(count: number): NamedDocument[] {
    const taken = this.waiting.splice(0, count);
    for (const { text } of taken) this.#length -= text.length;
    return taken;
  }

  /** Closes the files, where not all was read. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source.return?.();
  }
}

/** By what a document is known beside another. */
function keyOf(document: NamedDocument, other: NamedDocument): string {
  const { id, text } = document;
  return id !== undefined && other.id !== undefined
    ? `id ${id}`
    : `line ${text.slice(0, text.indexOf("\n") >>> 0)}`;
}

/** How many documents come in each before the first that both have. */
function nextInBoth(
  old: readonly NamedDocument[],
  now: readonly NamedDocument[],
): [gone: number, come: number] {
  const haveIds = old[0]?.id !== undefined && now[0]?.id !== undefined;
  const key = (document: NamedDocument) =>
    keyOf(document, haveIds ? document : { name: "", text: "" });
  const places = new Map<string, number>();
  for (const [i, document] of old.entries()) {
    if (!places.has(key(document))) places.set(key(document), i);
  }
  let best: [number, number] = [old.length, now.length];
  for (const [come, document] of now.entries()) {
    const gone = places.get(key(document));
    if (gone !== undefined && gone + come < best[0] + best[1]) {
      best = [gone, come];
    }
  }
  return best;
}

/** What stands between two documents that both corpora have. */
function* between(
  old: readonly NamedDocument[],
  now: readonly NamedDocument[],
): Generator<DocumentPair> {
  const words = now.map(({ text }) => wordsOf(text));
  let next = 0;
  for (const document of old) {
    const own = wordsOf(document.text);
    const at = now.slice(next, next + CANDIDATES).findIndex(({ id }, i) =>
      (id === undefined || document.id === undefined) &&
      areAlike(own, words[next + i])
    );
    if (at < 0) {
      yield { old: document };
      continue;
    }
    for (const end = next + at; next < end; next++) yield { new: now[next] };
    yield { old: document, new: now[next++] };
  }
  for (; next < now.length; next++) yield { new: now[next] };
}

function wordsOf(text: string): Set<string> {
  return new Set(text.slice(0, LOOKED_AT).match(/[\p{L}\p{N}]+/gu));
}

function areAlike(a: Set<string>, b: Set<string>): boolean {
  let shared = 0;
  for (const word of a) if (b.has(word)) shared++;
  return shared > 0 && shared >= SAME_DOCUMENT * Math.max(a.size, b.size);
}
