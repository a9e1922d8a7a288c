/**
 * Pages of one file, which need nothing else: their styles, their script and
 * their figures stand in them, and what they may do is nothing but show them.
 *
 * @module
 */

import baseStyle from "./base.css" with { type: "text" };
import elementsScript from "./elements.js" with { type: "text" };
import languageScript from "./language.js" with { type: "text" };

/** What a page is made of besides what all pages have. */
export interface SinglePage {
  /** Its HTML, with the lines of `</head>` and `</body>` indented by two. */
  readonly page: string;
  /** Its styles. */
  readonly style: string;
  /** Its modules, each after those that it imports. */
  readonly scripts: readonly string[];
  /** The id of the element that its figures are read from. */
  readonly id: string;
  /** Its figures. */
  readonly figures: unknown;
}

/**
 * Puts a page together.
 *
 * @param parts What it is made of.
 * @returns The page.
 *
 * @example
 * ```ts
 * import { singlePage } from "./single_page.ts";
 * import { assert } from "@std/assert";
 *
 * const html = await singlePage({
 *   page: "<html>\n  <head>\n  </head>\n  <body>\n  </body>\n</html>\n",
 *   style: "",
 *   scripts: [],
 *   id: "figures",
 *   figures: ["<b>"],
 * });
 * assert(html.includes("default-src 'none'") && !html.includes("<b>"));
 * ```
 */
export async function singlePage(
  { page, style, scripts, id, figures }: SinglePage,
): Promise<string> {
  const styles = `\n${baseStyle}\n${style}`;
  const script = `\n${
    [elementsScript, languageScript, ...scripts].map(withoutModules).join("\n")
  }`;
  const policy = [
    "default-src 'none'",
    `script-src '${await hashOf(script)}'`,
    `style-src '${await hashOf(styles)}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  // In a script's element nothing ends it but its tag.
  const json = JSON.stringify(figures).replaceAll("<", "\\u003c");
  const head =
    `    <meta http-equiv="content-security-policy" content="${policy}">
    <style>${styles}</style>
  </head>`;
  const body = `    <script type="application/json" id="${id}">${json}</script>
    <script type="module">${script}</script>
  </body>`;
  return page.replace("  </head>", () => head)
    .replace("  </body>", () => body);
}

/** The text of a module as a part of one script. */
function withoutModules(script: string): string {
  return script.replaceAll(/^import [^;]*;\n/gm, "")
    .replaceAll(/^export /gm, "");
}

/** By what a page's policy names a text. */
async function hashOf(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `sha256-${hash.toBase64()}`;
}
