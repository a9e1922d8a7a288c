/**
 * What documents cost models and baselines as figures: bits per byte in all, by
 * source, by the length of documents and by the place within them, each with an
 * interval, and what is between two of them.
 *
 * @module
 */

import { EventTurns } from "../turns.ts";
import {
  type BootstrapOptions,
  type Difference,
  differenceOf,
  type Interval,
  intervalOf,
} from "./bootstrap.ts";
import {
  bitsPerByteOf,
  type Cost,
  type DocumentCost,
  POSITIONS,
  sumOf,
} from "./cost.ts";

/** Where ranges of documents' lengths begin, in bytes. */
export const LENGTHS: readonly number[] = [
  0,
  1024,
  4096,
  16_384,
  65_536,
  262_144,
  1_048_576,
];

/** A source of documents. */
export interface EvaluatedSource {
  /** What was given: a path. */
  readonly name: string;
  /** Whether it is text or a dataset. */
  readonly kind: "text" | "data";
  /** The part of a dataset: what is held out, where something is. */
  readonly part?: "train" | "val";
}

/** A name, and the shortest end of it that tells it from the others. */
export interface Labelled {
  /** As in tables and plots. */
  readonly label: string;
}

/** A document that was predicted. */
export interface EvaluatedDocument {
  /** What it is called: its file, with a number where that has several. */
  readonly name: string;
  /** Which source it is of, by number. */
  readonly source: number;
  /** Its length in bytes, of UTF-8. */
  readonly bytes: number;
}

/** What some documents, or parts of them, cost. */
export interface Figure {
  /** Bits spent on each byte of text. */
  readonly bitsPerByte: number;
  /** Where 95 % of draws of documents have it; absent of fewer than two. */
  readonly interval?: Interval;
  /** How many documents there are. */
  readonly documents: number;
  /** How many bytes. */
  readonly bytes: number;
}

/** The figure of a source. */
export interface SourceFigure extends Figure {
  /** Its name. */
  readonly source: string;
}

/** The figure of documents of a length, or of what stands at some places. */
export interface RangeFigure extends Figure {
  /** In bytes; that itself is within. */
  readonly from: number;
  /** In bytes; that itself is beyond. Absent of the last. */
  readonly to?: number;
}

/** What a model or a baseline cost on every document. */
export interface Measured {
  /** A model's path, or what a baseline is called. */
  readonly name: string;
  /** Which it is. */
  readonly kind: "model" | "baseline";
  /** What each document cost. */
  readonly costs: readonly DocumentCost[];
  /** How many tokens a model predicted a second. */
  readonly tokensPerSecond?: number;
}

/** The figures of a model or a baseline. */
export interface ReportEntry extends Figure, Labelled, Omit<Measured, "costs"> {
  /** Tokens predicted; absent of what knows no tokens. */
  readonly tokens?: number;
  /** Mean cross-entropy, in nats a token. */
  readonly loss?: number;
  /** e^loss: comparable between models of one tokenizer. */
  readonly perplexity?: number;
  /** A figure a source. */
  readonly bySource: readonly SourceFigure[];
  /** By how long documents are. */
  readonly byLength: readonly RangeFigure[];
  /** By how much of a document came before; empty of what knows no tokens. */
  readonly byPosition: readonly RangeFigure[];
  /** Bits a byte of each document, in their order. */
  readonly byDocument: readonly number[];
}

/** How much more bits a byte one spends than another, on the same documents. */
export interface ReportDifference extends Difference {
  /** Whose name it is, */
  readonly name: string;
  /** and what it is compared with. */
  readonly from: string;
  /** The same, a source each. */
  readonly bySource: readonly (Difference & { readonly source: string })[];
}

/** Documents, and what they cost. */
export interface EvaluationReport extends BootstrapOptions {
  /** Where the documents are from. */
  readonly sources: readonly (EvaluatedSource & Labelled & {
    readonly documents: number;
    readonly bytes: number;
  })[];
  /** Them. */
  readonly documents: readonly EvaluatedDocument[];
  /** The figures of each model and then of each baseline. */
  readonly entries: readonly ReportEntry[];
  /** What is between the first and each other. */
  readonly differences: readonly ReportDifference[];
}

/** Of what a report is made. */
export interface ReportParts extends BootstrapOptions {
  /** Where the documents are from. */
  readonly sources: readonly EvaluatedSource[];
  /** Them. */
  readonly documents: readonly EvaluatedDocument[];
  /** What they cost; the others are compared with the first. */
  readonly measured: readonly Measured[];
  /** Looked at between figures. */
  readonly signal?: AbortSignal;
}

/**
 * Makes a report.
 *
 * @param parts The documents, and what they cost.
 *
 * @example
 * ```ts
 * import { makeReport } from "./report.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const costs = [1, 3].map((bits) => ({
 *   nats: bits * 100 * Math.LN2,
 *   tokens: 50,
 *   bytes: 100,
 * }));
 * const report = await makeReport({
 *   sources: [{ name: "books", kind: "text" }],
 *   documents: ["a.txt", "b.txt"].map((name) => ({ name, source: 0, bytes: 100 })),
 *   measured: [{ name: "mine", kind: "model", costs }],
 *   seed: 1,
 *   resamples: 100,
 * });
 * const [{ bitsPerByte, interval, byDocument }] = report.entries;
 * assertEquals(bitsPerByte, 2);
 * assertEquals(interval, [1, 3]);
 * assertEquals(byDocument, [1, 3]);
 * ```
 */
