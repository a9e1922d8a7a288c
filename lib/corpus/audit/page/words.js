/** What the page says, in two languages. */

import { sayer } from "../../../page/language.js";

/** Says a word of the table. */
export const say = sayer({
  audit: ["corpus audit", "auditoria de corpus"],
  source: ["Source", "Fonte"],
  sources: ["Sources", "Fontes"],
  files: ["Files", "Arquivos"],
  documents: ["Documents", "Documentos"],
  documentsOf: ["documents", "documentos"],
  characters: ["characters", "caracteres"],
  kept: ["Kept", "Mantidos"],
  foreign: ["Foreign", "Estrangeiros"],
  repeatedLines: ["Repeated lines", "Linhas repetidas"],
  repeatedDocuments: ["Repeated documents", "Documentos repetidos"],
  documentLengths: ["Documents by characters", "Documentos por caracteres"],
  lineLengths: ["Lines by characters", "Linhas por caracteres"],
  filters: ["Filters", "Filtros"],
  recipe: ["Thresholds of", "Limites de"],
  preset: [
    "Thresholds of the preset web; --recipe takes those of a recipe.",
    "Limites do conjunto web; --recipe usa os de uma receita.",
  ],
  aboutFilters: [
    "A document is dropped by the first rule that it breaks. Open a rule, move its threshold, and read what lies on either side. Duplicates are not looked for here.",
    "Um documento é descartado pela primeira regra que quebra. Abra uma regra, mova o limite e leia o que fica de cada lado. Duplicatas não são procuradas aqui.",
  ],
  dropped: ["dropped", "descartados"],
  broken: ["break it", "a quebram"],
  alone: ["only this rule", "só esta regra"],
  off: ["off", "desligada"],
  threshold: ["Threshold", "Limite"],
  wouldBreak: ["would break it", "a quebrariam"],
  nearDropped: ["Broken by the least", "Quebram por pouco"],
  nearKept: ["Not broken, by the least", "Não quebram, por pouco"],
  none: ["No document.", "Nenhum documento."],
  tooLong: [
    "documents too long to be measured",
    "documentos longos demais para medir",
  ],
  languages: ["Languages", "Línguas"],
  aboutLanguages: [
    "Documents of at least 50 letters, by the language of most of their samples.",
    "Documentos de pelo menos 50 letras, pela língua da maioria de suas amostras.",
  ],
  unknown: ["none is likely", "nenhuma é provável"],
  faults: ["Faults", "Falhas"],
  aboutFaults: [
    "What cleaning should have taken out. Open a kind to read some, drawn at random.",
    "O que a limpeza deveria ter tirado. Abra um tipo para ler algumas, sorteadas.",
  ],
  replacement: ["Lost characters (U+FFFD)", "Caracteres perdidos (U+FFFD)"],
  c0: ["Controls (C0)", "Controles (C0)"],
  c1: ["Controls (C1)", "Controles (C1)"],
  mojibake: ["Mojibake", "Mojibake"],
  tags: ["Tags of HTML", "Etiquetas de HTML"],
  entities: ["Character references", "Referências de caracteres"],
  wikitext: ["Wikitext", "Wikitexto"],
  perMillion: ["a million characters", "por milhão de caracteres"],
  worst: ["Worst files", "Piores arquivos"],
  file: ["File", "Arquivo"],
  line: ["line", "linha"],
  min_chars: ["Characters.", "Caracteres."],
  min_words: ["Words.", "Palavras."],
  max_words: ["Words.", "Palavras."],
  min_letters: [
    "The share of letters among what is not blank.",
    "A parte de letras no que não é espaço.",
  ],
  min_language_share: [
    "The share of samples in the language asked for.",
    "A parte das amostras na língua pedida.",
  ],
  max_repeated_lines: [
    "The share of lines that stood before.",
    "A parte das linhas que já apareceram.",
  ],
  max_repeated_line_chars: [
    "The share of characters in lines that stood before.",
    "A parte dos caracteres em linhas que já apareceram.",
  ],
  topGrams: [
    "The share of the text in its commonest run of so many words.",
    "A parte do texto na sequência mais comum desse número de palavras.",
  ],
  repeatedGrams: [
    "The share of the text in runs of so many words that stood before.",
    "A parte do texto em sequências desse número de palavras que já apareceram.",
  ],
  min_mean_word_length: ["Letters a word.", "Letras por palavra."],
  max_mean_word_length: ["Letters a word.", "Letras por palavra."],
  max_symbols_per_word: [
    "Number signs or ellipses a word.",
    "Cerquilhas ou reticências por palavra.",
  ],
  max_bullet_lines: [
    "The share of lines that open with a list's mark.",
    "A parte das linhas que começam com marca de lista.",
  ],
  max_ellipsis_lines: [
    "The share of lines that end in an ellipsis.",
    "A parte das linhas que terminam em reticências.",
  ],
  min_alphabetic_words: [
    "The share of words with a letter.",
    "A parte das palavras com alguma letra.",
  ],
  min_stop_words: [
    "The commonest words of Portuguese, counted.",
    "As palavras mais comuns do português, contadas.",
  ],
  min_punctuated_lines: [
    "The share of lines that end in a sign.",
    "A parte das linhas que terminam em sinal.",
  ],
  max_short_lines: [
    "The share of lines of at most 30 characters.",
    "A parte das linhas de até 30 caracteres.",
  ],
  max_lines_per_word: ["Lines a word.", "Linhas por palavra."],
});

/** What a rule measures, in a sentence; nothing of one that is not known. */
export function meaningOf(rule) {
  if (/^max_top_\d+_gram$/.test(rule)) return say("topGrams");
  if (/^max_repeated_\d+_grams$/.test(rule)) return say("repeatedGrams");
  return say(rule);
}
