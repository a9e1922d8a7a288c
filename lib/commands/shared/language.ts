/**
 * The language of what the program says: English in place, and beside each
 * command a table of the same in Brazilian Portuguese (`process_wiki.pt.ts`).
 *
 * A message is written as a template, t`{@literal ${n}} articles`; its key in the
 * tables is the template with its holes numbered, `{1} articles`, so a
 * translation may have them in another order. What depends on a count is written
 * as one and as many, t`{@literal ${n}} [article|articles]`, and follows the hole
 * before it. What programs read (`--json`,
 * files, names of options) is never translated.
 *
 * @module
 */

import {
  type ErrorPatterns,
  errorPatterns,
  translateError,
} from "./error_patterns.ts";

/** A language that the program speaks. */
export type Language = "en" | "pt";

/** Portuguese by English. */
export type Translations = Readonly<Record<string, string>>;

let spoken: Language = "en";
let table: Translations = {};
let errorTable: Translations = {};
/** Made of the errors' table when the first is said. */
let reasons: ErrorPatterns | undefined;

/**
 * Chooses what {@linkcode t} and {@linkcode say} speak from now on.
 *
 * @param language The language.
 * @param tables What has been translated; of two entries for one text the later
 * holds.
 * @param errors The messages of errors, which are made where nobody knows of
 * languages, and are recognised by their shape.
 */
export function speak(
  language: Language,
  tables: readonly Translations[],
  errors: Translations = {},
): void {
  spoken = language;
  table = language === "en" ? {} : Object.assign({}, ...tables);
  errorTable = language === "en" ? {} : errors;
  reasons = undefined;
}

/**
 * The language that a person wants.
 *
 * @param args The command line: `--lang pt` or `--lang=en` is obeyed.
 * @param locale What the system says (of `LC_ALL`, `LC_MESSAGES`, `LANG`).
 *
 * @example
 * ```ts
 * import { languageFor } from "./language.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(languageFor(["train"], "pt-BR"), "pt");
 * assertEquals(languageFor(["train", "--lang", "en"], "pt-BR"), "en");
 * ```
 */
export function languageFor(
  args: readonly string[],
  locale: string = navigator.language,
): Language {
  const at = args.findIndex((arg) => /^--lang(?:=|$)/.test(arg));
  const asked = at < 0
    ? undefined
    : args[at].includes("=")
    ? args[at].slice("--lang=".length)
    : args[at + 1];
  return languageNamed(asked ?? "") ?? languageNamed(locale) ?? "en";
}

/** The language of a name such as `pt_BR.UTF-8` or `en`; undefined of others. */
export function languageNamed(name: string): Language | undefined {
  const [, language] = /^(pt|en)(?:[-_.@].*)?$/i.exec(name) ?? [];
  return language?.toLowerCase() as Language | undefined;
}

/** Says a text without holes, such as an option's description. */
export function say(english: string): string {
  return table[english] ?? english;
}

/** Says a message. */
export function t(
  strings: TemplateStringsArray,
  ...values: readonly (string | number)[]
): string {
  const key = keyOf(strings);
  return fill(table[key] ?? key, values.map(String));
}

/** The key of a template in the tables. */
export function keyOf(strings: readonly string[]): string {
  return strings.reduce((key, part, i) => `${key}{${i}}${part}`);
}

/**
 * Says an error's message. Reasons within it, behind a colon, are messages too.
 *
 * @param message As it was thrown, English.
 */
export function sayError(message: string): string {
  reasons ??= errorPatterns(errorTable);
  return translateError(message, reasons);
}

/** Says a few words that may be an error's message. */
export function sayReason(reason: string): string {
  return Object.hasOwn(table, reason) ? table[reason] : sayError(reason);
}

/** A number with so many digits behind the decimal sign of the language. */
export function decimals(value: number, digits: number): string {
  return formatOf(`${digits}`, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    useGrouping: false,
  }).format(value);
}

/** A change, with its sign; none where it is too small to be seen. */
export function signed(value: number, digits: number): string {
  const size = decimals(Math.abs(value), digits);
  if (Number(Math.abs(value).toFixed(digits)) === 0) return size;
  return `${value < 0 ? "-" : "+"}${size}`;
}

/** A whole number, its thousands apart. */
export function count(value: number): string {
  return formatOf("count", { useGrouping: "always" }).format(value);
}

/** Kept, as progress says numbers all the time and one takes long to make. */
const formats = new Map<string, Intl.NumberFormat>();

function formatOf(
  name: string,
  options: Intl.NumberFormatOptions,
): Intl.NumberFormat {
  const key = `${spoken} ${name}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(
      spoken === "pt" ? "pt-BR" : "en-US",
      options,
    );
    formats.set(key, format);
  }
  return format;
}

function fill(template: string, values: readonly string[]): string {
  let last = "";
  return template.replace(
    /\{(\d+)\}|\[([^|[\]]*)\|([^|[\]]*)\]/g,
    (hole, i, one, many) => {
      if (i === undefined) return last === "1" ? one : many;
      return last = values[i - 1] ?? hole;
    },
  );
}
