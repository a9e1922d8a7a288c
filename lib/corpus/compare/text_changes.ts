/**
 * What is different between two texts of one document: lines that went, came or
 * changed, and what changed within them.
 *
 * The shortest edit is found as Myers did ("An O(ND) difference algorithm and
 * its variations", 1986), by the library `diff`; where it would take more than
 * {@linkcode MOST_EDITS} edits, all is said to have been replaced.
 *
 * @module
 */

import { diffArrays } from "npm:diff@9.0.0";

/** How a line may have changed: the smallest of these that is true. */
export type ChangeKind = "spaces" | "punctuation" | "words";

/** A piece of a line that another stands for now. */
export interface Replacement {
  /**
   * What stood there. A sign has what is beside it, of which any word is "abc"
   * and any number "123", so that what is the same everywhere is seen to be.
   */
  readonly old: string;
  /** What stands there now. */
  readonly new: string;
}

/** A line that is not what it was; without `old` it came, without `new` it went. */
export interface ChangedLine {
  /** What it was. */
  readonly old?: string;
  /** What it is now. */
  readonly new?: string;
  /** How it changed, where it is there in both. */
  readonly kind?: ChangeKind;
  /** What changed within, where it is there in both. */
  readonly replacements: readonly Replacement[];
}

/** More edits than these are not looked for. */
const MOST_EDITS = 2000;
/** Among how many of those that came the one for a line that went is sought. */
const CANDIDATES = 50;
/** Lines are one line, changed, where so much of the shorter is in both. */
const SAME_LINE = 0.4;
/** Words, spaces, and any other character by itself. */
const TOKENS = /[\p{L}\p{M}\p{N}]+|\s+|[^]/gu;
const isSpace = (text: string) => /^\s*$/.test(text);
const isWordless = (text: string) => !/[\p{L}\p{N}]/u.test(text);

/**
 * Compares two texts, line by line.
 *
 * @param old What the text was: lines parted by `\n`.
 * @param now What it is now.
 * @returns The lines that are different, in their order.
 *
 * @example
 * ```ts
 * import { changedLines } from "./text_changes.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const lines = changedLines("Um.\nDois (, 2).", "Um.\nDois (2).\nTrês.");
 * assertEquals(lines, [
 *   {
 *     old: "Dois (, 2).",
 *     new: "Dois (2).",
 *     kind: "punctuation",
 *     replacements: [{ old: "(, 123", new: "(123" }],
 *   },
 *   { new: "Três.", replacements: [] },
 * ]);
 * ```
 */
export function changedLines(old: string, now: string): ChangedLine[] {
  if (old === now) return [];
  const changed: ChangedLine[] = [];
  let gone: string[] = [];
  for (const part of edits(old.split("\n"), now.split("\n"))) {
    if (part.removed) {
      gone.push(...part.value);
      continue;
    }
    changed.push(...paired(gone, part.added ? part.value : []));
    gone = [];
  }
  changed.push(...paired(gone, []));
  return changed;
}

/** The edit from one list to another; all of it where it is too long. */
function edits(
  old: string[],
  now: string[],
): { value: string[]; added?: boolean; removed?: boolean }[] {
  return diffArrays(old, now, { maxEditLength: MOST_EDITS }) ?? [
    { value: old, removed: true },
    { value: now, added: true },
  ];
}

/** Lines that went, beside those that came in their place. */
function paired(
  gone: readonly string[],
  come: readonly string[],
): ChangedLine[] {
  const lines: ChangedLine[] = [];
  const words = come.map(wordsOf);
  let next = 0;
  for (const old of gone) {
    const own = wordsOf(old);
    const at = come.slice(next, next + CANDIDATES).findIndex((line, i) =>
      own.size === 0
        ? squeezed(old) === squeezed(line)
        : areAlike(own, words[next + i])
    );
    if (at < 0) {
      lines.push({ old, replacements: [] });
      continue;
    }
    for (const end = next + at; next < end; next++) {
      lines.push({ new: come[next], replacements: [] });
    }
    lines.push(changedLine(old, come[next++]));
  }
  return [
    ...lines,
    ...come.slice(next).map((line) => ({ new: line, replacements: [] })),
  ];
}

/** Whether enough words of the shorter line are in the other. */
function areAlike(a: Set<string>, b: Set<string>): boolean {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  let shared = 0;
  for (const word of few) if (many.has(word)) shared++;
  return shared > 0 && shared >= SAME_LINE * few.size;
}

function wordsOf(text: string): Set<string> {
  return new Set(text.match(/[\p{L}\p{N}]+/gu));
}

function changedLine(old: string, now: string): ChangedLine {
  return {
    old,
    new: now,
    kind: kindOf(old, now),
    replacements: replacementsOf(old, now),
  };
}

function kindOf(old: string, now: string): ChangeKind {
  if (squeezed(old) === squeezed(now)) return "spaces";
  const letters = (text: string) => text.replace(/[^\p{L}\p{M}\p{N}]+/gu, "");
  return letters(old) === letters(now) ? "punctuation" : "words";
}

function squeezed(text: string): string {
  return text.replace(/\s+/gu, "");
}

/** What changed within a line. */
function replacementsOf(old: string, now: string): Replacement[] {
  const parts = edits(old.match(TOKENS) ?? [], now.match(TOKENS) ?? []);
  const found: Replacement[] = [];
  for (let i = 0; i < parts.length; i++) {
    if (!parts[i].added && !parts[i].removed) continue;
    const before = parts[i - 1]?.value.at(-1) ?? "";
    let gone = "", come = "";
    for (; i < parts.length && (parts[i].added || parts[i].removed); i++) {
      const text = parts[i].value.join("");
      if (parts[i].removed) gone += text;
      else come += text;
    }
    const after = parts[i]?.value ?? [];
    // A sign says little without what it stands beside.
    const isBare = isWordless(gone) && isWordless(come);
    const tail = isBare ? nextOf(after) : "";
    const head = isBare && !isSpace(before) ? anyOf(before) : "";
    found.push({ old: head + gone + tail, new: head + come + tail });
  }
  return found;
}

/** What follows, up to a word or sign. */
function nextOf(tokens: readonly string[]): string {
  const at = tokens.findIndex((token) => !isSpace(token));
  return tokens.slice(0, at + 1).map(anyOf).join("");
}

function anyOf(token: string): string {
  if (!/[\p{L}\p{N}]/u.test(token)) return token;
  return /\p{L}/u.test(token) ? "abc" : "123";
}
