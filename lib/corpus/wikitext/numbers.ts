/**
 * Numbers, units and dates as Brazilian Portuguese writes them.
 *
 * @module
 */

import { pairs } from "./names.ts";

/**
 * Writes a plain number with point and comma, as `{{formatnum:}}` does here:
 * "1234567.5" as "1.234.567,5". Anything else stays as it is.
 *
 * @param text Digits, with an optional sign and decimal point.
 *
 * @example
 * ```ts
 * import { formatNumber } from "./numbers.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatNumber("-1234567.5"), "-1.234.567,5");
 * assertEquals(formatNumber("12,5"), "12,5");
 * ```
 */
export function formatNumber(text: string): string {
  const match = /^([+\-−]?)(\d{1,40})(?:\.(\d{1,40}))?$/.exec(text.trim());
  if (match === null) return text.trim();
  const [, sign, whole, fraction] = match;
  let grouped = whole.slice(-3);
  for (let end = whole.length - 3; end > 0; end -= 3) {
    grouped = `${whole.slice(Math.max(0, end - 3), end)}.${grouped}`;
  }
  return sign + grouped + (fraction === undefined ? "" : `,${fraction}`);
}

const UNITS = pairs(
  "km2 km² m2 m² cm2 cm² mm2 mm² km3 km³ m3 m³ cm3 cm³ c °C f °F sqmi mi² " +
    "sqkm km² sqft pés² ft pés in polegadas mi milhas yd jardas lb libras " +
    "kph km/h km/h km/h km/h2 km/h² m/s2 m/s² /km2 /km²",
);

/** A unit's name in a template as it is read. */
function unitName(name: string): string {
  return UNITS[name.trim().toLowerCase()] ?? name.trim();
}

/** As en: Template:Convert, "Range separators", lists them. */
const RANGE_WORDS: Readonly<Record<string, string>> = {
  "-": "–",
  "–": "–",
  to: " a ",
  "to(-)": " a ",
  "to-": " a ",
  "to about": " a cerca de ",
  a: " a ",
  and: " e ",
  "and(-)": " e ",
  "&": " e ",
  ", and": " e ",
  e: " e ",
  or: " ou ",
  ", or": " ou ",
  ou: " ou ",
  "+": " + ",
  ",": "; ",
  x: " × ",
  xx: " × ",
  "*": " × ",
  "×": " × ",
  by: " × ",
  por: " × ",
  "+/-": " ± ",
  "±": " ± ",
};

/**
 * What `{{unidade}}`, `{{convert}}` and `{{val}}` show: the quantity as given,
 * without conversions.
 *
 * @param args The unnamed arguments.
 */
export function quantity(args: readonly string[]): string {
  if (args.length === 0) return "";
  let text = formatNumber(args[0]);
  let next = 1;
  // "3|x|6|x|9|cm" has two of them.
  for (; /\d/.test(args[next + 1] ?? ""); next += 2) {
    const range = RANGE_WORDS[args[next].trim().toLowerCase()];
    if (range === undefined) break;
    text += range + formatNumber(args[next + 1]);
  }
  const unit = unitName(args[next] ?? "");
  if (unit === "") return text;
  // Five feet and eleven inches: two quantities that are one.
  const [less, smaller] = args.slice(next + 1, next + 3).map((part) =>
    part.trim()
  );
  const isCompound = smaller !== undefined && /^\d+(?:\.\d+)?$/.test(less) &&
    COMPOUND.has(`${args[next].trim().toLowerCase()} ${smaller.toLowerCase()}`);
  return isCompound
    ? `${text} ${unit} e ${formatNumber(less)} ${unitName(smaller)}`
    : `${text} ${unit}`;
}

/** Units that stand together. */
const COMPOUND: ReadonlySet<string> = new Set([
  "ft in",
  "yd ft",
  "mi yd",
  "lb oz",
  "st lb",
  "h min",
  "min s",
  "long_ton lb",
]);

/**
 * What `{{val}}` shows: a value with what is known of its error.
 *
 * @param args The value; then its uncertainty, or that upwards and downwards, or
 * that of its last digits in brackets.
 *
 * @example
 * ```ts
 * import { measured } from "./numbers.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(measured(["1234", "56"], { unit: "km" }), "1.234 ± 56 km");
 * assertEquals(measured(["6.02"], { exponent: "23" }), "6,02 × 10²³");
 * assertEquals(measured(["3", "2", "1"]), "3 +2 −1");
 * ```
 */
