/** What `evaluate` says, in Portuguese. */

import { ABOUT_DOCUMENTS } from "./shared/documents.ts";
import { ABOUT_DOCUMENTS_PT } from "./shared/documents.pt.ts";
import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Measure how well a model predicts a text: bits per byte":
    "Mede o quanto um modelo prevê um texto: bits por byte",
  [
    `Each token is predicted once, from the tokens before it in its window.
Bits per byte compare models with different tokenizers: lower is better.

${ABOUT_DOCUMENTS}`
  ]: `Cada token é previsto uma vez, a partir dos tokens anteriores em sua janela.
Bits por byte comparam modelos de tokenizadores diferentes: menos é melhor.

${ABOUT_DOCUMENTS_PT}`,
  "a dataset; its val.bin is used, or one token file":
    "um conjunto de dados, do qual se usa val.bin; ou um arquivo de tokens",
  "instead of --data: text file, or folder of .txt, .md and .jsonl files":
    "em vez de --data: arquivo de texto, ou pasta de arquivos .txt, .md e .jsonl",
  "windows at a time": "janelas de cada vez",
  "evaluate": "avaliação",
  "{1} [token|tokens] read": "{1} [token lido|tokens lidos]",
  "{1} holds nothing out: this is train.bin, which the model may have been trained on":
    "{1} não reserva nada: isto é train.bin, com que o modelo pode ter sido treinado",
  "loss {1}, perplexity {2}, {3} bits per byte ({4} [token|tokens], {5} [byte|bytes])":
    "perda {1}; perplexidade {2}; {3} bits por byte ({4} [token|tokens], {5} [byte|bytes])",
};
