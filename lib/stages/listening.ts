/**
 * Why a page cannot be had at an address.
 *
 * @module
 */

import { reasonOf } from "../files.ts";

/**
 * The error of a server that could not begin.
 *
 * @param place The host and the port.
 * @param error What the system says.
 */
export function cannotListen(place: string, error: unknown): Error {
  // Deno's own server says it in one way, Node's in the other.
  const isTaken = error instanceof Deno.errors.AddrInUse ||
    (error as { readonly code?: unknown }).code === "EADDRINUSE";
  const reason = isTaken
    ? "the port is in use by another program; --port takes another, 0 any that is free"
    : reasonOf(error);
  return new Error(`Cannot listen on ${place}: ${reason}`, { cause: error });
}
