/**
 * What changed between two corpora, as lines for a terminal.
 *
 * @module
 */

import type {
  ChangedDocument,
  CorpusComparison,
} from "../../corpus/compare/comparison.ts";
import type { CompareCorporaResult } from "../../stages/compare_corpora.ts";
import { count, decimals, t } from "./language.ts";

/** The lines of a comparison, what counts most first. */
export function comparisonLines(
  comparison: CompareCorporaResult,
): string[] {
  const { documents, unreadable, replacements, most } = comparison;
  const { both, changed, onlyOld, onlyNew } = documents;
  const share = decimals(100 * changed / Math.max(1, both), 1);
  return [
    t`${count(both)} [article|articles] in both, ${
      count(changed)
    } changed (${share} %); ${count(onlyOld)} only before, ${
      count(onlyNew)
    } only now`,
    ...unreadable === 0
      ? []
      : [t`${count(unreadable)} cannot be read and [was|were] left out`],
    ...changed === 0 ? [] : [lineCounts(comparison)],
    ...replacements.length === 0 ? [] : ["", t`What changed most often:`],
    ...replacements.map(({ old, new: now, times }) =>
      `  ${count(times).padStart(6)} ×  ${quoted(old)} → ${quoted(now)}`
    ),
    ...most.length === 0 ? [] : ["", t`The articles that changed most:`],
    ...most.flatMap(documentLines),
    ...names(t`Only before:`, comparison.onlyOld, onlyOld),
    ...names(t`Only now:`, comparison.onlyNew, onlyNew),
  ];
}

function lineCounts({ lines, kinds }: CorpusComparison): string {
  const { gone, come, changed } = lines;
  return t`lines: ${count(gone)} gone, ${count(come)} new, ${
    count(changed)
  } changed (${count(kinds.spaces)} in spaces alone, ${
    count(kinds.punctuation)
  } in punctuation, ${count(kinds.words)} in words)`;
}

function documentLines({ name, lines, shown }: ChangedDocument): string[] {
  const left = lines - shown.length;
  return [
    t`  ${name}: ${count(lines)} [line|lines]`,
    ...shown.flatMap(({ old, new: now }) => [
      ...old === undefined ? [] : [`    - ${oneLine(old)}`],
      ...now === undefined ? [] : [`    + ${oneLine(now)}`],
    ]),
    ...left === 0 || shown.length === 0
      ? []
      : [t`    … ${count(left)} more [line|lines]`],
  ];
}

function names(
  heading: string,
  shown: readonly string[],
  all: number,
): string[] {
  if (shown.length === 0) return [];
  const left = all - shown.length;
  return [
    "",
    heading,
    ...shown.map((name) => `  ${oneLine(name)}`),
    ...left === 0 ? [] : [t`  … ${count(left)} more`],
  ];
}

/** What a page says cannot move a terminal's cursor, nor colour it. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "\ufffd");
}

function quoted(text: string): string {
  return `"${oneLine(text)}"`;
}
