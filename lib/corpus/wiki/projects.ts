/**
 * What differs from one Wikimedia project to another: which namespaces hold
 * text, which models, which sections and templates are no prose.
 *
 * @module
 */

import { MAIN_NAMESPACE, type Namespaces } from "../wikitext/namespaces.ts";
import { DROPPED_SECTIONS } from "../wikitext/sections.ts";

/** The projects with rules of their own. */
export const PROJECTS = [
  "wikipedia",
  "wikibooks",
  "wikinews",
  "wikisource",
] as const;

/** A project. */
export type Project = typeof PROJECTS[number];

/** The rules of a project. */
export interface ProjectRules {
  /** Names of namespaces with text besides the main one. */
  readonly namespaces: readonly string[];
  /** Content models that hold wikitext. */
  readonly models: readonly string[];
  /** Sections to drop. */
  readonly dropSections: readonly string[];
  /**
   * Templates that stand for their words, by name: which argument; 0 for none,
   * whatever they are given.
   */
  readonly templates: Readonly<Record<string, number>>;
  /** Of these, the ones that are a paragraph of their own. */
  readonly blocks?: readonly string[];
  /** Whether blocks of code are kept. */
  readonly keepCode?: boolean;
  /** Levels of ProofreadPage's quality to keep, where pages have one. */
  readonly qualities?: readonly number[];
}

const WIKIPEDIA: ProjectRules = {
  namespaces: [],
  models: ["wikitext"],
  dropSections: DROPPED_SECTIONS,
  templates: {},
};

/** Templates of Wikisource around a heading, a signature or a quotation. */
const BLOCKS = "c centro center centralizado centralizar centre ce direita " +
  "right rh2 left block_center block_right fine_block smaller_block larger_block bloco bloco_centro bloco_centralizado " +
  "recuo título titulo subtítulo cabeçalho_de_capítulo ppoem poema blockquote " +
  "dhr_texto left_margin margem_esquerda";

const RULES: Readonly<Record<Project, ProjectRules>> = {
  wikipedia: WIKIPEDIA,
  wikibooks: {
    ...WIKIPEDIA,
    keepCode: true,
    namespaces: ["Wikijúnior", "Wikijunior", "Cookbook", "Livro de receitas"],
    dropSections: [
      ...DROPPED_SECTIONS,
      "Índice",
      "Sumário",
      "Índice do livro",
      "Conteúdo",
      "Contribuidores",
      "Colaboradores",
      "Autores",
      "Navegação",
    ],
  },
  wikinews: {
    ...WIKIPEDIA,
    dropSections: [
      ...DROPPED_SECTIONS,
      "Fonte",
      "Fontes consultadas",
      "Notícia relacionada",
      "Notícias relacionadas",
      "Artigos relacionados",
      "Leia mais",
      "Leia também",
      "Mais informações",
      "Compartilhe",
      "Compartilhe esta notícia",
    ],
    // The date line, `{{data|12 de maio de 2010}}`: pt.wikinews, Ajuda:Guia de
    // edição/Escrever uma notícia.
    templates: { data: 1, date: 1 },
  },
  wikisource: {
    ...WIKIPEDIA,
    // The text of a book stands page by page beside the scans; what is in the
    // main namespace calls it up with <pages>.
    namespaces: ["Página", "Page"],
    models: ["wikitext", "proofread-page"],
    templates: {
      // Set in type: what they show is what they are given.
      // English names are those of Meta's Wikisource Handbook and of
      // en.wikisource's help on formatting; the Portuguese ones stand for the
      // same, as no copy of pt.wikisource's help was at hand.
      ...argument(1, "x_larger xx_larger xxx_larger larger smaller sc sp asc"),
      ...argument(
        1,
        "x-larger xx-larger xxx-larger xxxx-larger x-smaller xx-smaller " +
          "xxx-smaller xxxx-smaller fine muito_maior blackletter fqm",
      ),
      ...argument(2, "font-size"),
      ...argument(1, "maior menor versalete versaletes uc lc u sic espaçado"),
      ...argument(1, "itálico negrito hanging_indent nop2 polytonic grego"),
      // The first letter of a chapter, set large.
      ...argument(1, "di dropinitial drop_initial capitular letra_capitular"),
      ...argument(1, "letra_inicial inicial capitulares largeinitial li"),
      ...argument(1, "large_initial capital letra_grande letrina iluminura"),
      ...argument(1, BLOCKS),
      ...argument(2, "corr errata hífen hifen SIC"),
    },
    blocks: BLOCKS.split(" "),
    // Corrected, and corrected twice; what nobody has read is raw OCR.
    qualities: [3, 4],
  },
};

function argument(which: number, names: string): Record<string, number> {
  return Object.fromEntries(names.split(" ").map((name) => [name, which]));
}

/** The rules of a project. */
export function rulesOf(project: Project): ProjectRules {
  return RULES[project];
}

/**
 * Tells the project from what a dump says of its wiki.
 *
 * @param database Such as `ptwikibooks`.
 * @returns The project; Wikipedia's rules do for those that are not known.
 *
 * @example
 * ```ts
 * import { projectOf } from "./projects.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(projectOf("ptwikisource"), "wikisource");
 * assertEquals(projectOf("ptwiki"), "wikipedia");
 * ```
 */
export function projectOf(database: string | undefined): Project {
  return PROJECTS.find((project) => database?.endsWith(project)) ??
    "wikipedia";
}

/**
 * The namespaces that hold a project's text, in a wiki.
 *
 * @returns Their numbers, the main one first.
 */
export function textNamespaces(
  rules: ProjectRules,
  namespaces: Namespaces,
): number[] {
  const others = rules.namespaces.flatMap((name) =>
    namespaces.find(name) ?? []
  );
  return [...new Set([MAIN_NAMESPACE, ...others])];
}

/** How well a page of a scan was read: ProofreadPage writes it into the page. */
const QUALITY = /<pagequality\s{1,9}level\s{0,9}=\s{0,9}["']?([0-4])/i;

/**
 * How far a page of a scan has been corrected.
 *
 * @returns 0 (empty), 1 (not corrected), 2 (doubtful), 3 (corrected), 4
 * (twice); undefined where it is no such page.
 */
export function qualityOf(text: string): number | undefined {
  const match = QUALITY.exec(text.slice(0, 1000));
  return match === null ? undefined : Number(match[1]);
}

/**
 * The work that a page of a scan belongs to, by its title.
 *
 * @returns The work's name and the page's number; undefined where the title has
 * none.
 */
export function workOf(
  title: string,
): { readonly work: string; readonly number: number } | undefined {
  const found = /^[^:]{1,40}:(.{1,250})\/(\d{1,6})$/.exec(title);
  return found === null
    ? undefined
    : { work: found[1], number: Number(found[2]) };
}

/**
 * A page of a scan without its running heads and feet, which stand in
 * `<noinclude>`.
 */
export function withoutNoinclude(text: string): string {
  const opener = "<noinclude>", closer = "</noinclude>";
  let kept = "", done = 0;
  for (;;) {
    const open = text.indexOf(opener, done);
    const close = open < 0 ? -1 : text.indexOf(closer, open);
    if (close < 0) return kept + text.slice(done);
    kept += text.slice(done, open);
    done = close + closer.length;
  }
}
