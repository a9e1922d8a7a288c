/**
 * Which prefixes of a title are MediaWiki namespaces: those that the dump
 * names in its `<siteinfo>`, joined with the English and Portuguese ones that
 * every wiki in Portuguese understands. Any other prefix belongs to the title:
 * "Star Wars: Episódio IV".
 *
 * @module
 */

import { normalizeName } from "./names.ts";

/** Articles. */
export const MAIN_NAMESPACE = 0;
/** Pictures and sound, and direct links to them. */
export const FILE_NAMESPACES: readonly number[] = [-2, 6];
/** Categories. */
export const CATEGORY_NAMESPACE = 14;

/** English and Portuguese names and aliases (MediaWiki's message files). */
const NAMES: Readonly<Record<number, readonly string[]>> = {
  [-2]: ["Media", "Mídia", "Multimédia"],
  [-1]: ["Special", "Especial"],
  1: ["Talk", "Discussão"],
  2: [
    "User",
    "Usuário",
    "Usuária",
    "Usuário(a)",
    "Utilizador",
    "Utilizadora",
  ],
  4: ["Project", "Projeto", "Wikipedia", "Wikipédia", "WP"],
  6: ["File", "Image", "Ficheiro", "Arquivo", "Imagem"],
  8: ["MediaWiki"],
  10: ["Template", "Predefinição"],
  12: ["Help", "Ajuda"],
  14: ["Category", "Categoria"],
  100: ["Portal"],
  102: ["Autor"],
  104: ["Livro"],
  108: ["Book", "Em Tradução"],
  110: ["Anexo"],
  118: ["Draft", "Rascunho"],
  446: ["Education Program"],
  710: ["TimedText"],
  828: ["Module", "Módulo"],
  2300: ["Gadget"],
  2302: ["Gadget definition"],
  2600: ["Topic", "Tópico"],
};

/** More names than any wiki has; a dump with more is not a dump. */
const MAX_NAMES = 10_000;

/**
 * The namespaces of a wiki, by name. Case does not matter, `_` is a space.
 *
 * @example
 * ```ts
 * import { Namespaces } from "./namespaces.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const namespaces = new Namespaces();
 * namespaces.add("Bólkur", 14);
 * assertEquals(namespaces.of("bólkur:Oyggjar"), 14);
 * assertEquals(namespaces.of("Usuário Discussão:Ana"), 3);
 * assertEquals(namespaces.of("Star Wars: Episódio IV"), 0);
 * ```
 */
export class Namespaces {
  readonly #ids = new Map<string, number>();

  /** Knows the English and Portuguese names; a dump's own are added. */
  constructor() {
    for (const [key, names] of Object.entries(NAMES)) {
      const id = Number(key);
      for (const name of names) {
        this.#ids.set(normalizeName(name), id);
        if (id < 2 || id % 2 === 1) continue;
        for (const talk of ["@ talk", "@ Discussão", "Discussão @"]) {
          this.#ids.set(normalizeName(talk.replace("@", name)), id + 1);
        }
      }
    }
  }

  /**
   * Adds a name that a dump declares; it wins over one of the same name.
   *
   * @param name As in `<siteinfo>`; an empty one is ignored.
   * @throws {RangeError} When there are more names than a wiki can have.
   */
  add(name: string, id: number): void {
    if (this.#ids.size >= MAX_NAMES) {
      throw new RangeError(
        `Cannot add a namespace: there are ${MAX_NAMES} already`,
      );
    }
    const key = normalizeName(name);
    if (key !== "") this.#ids.set(key, id);
  }

  /**
   * Looks a name up.
   *
   * @param prefix What stands before a colon.
   */
  find(prefix: string): number | undefined {
    return this.#ids.get(normalizeName(prefix));
  }

  /**
   * Tells a title's namespace.
   *
   * @param title A page's full title.
   * @returns Its namespace, 0 where no known prefix says otherwise.
   */
  of(title: string): number {
    const colon = title.indexOf(":");
    if (colon < 0) return MAIN_NAMESPACE;
    return this.find(title.slice(0, colon)) ?? MAIN_NAMESPACE;
  }
}
