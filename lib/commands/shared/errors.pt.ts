/**
 * Messages of errors in Portuguese, by their shape: a hole stands for what a
 * message is about, and what a hole holds is looked up in turn.
 */

import type { Translations } from "./language.ts";

export const errors: Translations = {
  'Cannot read "{1}": {2}': 'Não é possível ler "{1}": {2}',
  'Cannot write "{1}": {2}': 'Não é possível gravar "{1}": {2}',
  "no such file or folder": "não existe esse arquivo ou pasta",
};
