/**
 * Plain data from one rank to all.
 *
 * @module
 */

import type { Communicator } from "./communicator.ts";

/**
 * Gives all ranks what rank 0 has.
 *
 * @param ranks All of them.
 * @param value Plain data, as JSON has them; looked at on rank 0 alone.
 *
 * @example
 * ```ts
 * import { shareJson } from "./share.ts";
 * import { SingleProcess } from "./single_process.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await shareJson(new SingleProcess(), { steps: 3 }), { steps: 3 });
 * ```
 */
export async function shareJson<T>(ranks: Communicator, value: T): Promise<T> {
  if (ranks.size === 1) return value;
  const own = new TextEncoder().encode(
    ranks.rank === 0 ? JSON.stringify(value) : "",
  );
  const [first] = await ranks.allGather(own);
  return JSON.parse(new TextDecoder().decode(first));
}
