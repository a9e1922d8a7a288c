/** What `inspect-dataset` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Show what a dataset holds": "Mostra o que há em um conjunto de dados",
  "what tokenize wrote, or a single token file":
    "o que tokenize gravou, ou um só arquivo de tokens",
  "beginnings of documents to show, of each part":
    "inícios de documentos a mostrar, de cada parte",
  "Every token is read and checked against the vocabulary. Tokens a word\nand bytes a token leave the framing out. --seed chooses the samples.":
    "Cada token é lido e conferido com o vocabulário. Tokens por palavra e bytes por\ntoken não contam [BOS] e [EOS]. --seed escolhe as amostras.",
  "{1} has {2} [document|documents], dataset.json says {3}":
    "{1} tem {2} [documento|documentos], dataset.json diz {3}",
  "{1} has {2} [byte|bytes], dataset.json says {3}":
    "{1} tem {2} [byte|bytes], dataset.json diz {3}",
  "{1}: tokens of {2} [id|ids]": "{1}: tokens de {2} [id|ids]",
  "documents": "documentos",
  "words": "palavras",
  "tokens/word": "tokens/palavra",
  "unknown": "desconhecidos",
  "unused ids": "ids sem uso",
  "longest": "o mais longo",
  "Samples, each with the place of its first token:":
    "Amostras, cada uma com o lugar de seu primeiro token:",
};
