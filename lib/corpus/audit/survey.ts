/**
 * What a person looks at to tune a recipe: how far the documents of a source
 * are from each threshold, and of everything that is counted some of the text.
 *
 * Memory depends on how many samples are kept, not on how much is read. Which
 * are kept is drawn evenly, by the seed.
 *
 * @module
 */

import {
  type Filters,
  highestThreshold,
  measureAll,
  type Measurement,
  RULE_NAMES,
} from "../build/filters.ts";
import type { LanguageIdentifier } from "../measures/language.ts";
import { hashKey, Random } from "../../random.ts";
import { type Faults, findFault, noFaults } from "./faults.ts";

/** Where a text stands. */
export interface Place {
  /** The file, as reports call it. */
  readonly file: string;
  /** The number of the line that it begins in, from 1. */
  readonly line: number;
}

/** A piece of text and where it stands. */
export interface Sample extends Place {
  /** The piece. */
  readonly text: string;
}

/** A fault with the text around it. */
export interface FaultSample extends Sample {
  /** Where the fault begins in the text, and how long it is. */
  readonly at: number;
  readonly length: number;
}

/** The beginning of a document, and how long that is. */
export interface DocumentSample extends Sample {
  /** UTF-16 units of all of it. */
  readonly characters: number;
}

/** What documents measure by one rule. */
export interface RuleSurvey {
  /** The rule's name. */
  readonly rule: string;
  /** Its threshold, where it is asked. */
  readonly threshold?: number;
  /** Documents of which it is the first rule that they break. */
  readonly dropped: number;
  /** Documents that break it. */
  readonly broken: number;
  /** Documents that break it and no other rule. */
  readonly alone: number;
  /**
   * Where each class begins, the last having no end; that value is in it where
   * the rule is about the least value, and in the one before where it is about
   * the greatest, so that no class is on both sides of a threshold.
   */
  readonly from: readonly number[];
  /** How many documents are in each class. */
  readonly counts: readonly number[];
  /** Some of each class: the number of a document, and its value. */
  readonly samples: readonly (readonly [document: number, value: number])[];
}

/** What is shown of a source. */
export interface SurveyReport {
  /** Documents that were measured. */
  readonly documents: number;
  /** Documents that no rule drops. */
  readonly kept: number;
  /** Documents too long to be measured. */
  readonly tooLong: number;
  /** The language that was asked for. */
  readonly language: string;
  /** The rules in the order in which they are asked. */
  readonly rules: readonly RuleSurvey[];
  /** Documents that rules' samples name, by number. */
  readonly texts: Readonly<Record<number, DocumentSample>>;
  /** Faults of each kind. */
  readonly faults: Readonly<Record<keyof Faults, readonly FaultSample[]>>;
  /** Documents in each language. */
  readonly languages: Readonly<Record<string, readonly DocumentSample[]>>;
}

/** How a survey is made. */
export interface SurveyOptions {
  /** What a recipe asks of the source's documents. */
  readonly filters: Filters;
  /** What knows languages. */
  readonly identifier: LanguageIdentifier;
  /** UTF-16 units of a document's beginning that are kept; 600 unless given. */
  readonly excerpt?: number;
}

/** Faults of a kind, and documents of a language, of which the text is kept. */
const FAULT_SAMPLES = 20;
const LANGUAGE_SAMPLES = 8;
/** A longer document is not measured, as it is none for `build-corpus`. */
export const MAX_DOCUMENT: number = 1 << 24;
/** UTF-16 units on either side of a fault. */
const AROUND = 120;
/** Documents kept of a class: of the four on either side of a threshold more. */
const NEAR_SAMPLES = 4;
const NEAR_CLASSES = 4;
const CLASSES = 40;
const EXCERPT = 600;

