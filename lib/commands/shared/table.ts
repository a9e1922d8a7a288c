/**
 * Figures in columns, for people.
 *
 * @module
 */

/**
 * Lines up rows: the first column at the left, figures at the right.
 *
 * @param rows Cells of text, the heads first, the same number in each.
 * @returns A line a row.
 *
 * @example
 * ```ts
 * import { table } from "./table.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(table([["", "ids"], ["train", "7"]]), [
 *   "       ids",
 *   "train    7",
 * ]);
 * ```
 */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) =>
    Math.max(...rows.map((row) => row[column].length))
  );
  return rows.map((row) =>
    row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])
    ).join("  ")
  );
}
