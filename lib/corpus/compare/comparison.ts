/**
 * What is different between two corpora that were made of the same pages:
 * counted, with what changed most often and the documents that changed most.
 *
 * Memory: {@linkcode MOST_REPLACEMENTS} different replacements, and some lines
 * of the documents that are shown.
 *
 * @module
 */

import type { DocumentPair } from "./alignment.ts";
import {
  type ChangedLine,
  changedLines,
  type ChangeKind,
  type Replacement,
} from "./text_changes.ts";

/** A document that is shown, with some of its lines. */
export interface ChangedDocument {
  /** Its title, or what it is known by. */
  readonly name: string;
  /** Lines of it that went, came or changed. */
  readonly lines: number;
  /** Characters that went and came, by which they are ranked. */
  readonly characters: number;
  /** Some of them, in their order, cut to where they differ. */
  readonly shown: readonly Omit<ChangedLine, "replacements">[];
}

/** What changed from one corpus to another. */
export interface CorpusComparison {
  /** Documents in both, those of them whose text is another, and the rest. */
  readonly documents: Readonly<
    Record<"both" | "changed" | "onlyOld" | "onlyNew", number>
  >;
  /** Lines of documents in both that went or came, and those that changed. */
  readonly lines: Readonly<Record<"gone" | "come" | "changed", number>>;
  /** How many lines changed in what; each counts once. */
  readonly kinds: Readonly<Record<ChangeKind, number>>;
  /** What stands for what most often, and how often; about, where all is much. */
  readonly replacements: readonly (Replacement & { readonly times: number })[];
  /** The documents that changed most. */
  readonly most: readonly ChangedDocument[];
  /** Names of some documents that were there and are not now. */
  readonly onlyOld: readonly string[];
  /** Names of some that were not. */
  readonly onlyNew: readonly string[];
}

/** Different replacements that are counted; rare ones go when there are more. */
const MOST_REPLACEMENTS = 50_000;
/** Longer pieces are cut, in characters. */
const LONGEST_PIECE = 60;
/** Characters beside what differs in a line that is shown, and in all of it. */
const BESIDE = 40, LONGEST_LINE = 240;

/**
 * Compares corpora, a document at a time.
 *
 * @example
 * ```ts
 * import { Comparison } from "./comparison.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const comparison = new Comparison({ examples: 5, linesEach: 3 });
 * const name = "Sol";
 * comparison.add({
 *   old: { name, text: "O Sol (, 1)." },
 *   new: { name, text: "O Sol (1)." },
 * });
 * const { kinds, replacements: [first] } = comparison.report();
 * assertEquals(kinds, { spaces: 0, punctuation: 1, words: 0 });
 * assertEquals(first, { old: "(, 123", new: "(123", times: 1 });
 * ```
 */
export class Comparison {
  readonly #documents = { both: 0, changed: 0, onlyOld: 0, onlyNew: 0 };
  readonly #lines = { gone: 0, come: 0, changed: 0 };
  readonly #kinds = { spaces: 0, punctuation: 0, words: 0 };
  readonly #replacements = new Map<string, Replacement & { times: number }>();
  readonly #onlyOld: string[] = [];
  readonly #onlyNew: string[] = [];
  readonly #examples: number;
  readonly #linesEach: number;
  #most: ChangedDocument[] = [];

  /** @param shown How many of each list are shown, and lines of a document. */
  constructor(
    { examples, linesEach }: Readonly<
      Record<"examples" | "linesEach", number>
    >,
  ) {
    this.#examples = examples;
    this.#linesEach = linesEach;
  }

  /** Takes a document as it was and as it is. */
  add({ old, new: now }: DocumentPair): void {
    if (old === undefined) {
      this.#documents.onlyNew++;
      if (now !== undefined) this.#show(this.#onlyNew, now.name);
    } else if (now === undefined) {
      this.#documents.onlyOld++;
      this.#show(this.#onlyOld, old.name);
    } else {
      this.#documents.both++;
      const lines = changedLines(old.text, now.text);
      if (lines.length > 0) this.#count(now.name, lines);
    }
  }

  /** What was found so far. */
  report(): CorpusComparison {
    return {
      documents: { ...this.#documents },
      lines: { ...this.#lines },
      kinds: { ...this.#kinds },
      replacements: this.#ranked().slice(0, this.#examples),
      most: this.#most,
      onlyOld: this.#onlyOld,
      onlyNew: this.#onlyNew,
    };
  }

  #show(names: string[], name: string): void {
    if (names.length < this.#examples) names.push(name);
  }

  #count(name: string, lines: readonly ChangedLine[]): void {
    this.#documents.changed++;
    let characters = 0;
    for (const { old, new: now, kind, replacements } of lines) {
      if (kind === undefined) {
        characters += (old ?? now)!.length;
        this.#lines[old === undefined ? "come" : "gone"]++;
      } else {
        this.#lines.changed++;
        this.#kinds[kind]++;
      }
      for (const replacement of replacements) {
        characters += replacement.old.length + replacement.new.length;
        this.#note(replacement);
      }
    }
    const least = this.#most.at(-1)?.characters ?? 0;
    if (this.#most.length >= this.#examples && characters <= least) return;
    const shown = lines.slice(0, this.#linesEach).map(excerpt);
    this.#most.push({ name, lines: lines.length, characters, shown });
    this.#most.sort((a, b) => b.characters - a.characters);
    this.#most = this.#most.slice(0, this.#examples);
  }

  #note({ old, new: now }: Replacement): void {
    const [from, to] = [cut(old, LONGEST_PIECE), cut(now, LONGEST_PIECE)];
    const key = `${from}\n${to}`;
    const known = this.#replacements.get(key);
    if (known !== undefined) {
      known.times++;
      return;
    }
    if (this.#replacements.size >= MOST_REPLACEMENTS) this.#forgetRare();
    this.#replacements.set(key, { old: from, new: to, times: 1 });
  }

  /** Leaves the half that is the more frequent. */
  #forgetRare(): void {
    const kept = this.#ranked().slice(0, MOST_REPLACEMENTS / 2);
    this.#replacements.clear();
    for (const replacement of kept) {
      this.#replacements.set(
        `${replacement.old}\n${replacement.new}`,
        replacement,
      );
    }
  }

  #ranked(): (Replacement & { times: number })[] {
    return [...this.#replacements.values()].sort((a, b) => b.times - a.times);
  }
}

/** A line, cut to where it differs. */
function excerpt(
  { old, new: now, kind }: ChangedLine,
): ChangedDocument["shown"][number] {
  if (old === undefined) return { new: cut(now!, LONGEST_LINE) };
  if (now === undefined) return { old: cut(old, LONGEST_LINE) };
  const shorter = Math.min(old.length, now.length);
  let start = 0, end = 0;
  while (start < shorter && old[start] === now[start]) start++;
  while (end < shorter - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  const piece = (line: string) => {
    const from = Math.max(0, start - BESIDE);
    const to = Math.min(line.length, line.length - end + BESIDE);
    const [head, tail] = [from > 0 ? "…" : "", to < line.length ? "…" : ""];
    return head + cut(line.slice(from, to), LONGEST_LINE) + tail;
  };
  return { old: piece(old), new: piece(now), kind };
}

function cut(text: string, longest: number): string {
  return text.length > longest
    ? `${text.slice(0, longest).toWellFormed()}…`
    : text.toWellFormed();
}
