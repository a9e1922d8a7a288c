/**
 * What links leave behind: their label, or nothing where they only place a
 * picture, a category or another language's article.
 *
 * @module
 */

import {
  CATEGORY_NAMESPACE,
  FILE_NAMESPACES,
  type Namespaces,
} from "./namespaces.ts";
import { GONE } from "./marks.ts";

/** Prefixes of the sister projects; the label, or what follows, is shown. */
const PROJECTS: ReadonlySet<string> = new Set(
  ("b c commons d meta metawikimedia mw n q s v voy w wikibooks wikcionário " +
    "wikidata wikimedia wikinews wikipedia wikiquote wikisource wikispecies " +
    "wikiversity wikivoyage wikt wiktionary").split(" "),
);

/** The codes under which there are Wikipedias. */
const LANGUAGES: ReadonlySet<string> = new Set(
  ("aa ab ace ady af ak als alt am ami an ang anp ar arc ary arz as ast atj av " +
    "avk awa ay az azb ba ban bar bat-smg bbc bcl bdr be be-tarask be-x-old " +
    "bew bg bh bi bjn blk bm bn bo bpy br bs btm bug bxr ca cbk-zam cdo ce " +
    "ceb ch chr chy ckb co cr crh cs csb cu cv cy da dag de dga din diq dsb " +
    "dtp dty dv dz ee el eml en eo es et eu ext fa fat ff fi fiu-vro fj fo " +
    "fon fr frp frr fur fy ga gag gan gcr gd gl glk gn gom gor got gpe gsw gu " +
    "guc gur guw gv ha hak haw he hi hif hr hsb ht hu hy hyw ia iba id ie ig " +
    "igl ik ilo inh io is it iu ja jam jbo jv ka kaa kab kaj kbd kbp kcg kg " +
    "kge ki kk kl km kn knc ko koi krc ks ksh ku kus kv kw ky la lad lb lbe " +
    "lez lfn lg li lij lld lmo ln lo lt ltg lv lzh mad mai map-bms mdf mg mhr " +
    "mi min mk ml mn mni mnw mos mr mrj ms mt mwl my myv mzn nah nan nap nds " +
    "nds-nl ne new nia nl nn no nov nqo nr nrm nso nup nv ny oc olo om or os " +
    "pa pag pam pap pcd pcm pdc pfl pi pih pl pms pnb pnt ps pt pwn qu rm rmy " +
    "rn ro roa-rup roa-tara rsk ru rue rup rw sa sah sat sc scn sco sd se sg " +
    "sgs sh shi shn si simple sk skr sl sm smn sn so sq sr srn ss st stq su " +
    "sv sw szl szy ta tay tcy tdd te tet tg th ti tig tk tl tly tn to tpi tr " +
    "trv ts tt tum tw ty tyv udm ug uk ur uz ve vec vep vi vls vo vro wa war " +
    "wo wuu xal xh xmf yi yo yue za zea zgh zh zh-classical zh-min-nan " +
    "zh-yue zu").split(" "),
);

/** What may start an address outside the wiki. */
export const SCHEME = /^(?:https?:\/\/|ftps?:\/\/|mailto:|irc:|news:|\/\/)/i;

/**
 * What `[[target|label]]` leaves in the text.
 *
 * @param parts Target, then what the bars separate, already expanded.
 * @returns Text; a mark where nothing is left.
 *
 * @example
 * ```ts
 * import { linkText } from "./links.ts";
 * import { Namespaces } from "./namespaces.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const names = new Namespaces();
 * assertEquals(linkText(["Sol", "o Sol"], names), "o Sol");
 * assertEquals(linkText(["Star Wars: Episódio IV"], names), "Star Wars: Episódio IV");
 * assertEquals(linkText([":Categoria:Astros", "astros"], names), "astros");
 * ```
 */
export function linkText(
  parts: readonly string[],
  namespaces: Namespaces,
): string {
  const target = parts[0].trim();
  const label = parts.length > 1 ? parts.at(-1)! : undefined;
  const mayBeAddress = target.includes(":") || target.startsWith("//");
  if (mayBeAddress && SCHEME.test(target)) {
    return externalLinkText(parts.join("|"));
  }
  const shown = target.startsWith(":");
  const page = shown ? target.slice(1).trim() : target;
  const colon = page.indexOf(":");
  if (colon < 0) {
    return label?.trim() === "" ? withoutHint(page) : label ?? page;
  }
  const prefix = page.slice(0, colon).trim().toLowerCase();
  const namespace = namespaces.find(prefix);
  const rest = page.slice(colon + 1).trim();
  if (!shown) {
    if (namespace === CATEGORY_NAMESPACE) return GONE;
    if (namespace !== undefined && FILE_NAMESPACES.includes(namespace)) {
      return GONE;
    }
    if (LANGUAGES.has(prefix)) return GONE;
  }
  const known = namespace !== undefined || PROJECTS.has(prefix) ||
    LANGUAGES.has(prefix);
  if (label !== undefined && label.trim() !== "") return label;
  // [[w:pt:Sol]] names a project and a language.
  if (known) {
    return withoutHint(PROJECTS.has(prefix) ? withoutCode(rest) : rest);
  }
  return label === undefined ? page : withoutHint(page);
}

/** "Sol (astro)" as the pipe trick shows it. */
function withoutHint(page: string): string {
  const open = page.lastIndexOf(" (");
  return open > 0 && page.endsWith(")") ? page.slice(0, open) : page;
}

function withoutCode(page: string): string {
  const colon = page.indexOf(":");
  const code = page.slice(0, Math.max(0, colon)).toLowerCase();
  return LANGUAGES.has(code) ? page.slice(colon + 1) : page;
}

/** No namespace's name is longer. */
const MAX_PREFIX = 100;

/** Whether a link places a picture or sound. */
export function isFileLink(target: string, namespaces: Namespaces): boolean {
  const head = target.slice(0, MAX_PREFIX);
  const colon = head.indexOf(":");
  const namespace = colon < 0
    ? undefined
    : namespaces.find(head.slice(0, colon));
  return namespace !== undefined && FILE_NAMESPACES.includes(namespace);
}

/**
 * What `[address label]` leaves in the text.
 *
 * @param content What stands between the brackets.
 */
export function externalLinkText(content: string): string {
  const space = content.search(/[\s|]/);
  return space < 0 ? GONE : content.slice(space + 1).trim() || GONE;
}
