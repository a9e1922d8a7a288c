/**
 * Translates messages of errors, which are made where nobody knows of
 * languages: a message is recognised by the texts between the holes of a
 * template, and what stands in the holes is translated in turn.
 *
 * A message may hold anything that a hostile file says, so every step is a
 * plain search for a text, forwards, within bounds.
 *
 * @module
 */

import type { Translations } from "./language.ts";

/** A longer message is shown as it is. */
const LONGEST_MESSAGE = 10_000;

/** Reasons of reasons of reasons. */
const DEEPEST = 8;

/** Places where a name may end that are tried. */
const MOST_ENDS = 64;

/** A template and its translation, ready to be looked for. */
export interface ErrorPattern {
  /** The texts around the holes: one more than there are holes. */
  readonly texts: readonly string[];
  /** The number of each hole. */
  readonly holes: readonly number[];
  readonly translation: string;
}

/** Patterns in groups, of which the first that fits holds. */
export type ErrorPatterns = readonly (readonly ErrorPattern[])[];

/**
 * Prepares a table.
 *
 * @param table Translations by templates with holes, `Cannot read "{1}": {2}`.
 * @returns What {@linkcode translateError} takes: what is looked for first, then
 * the others.
 */
export function errorPatterns(table: Translations): ErrorPatterns {
  const whole = Object.entries(table).map(([english, translation]) =>
    patternOf(english, translation)
  );
  // A reason may come without the sentence that it was thrown with.
  const reasons = Object.entries(table).flatMap(([english, translation]) => {
    const reason = reasonIn(english);
    const translated = reasonIn(translation);
    if (reason === undefined || translated === undefined) return [];
    const holes = holesOf(reason);
    return reason in table || !/\p{L}/u.test(withoutHoles(reason)) ||
        holesOf(translated).some((hole) => !holes.includes(hole))
      ? []
      : [patternOf(reason, translated)];
  });
  // What says how it begins is surer than what does not.
  const { begun = [], open = [] } = Object.groupBy(
    whole,
    ({ texts }) => texts[0] === "" ? "open" : "begun",
  );
  return [begun, open, reasons].map((patterns) => patterns.sort(byLength));
}

/**
 * Translates a message as far as it is known.
 *
 * @param message A line.
 * @param patterns Of {@linkcode errorPatterns}.
 *
 * @example
 * ```ts
 * import { errorPatterns, translateError } from "./error_patterns.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const patterns = errorPatterns({
 *   'Cannot read "{1}": {2}': 'Não é possível ler "{1}": {2}',
 *   "it is empty": "está vazio",
 * });
 * assertEquals(
 *   translateError('Cannot read "a: b": it is empty', patterns),
 *   'Não é possível ler "a: b": está vazio',
 * );
 * ```
 */
export function translateError(
  message: string,
  patterns: ErrorPatterns,
): string {
  if (message.length > LONGEST_MESSAGE) return message;
  return translate(message, patterns, DEEPEST);
}

function translate(
  message: string,
  patterns: ErrorPatterns,
  depth: number,
): string {
  if (depth === 0 || message === "") return message;
  for (const group of patterns) {
    for (const match of [matchOutsideQuotes, matchAnywhere]) {
      for (const pattern of group) {
        const values = match(pattern, message);
        if (values === undefined) continue;
        return fill(
          pattern,
          values,
          (reason) => translate(reason, patterns, depth - 1),
        );
      }
    }
  }
  // A sentence within a sentence begins small.
  if (!message.startsWith("cannot ")) return message;
  const sentence = `C${message.slice(1)}`;
  const said = translate(sentence, patterns, depth - 1);
  return said === sentence ? message : said[0].toLowerCase() + said.slice(1);
}

function fill(
  { texts, holes, translation }: ErrorPattern,
  values: readonly string[],
  translated: (reason: string) => string,
): string {
  const said = values.map((value, i) =>
    isName(texts[i], texts[i + 1]) ? value : translated(value)
  );
  return translation.replace(
    /\{(\d+)\}/g,
    (hole, number) => said[holes.indexOf(Number(number))] ?? hole,
  );
}

/** As if names held no quotes of their own. */
function matchOutsideQuotes(pattern: ErrorPattern, message: string) {
  return valuesIn(
    pattern,
    message,
    (value, before, after) =>
      isFlagOrNone(value, before) &&
      (before.endsWith('"') && after.startsWith('"')
        ? !value.includes('"')
        : value.split('"').length % 2 === 1),
  );
}

function matchAnywhere(pattern: ErrorPattern, message: string) {
  return valuesIn(pattern, message, isFlagOrNone);
}

/** A flag's name is one word. */
function isFlagOrNone(value: string, before: string): boolean {
  return !(before.endsWith("--") && value.includes(" "));
}

/** What the holes hold; undefined where the message is another. */
function valuesIn(
  { texts }: ErrorPattern,
  message: string,
  isValue: (value: string, before: string, after: string) => boolean,
): string[] | undefined {
  const [first, last] = [texts[0], texts.at(-1)!];
  if (!message.startsWith(first) || !message.endsWith(last)) return undefined;
  if (texts.length === 1) return message === first ? [] : undefined;
  const end = message.length - last.length;
  const values: string[] = [];
  let at = first.length;
  for (let i = 1; i < texts.length; i++) {
    const isLast = i === texts.length - 1;
    let next = isLast ? end : message.indexOf(texts[i], at);
    let value = message.slice(at, next);
    let ends = isLast ? 1 : MOST_ENDS;
    while (next >= at && !isValue(value, texts[i - 1], texts[i])) {
      if (--ends === 0) return undefined;
      next = message.indexOf(texts[i], next + 1);
      value = message.slice(at, next);
    }
    if (next < at || next + (isLast ? 0 : texts[i].length) > end) {
      return undefined;
    }
    values.push(value);
    at = next + texts[i].length;
  }
  return values;
}

/** Whether a hole holds a name, a flag or a shape: never a sentence. */
function isName(before: string, after: string): boolean {
  return /[-"'[</=]$/.test(before) || /^["\]>/]/.test(after);
}

function patternOf(english: string, translation: string): ErrorPattern {
  return {
    texts: english.split(/\{\d+\}/),
    holes: holesOf(english),
    translation,
  };
}

function holesOf(template: string): number[] {
  return Array.from(template.matchAll(/\{(\d+)\}/g), ([, hole]) => +hole);
}

function withoutHoles(template: string): string {
  return template.replaceAll(/\{\d+\}/g, "");
}

/** What stands behind the first colon of "Cannot do: it is so". */
function reasonIn(sentence: string): string | undefined {
  return /^(?:Cannot|Não é possível) [^:]*: ([^]+)$/.exec(sentence)?.[1];
}

/** The longest first, so that a message meets what says most of it. */
function byLength(a: ErrorPattern, b: ErrorPattern): number {
  return b.texts.join("").length - a.texts.join("").length;
}
