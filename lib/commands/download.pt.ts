/** What `download` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Download a Wikimedia dump, or a data set, resumable and checked":
    "Baixa um dump da Wikimedia, ou um conjunto de dados, retomável e conferido",
  "which wiki; the --wiki may be left out":
    "qual wiki; o --wiki pode ser omitido",
  "which dump, or the latest that is complete":
    "qual dump, ou o mais recente que esteja completo",
  "a hub's data set, instead of a wiki: ORGANISATION/NAME":
    "um conjunto de dados de um hub, em vez de uma wiki: ORGANIZAÇÃO/NOME",
  "which part of the data set, such as a language":
    "qual parte do conjunto de dados, como uma língua",
  "the data set's branch, tag or commit":
    "o ramo, a etiqueta ou o commit do conjunto de dados",
  "where it goes (data/dumps, data/datasets)":
    "para onde vai (data/dumps, data/datasets)",
  "another hub of the same kind": "outro hub do mesmo tipo",
  "hosts that such a hub may lead to for its files":
    "servidores aos quais um tal hub pode levar para os arquivos",
  "asking {1} for the data set": "pedindo o conjunto de dados a {1}",
  "{1} [file|files], {2} MB": "{1} [arquivo|arquivos], {2} MB",
  "{1}: {2}, {3} MB, commit {4}, in {5} s":
    "{1}: {2}, {3} MB, commit {4}, em {5} s",
  "{1} [was|were] there": "{1} já [estava|estavam] lá",
  "another server with the same folders": "outro servidor com as mesmas pastas",
  "seconds without a byte before trying again":
    "segundos sem um byte antes de tentar de novo",
  "Interrupted downloads go on where they stopped when started again. The file gets its name\nonly when it is whole and its SHA-1 (or MD5) is right. For a --mirror the task's permission\ndoes not hold: Deno asks, or run it with --allow-net=HOST.":
    "Um download interrompido continua de onde parou quando é chamado de novo. O arquivo só recebe\nseu nome quando está inteiro e seu SHA-1 (ou MD5) está certo. Para um --mirror a permissão da\ntarefa não vale: o Deno pergunta, ou execute com --allow-net=SERVIDOR.",
  "check": "conferência",
  "asking {1} for the dump": "pedindo o dump a {1}",
  "{1}; trying again in {2} s": "{1}; nova tentativa em {2} s",
  "{1}: {2} MB, dump of {3}, {4}": "{1}: {2} MB, dump de {3}, {4}",
  "(it was there)": "(já estava lá)",
  "in {1} s": "em {1} s",
  "continued after {1} MB of an earlier run":
    "continuado depois de {1} MB de uma execução anterior",
};