export function measured(
  args: readonly string[],
  { unit = "", exponent = "" }: {
    readonly unit?: string;
    readonly exponent?: string;
  } = {},
): string {
  const [value = "", above = "", below = ""] = args.map((part) => part.trim());
  if (value === "") return "";
  // "2.5(3)": the error of the last digit.
  const [, digits, error] = /^([^(]{1,80})(\(\d{1,20}\))$/.exec(value) ??
    ["", value, ""];
  let text = formatNumber(digits) + error;
  const isNumber = /^[+\-−]?[\d.]+$/.test(above);
  if (isNumber && /^[+\-−]?[\d.]+$/.test(below)) {
    const plus = formatNumber(above.replace(/^[+]/, ""));
    text += ` +${plus} −${formatNumber(below.replace(/^[\-−]/, ""))}`;
  } else if (isNumber) {
    text += ` ± ${formatNumber(above)}`;
  } else if (/^\(\d+\)$/.test(above)) {
    text += above;
  } else if (above !== "" && unit === "") {
    return quantity(args);
  }
  if (exponent !== "") {
    text = `${/[ ]/.test(text) ? `(${text})` : text} × 10${raised(exponent)}`;
  }
  const name = unitName(unit);
  if (name === "") return text;
  return /^[%°′″]/.test(name) && name !== "°C" && name !== "°F"
    ? text + name
    : `${text} ${name}`;
}

const RAISED: Readonly<Record<string, string>> = {
  ...Object.fromEntries([..."⁰¹²³⁴⁵⁶⁷⁸⁹"].map((char, i) => [`${i}`, char])),
  "+": "⁺",
  "-": "⁻",
  "−": "⁻",
  "–": "⁻",
};

/**
 * Raised digits and ordinal signs; what has no raised form stays as it is.
 *
 * @example
 * ```ts
 * import { raised } from "./numbers.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([raised("-2"), raised("o"), raised("x")], ["⁻²", "º", "x"]);
 * ```
 */
export function raised(text: string): string {
  if (text === "o" || text === "a") return text === "o" ? "º" : "ª";
  return /^[0-9+\-−–]+$/.test(text)
    ? [...text].map((char) => RAISED[char]).join("")
    : text;
}

const MONTHS = ("janeiro fevereiro março abril maio junho julho agosto " +
  "setembro outubro novembro dezembro").split(" ");

/**
 * Three date parts in either order as a date in words.
 *
 * @param args Day, month and year, or year, month and day; the month as a
 * number or a word. Of two parts a day and a month, or a month and a year. Further arguments are ignored.
 * @returns Such as "15 de novembro de 1889"; what is missing is left out.
 *
 * @example
 * ```ts
 * import { dateInWords } from "./numbers.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dateInWords(["15", "11", "1889"]), "15 de novembro de 1889");
 * assertEquals(dateInWords(["1889", "11", "15"]), "15 de novembro de 1889");
 * assertEquals(dateInWords(["1889"]), "1889");
 * ```
 */
export function dateInWords(args: readonly string[]): string {
  const parts = args.slice(0, 3).map((part) => part.trim())
    .filter((part) => part !== "" && part.length < 20);
  if (parts.length === 2 && isDay(parts[0]) && isMonth(parts[1])) {
    parts.push(""); // no year
  }
  // A year is the part that is no day; it stands first or last.
  if (/^\d{3,4}$/.test(parts[0] ?? "")) parts.reverse();
  const [year, month, day] = parts.toReversed();
  const monthName = month === undefined
    ? undefined
    : MONTHS[Number(month) - 1] ?? month;
  const dayName = day === "1" ? "1º" : day?.replace(/^0(?=\d)/, "");
  return [dayName, monthName, year].filter((part) => part)
    .join(" de ");
}

function isDay(part: string): boolean {
  return /^\d{1,2}$/.test(part) && Number(part) >= 1 && Number(part) <= 31;
}

function isMonth(part: string): boolean {
  return isDay(part) && Number(part) <= 12 ||
    MONTHS.includes(part.toLowerCase());
}
