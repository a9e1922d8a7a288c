/**
 * Ends a stage at its first news.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";

/** Starts work, and aborts it when it tells for the first time how far it is. */
export function abortAtFirstNews<T>(
  work: (
    options: { readonly signal: AbortSignal; readonly onProgress: () => void },
  ) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  return work({ signal, onProgress: () => controller.abort() });
}

/** Work that cannot be continued must reject with the reason it was aborted for. */
export async function rejectsWhenAborted(
  work: Parameters<typeof abortAtFirstNews>[0],
): Promise<void> {
  const error = await assertRejects(() => abortAtFirstNews(work), DOMException);
  assertEquals(error.name, "AbortError");
}
