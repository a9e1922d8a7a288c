/** What `verify` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Find out whether files are whole": "Verifica se arquivos estão inteiros",
  "a model, checkpoint, dataset, tokenizer or corpus, or their folder":
    "um modelo, checkpoint, conjunto de dados, tokenizador ou corpus, ou sua pasta",
  "All is read and held against the checksums that models, checkpoints, datasets\nand corpora carry; older files have none. A text that was edited is told of as\ndamaged, and can be used. The exit code is 1 where something is damaged. Files\nthat exports write for other programs have no checksums; what can be read of\nthem is.":
    "Tudo é lido e comparado com as somas de verificação que modelos, checkpoints,\nconjuntos de dados e corpora trazem; arquivos antigos não têm nenhuma. Um texto que\nfoi editado aparece como danificado, e pode ser usado. O código de saída é 1 onde\nalgo está danificado. Arquivos que exportações escrevem para outros programas não\ntêm somas; o que se pode ler deles é lido.",
  stopping: "parando",
  "{1}: whole": "{1}: inteiro",
  "{1}: can be read; it has no checksum":
    "{1}: pode ser lido; não tem soma de verificação",
  "{1}: not a file that verify knows":
    "{1}: não é um arquivo que verify conhece",
  "{1}: damaged: {2}": "{1}: danificado: {2}",
  verify: "verify",
  "{1} [file|files]": "{1} [arquivo|arquivos]",
};
