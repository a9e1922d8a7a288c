/**
 * What templates leave behind. Without a wiki's own templates nothing can be
 * expanded; but those that stand inside sentences only format what they are
 * given, and without them sentences would lose their numbers. These are known
 * here by name; every other one is dropped.
 *
 * @module
 */

import { GONE } from "./marks.ts";
import { normalizeName, pairs } from "./names.ts";
import { dateInWords, formatNumber, quantity } from "./numbers.ts";

/** A template's arguments. */
interface Arguments {
  /** Those without a name or named by a number; that of 1 comes first. */
  readonly list: readonly string[];
  /** The named ones, names in lower case. */
  readonly named: ReadonlyMap<string, string>;
}

type Handler = (args: Arguments, title: string) => string;

/** The n-th unnamed argument, n from 1 on. */
const argument = (n: number): Handler => ({ list }) => list[n - 1] ?? "";
const last: Handler = ({ list }) => list.at(-1) ?? "";
const text = (value: string): Handler => () => value;
const before = (prefix: string): Handler => ({ list }) =>
  list[0] === undefined ? prefix.trim() : `${prefix}${list[0]}`;
const quote: Handler = ({ list, named }) => {
  const words = list[0] ?? named.get("texto") ?? named.get("text") ??
    named.get("citação") ?? named.get("quote") ?? "";
  return `\n\n${words}\n\n`;
};
const amount = (currency: string): Handler => ({ list }) =>
  `${currency} ${formatNumber(list[0] ?? "")}`.trim();
const date: Handler = ({ list }) => dateInWords(list);
const value: Handler = ({ list, named }) => {
  const unit = named.get("u") ?? named.get("ul") ?? named.get("unidade");
  return quantity(unit === undefined ? list : [list[0] ?? "", unit]);
};
const language: Handler = ({ list }) =>
  inLanguage(list[0] ?? "", list[1] ?? "");

const HANDLERS = new Map<string, Handler>();
define(
  argument(1),
  "nowrap nobr nobreak nwrap j small smaller smallsup pequeno menor big " +
    "larger maior sup sub sc smallcaps versalete abbr abrev em strong nowiki " +
    "nobold noitalic noitalics nihongo ill ilc lknb ligar flag bandeira país " +
    "tooltip dica chset mono code center centro centralizar resize large " +
    "visible_anchor anchor_text interlanguage_link não_quebrar sem_quebra " +
    "aspas emph bold negrito itálico italic underline sublinhado ligação_interlínguas",
);
define(argument(2), "cor color lang língua font fonte_cor transl translit");
define(last, "nihongo_foot rtl-lang");
define(language, "langx lang-x");
define(
  quote,
  "citação quote cquote citação2 citação_em_bloco bloco_de_citação " +
    "quotation blockquote rquote poema poemquote verso",
);
define(date, "dtlink dtext data dataext date dts start_date end_date");
define(date, "dni dnibr nascimento birth_date birth_date_and_age bda");
define(date, "morte falecimento death_date death_date_and_age dda dataextenso");
define(value, "unidade convert converter cvt val fmtn unit conv");
define(({ list }) => formatNumber(list[0] ?? ""), "formatnum fmt nts número");
define(({ list }) => `século ${list[0] ?? ""}`.trim(), "séc século");
define(
  ({ list }) => list.length === 0 ? "a.C." : `${list[0]} a.C.`,
  "ac a.c. bc",
);
define(
  ({ list }) => list.length === 0 ? "d.C." : `${list[0]} d.C.`,
  "dc d.c. ad",
);
define(before("c. "), "circa ca c.");
define(
  ({ list }) =>
    list.length >= 3
      ? `${list[0]} ${list[1]}/${list[2]}`
      : list.length === 2
      ? `${list[0]}/${list[1]}`
      : `1/${list[0] ?? ""}`,
  "frac fração sfrac fracção",
);
define(({ list }) => list.join(""), "chem chem2 química");
define(amount("R$"), "r$ brl");
define(amount("US$"), "us$ usd dólar");
define(amount("€"), "€ eur euro");
define(amount("£"), "£ gbp");
define(text(" – "), "snd spnd spaced_ndash – ndash dash");
define(text(" — "), "mdash spaced_mdash —");
define(text(" "), "nbsp spaces espaço · • dot bullet");
define(text("'"), "' apóstrofo ''");
define(text("|"), "!");
define(text("="), "=");
define(text("CO₂"), "co2");
define((_, title) => title, "pagename nomedapágina nomedapagina");
define((_, title) => title, "fullpagename nomecompletodapágina");
define((_, title) => title, "nomecompletodapagina");
define(
  (_, title) => title.slice(0, title.lastIndexOf("/") >>> 0),
  "basepagename nomedapáginabase nomedapaginabase",
);
define(
  (_, title) => title.slice(title.lastIndexOf("/") + 1),
  "subpagename nomedasubpágina nomedasubpagina",
);

