/**
 * What the dashboard answers: a page, its parts, and the runs as JSON. Only what
 * is asked for by its own page: the name of the host is looked at, since other
 * sites' pages may send requests to this machine under theirs, and nothing says
 * that they may read the answer.
 *
 * @module
 */

import uplotScript from "npm:uplot@1.6.32/dist/uPlot.iife.min.js" with {
  type: "text",
};
import uplotStyle from "npm:uplot@1.6.32/dist/uPlot.min.css" with {
  type: "text",
};
import baseStyle from "../page/base.css" with { type: "text" };
import elementsScript from "../page/elements.js" with { type: "text" };
import { PAGE_HEADERS, type PageParts, PART_TYPES } from "../page/headers.ts";
import languageScript from "../page/language.js" with { type: "text" };
import chartsScript from "./page/charts.js" with { type: "text" };
import dashboardScript from "./page/dashboard.js" with { type: "text" };
import page from "./page/index.html" with { type: "text" };
import style from "./page/style.css" with { type: "text" };
import wordsScript from "./page/words.js" with { type: "text" };
import { COLUMNS, isAxis, type RunBoard } from "./run_board.ts";

/** What is always the same. */
const PARTS: PageParts = {
  "/": [PART_TYPES.page, page],
  "/page/base.css": [PART_TYPES.style, baseStyle],
  "/style.css": [PART_TYPES.style, style],
  "/dashboard.js": [PART_TYPES.script, dashboardScript],
  "/charts.js": [PART_TYPES.script, chartsScript],
  "/page/elements.js": [PART_TYPES.script, elementsScript],
  "/page/language.js": [PART_TYPES.script, languageScript],
  "/words.js": [PART_TYPES.script, wordsScript],
  "/uplot.js": [PART_TYPES.script, uplotScript],
  "/uplot.css": [PART_TYPES.style, uplotStyle],
};

/** The list of runs does not wait longer for what is being read, in ms. */
const PATIENCE = 300;
/** Columns that a picture may have. */
const MAX_COLUMNS = 4000;

/**
 * Makes what answers requests.
 *
 * @param board The runs.
 * @returns A function of a request and the port that it came to.
 */
export function dashboardHandler(
  board: RunBoard,
): (request: Request, port: number) => Promise<Response> {
  return async (request, port) => {
    if (!isOwn(request, port)) return refusal(403, "not for this host");
    if (request.method !== "GET") return refusal(405, "only GET");
    const { pathname, searchParams } = new URL(request.url);
    if (Object.hasOwn(PARTS, pathname)) {
      const [type, text] = PARTS[pathname];
      return new Response(text, {
        headers: { ...PAGE_HEADERS, "content-type": type },
      });
    }
    switch (pathname) {
      case "/api/runs":
        return await runs(board);
      case "/api/curves":
        return curves(board, searchParams);
      case "/api/samples":
        return await samples(board, searchParams);
    }
    return refusal(404, "there is no such page");
  };
}

/** Whether a request is for this server by a name that only it has. */
function isOwn(request: Request, port: number): boolean {
  const host = request.headers.get("host");
  return host === `127.0.0.1:${port}` || host === `localhost:${port}`;
}

async function runs(board: RunBoard): Promise<Response> {
  let error: string | undefined;
  const reading = board.refresh().then(() => false, (reason) => {
    error = String(reason?.message ?? reason);
    return false;
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const waiting = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(true), PATIENCE);
  });
  const isReading = await Promise.race([reading, waiting]);
  clearTimeout(timer);
  return answer({ runs: await board.summaries(), isReading, error });
}

function curves(board: RunBoard, asked: URLSearchParams): Response {
  const axis = asked.get("axis") ?? "step";
  if (!isAxis(axis)) return refusal(400, "there is no such axis");
  const columns = Math.floor(numberIn(asked, "columns") ?? COLUMNS);
  return answer(board.curves(asked.get("run") ?? "", axis, {
    columns: Math.min(MAX_COLUMNS, Math.max(1, columns)),
    from: numberIn(asked, "from"),
    to: numberIn(asked, "to"),
  }));
}

async function samples(
  board: RunBoard,
  asked: URLSearchParams,
): Promise<Response> {
  const samples = await board.samples(asked.get("run") ?? "");
  return answer(samples && { samples });
}

function numberIn(asked: URLSearchParams, name: string): number | undefined {
  const number = Number(asked.get(name) ?? NaN);
  return Number.isFinite(number) ? number : undefined;
}

function answer(value: object | undefined): Response {
  if (value === undefined) return refusal(404, "there is no such run");
  return Response.json(value, { headers: PAGE_HEADERS });
}

function refusal(status: number, error: string): Response {
  return Response.json({ error }, { status, headers: PAGE_HEADERS });
}
