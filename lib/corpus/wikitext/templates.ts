/**
 * What templates leave behind. Without a wiki's own templates nothing can be
 * expanded; but those that stand inside sentences only format what they are
 * given, and without them sentences would lose their numbers. These are known
 * here by name; every other one is dropped.
 *
 * @module
 */

import { BREAK, escape, GONE, KEPT_HYPHEN, NOTHING } from "./marks.ts";
import { normalizeName, pairs } from "./names.ts";
import {
  dateInWords,
  formatNumber,
  measured,
  quantity,
  raised,
} from "./numbers.ts";

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
  const per = named.get("up") ?? named.get("upl");
  const whole = per === undefined ? unit : `${unit ?? ""}/${per}`;
  const exponent = named.get("e");
  return measured(list, { unit: whole, exponent });
};
const joined = (between: string): Handler => ({ list }) =>
  list.filter((item) => item !== "").join(between);
/** A list in wikitext, or items one by one, each a line. */
const items: Handler = ({ list }) => {
  const given = list.filter((item) => item !== "");
  return given.length === 0
    ? ""
    : `\n${
      given.map((item) => /^[*#:;]/.test(item) ? item : `* ${item}`).join("\n")
    }\n`;
};
/** Phonemes one by one, as `{{IPAc-pt|...}}` has them. */
const phonemes: Handler = ({ list }) => {
  const sounds = list.filter((sound) =>
    !/^(?:us|uk|en|br|pt|local|audio|icon|lang|pron|or|.*\.og[ga])$/i.test(
      sound,
    )
  );
  return sounds.length === 0 ? "" : `/${sounds.join("").replaceAll("_", " ")}/`;
};
const height: Handler = ({ list, named }) => {
  const metres = named.get("m") ?? named.get("metros");
  const centimetres = named.get("cm");
  if (metres !== undefined) return `${formatNumber(metres)} m`;
  if (centimetres !== undefined) return `${formatNumber(centimetres)} cm`;
  return list.length === 0 ? "" : quantity(list);
};
/** A phrase that a page's end cuts in two, whole. */
function linkablePhrase({ named }: Arguments): string {
  const given = (...names: string[]) =>
    names.map((name) => named.get(name)).find((words) => words) ?? "";
  const word = given("hws", "hw1") + given("hwe", "hw2");
  const words = [given("pre"), word, given("post")].filter((part) => part);
  return given("lq") + words.join(" ") + given("rq");
}
const language: Handler = ({ list }) =>
  inLanguage(list[0] ?? "", list[1] ?? "");

