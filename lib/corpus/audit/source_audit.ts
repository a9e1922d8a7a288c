/**
 * What a folder of text holds and what is wrong with it: one pass over its
 * files, in memory that does not depend on their size (some 35 MB for each
 * count of repetitions, a megabyte for the line and the document at hand).
 *
 * @module
 */

import { type RuledFile, ruleOf } from "../documents/document_rule.ts";
import type { LanguageIdentifier } from "../measures/language.ts";
import {
  addFaults,
  countFaults,
  type Faults,
  noFaults,
  totalFaults,
} from "./faults.ts";
import { TextHash } from "../../text_hash.ts";
import {
  type Spelling,
  type Variant,
  writtenIn,
} from "../measures/variants.ts";
import { RepeatCounter, type Repeats } from "./repeat_counter.ts";
import { MAX_DOCUMENT, type Place, type SourceSurvey } from "./survey.ts";
import { type FileReading, type LinePiece, readLines } from "./text_lines.ts";

/** A file to audit. */
export interface AuditFile extends RuledFile {
  /** What it is called in the report. */
  readonly name: string;
}

/** What is counted of a file, and of all files of a source. */
export interface TextCounts {
  /** The length of the files on disk. */
  bytes: number;
  /** Documents. */
  documents: number;
  /** Lines that are not blank. */
  lines: number;
  /** UTF-16 units, line ends not counted. */
  characters: number;
  /** What is wrong. */
  faults: Faults;
}

/** A file with many faults for its size. */
export interface WorstFile extends TextCounts {
  /** What it is called in the report. */
  readonly name: string;
  /** Faults in a million characters. */
  readonly rate: number;
}

/** How many of each length there are. */
export interface Histogram {
  /** The least characters of each class; the last has no end. */
  readonly from: readonly number[];
  /** How many there are in each class. */
  readonly counts: readonly number[];
}

/** What is found of the languages. */
export interface Languages {
  /** Documents of at least {@linkcode MIN_LETTERS} letters. */
  readonly judged: number;
  /** The share of these that is not Portuguese. */
  readonly foreign: number;
  /** How many are in each, the most first; "?" where none is likely. */
  readonly documents: Record<string, number>;
}

/** How documents in Portuguese are written, where their words tell. */
export interface Varieties {
  /** How many there are of each country. */
  readonly variants: Record<Variant, number>;
  /** How many there are in each spelling. */
  readonly spellings: Record<Spelling, number>;
}

/** What a source is like. */
export interface SourceReport extends TextCounts {
  /** What the source is called. */
  readonly name: string;
  /** How many files it has. */
  readonly files: number;
  /** Files with bytes that are not valid in their encoding, mostly UTF-8. */
  readonly invalidFiles: number;
  /** Lines of JSON that cannot be read, are too long, or without text. */
  readonly badObjects: number;
  /** Which languages its documents are in. */
  readonly languages: Languages;
  /** How those in Portuguese are written. */
  readonly varieties: Varieties;
  /** How much of its lines was there before. */
  readonly repeatedParagraphs: Repeats;
  /** How much of its documents was there before. */
  readonly repeatedDocuments: Repeats;
  /** How long its documents are. */
  readonly documentLengths: Histogram;
  /** How long its lines are. */
  readonly lineLengths: Histogram;
  /** The files with the most faults for their size, at most five. */
  readonly worst: readonly WorstFile[];
}

/** In fewer letters a language is guessed rather than identified. */
export const MIN_LETTERS = 50;
/** How much of a document's beginning is looked at for its language. */
const SAMPLE_CHARS = 16_000;
/** How many of the worst files are named. */
const WORST = 5;
/** A JSON object that is longer is not read. */
const MAX_OBJECT = 1 << 24;
const EDGES = [0, 10, 30, 100, 300, 1000, 3000, 1e4, 3e4, 1e5, 3e5, 1e6];

/** Counts repetitions over several sources. */
export interface Repetitions {
  /** Counts repeated lines. */
  readonly paragraphs: RepeatCounter;
  /** Counts repeated documents. */
  readonly documents: RepeatCounter;
}

/** Makes counters that have seen nothing. */
export function newRepetitions(): Repetitions {
  return { paragraphs: new RepeatCounter(), documents: new RepeatCounter() };
}

