/**
 * The results as one page that needs nothing else: bars to compare, the numbers
 * beside them, and what every benchmark printed.
 *
 * @module
 */

import baseStyle from "../../lib/page/base.css" with { type: "text" };
import style from "./page.css" with { type: "text" };
import { type Results, rounded, type Row, tablesOf } from "./results.ts";

/** The results as HTML. */
export function pageOf(results: Results, other?: Results): string {
  const elsewhere = other?.sections.flatMap(({ figures }) => figures) ?? [];
  const facts = [
    ["Date", results.date],
    ["Version", results.version],
    ...Object.entries(results.machine),
    ...results.peers.map(({ name, version }) => [
      name,
      version ?? "not installed, so not measured",
    ]),
  ];
  const sections = results.sections.map((section) =>
    `<section>
<h2>${escaped(section.name)}</h2>
${
      tablesOf(section.figures, elsewhere).map(({ what, rows }) =>
        chart(what, rows)
      ).join("\n")
    }
<details${section.hasFailed ? " open" : ""}>
<summary>${section.hasFailed ? "Not measured" : "What it printed"}, in ${
      rounded(section.seconds)
    } s</summary>
<pre>${escaped(`$ ${section.command}\n${section.output}`)}</pre>
</details>
</section>`
  );
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>PTBR-SLM benchmarks</title>
<style>
${baseStyle}
${style}</style>
</head>
<body>
<header><h1>PTBR-SLM <small>benchmarks</small></h1></header>
<main>
<dl>
${
    facts.map(([name, value]) =>
      `<div><dt>${escaped(name)}</dt><dd>${escaped(value)}</dd></div>`
    ).join("\n")
  }
</dl>
${sections.join("\n")}
</main>
</body>
</html>
`;
}

/** A bar a side; the longest is as wide as there is room. */
function chart(what: string, rows: readonly Row[]): string {
  const longest = Math.max(
    ...rows.flatMap(({ median, elsewhere = 0 }) => [median, elsewhere]),
  );
  const bar = (value: number, kind: string) =>
    `<span class="bar ${kind}" style="width: ${
      (100 * value / longest).toFixed(1)
    }%"></span>`;
  const body = rows.map((row) => {
    const spread = row.rounds === 1
      ? "once"
      : `${rounded(row.least)} to ${rounded(row.most)}`;
    const ratio = row.ratio === undefined
      ? ""
      : `${row.ratio.toFixed(2)} times`;
    return `<tr><th scope="row">${escaped(row.side)}</th><td class="bars">${
      bar(row.median, row.isOurs ? "ours" : "theirs")
    }${row.elsewhere === undefined ? "" : bar(row.elsewhere, "elsewhere")}</td>
<td class="number">${rounded(row.median)}<small>${spread}</small></td>
<td class="number">${ratio}</td></tr>`;
  });
  return `<table>
<caption>${escaped(what)}, ${escaped(rows[0].unit)}</caption>
${body.join("\n")}
</table>`;
}

function escaped(text: string): string {
  return text.replace(
    /[&<>"]/g,
    (sign) => `&#${sign.charCodeAt(0)};`,
  );
}
