/**
 * A report as one page that needs nothing else: its styles, its script and its
 * figures stand in it, and what it may do is nothing but show them.
 *
 * @module
 */

import baseStyle from "../page/base.css" with { type: "text" };
import elementsScript from "../page/elements.js" with { type: "text" };
import languageScript from "../page/language.js" with { type: "text" };
import plottingScript from "../page/plotting.js" with { type: "text" };
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
  const styles = `\n${baseStyle}\n${style}`;
  const script = `\n${
    [
      ...[elementsScript, languageScript, plottingScript, wordsScript],
      ...[plotsScript, reportScript],
    ].map(withoutModules).join("\n")
  }`;
  const policy = [
    "default-src 'none'",
    `script-src '${await hashOf(script)}'`,
    `style-src '${await hashOf(styles)}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  // In a script's element nothing ends it but its tag.
  const figures = JSON.stringify(report).replaceAll("<", "\\u003c");
  const head =
    `    <meta http-equiv="content-security-policy" content="${policy}">
    <style>${styles}</style>
  </head>`;
  const body =
    `    <script type="application/json" id="report">${figures}</script>
    <script type="module">${script}</script>
  </body>`;
  return page.replace("  </head>", () => head)
    .replace("  </body>", () => body);
}

/** The text of a module as a part of one script. */
function withoutModules(script: string): string {
  return script.replaceAll(/^import [^;]*;\n/gm, "")
    .replaceAll(/^export /gm, "");
}

/** By what a page's policy names a text. */
async function hashOf(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `sha256-${hash.toBase64()}`;
}
