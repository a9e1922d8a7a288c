/**
 * Names as this program lists them and as wikis look them up.
 *
 * @module
 */

/** A name as it is looked up: case does not matter, `_` is a space. */
export function normalizeName(name: string): string {
  return name.replaceAll("_", " ").trim().toLowerCase();
}

/** What names stand for, from a list of both in turn; `_` is a space in it. */
export function pairs(list: string): Readonly<Record<string, string>> {
  const words = list.split(" ").map((word) => word.replaceAll("_", " "));
  const result: Record<string, string> = {};
  for (let i = 0; i < words.length; i += 2) result[words[i]] = words[i + 1];
  return result;
}
