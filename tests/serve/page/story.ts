/**
 * What the fake server writes: a text in which all that a page must cope with
 * comes up.
 *
 * @module
 */

import type { FakeToken } from "./fake_server.ts";

/** Likely and unlikely tokens, line ends, and what looks like markup. */
export const STORY: readonly FakeToken[] = [
  [" nasce", 0.61, { " corre": 0.22, " desce": 0.08, " é": 0.05 }],
  [" na", 0.44, { " no": 0.31, " em": 0.14, " nas": 0.06 }],
  [" serra", 0.38, { " Serra": 0.33, " região": 0.12, " \uFFFD": 0.04 }],
  [" da", 0.87, { " do": 0.07, " de": 0.03 }],
  [" Canastra", 0.16, { " Mantiqueira": 0.41, " Estrela": 0.02 }],
  [",", 0.55, { ".": 0.2, " e": 0.1 }],
  [" em", 0.71, { " no": 0.1 }],
  [" Minas", 0.92, { " Mato": 0.02 }],
  [" Gerais", 0.99, {}],
  [",", 0.5, { ".": 0.3 }],
  [" e", 0.6, { " onde": 0.1 }],
  [" atravessa", 0.08, { " corre": 0.2, " segue": 0.18, " deságua": 0.1 }],
  [" o", 0.5, { " a": 0.2 }],
  [" sertão", 0.04, { " estado": 0.4, " norte": 0.1 }],
  [" como", 0.02, { " da": 0.3, " até": 0.2 }],
  [" quem", 0.3, { " um": 0.4 }],
  [" não", 0.4, { " vai": 0.1 }],
  [" tem", 0.5, { " quer": 0.1 }],
  [" pressa", 0.7, { " medo": 0.1 }],
  [".", 0.9, { ",": 0.05 }],
  ["\n\n", 0.3, { " A": 0.2 }],
  ["<b>", 0.005, { "A": 0.2 }],
  ["As", 0.1, { "Na": 0.1 }],
  [" lavadeiras", 0.006, { " águas": 0.3 }],
  [" cantam", 0.09, { " lavam": 0.3 }],
  [" à", 0.1, { " na": 0.3 }],
  [" beira", 0.6, { " margem": 0.3 }],
  [" d'água", 0.1, { " do": 0.6 }],
  [".", 0.8, { ",": 0.1 }],
];
