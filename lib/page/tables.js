/** Tables of figures. */

import { made } from "./elements.js";

/**
 * A table in a box that scrolls by itself; all columns but the first are numbers.
 *
 * @param {(Node | string)[]} head
 * @param {(Node | string)[][]} rows
 */
export function tableOf(head, rows) {
  const cells = (tag, row) =>
    row.map((cell, i) => {
      const element = made(tag, i === 0 ? "" : "number", cell);
      if (tag === "th") element.scope = "col";
      return element;
    });
  const table = made(
    "table",
    "",
    made("thead", "", made("tr", "", ...cells("th", head))),
    made(
      "tbody",
      "",
      ...rows.map((row) => made("tr", "", ...cells("td", row))),
    ),
  );
  const box = made("div", "table", table);
  box.tabIndex = 0;
  return box;
}