function define(handler: Handler, names: string): void {
  for (const name of names.split(" ")) {
    HANDLERS.set(name.replaceAll("_", " "), handler);
  }
}

/** Parser functions, `{{name:argument}}`. */
const FUNCTIONS = new Map<string, (argument: string) => string>();
for (
  const [names, run] of [
    ["formatnum formatarnum", formatNumber],
    ["lc minúscula minusculas minúsculas", (s) => s.toLowerCase()],
    ["uc maiúscula maiusculas maiúsculas", (s) => s.toUpperCase()],
    ["lcfirst primeiraminúscula primeiraminuscula", lowerFirst],
    ["ucfirst primeiramaiúscula primeiramaiuscula", upperFirst],
    ["#formatdate #dateformat", (s) => s],
  ] satisfies [string, (argument: string) => string][]
) for (const name of names.split(" ")) FUNCTIONS.set(name, run);

function lowerFirst(words: string): string {
  return words.slice(0, 1).toLowerCase() + words.slice(1);
}

function upperFirst(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

/** Languages by the code that `{{lang-xx}}` takes. */
const LANGUAGES = pairs(
  "ar árabe ca catalão cs checo da dinamarquês de alemão el grego en inglês " +
    "eo esperanto es castelhano eu basco fa persa fi finlandês fr francês " +
    "gl galego gn guarani grc grego_clássico he hebraico hi hindi hu húngaro " +
    "it italiano ja japonês ko coreano la latim nl neerlandês no norueguês " +
    "pl polonês ro romeno ru russo sa sânscrito sv sueco tr turco tup tupi " +
    "uk ucraniano zh chinês",
);

function inLanguage(code: string, words: string): string {
  const name = LANGUAGES[code.trim().toLowerCase()];
  return name === undefined ? words : `em ${name}: ${words}`;
}

/** A name longer than this is no template's. */
const MAX_NAME = 100;

/**
 * What a template leaves in the text.
 *
 * @param parts Its name, then its arguments as written, already expanded.
 * @param own Templates of the wiki that stand for an argument: for which.
 * @returns Text; a mark where nothing is left.
 *
 * @example
 * ```ts
 * import { expandTemplate } from "./templates.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(expandTemplate(["unidade", "8515767", "km2"], ""), "8.515.767 km²");
 * assertEquals(expandTemplate(["PAGENAME"], "Sol"), "Sol");
 * ```
 */
export function expandTemplate(
  parts: readonly string[],
  title: string,
  own?: ReadonlyMap<string, number>,
): string {
  if (parts[0].length > MAX_NAME + 200) return GONE;
  const head = parts[0].trim();
  const colon = head.indexOf(":");
  if (colon > 0) {
    const run = FUNCTIONS.get(normalizeName(head.slice(0, colon)));
    if (run !== undefined) return run(head.slice(colon + 1).trim());
  }
  const name = normalizeName(head.slice(colon + 1));
  if (name.length > MAX_NAME) return GONE;
  if (colon > 0 && !isTemplatePrefix(head.slice(0, colon))) return GONE;
  const which = own?.get(name);
  if (which !== undefined) {
    const { list } = readArguments(parts);
    return list[which - 1] || list[0] || GONE;
  }
  const handler = HANDLERS.get(name);
  if (handler !== undefined) {
    return handler(readArguments(parts), title) || GONE;
  }
  if (name.startsWith("lang-") && parts.length > 1) {
    const { list } = readArguments(parts);
    return inLanguage(name.slice(5), list[0] ?? "");
  }
  return GONE;
}

function isTemplatePrefix(prefix: string): boolean {
  return ["template", "predefinição"].includes(normalizeName(prefix));
}

function readArguments(parts: readonly string[]): Arguments {
  const list: string[] = [];
  const named = new Map<string, string>();
  let unnamed = 0;
  for (const part of parts.slice(1)) {
    const equals = part.indexOf("=");
    if (equals < 0) {
      list[unnamed++] = part.trim();
      continue;
    }
    const name = part.slice(0, equals).trim().toLowerCase();
    const given = part.slice(equals + 1).trim();
    if (/^[1-9]$/.test(name)) list[Number(name) - 1] = given;
    else named.set(name, given);
  }
  return { list: Array.from(list, (value) => value ?? ""), named };
}
