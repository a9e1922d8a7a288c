/**
 * What all benchmarks measured on one machine, and that as Markdown.
 *
 * @module
 */

import { median } from "../shared.ts";
import type { Figure } from "./figures.ts";

/** A benchmark that was run. */
export interface Section {
  readonly name: string;
  /** What was run, to be run again. */
  readonly command: string;
  readonly seconds: number;
  readonly figures: readonly Figure[];
  /** What it printed, or why it ended. */
  readonly output: string;
  readonly hasFailed: boolean;
}

/** A program that ours is measured beside. */
export interface Peer {
  readonly name: string;
  /** Undefined where it is not installed. */
  readonly version?: string;
}

/** All that was measured. */
export interface Results {
  /** ISO 8601. */
  readonly date: string;
  /** Of this program, and the commit where it is known. */
  readonly version: string;
  /** What it ran on, by words: processor, memory, system, Deno. */
  readonly machine: Readonly<Record<string, string>>;
  readonly peers: readonly Peer[];
  readonly sections: readonly Section[];
}

/** A side of something that was measured. */
export interface Row {
  readonly side: string;
  readonly isOurs: boolean;
  readonly unit: string;
  readonly median: number;
  readonly least: number;
  readonly most: number;
  /** How many times it was measured. */
  readonly rounds: number;
  /** How many times as good as the best that is not ours. */
  readonly ratio?: number;
  /** The same side's median elsewhere. */
  readonly elsewhere?: number;
}

/** Something that was measured, its sides as they were. */
export interface Table {
  readonly what: string;
  readonly rows: readonly Row[];
}

/**
 * The tables of a benchmark.
 *
 * @param figures Its figures.
 * @param elsewhere Another machine's, to be laid beside.
 */
export function tablesOf(
  figures: readonly Figure[],
  elsewhere: readonly Figure[] = [],
): Table[] {
  const byWhat = Map.groupBy(figures, ({ what }) => what);
  return [...byWhat].map(([what, sides]) => {
    const peers = sides.filter(({ isOurs }) => !isOurs)
      .map((figure) => goodness(figure));
    const best = peers.length === 0 ? undefined : Math.max(...peers);
    const rows = sides.map((figure): Row => {
      const other = elsewhere.find((one) =>
        one.what === what && one.side === figure.side
      );
      return {
        side: figure.side,
        isOurs: figure.isOurs,
        unit: figure.unit,
        median: median(figure.values),
        least: Math.min(...figure.values),
        most: Math.max(...figure.values),
        rounds: figure.values.length,
        ratio: best && figure.isOurs ? goodness(figure) / best : undefined,
        elsewhere: other && median(other.values),
      };
    });
    return { what, rows };
  });
}

/** More is better, whatever was measured. */
function goodness({ values, better }: Figure): number {
  return better === "more" ? median(values) : 1 / median(values);
}

/** A number with as many digits as tell something. */
export function rounded(value: number): string {
  return value >= 1000
    ? Math.round(value).toLocaleString("en")
    : String(Number(value.toPrecision(3)));
}

/** The results as a page of Markdown. */
export function markdownOf(results: Results, other?: Results): string {
  const elsewhere = other?.sections.flatMap(({ figures }) => figures) ?? [];
  const lines = [
    "# Results",
    "",
    "Written by `deno task bench`; medians, and the least and the most of all",
    "rounds, in which the sides took turns. A ratio is to the best of the others,",
    "above 1 where ours is better.",
    "",
    `- **Date:** ${results.date}`,
    `- **Version:** ${results.version}`,
    ...Object.entries(results.machine).map(([name, value]) =>
      `- **${name}:** ${value}`
    ),
    ...results.peers.map(({ name, version }) =>
      `- **${name}:** ${version ?? "not installed, so not measured"}`
    ),
    ...other === undefined
      ? []
      : [`- **Beside it:** ${other.date}, ${Object.values(other.machine)[0]}`],
  ];
  for (const section of results.sections) {
    lines.push("", `## ${section.name}`, "", "```sh", section.command, "```");
    if (section.hasFailed) lines.push("", `Not measured: ${section.output}`);
    for (const { what, rows } of tablesOf(section.figures, elsewhere)) {
      lines.push("", ...tableLines(what, rows));
    }
  }
  return `${lines.join("\n")}\n`;
}

function tableLines(what: string, rows: readonly Row[]): string[] {
  const hasOther = rows.some(({ elsewhere }) => elsewhere !== undefined);
  const head = [what, rows[0].unit, "least to most", "ratio"];
  const ends = ["---", "--:", "--:", "--:"];
  if (hasOther) {
    head.push("elsewhere");
    ends.push("--:");
  }
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(head),
    line(ends),
    ...rows.map((row) =>
      line([
        row.side,
        rounded(row.median),
        row.rounds === 1
          ? "once"
          : `${rounded(row.least)} to ${rounded(row.most)}`,
        row.ratio === undefined ? "" : row.ratio.toFixed(2),
        ...hasOther
          ? [row.elsewhere === undefined ? "" : rounded(row.elsewhere)]
          : [],
      ])
    ),
  ];
}
