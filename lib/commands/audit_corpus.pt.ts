/** What `audit-corpus` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "folders of text (.txt .md .html .jsonl .parquet .epub), each a source, or files":
    "pastas de texto (.txt .md .html .jsonl .parquet .epub), cada uma uma fonte, ou arquivos",
  "the sources of a recipe instead, with its thresholds":
    "as fontes de uma receita, em vez disso, com seus limites",
  "write a page on which one sees what is counted":
    "grava uma página em que se vê o que é contado",
  "page: {1}": "página: {1}",
  "Show what text files hold and what is wrong with them":
    "Mostra o que há em arquivos de texto e o que está errado neles",
  'Counts lost characters (U+FFFD), controls, mojibake, markup, documents in other languages,\nparagraphs and documents that were there before, and lengths. Blank lines divide documents;\nin .jsonl files each object is one, its text the field "text".\nThe page of --html shows, for each filter of build-corpus, whom it drops and who is near its\nthreshold, which can be moved; and faults and languages with the text.':
    'Conta caracteres perdidos (U+FFFD), controles, mojibake, marcação, documentos em outras\nlínguas, parágrafos e documentos repetidos, e comprimentos. Linhas em branco separam\ndocumentos; em arquivos .jsonl cada objeto é um, e seu texto é o campo "text".\nA página de --html mostra, para cada filtro de build-corpus, quem ele descarta e quem está perto\ndo limite, que se pode mover; e falhas e línguas com o texto.',
  "{1} MB read in {2} s": "{1} MB lidos em {2} s",
  "clean-corpus makes UTF-8 of files that are not":
    "clean-corpus converte para UTF-8 os arquivos que não são",
  "all": "todas",
  "What there is": "O que há",
  "What is wrong": "O que está errado",
  "Documents by characters": "Documentos por caracteres",
  "Lines by characters": "Linhas por caracteres",
  "Worst files": "Piores arquivos",
  "source": "fonte",
  "files": "arquivos",
  "documents": "documentos",
  "foreign": "estrangeiros",
  "repeated: paragraphs": "repetidos: parágrafos",
  "of text": "do texto",
  "files not UTF-8": "arquivos sem UTF-8",
  "bad lines of .jsonl": "linhas inválidas de .jsonl",
  "file": "arquivo",
  "faults a million characters": "falhas por milhão de caracteres",
  "tags": "etiquetas",
  "entities": "entidades",
  "wikitext": "wikitexto",
  "How Portuguese is written, of what tells":
    "Como o português está escrito, no que o mostra",
  "pt-BR": "pt-BR",
  "pt-PT": "pt-PT",
  "by origin": "etimológica",
  "before 1990": "antes de 1990",
  "since 1990": "desde 1990",
};
