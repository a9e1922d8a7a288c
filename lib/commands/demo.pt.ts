/** What `demo` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Run the whole pipeline on the sample dump, in about two minutes":
    "Roda todas as etapas com o dump de exemplo, em uns dois minutos",
  "Everything it makes goes to data/demo, which it empties first.":
    "Tudo o que faz vai para data/demo, que é esvaziada antes.",
  "A Wikimedia dump becomes clean text":
    "Um dump da Wikimedia vira texto limpo",
  "The text makes a tokenizer": "Do texto sai um tokenizador",
  "Text and tokenizer make a dataset":
    "Texto e tokenizador formam um conjunto de dados",
  "The dataset trains a model (bits per byte: fewer are better)":
    "O conjunto de dados treina um modelo (bits por byte: menos é melhor)",
  "The model writes": "O modelo escreve",
  "\nDone in {1}. Now yours: {2}": "\nPronto em {1}. Agora é com você: {2}",
};