export async function makeReport(
  { sources, documents, measured, seed, resamples, signal }: ReportParts,
): Promise<EvaluationReport> {
  const turns = new EventTurns();
  const options = { seed, resamples };
  const groups = groupsOf(sources, documents);
  const figureOf = async (costs: readonly Cost[]): Promise<Figure> => {
    await turns.next();
    signal?.throwIfAborted();
    const sum = sumOf(costs), interval = intervalOf(costs, options);
    const figure = {
      bitsPerByte: bitsPerByteOf(sum),
      documents: costs.length,
      bytes: sum.bytes,
    };
    return interval === undefined ? figure : { ...figure, interval };
  };
  const entries: ReportEntry[] = [];
  const labels = labelsOf(measured.map(({ name }) => name));
  for (const [i, { costs, ...about }] of measured.entries()) {
    const bySource: SourceFigure[] = [];
    for (const [i, members] of groups.bySource.entries()) {
      const figure = await figureOf(members.map((index) => costs[index]));
      bySource.push({ source: sources[i].name, ...figure });
    }
    const byLength: RangeFigure[] = [];
    for (const { members, ...range } of groups.byLength) {
      const figure = await figureOf(members.map((index) => costs[index]));
      byLength.push({ ...range, ...figure });
    }
    const byPosition: RangeFigure[] = [];
    for (const range of rangesOf(POSITIONS)) {
      const part = POSITIONS.indexOf(range.from);
      const reached = costs.flatMap(({ parts }) => parts?.[part] ?? [])
        .filter(({ bytes }) => bytes > 0);
      if (reached.length === 0) continue;
      byPosition.push({ ...range, ...await figureOf(reached) });
    }
    const { nats, tokens } = sumOf(costs), loss = nats / tokens;
    entries.push({
      ...about,
      label: labels[i],
      ...await figureOf(costs),
      ...(tokens > 0 && { tokens, loss, perplexity: Math.exp(loss) }),
      bySource,
      byLength,
      byPosition,
      byDocument: costs.map(bitsPerByteOf),
    });
  }
  const differences: ReportDifference[] = [];
  const [first, ...others] = measured;
  for (const { name, costs } of others) {
    await turns.next();
    signal?.throwIfAborted();
    const between = (members: readonly number[]) =>
      differenceOf(
        members.map((index) => costs[index]),
        members.map((index) => first.costs[index]),
        options,
      );
    differences.push({
      name,
      from: first.name,
      ...between([...documents.keys()]),
      bySource: groups.bySource.map((members, i) => ({
        source: sources[i].name,
        ...between(members),
      })),
    });
  }
  const sourceLabels = labelsOf(sources.map(({ name }) => name));
  return {
    sources: sources.map((source, i) => {
      const members = groups.bySource[i];
      const bytes = members.reduce((sum, at) => sum + documents[at].bytes, 0);
      return {
        ...source,
        label: sourceLabels[i],
        documents: members.length,
        bytes,
      };
    }),
    documents: documents.map(({ name, source, bytes }) => ({
      name,
      source,
      bytes,
    })),
    entries,
    differences,
    seed,
    resamples,
  };
}

/**
 * The shortest ends of paths that tell them apart.
 *
 * @param paths Paths, or names without a folder.
 *
 * @example
 * ```ts
 * import { labelsOf } from "./report.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const paths = ["runs/a/model", "runs/b/model", "xz", "data/books/"];
 * assertEquals(labelsOf(paths), ["a/model", "b/model", "xz", "books"]);
 * ```
 */
export function labelsOf(paths: readonly string[]): string[] {
  const parts = paths.map((path) => path.split(/[/\\]/).filter(Boolean));
  return paths.map((path, i) => {
    for (let count = 1; count < parts[i].length; count++) {
      const end = parts[i].slice(-count).join("/");
      const isAlone = parts.every((other, j) =>
        paths[j] === path || other.slice(-count).join("/") !== end || i === j
      );
      if (isAlone) return end;
    }
    return path;
  });
}

/** Documents by number, of each source and of each range of lengths. */
function groupsOf(
  sources: readonly EvaluatedSource[],
  documents: readonly EvaluatedDocument[],
) {
  const numbers = [...documents.keys()];
  return {
    bySource: sources.map((_, source) =>
      numbers.filter((index) => documents[index].source === source)
    ),
    byLength: rangesOf(LENGTHS)
      .map((range) => {
        const { from, to = Infinity } = range;
        const members = numbers.filter((index) => {
          const { bytes } = documents[index];
          return from <= bytes && bytes < to;
        });
        return { ...range, members };
      })
      .filter(({ members }) => members.length > 0),
  };
}

/** From each border to the next. */
function rangesOf(borders: readonly number[]): { from: number; to?: number }[] {
  return borders.map((from, i) =>
    i + 1 < borders.length ? { from, to: borders[i + 1] } : { from }
  );
}