/** Takes documents and faults of one source. */
export class SourceSurvey {
  readonly #filters: Filters;
  readonly #identifier: LanguageIdentifier;
  readonly #excerpt: number;
  readonly #random = new Random(hashKey(0x5e1ec7));
  readonly #rules: readonly OpenRule[];
  readonly #faults = Object.fromEntries(
    Object.keys(noFaults()).map((kind) => [kind, new Reservoir(FAULT_SAMPLES)]),
  ) as unknown as Record<keyof Faults, Reservoir<FaultSample>>;
  readonly #languages = new Map<string, Reservoir<DocumentSample>>();
  readonly #texts = new Map<number, DocumentSample>();
  #documents = 0;
  #kept = 0;
  #tooLong = 0;

  /** Makes a survey that has seen nothing. */
  constructor({ filters, identifier, excerpt = EXCERPT }: SurveyOptions) {
    this.#filters = filters;
    this.#identifier = identifier;
    this.#excerpt = excerpt;
    this.#rules = RULE_NAMES.map((rule) =>
      openRule(rule, filters.thresholds[rule])
    );
  }

  /** Takes a line with faults of these kinds. */
  addFaults(line: string, place: Place, found: Faults): void {
    for (const [kind, count] of Object.entries(found)) {
      if (count === 0) continue;
      const reservoir = this.#faults[kind as keyof Faults];
      const slot = reservoir.draw(this.#random);
      if (slot === undefined) continue;
      const fault = findFault(line, kind as keyof Faults);
      if (fault === undefined) continue;
      const start = Math.max(0, fault.at - AROUND);
      const end = fault.at + fault.length + AROUND;
      reservoir.items[slot] = {
        ...place,
        text: line.slice(start, end),
        at: fault.at - start,
        length: fault.length,
      };
    }
  }

  /**
   * Takes a document.
   *
   * @param text Its lines that are not blank; undefined where it is longer than
   * {@linkcode MAX_DOCUMENT}.
   * @param language Which it is in, where that is known.
   */
  addDocument(
    text: string | undefined,
    place: Place,
    language?: string,
  ): void {
    if (text === undefined) {
      this.#tooLong++;
      return;
    }
    const number = this.#documents++;
    const sample = {
      ...place,
      text: text.slice(0, this.#excerpt),
      characters: text.length,
    };
    if (language !== undefined) this.#addLanguage(language, sample);
    const all = measureAll(text, this.#filters, this.#identifier);
    const broken = all.filter(({ isBroken }) => isBroken);
    if (broken.length === 0) this.#kept++;
    for (const [i, measured] of all.entries()) {
      const rule = this.#rules[i];
      if (measured === broken[0]) rule.dropped++;
      if (measured.isBroken) rule.broken++;
      if (measured.isBroken && broken.length === 1) rule.alone++;
      this.#addValue(rule, number, measured, sample);
    }
  }

  /** What has been found. */
  report(): SurveyReport {
    const named = new Set<number>();
    const rules = this.#rules.map(({ samples, ...rule }) => {
      const all = samples.flatMap(({ items }) => items);
      for (const [document] of all) named.add(document);
      return { ...rule, samples: all.sort(([, a], [, b]) => a - b) };
    });
    return {
      documents: this.#documents,
      kept: this.#kept,
      tooLong: this.#tooLong,
      language: this.#filters.language,
      rules,
      texts: Object.fromEntries(
        [...this.#texts].filter(([document]) => named.has(document)),
      ),
      faults: Object.fromEntries(
        Object.entries(this.#faults).map(([kind, { items }]) => [
          kind,
          items.filter((item) => item !== undefined),
        ]),
      ) as Record<keyof Faults, FaultSample[]>,
      languages: Object.fromEntries(
        [...this.#languages].map(([language, { items }]) => [language, items]),
      ),
    };
  }

  #addLanguage(language: string, sample: DocumentSample): void {
    let reservoir = this.#languages.get(language);
    if (reservoir === undefined) {
      reservoir = new Reservoir(LANGUAGE_SAMPLES);
      this.#languages.set(language, reservoir);
    }
    reservoir.add(sample, this.#random);
  }

  #addValue(
    rule: OpenRule,
    number: number,
    { value }: Measurement,
    sample: DocumentSample,
  ): void {
    // What is at a threshold breaks it neither as the least nor as the most.
    const isLeast = rule.rule.startsWith("min_");
    const last = rule.from.findLastIndex((from) =>
      isLeast ? from <= value : from < value
    );
    const at = Math.max(0, last);
    rule.counts[at]++;
    const rounded = Number(value.toPrecision(5));
    const entry: readonly [number, number] = [number, rounded];
    if (rule.samples[at].add(entry, this.#random)) {
      this.#texts.set(number, sample);
    }
    if (this.#texts.size > this.#mostTexts) this.#forgetTexts();
  }

  /** Twice what samples can name: what they no longer name goes now and then. */
  get #mostTexts(): number {
    return 2 * this.#rules.reduce(
      (sum, { samples }) =>
        sum + samples.reduce((all, { most }) => all + most, 0),
      0,
    );
  }

  #forgetTexts(): void {
    const named = new Set(
      this.#rules.flatMap(({ samples }) =>
        samples.flatMap(({ items }) => items.map(([document]) => document))
      ),
    );
    for (const document of this.#texts.keys()) {
      if (!named.has(document)) this.#texts.delete(document);
    }
  }
}