/** What an audit of a source counts besides. */
export interface SourceAuditOptions {
  /** Counts repetitions over this source and others. */
  readonly overall?: Repetitions;
  /** Takes documents and faults, to show some. */
  readonly survey?: SourceSurvey;
  /** Which field of JSON is the text; `text` unless given. */
  readonly textField?: string;
}

/** Audits the files of one source, one after the other. */
export class SourceAudit {
  readonly #name: string;
  readonly #identifier: LanguageIdentifier;
  readonly #overall?: Repetitions;
  readonly #survey?: SourceSurvey;
  readonly #textField: string;
  readonly #own = newRepetitions();
  readonly #totals: TextCounts = newCounts();
  readonly #documentLengths = EDGES.map(() => 0);
  readonly #lineLengths = EDGES.map(() => 0);
  readonly #languages = new Map<string, number>();
  readonly #varieties = noVarieties();
  readonly #worst: WorstFile[] = [];
  #judged = 0;
  #files = 0;
  #invalidFiles = 0;
  #badObjects = 0;
  /** The counts of the file at hand. */
  #file: TextCounts = newCounts();
  #document?: OpenDocument;
  /** Whether the file at hand is one document. */
  #isWhole = false;
  #line = new TextHash();
  /** The name of the file at hand, and the number of its line. */
  #place: Place = { file: "", line: 1 };

  /**
   * Makes an audit of a source whose files are added later.
   *
   * @param name What the source is called.
   * @param identifier What knows languages.
   * @param options What it counts besides.
   */
  constructor(
    name: string,
    identifier: LanguageIdentifier,
    { overall, survey, textField = "text" }: SourceAuditOptions = {},
  ) {
    this.#name = name;
    this.#identifier = identifier;
    this.#overall = overall;
    this.#survey = survey;
    this.#textField = textField;
  }

  /**
   * Audits a file.
   *
   * @param onProgress Told how many bytes of it have been read, now and then.
   */
  async add(
    file: AuditFile,
    onProgress: (bytes: number) => void = () => {},
  ): Promise<void> {
    this.#file = newCounts();
    const reading: FileReading = { bytes: 0, invalid: 0 };
    const { path, name } = file, rule = ruleOf(file);
    this.#isWhole = rule === "files";
    this.#place = { file: name, line: 1 };
    const objects = rule === "jsonl"
      ? new ObjectLines(this.#textField)
      : undefined;
    let told = 0;
    for await (const piece of readLines(path, reading)) {
      if (objects === undefined) this.#addPiece(piece);
      else this.#addObject(objects.add(piece));
      if (piece.ends) {
        this.#place = { file: name, line: this.#place.line + 1 };
      }
      if (reading.bytes !== told) onProgress(told = reading.bytes);
    }
    this.#endDocument();
    this.#files++;
    if (reading.invalid > 0) this.#invalidFiles++;
    this.#file.bytes = reading.bytes;
    this.#addTotals(name);
  }

  /** What has been found. */
  report(): SourceReport {
    const languages = [...this.#languages].sort(([a, m], [b, n]) =>
      n - m || (a < b ? -1 : 1)
    );
    const foreign = this.#judged - (this.#languages.get("pt") ?? 0);
    return {
      name: this.#name,
      files: this.#files,
      ...this.#totals,
      invalidFiles: this.#invalidFiles,
      badObjects: this.#badObjects,
      languages: {
        judged: this.#judged,
        foreign: foreign / Math.max(1, this.#judged),
        documents: Object.fromEntries(languages),
      },
      varieties: structuredClone(this.#varieties),
      repeatedParagraphs: this.#own.paragraphs.repeats(),
      repeatedDocuments: this.#own.documents.repeats(),
      documentLengths: { from: EDGES, counts: this.#documentLengths },
      lineLengths: { from: EDGES, counts: this.#lineLengths },
      worst: this.#worst,
    };
  }

  #addPiece({ text, ends }: LinePiece): void {
    if (this.#line.length === 0 && ends && /^\s*$/.test(text)) {
      if (!this.#isWhole) this.#endDocument();
      return;
    }
    this.#countFaults(text);
    this.#file.characters += text.length;
    this.#line.update(text);
    const document = this.#document ??= {
      hash: new TextHash(),
      sample: "",
      characters: 0,
      place: this.#place,
      pieces: [],
    };
    document.hash.update(text);
    document.characters += text.length;
    const room = SAMPLE_CHARS - document.sample.length;
    if (room > 0) document.sample += `${text.slice(0, room)}\n`;
    if (this.#survey !== undefined && document.characters <= MAX_DOCUMENT) {
      document.pieces.push(text, ...ends ? ["\n"] : []);
    }
    if (!ends) return;
    document.hash.update("\n");
    this.#file.lines++;
    this.#lineLengths[classOf(this.#line.length)]++;
    this.#own.paragraphs.addHash(this.#line);
    this.#overall?.paragraphs.addHash(this.#line);
    this.#line = new TextHash();
  }

  #countFaults(text: string): void {
    const found = countFaults(text);
    if (totalFaults(found) === 0) return;
    addFaults(this.#file.faults, found);
    this.#survey?.addFaults(text, this.#place, found);
  }

  #addObject(text: string | null | undefined): void {
    if (text === undefined) return;
    if (text === null) {
      this.#badObjects++;
      return;
    }
    for (const line of text.split(/\r?\n/)) {
      if (/\S/.test(line)) this.#addPiece({ text: line, ends: true });
    }
    this.#endDocument();
  }

  #endDocument(): void {
    const document = this.#document;
    if (document === undefined) return;
    this.#document = undefined;
    this.#file.documents++;
    this.#documentLengths[classOf(document.characters)]++;
    this.#own.documents.addHash(document.hash);
    this.#overall?.documents.addHash(document.hash);
    const language = this.#identify(document.sample);
    this.#survey?.addDocument(
      document.characters > MAX_DOCUMENT
        ? undefined
        : document.pieces.join("").trimEnd(),
      document.place,
      language,
    );
  }

  /** The language of a document, where it has enough letters to tell. */
  #identify(sample: string): string | undefined {
    const letters = sample.match(/\p{L}/gu)?.length ?? 0;
    if (letters < MIN_LETTERS) return undefined;
    const language = this.#identifier.identify(sample).language ?? "?";
    this.#languages.set(language, (this.#languages.get(language) ?? 0) + 1);
    this.#judged++;
    if (language === "pt") {
      const { variant, spelling } = writtenIn(sample);
      if (variant !== undefined) this.#varieties.variants[variant]++;
      if (spelling !== undefined) this.#varieties.spellings[spelling]++;
    }
    return language;
  }

