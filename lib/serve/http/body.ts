/**
 * Bodies of requests: bytes to JSON.
 *
 * @module
 */

import { ApiError, badRequest } from "./errors.ts";

/** Lists and objects in one another that a body may have. */
const MOST_DEPTH = 64;

/** Refuses bodies that would have to be unpacked, to who knows what length. */
export function assertPlain(headers: Headers): void {
  const coding = headers.get("content-encoding")?.toLowerCase() ?? "identity";
  if (coding === "identity") return;
  throw new ApiError(
    415,
    "Cannot read the body: it is compressed, send it as it is",
    {
      code: "unsupported_encoding",
      headers: { "accept-encoding": "identity" },
    },
  );
}

/** What a body says. @throws {ApiError} 400 when that is no JSON, or too deep. */
export function readJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw badRequest(
      null,
      "Cannot read the body: it is not UTF-8",
      "invalid_json",
    );
  }
  if (isDeep(text)) {
    throw badRequest(
      null,
      `Cannot read the body: it is nested deeper than ${MOST_DEPTH} levels`,
      "invalid_json",
    );
  }
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest(
      null,
      "Cannot read the body: it is not JSON",
      "invalid_json",
    );
  }
}

/** Whether JSON is nested so deeply that no request of ours is meant. */
function isDeep(text: string): boolean {
  let depth = 0, isInString = false;
  for (let at = 0; at < text.length; at++) {
    const mark = text[at];
    if (mark === '"') isInString = !isInString;
    else if (isInString) at += mark === "\\" ? 1 : 0;
    else if (mark === "[" || mark === "{") depth++;
    else if (mark === "]" || mark === "}") depth--;
    if (depth > MOST_DEPTH) return true;
  }
  return false;
}
