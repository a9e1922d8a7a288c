/**
 * Which sections are prose: reference lists, links and galleries at the end of
 * an article are not, nor are headings with nothing beneath.
 *
 * @module
 */

import type { Block } from "./lines.ts";

/** Sections that hold no prose, in Portuguese and English. */
export const DROPPED_SECTIONS: readonly string[] = [
  "Referências",
  "Referência",
  "Referências bibliográficas",
  "Referências gerais",
  "Referências e notas",
  "Notas",
  "Nota",
  "Notas de rodapé",
  "Notas e referências",
  "Notas e Referências bibliográficas",
  "Ver também",
  "Veja também",
  "Vide também",
  "Ligações externas",
  "Ligação externa",
  "Links externos",
  "Páginas externas",
  "Bibliografia",
  "Bibliografia complementar",
  "Fontes",
  "Fontes e referências",
  "Leitura adicional",
  "Leituras adicionais",
  "Leitura recomendada",
  "Leitura complementar",
  "Galeria",
  "Galeria de imagens",
  "Galeria de fotos",
  "References",
  "Notes",
  "Footnotes",
  "Notes and references",
  "References and notes",
  "Citations",
  "Sources",
  "See also",
  "External links",
  "Further reading",
  "Bibliography",
  "Gallery",
];

/**
 * Drops sections by their heading, with their subsections.
 *
 * @param names Headings; case, accents and a final colon do not matter.
 */
export function dropSections(
  blocks: readonly Block[],
  names: readonly string[],
): Block[] {
  if (known?.names !== names) {
    known = { names, set: new Set(names.map(normalize)) };
  }
  const { set } = known;
  let inside = Infinity; // the level of the section being dropped
  return blocks.filter(({ level, text }) => {
    if (level > 0 && level <= inside) {
      inside = set.has(normalize(text)) ? level : Infinity;
    }
    return inside === Infinity;
  });
}

/**
 * Drops headings that no text follows before the next of their level.
 *
 * @example
 * ```ts
 * import { dropEmptySections } from "./sections.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b, c] = [
 *   { level: 2, text: "Vida" },
 *   { level: 3, text: "Morte" },
 *   { level: 2, text: "Obra" },
 * ];
 * const text = { level: 0, text: "Escreveu." };
 * assertEquals(dropEmptySections([a, b, c, text]), [c, text]);
 * ```
 */
export function dropEmptySections(blocks: readonly Block[]): Block[] {
  const kept: Block[] = [];
  let lowest = 0; // of the headings between here and the next text; 0: no text
  for (const block of blocks.toReversed()) {
    if (block.level === 0) lowest = Infinity;
    else {
      const empty = lowest <= block.level;
      lowest = Math.min(lowest, block.level);
      if (empty) continue;
    }
    kept.push(block);
  }
  return kept.reverse();
}

/** The names asked for last, for look-up: all pages of a wiki have the same. */
let known: { names: readonly string[]; set: ReadonlySet<string> } | undefined;

function normalize(heading: string): string {
  return heading.normalize("NFD").replace(/[\u0300-\u036f]/g, "")
    .toLowerCase().replace(/:$/, "").trim();
}
