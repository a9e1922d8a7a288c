/**
 * Wiki tables, `{|` to `|}`, which go whole.
 *
 * @module
 */

import type { Residue } from "./marks.ts";

/**
 * Removes tables, nested ones too. Of one that never ends only the lines that
 * look like a table's go, so that it does not take the page along.
 *
 * @param text Wikitext without templates.
 * @param residue Where tables that never end are counted.
 *
 * @example
 * ```ts
 * import { dropTables } from "./tables.ts";
 * import { Residue } from "./marks.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const text = "antes\n{|\n| um || dois\n|}\ndepois";
 * assertEquals(dropTables(text, new Residue()), "antes\n\ndepois");
 * ```
 */
export function dropTables(text: string, residue: Residue): string {
  if (!text.includes("{|")) return text;
  const out: string[] = [];
  const open: number[] = [];
  for (const line of text.split("\n")) {
    const start = BEGINNINGS.includes(line[0] ?? "x") ? startOf(line) : "";
    if (start === "{|") {
      open.push(out.length);
      out.push(line);
    } else if (start === "|}" && open.length > 0) {
      out.length = open.pop()!;
      out.push(line.slice(line.indexOf("|}") + 2));
    } else {
      out.push(line);
    }
  }
  if (open.length === 0) return out.join("\n");
  residue.add("{|", open.length);
  const sound = out.slice(0, open[0]);
  const rest = out.slice(open[0]).filter((line) => !/^\s?[{|!]/.test(line));
  return [...sound, ...rest].join("\n");
}

/** What a line may start with that opens or closes a table. */
const BEGINNINGS = " \t:*#;{|";

/** The first two characters after indentation. */
function startOf(line: string): string {
  let at = 0;
  while (at < line.length && " \t:*#;".includes(line[at])) at++;
  return line.slice(at, at + 2);
}
