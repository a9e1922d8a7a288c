/**
 * A report as one page that needs nothing else.
 *
 * @module
 */

import plottingScript from "../page/plotting.js" with { type: "text" };
import tablesScript from "../page/tables.js" with { type: "text" };
import { singlePage } from "../page/single_page.ts";
import page from "./page/index.html" with { type: "text" };
import plotsScript from "./page/plots.js" with { type: "text" };
import reportScript from "./page/report.js" with { type: "text" };
import style from "./page/style.css" with { type: "text" };
import wordsScript from "./page/words.js" with { type: "text" };
import type { AbsentBaseline } from "./baselines.ts";
import type { EvaluationReport } from "./report.ts";

/** What the page says of how documents were read. */
export interface ShownReport extends EvaluationReport {
  /** Baselines that could not be measured, and why. */
  readonly absent: readonly AbsentBaseline[];
  /** After how many tokens all was forgotten; absent where never. */
  readonly resetEvery?: number;
  /** What baselines learnt from. */
  readonly learnFrom?: string;
}

/** How a report of ours begins; a text may well speak of it farther on. */
const BEGINNING = "<!DOCTYPE html>\n<!-- ptbr-slm evaluation report -->";

/** Whether a file that begins so is a report. */
export function isReportPage(head: string): boolean {
  return head.startsWith(BEGINNING);
}

/**
 * Writes a report as HTML.
 *
 * @param report Its figures.
 * @returns The page.
 *
 * @example
 * ```ts
 * import { makeReport } from "./report.ts";
 * import { isReportPage, reportPage } from "./report_page.ts";
 * import { assert } from "@std/assert";
 *
 * const report = await makeReport({
 *   sources: [{ name: "<books>", kind: "text" }],
 *   documents: [{ name: "a.txt", source: 0, bytes: 100 }],
 *   measured: [{
 *     name: "mine",
 *     kind: "model",
 *     costs: [{ nats: 70, tokens: 50, bytes: 100 }],
 *   }],
 *   seed: 1,
 *   resamples: 100,
 * });
 * const html = await reportPage({ ...report, absent: [] });
 * assert(isReportPage(html) && !html.includes("<books>"));
 * ```
 */
export async function reportPage(report: ShownReport): Promise<string> {
  return await singlePage({
    page,
    style,
    scripts: [
      tablesScript,
      plottingScript,
      wordsScript,
      plotsScript,
      reportScript,
    ],
    id: "report",
    figures: report,
  });
}