/** What a rule's documents are counted into. */
interface OpenRule extends Omit<RuleSurvey, "samples"> {
  dropped: number;
  broken: number;
  alone: number;
  counts: number[];
  readonly samples: readonly Reservoir<readonly [number, number]>[];
}

function openRule(rule: string, threshold?: number): OpenRule {
  const from = classesOf(rule, threshold);
  const middle = threshold === undefined ? -Infinity : from.indexOf(threshold);
  return {
    rule,
    threshold,
    dropped: 0,
    broken: 0,
    alone: 0,
    from,
    counts: from.map(() => 0),
    samples: from.map((_, i) => {
      const isNear = i >= middle - NEAR_CLASSES && i < middle + NEAR_CLASSES;
      return new Reservoir(isNear ? NEAR_SAMPLES : 1);
    }),
  };
}

/**
 * Where classes begin: by powers where a rule counts, evenly for lengths of
 * words and least shares, and for greatest shares finer towards 0. The
 * threshold is among them. A class of a rule of the greatest value begins just
 * above what is said.
 */
function classesOf(rule: string, threshold?: number): number[] {
  const highest = highestThreshold(rule);
  const isLeast = rule.startsWith("min_");
  const steps = Array.from({ length: CLASSES }, (_, i) => i / CLASSES);
  const from = rule === "min_stop_words"
    ? steps.map((_, i) => i)
    : rule.endsWith("_mean_word_length")
    ? steps.map((step) => step * 20)
    : highest > 1e3
    ? steps.map((_, i) => i === 0 ? 0 : Math.round(10 ** ((i + 3) / 7)))
    : steps.map((step) => isLeast ? step : step * step);
  const all = [...new Set(from.map((value) => Number(value.toPrecision(4))))];
  if (threshold !== undefined && !all.includes(threshold)) all.push(threshold);
  return all.sort((a, b) => a - b);
}

/** An even draw of so many of what comes. */
class Reservoir<Item> {
  readonly items: Item[] = [];
  readonly most: number;
  #seen = 0;

  constructor(most: number) {
    this.most = most;
  }

  /** Where the next item goes; undefined where it does not stay. */
  draw(random: Random): number | undefined {
    const seen = this.#seen++;
    if (seen < this.most) return seen;
    const slot = Math.floor(random.uniform() * (seen + 1));
    return slot < this.most ? slot : undefined;
  }

  /** Whether the item stays, for now. */
  add(item: Item, random: Random): boolean {
    const slot = this.draw(random);
    if (slot !== undefined) this.items[slot] = item;
    return slot !== undefined;
  }
}
