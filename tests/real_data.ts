/**
 * Real inputs, which some tests read where `PTBR_SLM_TEST_DATA` names a folder
 * of them: `dumps`, `wikitext`, `planalto` and `corpora` (laws, books), `bz2`,
 * `tokenizer`, `burn` and `rwkv` (models of other programs). They are others'
 * and no part of the project; without the variable these tests are skipped,
 * with it whatever is missing there is an error.
 *
 * @module
 */

const folder = Deno.env.get("PTBR_SLM_TEST_DATA");

/** Whether there are none. */
export const NO_REAL_DATA = !folder;

/** Their folder. */
export const REAL_DATA = folder || "PTBR_SLM_TEST_DATA is not set";

/** The text of one of them. */
export function readReal(path: string): string {
  return Deno.readTextFileSync(`${REAL_DATA}/${path}`);
}
