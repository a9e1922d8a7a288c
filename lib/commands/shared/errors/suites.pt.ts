/** Errors of suites of tasks, and their files. */

import type { Translations } from "../language.ts";

export const suites: Translations = {
  // Tasks.
  'Cannot make a pair of "{1}": it has {2} places for a form':
    'Não é possível fazer um par de "{1}": tem {2} lugares para uma forma',
  'Cannot make pairs of "{1}": "{2}" is right {3} times, "{4}" {5}':
    'Não é possível fazer pares de "{1}": "{2}" está certo {3} vezes, "{4}" {5}',
  "Cannot give an accuracy: nothing was tried":
    "Não é possível dar uma taxa de acertos: nada foi tentado",
  "Cannot measure texts: they have no words":
    "Não é possível medir textos: não têm palavras",
  "Cannot count n-grams: the text has more than {1} tokens":
    "Não é possível contar n-gramas: o texto tem mais de {1} tokens",
  "Cannot count n-grams: there is no text":
    "Não é possível contar n-gramas: não há texto",
  "Cannot count n-grams: the order must be from 1 to {1}, not {2}":
    "Não é possível contar n-gramas: a ordem deve ir de 1 a {1}, e não {2}",
  // Files.
  'Cannot read "{1}": it is neither parquet nor UTF-8 text':
    'Não é possível ler "{1}": não é parquet nem texto UTF-8',
  'Cannot read "{1}": line {2} is no JSON object':
    'Não é possível ler "{1}": a linha {2} não é um objeto JSON',
  "it has more than {1} rows": "tem mais de {1} linhas",
  "its texts are differences, which are not read":
    "seus textos são diferenças, que não são lidas",
  "a page has no length": "uma página não tem tamanho",
  "it is damaged": "está danificado",
  "its texts have more than {1} characters":
    "seus textos têm mais de {1} caracteres",
  "it has more than {1} bytes unpacked":
    "tem mais de {1} bytes depois de descomprimido",
  'Cannot read "{1}" as parquet: {2}':
    'Não é possível ler "{1}" como parquet: {2}',
  'Cannot read "{1}": row {2} has neither "sentence" and "last_word" nor "text"':
    'Não é possível ler "{1}": o item {2} não tem "sentence" e "last_word", nem "text"',
  'Cannot read "{1}": the last word of row {2} is none':
    'Não é possível ler "{1}": o item {2} não acaba em palavra',
  'Cannot read "{1}": row {2} has neither "right" and "wrong" nor "sentence_good" and "sentence_bad"':
    'Não é possível ler "{1}": o item {2} não tem "right" e "wrong", nem "sentence_good" e "sentence_bad"',
  // What is asked.
  "Cannot evaluate: {1} needs its file, as suiteFile":
    "Não é possível avaliar: {1} precisa de seu arquivo, em suiteFile",
  "Cannot evaluate: learnFrom is for pairs alone":
    "Não é possível avaliar: learnFrom é só para pairs",
  'Cannot evaluate "{1}": it has {2} documents of {3} words or more, and {4} are needed':
    'Não é possível avaliar "{1}": tem {2} documentos de {3} palavras ou mais, e são precisos {4}',
  "--suite {1} needs its file, as --suite-file":
    "--suite {1} precisa de seu arquivo, em --suite-file",
  "--suite {1} takes no --learn-from": "--suite {1} não aceita --learn-from",
  "--suite-file needs --suite": "--suite-file precisa de --suite",
  "--suite takes no --data, --input, --text, --baselines or --html":
    "--suite não aceita --data, --input, --text, --baselines nem --html",
};
