/**
 * Who is answered. Without keys only this machine's own programs and pages are:
 * pages of other sites may send requests here under their names for this
 * machine (DNS rebinding), or under ours without being allowed to read the
 * answer, which would still cost the work.
 *
 * @module
 */

import { timingSafeEqual } from "node:crypto";
import { ApiError } from "./errors.ts";

/** Whom a server answers. */
export interface Guard {
  /** Keys, one of which a request must have; none are asked for where empty. */
  readonly keys: readonly string[];
  /** Sites whose pages may ask; `*` for all. */
  readonly origins: readonly string[];
}

/** What is looked at of a request. */
interface Asking {
  readonly headers: Headers;
  /** The port that it came to. */
  readonly port: number;
}

/**
 * Refuses requests by other names than this machine's, where no key guards it,
 * and those of pages of other sites.
 *
 * @throws {ApiError} 403.
 */
export function assertOwn(
  { keys, origins }: Guard,
  { headers, port }: Asking,
): void {
  const host = (headers.get("host") ?? "").toLowerCase();
  if (keys.length === 0 && !isLoopback(host, port)) {
    throw refusal("the name of the host is not this machine's");
  }
  const origin = headers.get("origin");
  if (origin === null || isAllowed(origins, origin)) return;
  const own = origin.toLowerCase().replace(/^https?:\/\//, "");
  if (own !== host) throw refusal("pages of other sites may not ask");
}

/**
 * Refuses requests without a key.
 *
 * @throws {ApiError} 401.
 */
export async function assertKey(
  { keys }: Guard,
  headers: Headers,
): Promise<void> {
  if (keys.length === 0) return;
  const [, given] =
    /^Bearer +(.+)$/i.exec(headers.get("authorization") ?? "") ?? [];
  // Of equal length whatever is given, so that time tells nothing of a key.
  const hash = await digest(given ?? "");
  let isKnown = false;
  for (const key of keys) {
    if (timingSafeEqual(await digest(key), hash)) isKnown = true;
  }
  if (given !== undefined && isKnown) return;
  throw new ApiError(
    401,
    given === undefined
      ? "Cannot answer without a key: send it as Authorization: Bearer KEY"
      : "Cannot answer: the key is not known",
    { code: "invalid_api_key", headers: { "www-authenticate": "Bearer" } },
  );
}

/** Headers that let an allowed page of another site read an answer. */
export function corsHeaders(
  { origins }: Guard,
  headers: Headers,
): Readonly<Record<string, string>> {
  const origin = headers.get("origin");
  if (origin === null || !isAllowed(origins, origin)) return {};
  return {
    "access-control-allow-origin": origin,
    "access-control-allow-methods": "GET, POST, DELETE",
    "access-control-allow-headers":
      headers.get("access-control-request-headers") ?? "authorization",
    "access-control-expose-headers": "x-request-id, x-cached-tokens",
    "access-control-max-age": "600",
    "vary": "origin",
  };
}

function isAllowed(origins: readonly string[], origin: string): boolean {
  return origins.includes("*") || origins.includes(origin);
}

function isLoopback(host: string, port: number): boolean {
  return ["127.0.0.1", "localhost", "[::1]"]
    .some((name) =>
      host === `${name}:${port}` || (port === 80 && host === name)
    );
}

async function digest(text: string): Promise<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

function refusal(reason: string): ApiError {
  return new ApiError(403, `Cannot answer: ${reason}`, { code: "forbidden" });
}
