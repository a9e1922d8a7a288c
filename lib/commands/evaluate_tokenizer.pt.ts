/** What `evaluate-tokenizer` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Measure how well tokenizers fit a text":
    "Mede o quanto tokenizadores se ajustam a um texto",
  "FILE,...": "ARQUIVO,...",
  "the tokenizer, of any format that can be imported":
    "o tokenizador, em qualquer formato que se possa importar",
  "further tokenizers, of any of these formats":
    "outros tokenizadores, em qualquer desses formatos",
  "how many of the longest tokens to show":
    "quantos dos tokens mais longos mostrar",
  "Words are what white space separates; bytes are those of the text as\nit is read, so that tokenizers of different normalisers compare. Unused\nids are those that this text never needs.":
    "Palavras são o que espaços em branco separam; bytes são os do texto como é lido,\npara que se comparem tokenizadores de normalizações diferentes. Ids sem uso são\nos de que este texto nunca precisa.",
  "{1}: {2} [document|documents], {3} [word|words], {4} [byte|bytes]":
    "{1}: {2} [documento|documentos], {3} [palavra|palavras], {4} [byte|bytes]",
  "tokens/word": "tokens/palavra",
  "unknown": "desconhecidos",
  "unused ids": "ids sem uso",
  "longest": "o mais longo",
  "{1} [byte|bytes]": "{1} [byte|bytes]",
  "Longest tokens of {1}:": "Tokens mais longos de {1}:",
  "id {1}": "id {1}",
  "used {1} [time|times]": "usado {1} [vez|vezes]",
};