const HANDLERS = new Map<string, Handler>();
// Where a group's names and arguments are documented stands above it; "pt" is
// the Portuguese Wikipedia, "en" the English one, from which most have come.
// en: Template:Nobreak, Small, Smallcaps, Abbr, Em, Strong, Nihongo, Ill,
// Flagicon, Tooltip; pt: Predefinição:Nobr, Versalete, Ligação interlínguas.
define(
  argument(1),
  "nowrap nobr nobreak nwrap j small smaller smallsup pequeno menor big " +
    "larger maior sub sc smallcaps versalete abbr abrev em strong nowiki " +
    "nobold noitalic noitalics nihongo nihongo2 ilc lknb ligar flag bandeira país " +
    "tooltip dica chset mono code center centro centralizar resize large " +
    "visible_anchor anchor_text não_quebrar nbr nq sem_quebra " +
    "emph bold negrito itálico italic underline sublinhado ligação_interlínguas " +
    "var kbd samp tt code_inline código codigo mono_space smallcaps2 nobreak_inline",
);
// en: Template:IPA ("[a]" or "/a/" as given), IPA-xx (by their common head,
// below), Math ("1 + 2 {{=}} 3"), Mvar; pt: Predefinição:AFI, Predefinição:IPA.
define(
  argument(1),
  "ipa afi api ipa2 ipa3 ipa4 ipafonte fonte_ipa ipalink ipa_link ipaslink " +
    "ipablink math mvar math_var mathi bigmath",
);
// pt: Módulo:IPAc-pt, which has a phoneme an argument; en: Template:IPAc-en.
define(phonemes, "ipac-pt ipac-en ipac-es ipac-fr");
// en: Template:Audio (file, then the words that link to it); pt:
// Predefinição:Áudio.
define(argument(2), "audio áudio audio2 áudio2 som_ligado");
// en: Template:Plainlist and Flatlist (a list in wikitext), Unbulleted list and
// Hlist (an item an argument); pt: Predefinição:Lista simples, Lista horizontal.
define(
  items,
  "plainlist plain_list lista_simples lista_sem_marcadores flatlist " +
    "lista_horizontal_simples ubl ubli unbulleted_list ublist lista_vertical " +
    "bulleted_list lista_com_marcadores div_col_list",
);
define(joined(", "), "hlist lista_horizontal hlista comma_separated_entries");
// en: Template:Key press; pt: Predefinição:Tecla.
define(joined("+"), "key_press keypress tecla teclas key");
// en: Template:Height; pt: Predefinição:Altura.
define(height, "height altura");
// en: Template:Ordinal; pt: Predefinição:Ordinal.
define(({ list }) => list[0] ? `${list[0]}º` : "", "ordinal ord");
// en: Template:Angbr, angle brackets around a letter as it is written.
define(({ list }) => list[0] ? `⟨${list[0]}⟩` : "", "angbr angbr_ipa");
// en.wikisource, Help:Page breaks and Template:Hyphenated word start (part,
// word; or s and e, its parts) and Linkable phrase start (lq, pre, hws, hwe or
// hw1, hw2, post, rq): what a page's end cuts in two is whole where it starts,
// and the template at its end gives nothing.
define(
  ({ list, named }) =>
    list[1] ?? `${named.get("s") ?? ""}${named.get("e") ?? ""}`,
  "hws hyphenated_word_start",
);
define(linkablePhrase, "lps linkable_phrase_start");
define(text(NOTHING), "hwe hyphenated_word_end lpe linkable_phrase_end");
define(text("——"), "longdash");
// wikisource: Template:Page end hyphen, which stays where pages are joined.
define(({ list }) => list[0] || KEPT_HYPHEN, "peh page_end_hyphen");
// en: Template:Sqrt, Template:Abs.
define(({ list }) => list[0] ? `√${list[0]}` : "√", "sqrt raiz radic");
define(({ list }) => `|${list[0] ?? ""}|`, "abs");
// pt: Predefinição:Aspas; quotation marks are what it adds.
define(({ list }) => list[0] ? `“${list[0]}”` : "", "aspas");
// en: Template:Lang (code, words), Template:Transliteration, Template:Color.
define(
  argument(2),
  "cor color lang língua font fonte_cor transl translit transliteration " +
    "língua_estrangeira estrangeiro langue",
);
define(last, "nihongo_foot rtl-lang");
define(language, "langx lang-x");
define(({ list }) => {
  // A language may come before the words.
  const isCode = /^[a-z]{2,3}(?:-[a-z]+)?$/.test(list[0] ?? "");
  return (isCode ? list[1] : undefined) ?? list[0] ?? "";
}, "ill interlanguage_link");
// pt.wikinews, Wikinotícias:Livro de estilo: Quote and Quote2 (words, author).
define(
  quote,
  "citação quote quote2 cquote citação2 citação_em_bloco bloco_de_citação " +
    "quotation blockquote rquote poema poemquote verso",
);
// pt: Predefinição:Dtext, Predefinição:Dni (day, month, year), Predefinição:Morte;
// en: Template:Dts, Template:Birth date and age (year, month, day).
define(date, "dtlink dtext data dataext date dts start_date end_date");
// The longer names redirect to Predefinição:Dni and Morte, as editors' scripts of
// the Portuguese Wikipedia list them.
define(
  date,
  "dni dnibr nascimento nascimento_e_idade data_de_nascimento birth_date " +
    "birth_date_and_age bda",
);
define(
  date,
  "morte falecimento morte_e_idade data_de_morte_e_idade falecimento_e_idade " +
    "data_falecimento_e_idade dmi death_date death_date_and_age dda dataextenso",
);
// en: Template:Convert (value, unit; a range; two units together), Template:Val
// (value, uncertainty or both bounds; e, u, up), as their documentation has it,
// also on Meta (Template:Val); pt: Predefinição:Unidade, Predefinição:Converter.
define(({ list, named }) => {
  const unit = named.get("u") ?? named.get("unidade");
  return quantity(unit === undefined ? list : [list[0] ?? "", unit]);
}, "unidade convert converter cvt fmtn unit conv");
define(value, "val");
// en: Template:Sup.
define(({ list }) => raised(list[0] ?? ""), "sup");
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
// MediaWiki's own: what they give is text, whatever stands around it.
define(text(escape("=")), "=");
define(text(escape("{")), "( lbrace");
define(text(escape("}")), ") rbrace");
define(text(escape("{{")), "((");
define(text(escape("}}")), "))");
define(text(escape("[")), "!( lbracket");
define(text(escape("]")), ")! rbracket");
define(text("…"), "... ldots reticências");
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

/** A template of a wiki that stands for one of its arguments. */
export interface OwnTemplate {
  /** For which, from 1 on; 0 for none. */
  readonly which: number;
  /** Whether it is a paragraph of its own. */
  readonly isBlock: boolean;
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
  own?: ReadonlyMap<string, OwnTemplate>,
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
  const template = own?.get(name);
  if (template !== undefined) {
    if (template.which === 0) return GONE;
    const { list } = readArguments(parts);
    const words = list[template.which - 1] || list[0];
    if (!words) return GONE;
    if (VERSE.has(name)) return asVerse(words);
    return template.isBlock ? `\n\n${words}\n\n` : words;
  }
  const handler = HANDLERS.get(name);
  if (handler !== undefined) {
    const given = handler(readArguments(parts), title) || GONE;
    return VERSE.has(name) ? asVerse(given) : given;
  }
  // {{IPA-pt|x|label}}, {{AFI-pt|x}}.
  if (/^(?:ipa|afi)-[a-z-]{2,10}$/.test(name)) {
    const [sounds] = readArguments(parts).list;
    if (!sounds) return GONE;
    return /^[[/⟨]/.test(sounds) ? sounds : `[${sounds}]`;
  }
  if (name.startsWith("lang-") && parts.length > 1) {
    const { list } = readArguments(parts);
    return list[0] ? inLanguage(name.slice(5), list[0]) : GONE;
  }
  return GONE;
}

/** Templates whose lines are verses. */
const VERSE: ReadonlySet<string> = new Set(
  ["ppoem", "poem", "poema", "poemquote", "verso"],
);

/** Keeps lines apart, without the colons that indent them. */
function asVerse(words: string): string {
  if (words === GONE) return GONE;
  const lines = words.trim().split("\n").map((line) =>
    line.trim().replace(/^:+/, "")
  );
  return `\n\n${lines.join(BREAK)}\n\n`;
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