  #addTotals(name: string): void {
    const file = this.#file, totals = this.#totals;
    totals.bytes += file.bytes;
    totals.documents += file.documents;
    totals.lines += file.lines;
    totals.characters += file.characters;
    addFaults(totals.faults, file.faults);
    const faults = totalFaults(file.faults);
    if (faults === 0) return;
    const rate = 1e6 * faults / Math.max(1, file.characters);
    const at = this.#worst.findIndex((other) => other.rate < rate);
    this.#worst.splice(at < 0 ? WORST : at, 0, { name, rate, ...file });
    this.#worst.length = Math.min(WORST, this.#worst.length);
  }
}

/** A document whose end has not come. */
interface OpenDocument {
  readonly hash: TextHash;
  sample: string;
  characters: number;
  readonly place: Place;
  /** All of it, for a survey. */
  readonly pieces: string[];
}

/** Puts the lines of a .jsonl file together. */
class ObjectLines {
  #text = "";
  #tooLong = false;
  readonly #field: string;

  constructor(field: string) {
    this.#field = field;
  }

  /** A whole line's text, null where it has none, undefined within a line. */
  add({ text, ends }: LinePiece): string | null | undefined {
    this.#tooLong ||= this.#text.length + text.length > MAX_OBJECT;
    if (!this.#tooLong) this.#text += text;
    if (!ends) return undefined;
    const line = this.#text, tooLong = this.#tooLong;
    this.#text = "";
    this.#tooLong = false;
    if (tooLong) return null;
    return /\S/.test(line) ? textOf(line, this.#field) : undefined;
  }
}

function textOf(json: string, field: string): string | null {
  try {
    const text = JSON.parse(json)?.[field];
    return typeof text === "string" ? text : null;
  } catch {
    return null;
  }
}

function classOf(length: number): number {
  return EDGES.findLastIndex((edge) => edge <= length);
}

/** Counts of varieties, all zero. */
export function noVarieties(): Varieties {
  return {
    variants: { "pt-BR": 0, "pt-PT": 0 },
    spellings: { etymological: 0, "before-1990": 0, "since-1990": 0 },
  };
}

function newCounts(): TextCounts {
  return {
    bytes: 0,
    documents: 0,
    lines: 0,
    characters: 0,
    faults: noFaults(),
  };
}
