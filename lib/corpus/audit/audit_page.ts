/**
 * An audit as one page that needs nothing else: what is counted, and for each
 * count some of the text.
 *
 * @module
 */

import { singlePage } from "../../page/single_page.ts";
import plottingScript from "../../page/plotting.js" with { type: "text" };
import tablesScript from "../../page/tables.js" with { type: "text" };
import auditScript from "./page/audit.js" with { type: "text" };
import barsScript from "./page/bars.js" with { type: "text" };
import page from "./page/index.html" with { type: "text" };
import style from "./page/style.css" with { type: "text" };
import wordsScript from "./page/words.js" with { type: "text" };
import type { SourceReport } from "./source_audit.ts";
import type { SurveyReport } from "./survey.ts";

/** What a page shows. */
export interface ShownAudit {
  /** What is counted of each source, and the text that shows it. */
  readonly sources: readonly {
    readonly report: SourceReport;
    readonly survey: SurveyReport;
  }[];
  /** Whose thresholds were asked; those of the preset `web` where absent. */
  readonly recipe?: string;
}

/** How a page of ours begins; a text may well speak of it farther on. */
const BEGINNING = "<!DOCTYPE html>\n<!-- ptbr-slm corpus audit -->";

/** Whether a file that begins so is such a page. */
export function isAuditPage(head: string): boolean {
  return head.startsWith(BEGINNING);
}

/**
 * Writes an audit as HTML.
 *
 * @param audit What was found.
 * @returns The page.
 *
 * @example
 * ```ts
 * import { auditPage, isAuditPage } from "./audit_page.ts";
 * import { assert } from "@std/assert";
 *
 * const html = await auditPage({ sources: [], recipe: "<recipe>" });
 * assert(isAuditPage(html) && !html.includes("<recipe>"));
 * ```
 */
export function auditPage(audit: ShownAudit): Promise<string> {
  return singlePage({
    page,
    style,
    scripts: [
      tablesScript,
      plottingScript,
      wordsScript,
      barsScript,
      auditScript,
    ],
    id: "audit",
    figures: audit,
  });
}
